/**
 * Changing a plan: never in place. An approver gives it back with what should be different; its requester leaves records out,
 * sets other values or another order, and gets a new plan that takes its place, looked at afresh and approved afresh.
 */
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { PlanRow } from '../store/control/remedy-rows.ts'
import { ownPlan } from '../store/control/plans.ts'
import type { Person } from './approve.ts'
import { verifyPlan } from './claim.ts'
import { draftPlan, type Draft } from './draft.ts'
import type { Fields, Item, PlanHeader } from './item.ts'
import { planAfter, planBefore, type PlanState } from './plan-state.ts'
import type { Reach } from './reach.ts'
import { wish, type Wish } from './wish.ts'

const PAGE = 2_000

/**
 * An approver wants it changed: it goes back to whoever asked, and what was approved of it is void.
 * @throws PlumblineError `forbidden`, `conflict`
 */
export function returnPlan(
  { control, clock }: Pick<Context, 'control' | 'clock'>,
  plan: PlanRow,
  { user }: Person,
  reason: string,
): PlanRow {
  // Whoever asked changes it without asking anybody.
  if (user.id === plan.requester) throw ownPlan()
  const void_ = control.approvals(plan.id).map((a) => a.approver)
  const moved = control.movePlan(plan.id, planBefore('return'), 'returned', {
    ...{ actor: user.id, at: clock.now(), action: 'plan.returned', reason },
    ...(void_.length > 0 && { detail: { void_approvals_of: void_ } }),
  })
  if (!moved) throw moot(plan)
  return control.plan(plan.id)!
}

export interface Revision {
  reason: string
  title?: string | undefined
  /** Numbers of items that are left out. */
  without?: readonly number[] | undefined
  /** Other values for fields that an item writes; null empties one. */
  values?: readonly { seq: number; fields: Fields }[] | undefined
  order?: 'money' | 'oldest' | undefined
  rate?: number | null | undefined
}

/**
 * Drafts the plan that takes its place, by whoever asked for the first. What had expired or was rejected may be made again, too.
 * @throws PlumblineError `forbidden`, `conflict`, `not_found`
 */
export async function revisePlan(
  ctx: Pick<Context, 'config' | 'control' | 'clock' | 'facts' | 'landscape'>,
  reach: Reach,
  plan: PlanRow,
  requester: string,
  change: Revision,
): Promise<Draft> {
  const { control, clock } = ctx
  const over = plan.state === 'expired' || plan.state === 'rejected'
  if (!over && planAfter(plan.state as PlanState, 'replace') === null) throw moot(plan)
  const { header } = verifyPlan(ctx, plan)
  // What nobody asked for in person may be taken up by anybody.
  if (header.standing === null && plan.requester !== requester)
    throw new PlumblineError('forbidden', `Who asked for P-${plan.number} changes it.`, {
      remedy: 'Make a plan of your own instead.',
    })
  const draft = await draftPlan(ctx, reach, wishesOfPlan(ctx, plan, header, change), {
    title: change.title ?? header.title,
    reason: change.reason,
    origin: `P-${plan.number}, changed`,
    requester,
    order: change.order ?? header.order,
    rate: change.rate === undefined ? header.rate : change.rate,
    stages: header.stages,
    undoOf: header.undo_of,
    replaces: plan.id,
  })
  if (!draft.plan || over) return draft
  const { number, id } = draft.plan
  const why = plan.state === 'returned' && plan.reason ? ` It was given back: ${plan.reason}` : ''
  const words = { actor: requester, at: clock.now(), reason: `P-${number} takes its place.${why}` }
  if (control.movePlan(plan.id, planBefore('replace'), 'replaced', { ...words, action: 'plan.replaced' })) return draft
  // Somebody was faster, and has applied or given up the first: two of them would do it twice.
  const reason = `P-${plan.number} is no longer to be replaced.`
  control.movePlan(id, planBefore('cancel'), 'cancelled', { ...words, action: 'plan.cancel', reason })
  throw moot(control.plan(plan.id)!)
}

function wishesOfPlan(
  { control }: Pick<Context, 'control'>,
  plan: PlanRow,
  header: PlanHeader,
  { without = [], values = [] }: Revision,
): Wish[] {
  const out = new Set(without)
  const edits = new Map(values.map((v) => [v.seq, v.fields]))
  const unknown = [...out, ...edits.keys()].find((seq) => seq < 1 || seq > plan.items)
  if (unknown !== undefined)
    throw new PlumblineError('not_found', `P-${plan.number} has no record ${unknown}.`, {
      remedy: `Its records are numbered 1 to ${plan.items}.`,
    })
  const made = new Map<number, Wish>()
  for (let after = 0; ;) {
    const rows = control.planItems(plan.id, after, PAGE)
    for (const { seq, body } of rows) {
      if (out.has(seq)) continue
      const wished = wishOf(JSON.parse(body) as Item, header, made)
      // What rests on a record that is left out cannot be made either.
      if (wished) made.set(seq, edited(wished, edits.get(seq)))
    }
    if (rows.length < PAGE) break
    after = rows.at(-1)!.seq
  }
  return [...made.values()]
}

function wishOf(item: Item, header: PlanHeader, made: ReadonlyMap<number, Wish>): Wish | null {
  const { action, kind, recordId, fields, references, refs } = item.request
  const from = Object.entries(item.from).map(([field, seq]) => [field, made.get(seq)] as const)
  if (from.some(([, earlier]) => earlier === undefined)) return null
  return wish({
    ...{ platform: item.platform, kind, action, recordId, entity: item.entity, fields, references, refs },
    from: Object.fromEntries(from as [string, Wish][]),
    ...{ source: item.source, money: item.money, currency: item.currency, legal_entity: item.legal_entity },
    ...{ findings: item.findings, check: item.check, issue: item.issue, event: item.event, effect: item.effect },
    // An undo takes back only what still stands as it was written.
    expect: header.undo_of === null ? null : item.before,
  })
}

/** A value of one's own is not the owner's: the owner is not asked for it any more. */
function edited(wished: Wish, fields: Fields | undefined): Wish {
  if (!fields) return wished
  const names = Object.keys(fields)
  const kept = Object.entries(wished.source?.fields ?? {}).filter(([name]) => !names.includes(name))
  const source = wished.source && kept.length > 0 ? { ...wished.source, fields: Object.fromEntries(kept) } : null
  return { ...wished, fields: { ...wished.fields, ...fields }, source }
}

function moot(plan: Pick<PlanRow, 'number' | 'state'>): PlumblineError {
  return new PlumblineError('conflict', `P-${plan.number} is ${plan.state} and is not changed any more.`, {
    remedy: 'Look at it again.',
  })
}
