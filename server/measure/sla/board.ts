/** Board: the standing of all edges as last worked out, kept until something was measured anew or a minute has passed. */
import type { Context } from '../../context.ts'
import { edgeStandings, type EdgeStanding } from './standing.ts'

/** Windows end and budgets burn while nothing moves: what is older than this is worked out again, milliseconds. */
const KEPT_MS = 60_000

export interface Board {
  standings(): Promise<readonly EdgeStanding[]>
  /** The same without asking the store, and without percentiles of a handful of changes: for metrics. Empty before the first time. */
  latest(): readonly EdgeStanding[]
}

export function createBoard(ctx: Pick<Context, 'config' | 'control' | 'facts' | 'landscape' | 'clock'>): Board {
  let known: { measured: string | null; at: number; edges: readonly EdgeStanding[] } | null = null
  return {
    async standings() {
      const now = ctx.clock.now()
      const measured = ctx.control.get('measure.lag')
      if (!known || known.measured !== measured || now - known.at > KEPT_MS)
        known = { measured, at: now, edges: await edgeStandings(ctx, now) }
      return known.edges
    },
    latest() {
      const few = ctx.config.objectives.low_volume
      return (known?.edges ?? []).map((e) => ({ ...e, now: e.now && e.now.inTime + e.now.late >= few ? e.now : null }))
    },
  }
}
