/** Runs in the control store: the intent before a stage works, its outcome after. */
import type { ControlStore, RunRecord } from './control.ts'
import type { Database, Value } from './database.ts'

type Runs = Pick<ControlStore, 'startRun' | 'finishRun' | 'interruptRuns' | 'runs'>

interface Row {
  id: string
  stage: RunRecord['stage']
  subject: string
  started_at: number
  finished_at: number | null
  outcome: RunRecord['outcome']
  error: string | null
  stats: string
}

/** Runs kept of one stage and subject: a week at every five minutes. */
const KEPT = 2_000

/** Most runs that one call returns. */
const MOST = 1_000

export function runs(db: Database): Runs {
  return {
    startRun: ({ id, stage, subject, startedAt }) =>
      db.transaction(() => {
        db.run(
          `insert into runs (id, stage, subject, started_at, outcome) values (?, ?, ?, ?, 'running')`,
          id,
          stage,
          subject,
          startedAt,
        )
        db.run(
          `delete from runs where stage = ?1 and subject = ?2 and outcome <> 'running' and started_at <
             (select started_at from runs where stage = ?1 and subject = ?2 order by started_at desc limit 1 offset ${KEPT})`,
          stage,
          subject,
        )
      }),
    finishRun(id, outcome, finishedAt, stats, error = null) {
      db.run(
        `update runs set outcome = ?, finished_at = ?, stats = ?, error = ? where id = ?`,
        outcome,
        finishedAt,
        JSON.stringify(stats),
        error && JSON.stringify(error),
        id,
      )
    },
    interruptRuns: (now) =>
      db.run(`update runs set outcome = 'interrupted', finished_at = ? where outcome = 'running'`, now),
    runs({ stage, subject, limit, before }) {
      const conditions: [string, Value | undefined][] = [
        ['stage = ?', stage],
        ['subject = ?', subject],
        ['started_at < ?', before],
      ]
      const given = conditions.filter((c): c is [string, Value] => c[1] !== undefined)
      const where = given.length ? `where ${given.map(([condition]) => condition).join(' and ')}` : ''
      return db
        .all<Row>(
          `select * from runs ${where} order by started_at desc, id desc limit ?`,
          ...given.map(([, v]) => v),
          Math.min(limit, MOST),
        )
        .map(record)
    },
  }
}

function record(row: Row): RunRecord {
  return {
    id: row.id,
    stage: row.stage,
    subject: row.subject,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    outcome: row.outcome,
    error: row.error === null ? null : (JSON.parse(row.error) as RunRecord['error']),
    stats: JSON.parse(row.stats) as RunRecord['stats'],
  }
}
