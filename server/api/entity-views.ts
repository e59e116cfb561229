/** Entities over time as the API shows them: a state, a comparison, a timeline, a disagreement. */
import { z } from 'zod'
import { kindOf } from '../../model/kinds.ts'
import {
  BEGINNINGS,
  differ,
  recordsAt,
  speaker,
  type Disagreement,
  type EntityPast,
  type Owners,
  type RecordThen,
} from '../../model/past.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { linkOf, platformView } from './views.ts'

const platform = z.object({ name: z.string(), title: z.string(), mark: z.string() })
const instant = z.string().describe('ISO 8601, UTC.')
const is = z.enum(['value', 'empty', 'absent', 'cannot_hold', 'unmapped', 'invalid'])

export const recordThenSchema = z
  .object({
    platform,
    record_id: z.string(),
    link: z.string().nullable(),
    seq: z.string().describe('Number of the version.'),
    state: z.string().nullable(),
    deleted: z.boolean(),
    merged_into: z.string().nullable(),
    observed_at: instant.describe('When this version was read.'),
    changed_at: instant.nullable().describe('The platform’s own stamp.'),
    changed_by: z.string().nullable(),
    correlation_id: z.string().nullable(),
    linked: z.object({ rule: z.string(), evidence: z.string(), since: instant }),
  })
  .meta({ id: 'RecordThen' })

const cell = z.object({ platform: z.string(), record_id: z.string(), is, value: z.string().nullable() })
export const stateSchema = z
  .object({
    entity_id: z.string(),
    kind: z.string(),
    kind_title: z.string(),
    at: instant,
    records: z.array(recordThenSchema),
    fields: z
      .array(
        z.object({
          name: z.string(),
          label: z.string(),
          differs: z.boolean(),
          owner: z.string().nullable().describe('Platform that spoke for it then.'),
          cells: z.array(cell),
        }),
      )
      .describe('Differing ones first; what no platform can hold is left out.'),
  })
  .meta({ id: 'EntityState' })

export const beganSchema = z.object({
  is: z.enum(BEGINNINGS),
  platform,
  record_id: z.string(),
  seq: z.string().nullable(),
  observed_at: instant.nullable(),
  changed_at: instant.nullable(),
  changed_by: z.string().nullable(),
  correlation_id: z.string().nullable(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  says: z.string(),
})
export const disagreementSchema = z
  .object({
    field: z.string(),
    label: z.string(),
    from: instant,
    to: instant.nullable().describe('Null: they still disagree.'),
    owner: platform.nullable(),
    said: z.array(cell),
    began: beganSchema,
  })
  .meta({ id: 'Disagreement' })

export function stateView(
  past: EntityPast,
  at: number,
  owners: Owners,
  fields: readonly string[],
  ctx: Context,
): z.output<typeof stateSchema> {
  const records = recordsAt(past, at)
  const kind = kindOf(past.kind)
  const rows = kind.fields.flatMap((f) => {
    const cells = records.map(({ version: v }) => ({
      platform: v.platform,
      record_id: v.record_id,
      is: v.fields[f.name]?.is ?? ('cannot_hold' as const),
      value: v.fields[f.name]?.value ?? null,
    }))
    if (cells.every((c) => c.is === 'cannot_hold' || c.is === 'absent')) return []
    const compared = fields.includes(f.name)
    const owner = compared ? speaker(f.name, records, owners) : null
    return [{ name: f.name, label: f.label, differs: compared && differ(f.name, records, owner), owner, cells }]
  })
  return {
    entity_id: past.entity,
    kind: past.kind,
    kind_title: kind.title,
    at: iso(at),
    records: records.map((r) => recordView(r, past.kind, ctx)),
    fields: [...rows.filter((r) => r.differs), ...rows.filter((r) => !r.differs)],
  }
}

export function recordView(
  { version: v, link }: RecordThen,
  kind: string,
  ctx: Context,
): z.output<typeof recordThenSchema> {
  return {
    platform: platformView(v.platform, ctx)!,
    record_id: v.record_id,
    link: linkOf(v.platform, kind, v.record_id, ctx),
    seq: v.seq,
    state: v.state,
    deleted: v.deleted,
    merged_into: v.mergedInto,
    observed_at: iso(v.observedAt),
    changed_at: v.changedAt === null ? null : iso(v.changedAt),
    changed_by: v.changedBy,
    correlation_id: v.correlationId,
    linked: { rule: link.rule, evidence: link.evidence, since: iso(link.from) },
  }
}

export function disagreementView(d: Disagreement, kind: string, ctx: Context): z.output<typeof disagreementSchema> {
  const { began } = d
  const v = began.version
  const title = platformView(began.platform, ctx)!.title
  const label = kindOf(kind).fields.find((f) => f.name === d.field)?.label ?? d.field
  const by = v?.changedBy ? `, written by ${v.changedBy}` : ''
  const shown = (value: string | null) => (value === null ? 'nothing' : `“${value}”`)
  const says = {
    owner_changed: `${title}, which owns it, changed ${label} from ${shown(began.before)} to ${shown(began.after)}${by}; the others had not followed.`,
    follower_wrote: `${title} changed ${label} from ${shown(began.before)} to ${shown(began.after)}${by}, away from what ${d.owner === null ? 'the others' : platformView(d.owner, ctx)!.title} held.`,
    appeared: `${began.record_id} was first read from ${title} with ${label} ${shown(began.after)}${by}.`,
    joined: `${began.record_id} of ${title} came to be known as the same ${kindOf(kind).title.toLowerCase()}, with ${label} ${shown(began.after)}.`,
    left: `${began.record_id} of ${title} was no longer known as the same ${kindOf(kind).title.toLowerCase()}.`,
  }[began.is]
  return {
    field: d.field,
    label,
    from: iso(d.from),
    to: d.to === null ? null : iso(d.to),
    owner: platformView(d.owner, ctx),
    said: d.said,
    began: {
      is: began.is,
      platform: platformView(began.platform, ctx)!,
      record_id: began.record_id,
      seq: v?.seq ?? null,
      observed_at: v ? iso(v.observedAt) : null,
      changed_at: v?.changedAt == null ? null : iso(v.changedAt),
      changed_by: v?.changedBy ?? null,
      correlation_id: v?.correlationId ?? null,
      before: began.before,
      after: began.after,
      says,
    },
  }
}
