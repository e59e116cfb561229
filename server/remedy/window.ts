/**
 * Windows: an approved plan waits for hours that suit its target and then applies itself. A person arms it, freshly proven, as
 * for applying at once; when it opens everything is asked again: the hash, the approvals, today's policy, and whether that
 * person still may.
 */
import { nextOpening, windowsFor, type Opening } from '../config/change-window.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { PlanRow, PlanWindowRow } from '../store/control/remedy-rows.ts'
import { freshlyProven, type Person } from './approve.ts'
import { verifyApproval, verifyPlan } from './claim.ts'
import { planBefore } from './plan-state.ts'

type Arming = Pick<Context, 'control' | 'clock' | 'config' | 'landscape'>

/** A configured window, or hours that a person names (epoch ms). */
export type WindowWish = { name: string } | { opensAt: number; closesAt: number }

export interface NamedOpening extends Opening {
  name: string
}

/** The windows that suit what the plan writes to, with when each opens next. */
export function openingsFor({ clock, config, control }: Arming, plan: PlanRow): NamedOpening[] {
  const { windows } = config.remedy
  const names = windowsFor(windows, control.planPlatforms(plan.id))
  return names
    .map((name) => ({ name, ...nextOpening(windows[name]!, clock.now()) }))
    .sort((a, b) => a.opensAt - b.opensAt)
}

/** @throws PlumblineError `forbidden`, `conflict`, `not_found`; then it stays approved and waits for a person */
export function armPlan(ctx: Arming, plan: PlanRow, person: Person, wish: WindowWish, reason: string): PlanRow {
  const { control, clock } = ctx
  const provenAt = freshlyProven(ctx, person)
  const whole = verifyPlan(ctx, plan)
  verifyApproval(ctx, plan, whole)
  const opening = 'name' in wish ? openingOf(ctx, plan, wish.name) : { ...wish, name: null }
  const now = clock.now()
  if (opening.closesAt <= opening.opensAt || opening.closesAt <= now)
    throw new PlumblineError('conflict', 'These hours are over, or end before they begin.', {
      remedy: 'Name hours that are still to come.',
    })
  if (opening.opensAt >= plan.expiresAt)
    throw new PlumblineError('conflict', `P-${plan.number} expires on ${iso(plan.expiresAt)}, before that.`, {
      remedy: 'Choose an earlier window, or give plans longer (remedy.expires) and make it again.',
    })
  const { id: actor } = person.user
  return control.transaction(() => {
    const row: PlanWindowRow = {
      ...{ plan: plan.id, armedAt: now, armedBy: actor, hash: plan.hash, name: opening.name },
      ...{ opensAt: opening.opensAt, closesAt: opening.closesAt, reason, provenAt },
    }
    if (plan.state === 'approved') control.addPlanWindow(row)
    const detail = { window: opening.name, opens_at: iso(opening.opensAt), closes_at: iso(opening.closesAt) }
    if (
      !control.movePlan(plan.id, planBefore('arm'), 'armed', { actor, at: now, action: 'plan.armed', reason, detail })
    )
      throw new PlumblineError('conflict', `P-${plan.number} is ${plan.state} and cannot wait for a window.`, {
        remedy: plan.state === 'waiting' ? 'It waits for approval.' : 'Look at it again.',
      })
    return control.plan(plan.id)!
  })
}

function openingOf(ctx: Arming, plan: PlanRow, name: string): NamedOpening {
  const known = openingsFor(ctx, plan)
  const found = known.find((w) => w.name === name)
  if (found) return found
  throw new PlumblineError('not_found', `There is no window ${name} for what P-${plan.number} writes to.`, {
    remedy: `Of remedy.windows these suit it: ${known.map((w) => w.name).join(', ') || 'none'}.`,
  })
}

/**
 * The window in which an armed plan may apply itself right now.
 * @throws PlumblineError `forbidden` where it is not open, or whoever armed it may not any more
 */
export function openWindow({ control, clock }: Pick<Context, 'control' | 'clock'>, plan: PlanRow): PlanWindowRow {
  const window = control.planWindow(plan.id)
  const now = clock.now()
  if (!window || window.hash !== plan.hash || now < window.opensAt || now >= window.closesAt)
    throw new PlumblineError('forbidden', `No window of P-${plan.number} is open.`, { remedy: 'Arm it again.' })
  const user = control.user(window.armedBy)
  if (!user || user.disabled || user.role === 'viewer')
    throw new PlumblineError('forbidden', `Who armed P-${plan.number} may not apply plans any more.`, {
      remedy: 'Somebody else has to arm or apply it.',
    })
  return window
}

export interface Due {
  plan: PlanRow
  /** `open`: may be applied now. `missed`: its hours have passed without it. */
  window: 'open' | 'missed'
}

/** Armed plans whose hours have come or gone. */
export function dueWindows({ control, clock }: Pick<Context, 'control' | 'clock'>): Due[] {
  const now = clock.now()
  return control.plans({ states: ['armed'], limit: 1_000 }).flatMap((plan): Due[] => {
    const window = control.planWindow(plan.id)
    if (!window || now >= window.closesAt) return [{ plan, window: 'missed' }]
    return now >= window.opensAt ? [{ plan, window: 'open' }] : []
  })
}

/** Back to approved, where it waits for a person. */
export function disarmPlan(
  { control, clock }: Pick<Context, 'control' | 'clock'>,
  plan: PlanRow,
  actor: string,
  reason: string,
): PlanRow {
  const at = clock.now()
  if (!control.movePlan(plan.id, planBefore('disarm'), 'approved', { actor, at, action: 'plan.disarmed', reason }))
    throw new PlumblineError('conflict', `P-${plan.number} is ${plan.state} and waits for no window.`, {
      remedy: 'Look at it again.',
    })
  return control.plan(plan.id)!
}
