/** Approving: a person, freshly proven to be that person, says yes to exactly this plan, with a reason. */
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { User } from '../store/control/control.ts'
import type { PlanRow } from '../store/control/remedy-rows.ts'
import { ownPlan } from '../store/control/plans.ts'
import { verifyPlan } from './claim.ts'
import type { PlanHeader } from './item.ts'
import { planBefore } from './plan-state.ts'
import { approverOf, meets, unmet } from './policy.ts'

/** How long a proof of who somebody is counts for approving and applying. */
export const PROVEN_MS = 5 * 60_000

export interface Person {
  user: User
  /** When they last proved who they are; null: no person stands behind this call. */
  provenAt: number | null
}

type Asking = Pick<Context, 'control' | 'clock' | 'config'>

/** @throws PlumblineError `forbidden` unless the person has proved who they are within the last five minutes */
export function freshlyProven({ clock }: Pick<Context, 'clock'>, { provenAt }: Person): number {
  if (provenAt === null || clock.now() - provenAt > PROVEN_MS)
    throw new PlumblineError('forbidden', 'Prove again that it is you.', {
      remedy: 'Enter your password (POST /v1/session/prove), then do it again within five minutes.',
    })
  return provenAt
}

/** @throws PlumblineError `forbidden`, `conflict` */
export function approvePlan(
  ctx: Asking,
  plan: PlanRow,
  person: Person,
  { hash, reason }: { hash: string; reason: string },
): PlanRow {
  const { control, clock, config } = ctx
  const { user } = person
  const provenAt = freshlyProven(ctx, person)
  if (user.role !== 'approver')
    throw new PlumblineError('forbidden', `Your role ${user.role} may not approve.`, {
      remedy: 'Ask an administrator for the role you need.',
    })
  if (user.id === plan.requester) throw ownPlan()
  if (plan.state !== 'waiting') throw notWaiting(plan)
  if (hash !== plan.hash)
    throw new PlumblineError('conflict', `You have looked at another plan than P-${plan.number} is.`, {
      remedy: 'Look at it again, then decide.',
    })
  const { header } = verifyPlan(ctx, plan)
  if (clock.now() >= plan.expiresAt) throw notWaiting({ ...plan, state: 'expired' })
  const self = approverOf(config.remedy, user)
  if (!header.needs.some((need) => meets(self, need)))
    throw new PlumblineError('forbidden', `P-${plan.number} is not yours to approve.`, {
      remedy: header.needs.map((n) => (n.group ? `${n.group}: ${n.why}` : n.why)).join(' '),
    })
  return control.transaction(() => {
    if (control.approvals(plan.id).some((a) => a.approver === user.id))
      throw new PlumblineError('conflict', `You have approved P-${plan.number} already.`, {
        remedy: 'It waits for somebody else.',
      })
    control.addApproval({
      plan: plan.id,
      approver: user.id,
      requester: plan.requester,
      hash: plan.hash,
      reason,
      at: clock.now(),
      provenAt,
    })
    if (open(ctx, plan, header).length === 0)
      control.movePlan(plan.id, planBefore('approve'), 'approved', {
        actor: user.id,
        at: clock.now(),
        action: 'plan.approved',
      })
    return control.plan(plan.id)!
  })
}

/** What is still wanted before it may be applied. */
export function open({ control, config }: Asking, plan: PlanRow, header: PlanHeader) {
  const people = control.approvals(plan.id).flatMap((a) => {
    const user = control.user(a.approver)
    return user ? [approverOf(config.remedy, user)] : []
  })
  return unmet(header.needs, people, plan.requester)
}

function notWaiting(plan: Pick<PlanRow, 'number' | 'state'>): PlumblineError {
  return new PlumblineError('conflict', `P-${plan.number} is ${plan.state} and waits for no approval.`, {
    remedy: 'Look at it again.',
  })
}
