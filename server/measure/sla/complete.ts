/** Complete: how far every follower has been read, and so what may be called decided. */
import type { Context } from '../../context.ts'
import type { DecideAsk } from '../../store/facts/lag-decisions.ts'
import { identifiedStreams } from '../../store/identified.ts'

export function decideAsk(ctx: Pick<Context, 'config' | 'control'>, asOf: number): DecideAsk {
  const complete = new Map<string, number>()
  const never = new Set<string>()
  for (const s of identifiedStreams(ctx.control)) {
    const key = `${s.platform} ${s.kind}`
    if (s.completeThrough === null) never.add(key)
    // Of several streams the least complete counts.
    else complete.set(key, Math.min(s.completeThrough, complete.get(key) ?? Infinity))
  }
  for (const key of never) complete.delete(key)
  return { asOf, complete, lostAlways: ctx.config.objectives.lost === 'always' }
}
