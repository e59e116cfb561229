/** Off: a check that an administrator switched off looks at nothing until it is switched on, or its time is over. */
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { Check } from './contract.ts'

type Ruled = Pick<Context, 'control' | 'clock'>

/** Those of the checks that look now. */
export function looking({ control, clock }: Ruled, checks: readonly Check[]): Check[] {
  const off = new Set(control.checksOff(clock.now()).map((o) => o.id))
  return checks.filter((c) => !off.has(c.id))
}

/** Who asks for a check by name is told that it is off, instead of hearing that it found nothing. @throws PlumblineError conflict */
export function refuseOff({ control, clock }: Ruled, ids: readonly string[]): void {
  const off = control.checksOff(clock.now()).find((o) => ids.includes(o.id))
  if (!off) return
  throw new PlumblineError('conflict', `${off.id} is switched off since ${iso(off.since)}: ${off.reason}`, {
    remedy: `Switch it on first: an administrator does that on its page, or with plumbline checks on ${off.id}.`,
  })
}
