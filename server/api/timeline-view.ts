/** The timeline of an entity: lanes of records, what changed when, spans of disagreement, recorded events. */
import { z } from 'zod'
import { kindOf } from '../../model/kinds.ts'
import { disagreements, type EntityPast, type Owners } from '../../model/past.ts'
import type { RecordedEvent } from '../../model/event.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { disagreementSchema, disagreementView } from './entity-views.ts'
import { platformView } from './views.ts'

const platform = z.object({ name: z.string(), title: z.string(), mark: z.string() })
const instant = z.string().describe('ISO 8601, UTC.')

export const timelineSchema = z
  .object({
    entity_id: z.string(),
    kind: z.string(),
    kind_title: z.string(),
    from: instant,
    to: instant,
    first_known_at: instant,
    cut: z.boolean().describe('True: it moved so often that its oldest versions are left out.'),
    points: z.array(instant).describe('Every instant within the span at which something changed.'),
    lanes: z.array(
      z.object({
        platform,
        record_id: z.string(),
        segments: z.array(
          z.object({
            from: instant,
            to: instant.nullable(),
            state: z.string().nullable(),
            deleted: z.boolean(),
            member: z.boolean(),
          }),
        ),
      }),
    ),
    changes: z.array(
      z.object({
        at: instant,
        stamped_at: instant.nullable(),
        platform,
        record_id: z.string(),
        seq: z.string(),
        by: z.string().nullable(),
        is: z.enum(['appeared', 'changed', 'deleted', 'restored']),
        fields: z.array(
          z.object({
            name: z.string(),
            label: z.string(),
            before: z.string().nullable(),
            after: z.string().nullable(),
          }),
        ),
      }),
    ),
    links: z.array(
      z.object({ at: instant, platform, record_id: z.string(), is: z.enum(['joined', 'left']), rule: z.string() }),
    ),
    drift: z.array(disagreementSchema).describe('Spans within which platforms disagreed.'),
    events: z.array(
      z.object({
        id: z.string(),
        at: instant,
        type: z.string(),
        reported_by: z.string(),
        from_platform: z.string().nullable(),
        to_platform: z.string().nullable(),
        record_id: z.string().nullable(),
        message: z.string().nullable(),
        correlation_id: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'EntityTimeline' })
type View = z.output<typeof timelineSchema>

/** Changes and events that are listed, the latest. */
const LISTED = 500

export interface TimelineParts {
  past: EntityPast & { cut: boolean }
  /** Epoch ms. */
  from: number
  to: number
  owners: Owners
  fields: readonly string[]
  events: readonly RecordedEvent[]
}

export function timelineView({ past, from, to, owners, fields, events }: TimelineParts, ctx: Context): View {
  const kind = kindOf(past.kind)
  const within = (at: number) => at >= from && at <= to
  const changes = changesOf(past, ctx).filter((c) => within(Date.parse(c.at)))
  const links = past.memberships
    .flatMap((m) =>
      m.spans.flatMap((s) => [
        { at: s.from, m, is: 'joined' as const, rule: s.rule },
        ...(s.to === null ? [] : [{ at: s.to, m, is: 'left' as const, rule: s.rule }]),
      ]),
    )
    .filter((l) => within(l.at))
    .sort((a, b) => a.at - b.at)
  const drift = disagreements(past, fields, owners).filter((d) => d.from <= to && (d.to ?? Infinity) >= from)
  const first = Math.min(
    ...past.versions.map((v) => v.observedAt),
    ...past.memberships.flatMap((m) => m.spans.map((s) => s.from)),
  )
  return {
    entity_id: past.entity,
    kind: past.kind,
    kind_title: kind.title,
    from: iso(from),
    to: iso(to),
    first_known_at: iso(first),
    cut: past.cut,
    points: [...new Set([...changes.map((c) => c.at), ...links.map((l) => iso(l.at))])].sort(),
    lanes: lanesOf(past, from, to, ctx),
    changes: changes.slice(-LISTED),
    links: links.map((l) => ({
      at: iso(l.at),
      platform: platformView(l.m.platform, ctx)!,
      record_id: l.m.record_id,
      is: l.is,
      rule: l.rule,
    })),
    drift: drift.map((d) => disagreementView(d, past.kind, ctx)),
    events: events
      .filter((e) => within(Date.parse(e.at)))
      .slice(-LISTED)
      .map((e) => ({
        id: e.id,
        at: e.at,
        type: e.type,
        reported_by: e.reported_by,
        from_platform: e.from_platform,
        to_platform: e.to_platform,
        record_id: e.record_id,
        message: e.message,
        correlation_id: e.correlation_id,
      })),
  }
}

/** One lane a record, in spans of one state; a new span where the state, the deletion or the membership changed. */
function lanesOf(past: EntityPast, from: number, to: number, ctx: Context): View['lanes'] {
  return [...past.memberships]
    .sort((a, b) => (a.platform < b.platform || (a.platform === b.platform && a.record_id < b.record_id) ? -1 : 1))
    .map((m) => {
      const versions = past.versions.filter((v) => v.platform === m.platform && v.record_id === m.record_id)
      const turns = new Set([
        ...versions.map((v) => v.observedAt),
        ...m.spans.flatMap((s) => [s.from, ...(s.to === null ? [] : [s.to])]),
      ])
      const segments: View['lanes'][number]['segments'] = []
      for (const at of [...turns].sort((a, b) => a - b)) {
        const v = versions.findLast((one) => one.observedAt <= at)
        if (!v) continue
        const member = m.spans.some((s) => s.from <= at && (s.to === null || at < s.to))
        const last = segments.at(-1)
        if (last && last.state === v.state && last.deleted === v.deleted && last.member === member) continue
        if (last) last.to = iso(at)
        segments.push({ from: iso(at), to: null, state: v.state, deleted: v.deleted, member })
      }
      return {
        platform: platformView(m.platform, ctx)!,
        record_id: m.record_id,
        segments: segments.filter((s) => Date.parse(s.from) <= to && (s.to === null || Date.parse(s.to) >= from)),
      }
    })
}

function changesOf(past: EntityPast, ctx: Context): View['changes'] {
  const labels = new Map(kindOf(past.kind).fields.map((f) => [f.name, f.label]))
  const before = new Map<string, EntityPast['versions'][number]>()
  return past.versions.flatMap((v) => {
    const key = `${v.platform}\n${v.record_id}`
    const old = before.get(key)
    before.set(key, v)
    const names = Object.keys(v.fields).filter(
      (name) =>
        old && (old.fields[name]?.value !== v.fields[name]?.value || old.fields[name]?.is !== v.fields[name]?.is),
    )
    const is = !old
      ? ('appeared' as const)
      : v.deleted && !old.deleted
        ? ('deleted' as const)
        : !v.deleted && old.deleted
          ? ('restored' as const)
          : ('changed' as const)
    // A version that changed only what is not shown (references to others, custom fields) is no change of a field.
    return [
      {
        at: iso(v.observedAt),
        stamped_at: v.changedAt === null ? null : iso(v.changedAt),
        platform: platformView(v.platform, ctx)!,
        record_id: v.record_id,
        seq: v.seq,
        by: v.changedBy,
        is,
        fields: names.map((name) => ({
          name,
          label: labels.get(name) ?? name,
          before: old!.fields[name]?.value ?? null,
          after: v.fields[name]?.value ?? null,
        })),
      },
    ]
  })
}
