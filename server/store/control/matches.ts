/** Matches in the control store: what people said belongs together or does not. Every decision is in the audit trail. */
import { createHash } from 'node:crypto'
import type { ControlStore, MatchRow } from './control.ts'
import type { Database } from './database.ts'

type Matches = Pick<ControlStore, 'matches' | 'decideMatch' | 'matchWritten'>

type Row = Omit<MatchRow, 'check' | 'members' | 'written'> & {
  check_id: string
  members: string
  written: number
  members_key: string
}

const read = ({ check_id, members, written, members_key: _, ...row }: Row): MatchRow => ({
  ...row,
  check: check_id,
  members: JSON.parse(members) as MatchRow['members'],
  written: written === 1,
})

export function matches(db: Database, audit: ControlStore['audit']): Matches {
  return {
    matches(filter = {}) {
      const rows = db.all<Row>('select * from matches order by id').map(read)
      return rows.filter(
        (m) =>
          (filter.check === undefined || m.check === filter.check) &&
          (filter.state === undefined || m.state === filter.state) &&
          (filter.written === undefined || m.written === filter.written),
      )
    },
    decideMatch: (d) =>
      db.transaction(() => {
        const members = [...d.members]
        const key = membersKey(members)
        const row = db.get<Row>(
          `insert into matches (members_key, check_id, state, members, allowance, currency, reason, actor, at, written)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
           on conflict (members_key) do update set check_id = excluded.check_id, state = excluded.state, members = excluded.members,
             allowance = excluded.allowance, currency = excluded.currency, reason = excluded.reason, actor = excluded.actor, at = excluded.at, written = 0
           returning *`,
          key,
          d.check,
          d.state,
          JSON.stringify(members),
          d.allowance,
          d.currency,
          d.reason,
          d.actor,
          d.at,
        )!
        audit({
          at: d.at,
          actor: d.actor,
          action: `match.${d.state}`,
          object: `match ${row.id}`,
          detail: { check: d.check, members, allowance: d.allowance, currency: d.currency, reason: d.reason },
        })
        return read(row)
      }),
    matchWritten: (ids) =>
      void db.run('update matches set written = 1 where id in (select value from json_each(?))', JSON.stringify(ids)),
  }
}

/** The same members are the same match, in whichever order they are named. */
export function membersKey(members: readonly { kind: string; entity_id: string }[]): string {
  const names = members.map((m) => `${m.kind} ${m.entity_id}`).sort()
  return createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 32)
}
