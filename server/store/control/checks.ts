/** Checks in the control store: up to where each check has looked. */
import type { CheckState, ControlStore } from './control.ts'
import type { Database } from './database.ts'

type Checks = Pick<ControlStore, 'checkState' | 'checkStates' | 'commitCheck'>

interface Row {
  name: string
  version: string
  through: string | null
  last_run_at: number | null
  last_full_at: number | null
  last_error: string | null
}

export function checks(db: Database): Checks {
  return {
    checkState(check) {
      const row = db.get<Row>('select * from checks where name = ?', check)
      return row && state(row)
    },
    checkStates: () => db.all<Row>('select * from checks order by name').map(state),
    commitCheck({ check, version, through, lastRunAt, lastFullAt, lastError }) {
      db.run(
        `insert into checks (name, version, through, last_run_at, last_full_at, last_error) values (?, ?, ?, ?, ?, ?)
         on conflict (name) do update set version = excluded.version, through = excluded.through,
           last_run_at = excluded.last_run_at, last_full_at = excluded.last_full_at, last_error = excluded.last_error`,
        check,
        version,
        through,
        lastRunAt,
        lastFullAt,
        lastError && JSON.stringify(lastError),
      )
    },
  }
}

function state(row: Row): CheckState {
  return {
    check: row.name,
    version: row.version,
    through: row.through,
    lastRunAt: row.last_run_at,
    lastFullAt: row.last_full_at,
    lastError: row.last_error === null ? null : (JSON.parse(row.last_error) as CheckState['lastError']),
  }
}
