/** Claiming a plan for applying: whole, approved as it stands, by people who still may, in time. Otherwise nothing is written. */
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { PlanRow } from '../store/control/remedy-rows.ts'
import { canonicalJson, planHasher } from './hash.ts'
import type { Item, PlanHeader } from './item.ts'
import { approverOf, judged, ruling, unmet, type Judged } from './policy.ts'
import { policyWorld } from './policy-world.ts'

/** Items read at a time. */
const PAGE = 2_000

type Asking = Pick<Context, 'control' | 'clock' | 'config' | 'landscape'>

export interface Whole {
  header: PlanHeader
  /** Hash of every item, by which each is recognised again right before it is written. */
  hashes: Buffer[]
  /** What the policy looks at. */
  items: Judged[]
}

/**
 * The plan as it is stored, whole: header, items and hash belong together.
 * @throws PlumblineError `forbidden` if anything is not as it was when it was drafted
 */
export function verifyPlan({ control }: Pick<Context, 'control'>, plan: PlanRow): Whole {
  const header = JSON.parse(plan.header) as PlanHeader
  const hasher = planHasher(plan.header)
  const hashes: Buffer[] = []
  const items: Judged[] = []
  for (let after = 0; ; after += PAGE) {
    const rows = control.planItems(plan.id, after, PAGE)
    for (const row of rows) {
      if (row.seq !== hashes.length + 1) throw tampered(plan)
      hashes.push(hasher.add(row.body))
      items.push(judged(JSON.parse(row.body) as Item))
    }
    if (rows.length < PAGE) break
  }
  const agrees =
    hasher.end() === plan.hash &&
    canonicalJson(header) === plan.header &&
    header.id === plan.id &&
    header.requester === plan.requester &&
    header.items === items.length &&
    items.length === plan.items &&
    header.expires_at === iso(plan.expiresAt) &&
    header.undo_of === plan.undoOf
  if (!agrees) throw tampered(plan)
  return { header, hashes, items }
}

/**
 * What the policy asked for when the plan was made and what it asks for now must both be met.
 * @throws PlumblineError `forbidden` unless they are, by approvals of this very plan; `conflict` when it is too late
 */
export function verifyApproval(ctx: Asking, plan: PlanRow, { header, items }: Whole): void {
  const { control, clock, config } = ctx
  if (clock.now() >= plan.expiresAt)
    throw new PlumblineError('conflict', `P-${plan.number} expired on ${iso(plan.expiresAt)}.`, {
      remedy: 'Make it again: what it saw may have moved.',
    })
  const approvals = control.approvals(plan.id).filter((a) => a.hash === plan.hash && a.requester === plan.requester)
  const people = approvals.flatMap(({ approver }) => {
    const user = control.user(approver)
    // Who lost the role or the account since then does not count any more.
    return user && !user.disabled && user.role === 'approver' ? [approverOf(config.remedy, user)] : []
  })
  const now = ruling(items, policyWorld(ctx, header.standing))
  if (now.outcome === 'forbidden')
    throw new PlumblineError('forbidden', `The policy forbids what P-${plan.number} does.`, {
      remedy: now.why.join(' '),
    })
  const missing = [...unmet(header.needs, people, plan.requester), ...unmet(now.needs, people, plan.requester)]
  if (missing.length > 0)
    throw new PlumblineError('forbidden', `P-${plan.number} is not approved.`, {
      remedy: [...new Set(missing.map((m) => m.why))].join(' '),
    })
}

export function tampered(plan: Pick<PlanRow, 'number'>): PlumblineError {
  return new PlumblineError('forbidden', `P-${plan.number} is not as it was when it was made.`, {
    remedy: 'Nothing of it is applied. Make it again, and find out who changed the data folder.',
  })
}
