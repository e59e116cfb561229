/** Fixes in the control store: which steps of a runbook people did, and whether what was done held. */
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'
import type { FixOutcomeRow, RemedyStore, RunbookStepRow } from './remedy-rows.ts'

type Fixes = Pick<
  RemedyStore,
  'addFixOutcome' | 'fixOutcomes' | 'settleFix' | 'fixRates' | 'tickStep' | 'untickStep' | 'runbookSteps'
>

const OUTCOME = `id, plan, seq, issue, finding, check_id as "check", action, applied_at as appliedAt, outcome, settled_at as settledAt`

export function fixes(db: Database, audit: ControlStore['audit']): Fixes {
  return {
    addFixOutcome: (o) =>
      void db.run(
        'insert into fix_outcomes (plan, seq, issue, finding, check_id, action, applied_at) values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing',
        ...[o.plan, o.seq, o.issue, o.finding, o.check, o.action, o.appliedAt],
      ),
    fixOutcomes: ({ outcome, issue, findings, limit }) =>
      db.all<FixOutcomeRow>(
        `select ${OUTCOME} from fix_outcomes where (?1 is null or outcome = ?1) and (?2 is null or issue = ?2)
           and (?3 is null or finding in (select value from json_each(?3))) order by id desc limit ?4`,
        ...[outcome ?? null, issue ?? null, findings ? JSON.stringify(findings) : null, limit],
      ),
    settleFix: (id, outcome, at) =>
      void db.run('update fix_outcomes set outcome = ?, settled_at = ? where id = ?', outcome, at, id),
    fixRates: () =>
      db.all(
        `select check_id as "check", action, sum(outcome = 'held') as held, sum(outcome = 'did_not_hold') as failed,
           sum(outcome = 'waiting') as waiting from fix_outcomes group by check_id, action order by check_id, action`,
      ),
    tickStep: (row, actor) =>
      db.transaction(() => {
        db.run(
          `insert into runbook_steps (issue, step, says, done_by, done_at, note) values (?1, ?2, ?3, ?4, ?5, ?6)
           on conflict (issue, step) do update set says = ?3, done_by = ?4, done_at = ?5, note = ?6`,
          ...[row.issue, row.step, row.says, row.doneBy, row.doneAt, row.note],
        )
        audit({
          at: row.doneAt,
          actor,
          action: 'runbook.done',
          object: `I-${row.issue}`,
          detail: { step: row.step, says: row.says, note: row.note },
        })
      }),
    untickStep: (issue, step, { actor, at }) =>
      db.transaction(() => {
        const gone = db.run('delete from runbook_steps where issue = ? and step = ?', issue, step) === 1
        if (gone) audit({ at, actor, action: 'runbook.undone', object: `I-${issue}`, detail: { step } })
        return gone
      }),
    runbookSteps: (issue) =>
      db.all<RunbookStepRow>(
        'select issue, step, says, done_by as doneBy, done_at as doneAt, note from runbook_steps where issue = ? order by step',
        issue,
      ),
  }
}
