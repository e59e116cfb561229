/** Healing: when a difference that was in flight ended, by what the follower's own history says. */
import { hasKind } from '../../model/kinds.ts'
import type { Context } from '../context.ts'
import type { StoredFinding } from '../store/facts/findings.ts'
import { arrivalKey, arrivals } from '../store/facts/reached-findings.ts'
import { judgeContext, trailsOf, type Standing } from './evidence.ts'

/** Finding id → epoch ms. What no history tells of is missing: then nothing says that it was late. */
export async function healing(
  ctx: Pick<Context, 'facts' | 'landscape'>,
  gone: readonly StoredFinding[],
  now: Standing,
  asOf: number,
): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  const fields = gone.filter((f) => f.field !== null && !f.field.startsWith('custom.') && hasKind(f.kind))
  const asks = fields.flatMap((f) =>
    f.subject.filter((s) => s.platform === f.platform).map((s) => ({ ...s, field: f.field! })),
  )
  const judging = judgeContext(ctx, now, asOf, await trailsOf(ctx, asks))
  for (const f of fields) {
    const subject = f.subject.find((s) => s.platform === f.platform)
    const at = subject ? judging.changed(subject, f.field!).at : null
    if (at !== null) found.set(f.id, at)
  }
  const absent = gone.filter(
    (f) => f.category === 'missing' && f.platform !== null && f.entity_id !== '' && hasKind(f.kind),
  )
  for (const kind of new Set(absent.map((f) => f.kind))) {
    const wanted = absent
      .filter((f) => f.kind === kind)
      .map((f) => ({ id: f.id, entity_id: f.entity_id, platform: f.platform! }))
    const at = await arrivals(ctx.facts, kind, wanted)
    for (const w of wanted) if (at.has(arrivalKey(w))) found.set(w.id, at.get(arrivalKey(w))!)
  }
  return found
}
