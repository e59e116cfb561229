/** Happenings: everything that may have set differences off, from recorded events, noticed changes of sources, and our own configuration. */
import type { Happening } from '../../../model/trigger.ts'
import { iso } from '../../clock.ts'
import type { Context } from '../../context.ts'
import { shapeOf } from '../../store/control/shapes.ts'
import { landscapeEvents } from '../../store/facts/events.ts'
import { ownChanges } from '../changes/notice.ts'

const SHAPES: Record<string, string> = {
  new: 'is new',
  gone: 'is gone',
  retyped: 'became another type',
  emptied: 'is no longer filled',
  enumeration: 'has a value that it never had',
}

/** Between two instants, epoch ms, `to` exclusive. */
export async function happenings(
  ctx: Pick<Context, 'facts' | 'control'>,
  from: number,
  to: number,
): Promise<Happening[]> {
  const told = await landscapeEvents(ctx.facts, iso(from), iso(to))
  const recorded = told.map((e): Happening => ({
    at: Date.parse(e.at),
    what: e.type,
    platform: e.to_platform,
    by: e.actor ?? e.reported_by,
    says: [e.type.replaceAll('_', ' '), e.release && `release ${e.release}`, e.message].filter(Boolean).join(', '),
    event: e.id,
  }))
  const within = (h: Happening) => h.at >= from && h.at < to
  const noticed = ctx.control.streams().flatMap(({ platform, stream }) =>
    (shapeOf(ctx.control, platform, stream)?.changes ?? []).map((c): Happening => ({
      at: c.at,
      what: 'schema_changed',
      platform,
      by: null,
      says: `${stream}: ${c.path} ${SHAPES[c.what] ?? c.what}`,
      event: null,
    })),
  )
  const own = ownChanges(ctx).map((c): Happening => ({
    at: c.at,
    what: 'configured',
    platform: c.platform,
    by: 'plumbline',
    says: c.says,
    event: null,
  }))
  return [...recorded, ...[...noticed, ...own].filter(within)]
}
