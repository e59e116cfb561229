/** Pace: learns how long changes usually take on each edge and keeps it beside how long they took lately. */
import type { Context } from '../../context.ts'
import { setPaces } from '../../store/control/paces.ts'
import { lagPaces } from '../../store/facts/lag-paces.ts'
import { decideAsk } from '../sla/complete.ts'
import { objectives } from '../sla/objectives.ts'

/** With fewer changes an edge is quiet, and nothing is said of it. */
const LEAST = { recent: 20, learned: 100 }

/** Every run says it anew, so what is no longer so is forgotten. Returns how many edges have a pace. */
export async function learnPaces(
  ctx: Pick<Context, 'config' | 'control' | 'facts' | 'landscape'>,
  asOf: number,
): Promise<number> {
  const promised = objectives(ctx)
  const rows = await lagPaces(ctx.facts, decideAsk(ctx, asOf), LEAST)
  setPaces(
    ctx.control,
    rows.map((row) => ({ ...row, windowMs: promised(row).windowMs })),
  )
  return rows.length
}
