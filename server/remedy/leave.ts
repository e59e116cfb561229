/** What is left of a plan that came only partly true, left to a person by choice: neither continued nor taken back until they say so. */
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { PlanRow } from '../store/control/remedy-rows.ts'

type Leaving = Pick<Context, 'control' | 'clock'>

export interface Left {
  /** Account id. */
  person: string
  by: string
  reason: string
  at: string
}

const LEAVABLE = ['partly', 'stopped', 'paused']
const key = (plan: string) => `remedy.left.${plan}`

/** Whom it waits for; null: nobody in particular, or it goes on. */
export function leftWith({ control }: Pick<Context, 'control'>, plan: PlanRow): Left | null {
  const text = LEAVABLE.includes(plan.state) ? control.get(key(plan.id)) : null
  return text ? (JSON.parse(text) as Left) : null
}

/** @throws PlumblineError `conflict`, `not_found` */
export function leavePlan(
  { control, clock }: Leaving,
  plan: PlanRow,
  { email, by, reason }: { email: string; by: string; reason: string },
): void {
  if (!LEAVABLE.includes(plan.state))
    throw new PlumblineError('conflict', `P-${plan.number} is ${plan.state}: nothing of it is pending.`, {
      remedy: 'Look at it again.',
    })
  const user = control.userByEmail(email.toLowerCase())
  if (!user || user.disabled || user.role === 'viewer')
    throw new PlumblineError('not_found', `Nobody with the address ${email} may go on with it.`, {
      remedy: 'Name an account that may operate.',
    })
  const at = clock.now()
  control.transaction(() => {
    control.set(key(plan.id), JSON.stringify({ person: user.id, by, reason, at: iso(at) } satisfies Left))
    const detail = { with: user.id, reason, hash: plan.hash }
    control.audit({ at, actor: by, action: 'plan.left with a person', object: `P-${plan.number}`, detail })
  })
}

/** It goes on: nobody has to be waited for any more. */
export function takenUp({ control }: Pick<Context, 'control'>, plan: string): void {
  if (control.get(key(plan))) control.set(key(plan), '')
}
