/** A trial: what a check says of the facts as they are now, by any landscape. Writes nothing and tells nobody. */
import type { Landscape } from '../../model/landscape.ts'
import type { Observation } from '../../model/verdict.ts'
import type { Context } from '../context.ts'
import type { Check } from './contract.ts'
import { standing, type Standing } from './evidence.ts'
import type { Held } from './look.ts'
import { heldFor } from './look.ts'
import { observe } from './past/observe.ts'
import { identified } from './settle.ts'

/** What several trials share, so that it is read once. */
export interface TrialGround {
  now: Standing
  held: Held
  asOf: number
}

export async function trialGround(ctx: Context): Promise<TrialGround> {
  return { now: await standing(ctx), held: new Map(), asOf: ctx.clock.now() }
}

/**
 * Observations by the id that their finding has or would have.
 * @param landscape who owns what; default: as configured
 * @throws PlumblineError full, where the check finds more than one look may hold
 */
export async function trial(
  ctx: Context,
  check: Check,
  ground: TrialGround,
  landscape: Landscape = ctx.landscape,
): Promise<Map<string, Observation>> {
  const { now, held, asOf } = ground
  await heldFor(ctx, check, held)
  const there = { facts: ctx.facts, landscape: landscape as Context['landscape'], signal: ctx.signal }
  return identified(await observe(there, check, { full: true, slice: null }, asOf, now, held))
}
