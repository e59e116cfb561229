/** Schedule slots in the control store: each planned instant runs once, whoever claims it. */
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'

type Slots = Pick<ControlStore, 'claimSlot' | 'finishSlot' | 'lastSlot' | 'addMissed' | 'schedules'>

export function slots(db: Database): Slots {
  return {
    // Only a later slot than the last claimed one can be claimed, so one row a schedule is enough.
    claimSlot: (schedule, slotAt, now) =>
      db.run(
        `insert into schedules (schedule, slot_at, claimed_at) values (?1, ?2, ?3)
         on conflict (schedule) do update set slot_at = ?2, claimed_at = ?3, finished_at = null, outcome = null
         where slot_at is null or slot_at < ?2`,
        schedule,
        slotAt,
        now,
      ) === 1,
    finishSlot(schedule, slotAt, now, outcome) {
      db.run(
        'update schedules set finished_at = ?, outcome = ? where schedule = ? and slot_at = ?',
        now,
        outcome,
        schedule,
        slotAt,
      )
    },
    lastSlot: (schedule) =>
      db.get(
        `select slot_at as slotAt, finished_at as finishedAt, outcome from schedules where schedule = ? and slot_at is not null`,
        schedule,
      ),
    addMissed(schedule, count) {
      db.run(
        'insert into schedules (schedule, missed) values (?1, ?2) on conflict (schedule) do update set missed = missed + ?2',
        schedule,
        count,
      )
    },
    schedules: () =>
      db.all(
        `select schedule, coalesce(slot_at, 0) as slotAt, finished_at as finishedAt, outcome, missed from schedules order by schedule`,
      ),
  }
}
