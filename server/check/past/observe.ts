/** Observing the past: a check's SELECTs over tables of the past, judged with the evidence of that instant. */
import { hasKind } from '../../../model/kinds.ts'
import type { Observation } from '../../../model/verdict.ts'
import type { Context } from '../../context.ts'
import { PlumblineError } from '../../errors.ts'
import { versionMasks } from '../../store/facts/past/masks.ts'
import type { Check, Reach } from '../contract.ts'
import type { Standing } from '../evidence.ts'
import { compiledFull } from '../explain.ts'
import { cut } from '../kinds/reach.ts'
import { kindFor, lookAt, subjectOf, TooMany, type Held } from '../look.ts'

/** What looking at the past needs of the context. Its facts are those of the past. */
export type There = Pick<Context, 'facts' | 'landscape' | 'signal'>

/** Kinds whose current rows the SELECTs of these checks read. */
export function kindsRead(ctx: Pick<Context, 'facts' | 'landscape'>, checks: readonly Check[], at: number): string[] {
  const kinds = new Set<string>()
  for (const check of checks) {
    for (const kind of kindFor(check).reads(check)) kinds.add(kind)
    for (const { sql } of compiledFull(ctx, check, at))
      for (const [, kind] of sql.matchAll(/\b(?:current|versions)_([a-z]+)/g)) if (hasKind(kind!)) kinds.add(kind!)
  }
  return [...kinds]
}

/**
 * Checks about the collecting itself judge how streams stand and what was learned of them, of which no history is kept.
 * @throws PlumblineError config
 */
export function replayable(check: Check): void {
  if (check.kind !== 'fresh') return
  throw new PlumblineError('config', `${check.id} judges the collecting itself, of which no past is kept.`, {
    remedy: 'Choose a check that compares records.',
  })
}

/** Masks of held fields over all versions: more than were held at any one instant, which costs time and hides nothing. */
export async function heldEver(ctx: Pick<Context, 'facts'>, kinds: readonly string[]): Promise<Held> {
  const held: Held = new Map()
  for (const kind of kinds) held.set(kind, await versionMasks(ctx.facts, kind))
  return held
}

/** Looks at a reach, in pieces where it holds too much. */
export async function observe(
  there: There,
  check: Check,
  reach: Reach,
  at: number,
  then: Standing,
  held: Held,
): Promise<Observation[]> {
  const found: Observation[] = []
  const queue = [reach]
  for (let next = queue.shift(); next; next = queue.shift()) {
    try {
      found.push(...(await lookAt(there, check, next, at, then, held)).observations)
    } catch (thrown) {
      if (!(thrown instanceof TooMany)) throw thrown
      const parts = subjectOf(check) === 'entity' ? cut(next, 4) : []
      if (parts.length === 0)
        throw new PlumblineError('full', `${check.id} finds more candidates at one instant than it may hold.`, {
          remedy: 'Narrow the check.',
        })
      queue.unshift(...parts)
    }
  }
  return found
}
