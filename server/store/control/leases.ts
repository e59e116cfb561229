/** Leases in the control store: one holder at a time, each with a number that only grows. */
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'

type Leases = Pick<ControlStore, 'acquireLease' | 'renewLease' | 'releaseLease'>

export function leases(db: Database): Leases {
  return {
    // The fence outlives its lease, so that a late holder can always be told from the present one.
    acquireLease: (name, holder, until, now) =>
      db.get<{ fence: number }>(
        `insert into leases (name, holder, fence, until) values (?1, ?2, 1, ?3)
         on conflict (name) do update set holder = ?2, fence = fence + 1, until = ?3 where until <= ?4
         returning fence`,
        name,
        holder,
        until,
        now,
      ),
    renewLease: (name, holder, fence, until) =>
      db.run(
        'update leases set until = max(until, ?) where name = ? and holder = ? and fence = ? and until > 0',
        until,
        name,
        holder,
        fence,
      ) === 1,
    releaseLease(name, holder, fence) {
      db.run('update leases set until = 0 where name = ? and holder = ? and fence = ?', name, holder, fence)
    },
  }
}
