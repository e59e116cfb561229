/** Plans in the control store: drafted once, moved only from where they are, approved under a seal. */
import { createHmac } from 'node:crypto'
import { PlumblineError } from '../../errors.ts'
import { auditKey, sameSeal } from './audit.ts'
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'
import type { ApprovalRow, PlanItemRow, PlanRow, RemedyStore } from './remedy-rows.ts'
import { meeting, type TermColumn } from './terms.ts'

type Plans = Pick<
  RemedyStore,
  | 'addPlan'
  | 'plan'
  | 'plans'
  | 'plansThat'
  | 'movePlan'
  | 'planProgress'
  | 'planItems'
  | 'planItem'
  | 'itemCounts'
  | 'planPlatforms'
  | 'plansOfIssue'
  | 'moveItem'
  | 'moveItemsOfEntity'
  | 'addApproval'
  | 'approvals'
>

const PLAN = `id, number, header, hash, items, requester, state, undo_of as undoOf, created_at as createdAt,
  expires_at as expiresAt, started_at as startedAt, finished_at as finishedAt, reason, dry_run as dryRun, progress`

/** Items written by one statement; of a plan there are at most two lengths of it to prepare. */
const ROWS_AT_ONCE = 250

/** Keys of a search → what they compare. */
const TERMS: Readonly<Record<string, TermColumn>> = {
  ...{ state: 'state', number: 'number', requester: 'requester', records: 'items', age: 'created_at', undo: 'undo_of' },
  platform: {
    each: `substr(i.target, 1, instr(i.target, ' ') - 1)`,
    of: 'plan_items i where i.plan = plans.id',
  },
  issue: { each: 'cast(i.issue as text)', of: 'plan_items i where i.plan = plans.id' },
  text: `header || ' P-' || number`,
}

export function plans(db: Database, audit: ControlStore['audit']): Plans {
  const key = auditKey(db)
  const seal = (a: ApprovalRow) =>
    createHmac('sha256', key)
      .update(JSON.stringify(['approval', a.plan, a.approver, a.requester, a.hash, a.reason, a.at, a.provenAt]))
      .digest('hex')
  const find = (idOrNumber: string | number): PlanRow | null =>
    typeof idOrNumber === 'number'
      ? db.get<PlanRow>(`select ${PLAN} from plans where number = ?`, idOrNumber)
      : db.get<PlanRow>(`select ${PLAN} from plans where id = ?`, idOrNumber)

  return {
    addPlan: (plan, items) =>
      db.transaction(() => {
        const { n } = db.get<{ n: number }>('select coalesce(max(number), 0) + 1 as n from plans')!
        db.run(
          `insert into plans (id, number, header, hash, items, requester, state, undo_of, created_at, expires_at, dry_run)
           values (?, ?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?)`,
          ...[plan.id, n, plan.header, plan.hash, items.length, plan.requester, plan.undoOf],
          ...[plan.createdAt, plan.expiresAt, plan.dryRun],
        )
        for (let at = 0; at < items.length; at += ROWS_AT_ONCE) {
          const part = items.slice(at, at + ROWS_AT_ONCE)
          const rows = part.map(() => '(?, ?, ?, ?, ?, ?)').join(', ')
          db.run(
            `insert into plan_items (plan, seq, body, entity, target, issue) values ${rows}`,
            ...part.flatMap((item, i) => [plan.id, at + i + 1, item.body, item.entity, item.target, item.issue]),
          )
        }
        audit({
          at: plan.createdAt,
          actor: plan.requester,
          action: 'plan.drafted',
          object: `P-${n}`,
          detail: { hash: plan.hash, items: items.length, undo_of: plan.undoOf },
        })
        return find(plan.id)!
      }),
    plan: find,
    plans: ({ states, before, terms = [], limit }) => {
      const { where, values } = meeting(terms, TERMS)
      const wanted = states ? [...where, 'state in (select value from json_each(?))'] : where
      return db.all<PlanRow>(
        `select ${PLAN} from plans where number < ?${wanted.map((w) => ` and ${w}`).join('')} order by number desc limit ?`,
        before ?? Number.MAX_SAFE_INTEGER,
        ...values,
        ...(states ? [JSON.stringify(states)] : []),
        limit,
      )
    },
    plansThat: (terms) => {
      const { where, values } = meeting(terms, TERMS)
      return db.get<{ n: number }>(
        `select count(*) as n from plans ${where.length ? `where ${where.join(' and ')}` : ''}`,
        ...values,
      )!.n
    },
    movePlan: (id, from, to, { actor, at, action, reason, detail }) =>
      db.transaction(() => {
        const moved =
          db.run(
            `update plans set state = ?1, reason = ?2,
               started_at = case when ?1 = 'applying' then coalesce(started_at, ?3) else started_at end,
               finished_at = case when ?1 in ('done', 'partly', 'rejected', 'replaced', 'cancelled', 'expired') then ?3 else null end
             where id = ?4 and state in (select value from json_each(?5))`,
            ...[to, reason ?? null, at, id, JSON.stringify(from)],
          ) === 1
        const plan = find(id)
        if (moved && plan)
          audit({
            at,
            actor,
            action,
            object: `P-${plan.number}`,
            detail: { ...detail, hash: plan.hash, ...(reason && { reason }) },
          })
        return moved
      }),
    planProgress: (id, progress) => void db.run('update plans set progress = ? where id = ?', progress, id),
    planItems: (plan, after, limit, states) =>
      db.all<PlanItemRow>(
        `select plan, seq, body, entity, target, issue, state, result, at from plan_items
         where plan = ?1 and seq > ?2 and (?3 is null or state in (select value from json_each(?3))) order by seq limit ?4`,
        ...[plan, after, states ? JSON.stringify(states) : null, limit],
      ),
    planItem: (plan, seq) =>
      db.get<PlanItemRow>(
        'select plan, seq, body, entity, target, issue, state, result, at from plan_items where plan = ? and seq = ?',
        ...[plan, seq],
      ),
    itemCounts: (plan) =>
      db.all('select state, count(*) as n from plan_items where plan = ? group by state order by state', plan),
    planPlatforms: (plan) =>
      db
        .all<{ name: string }>(
          `select distinct substr(target, 1, instr(target, ' ') - 1) as name from plan_items where plan = ? order by 1`,
          plan,
        )
        .map((row) => row.name),
    plansOfIssue: (issue) =>
      db.all<PlanRow>(
        `select ${PLAN} from plans where id in (select plan from plan_items where issue = ?) order by number desc limit 100`,
        issue,
      ),
    moveItem: (plan, seq, from, to, at, result) =>
      db.run(
        `update plan_items set state = ?1, at = ?2, result = coalesce(?3, result)
         where plan = ?4 and seq = ?5 and state in (select value from json_each(?6))`,
        ...[to, at, result ?? null, plan, seq, JSON.stringify(from)],
      ) === 1,
    moveItemsOfEntity: (plan, entity, from, to, at, result) =>
      db.run(
        'update plan_items set state = ?1, at = ?2, result = ?3 where plan = ?4 and entity = ?5 and state = ?6',
        ...[to, at, result, plan, entity, from],
      ),
    addApproval: (approval) =>
      db.transaction(() => {
        const { plan, approver, requester, hash, reason, at, provenAt } = approval
        if (approver === requester) throw ownPlan()
        db.run(
          'insert into approvals (plan, approver, requester, hash, reason, at, proven_at, seal) values (?, ?, ?, ?, ?, ?, ?, ?)',
          ...[plan, approver, requester, hash, reason, at, provenAt, seal(approval)],
        )
        audit({
          at,
          actor: approver,
          action: 'plan.approval',
          object: `P-${find(plan)!.number}`,
          detail: { hash, reason },
        })
      }),
    approvals: (plan) =>
      db
        .all<ApprovalRow & { seal: string }>(
          `select plan, approver, requester, hash, reason, at, proven_at as provenAt, seal from approvals where plan = ? order by at, approver`,
          plan,
        )
        .flatMap(({ seal: written, ...approval }) => (sameSeal(written, seal(approval)) ? [approval] : [])),
  }
}

export function ownPlan(): PlumblineError {
  return new PlumblineError('forbidden', 'Who asks for a plan never approves it.', {
    remedy: 'Ask somebody else who may approve.',
  })
}
