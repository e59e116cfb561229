/** Traces: one change followed over every platform, as the API tells it. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { kindOf } from '../../model/kinds.ts'
import { CORRELATIONS, HOP_KINDS, LAYERS, OUTCOMES, STOPS, SURE, type Branch, type Trace } from '../../model/trace.ts'
import { CAUSES } from '../../model/verdict.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import type { Runtime } from '../runtime.ts'
import { trace, type Traced } from '../trace/trace.ts'
import { requires, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'
import { platformView } from './views.ts'

const platform = z.object({ name: z.string(), title: z.string(), mark: z.string() })
const instant = z.string().describe('ISO 8601, UTC.')

const branch = z.object({
  platform,
  outcome: z.enum(OUTCOMES),
  due_at: instant.nullable(),
  held_at: instant.nullable(),
  accepted_at: instant.nullable(),
  says: z.string(),
  stop: z
    .object({
      at: z.enum(STOPS),
      since: instant.nullable(),
      cause: z.enum(CAUSES),
      evidence: z.array(z.object({ says: z.string(), strength: z.string(), disproved_by: z.string().optional() })),
    })
    .nullable(),
  payload: z
    .object({
      event: z.string(),
      at: instant,
      values: z.record(z.string(), z.string()),
      version: z.string().nullable(),
      current: z.boolean(),
    })
    .nullable()
    .describe('What was put on the way, and which of the owner’s versions that was.'),
  mapping: z.object({ release: z.string(), at: instant, by: platform }).nullable(),
  transformed: z.object({ from: z.string().nullable(), to: z.string() }).nullable(),
  fault: z
    .object({
      layer: z.enum(LAYERS),
      sure: z.enum(SURE),
      where: z.string(),
      says: z.string(),
      disproved_by: z.string(),
      correction: z.string(),
    })
    .nullable(),
})

export const traceSchema = z
  .object({
    entity_id: z.string(),
    kind: z.string(),
    kind_title: z.string(),
    field: z.string().nullable(),
    label: z.string().nullable(),
    as_of: instant,
    issue: z.string().nullable(),
    correlated: z.object({ by: z.enum(CORRELATIONS), ids: z.array(z.string()), sure: z.enum(SURE) }),
    origin: z
      .object({
        platform,
        record_id: z.string(),
        at: instant.nullable(),
        by: z.string().nullable(),
        before: z.string().nullable(),
        after: z.string().nullable(),
        version: z.string(),
      })
      .nullable(),
    branches: z.array(branch),
    hops: z.array(
      z.object({
        at: instant.nullable(),
        until: instant.nullable(),
        is: z.enum(HOP_KINDS),
        platform,
        clock: z.string(),
        says: z.string(),
        detail: z.string(),
        value: z.string().nullable(),
        thread: z.string().nullable(),
        attempt: z.number().int().nullable(),
        gap_ms: z.number().nullable(),
        stopped: z.boolean(),
      }),
    ),
    flow: z.object({
      style: z.enum(['orchestrated', 'choreographed', 'unknown']),
      by: z.array(platform),
      out_of_sequence: z.array(z.string()),
      not_compensated: z.array(z.string()),
      did_not_react: z.array(z.string()),
    }),
    answers: z.array(z.object({ question: z.string(), answer: z.string() })).describe('The four questions, in words.'),
  })
  .meta({ id: 'Trace' })

export const traceAsk = z.object({
  issue: z
    .string()
    .regex(/^(?:I-)?\d{1,15}$/i, 'Write it like I-42.')
    .transform((text) => Number(text.replace(/^I-/i, '')))
    .optional(),
  finding: z.string().max(80).optional(),
  entity: z.string().max(200).optional(),
  platform: z.string().max(80).optional(),
  kind: z.string().max(40).optional(),
  record: z.string().max(200).optional(),
  correlation: z.string().max(200).optional(),
  trace: z.string().max(200).optional(),
  number: z.string().max(200).optional(),
  field: z.string().max(80).optional(),
  instant: z.iso.datetime({ offset: true }).optional().describe('As of; default: now.'),
})

export function traceRoutes({ ctx }: Runtime) {
  return new Hono<GuardEnv>().get(
    '/',
    describeRoute({
      summary: 'One change over every platform: by issue, finding, entity, record, correlation id, trace id or number',
      tags: ['time'],
      responses: {
        200: { description: 'The trace.', content: { 'application/json': { schema: resolver(traceSchema) } } },
      },
    }),
    requires('view'),
    validator('query', traceAsk, invalid),
    async (c) => {
      const { instant: text, ...ask } = c.req.valid('query')
      const now = ctx.clock.now()
      return c.json(traceView(await trace(ctx, ask, text === undefined ? now : Math.min(now, Date.parse(text))), ctx))
    },
  )
}

const when = (ms: number | null) => (ms === null ? null : iso(ms))

export function traceView({ trace: t, target }: Traced, ctx: Context): z.output<typeof traceSchema> {
  const kind = kindOf(t.kind)
  const named = (name: string) => platformView(name, ctx)!
  return {
    entity_id: t.entity,
    kind: t.kind,
    kind_title: kind.title,
    field: t.field,
    label: kind.fields.find((f) => f.name === t.field)?.label ?? null,
    as_of: iso(t.at),
    issue: target.finding?.issue ?? null,
    correlated: t.correlated,
    origin: t.origin && { ...t.origin, platform: named(t.origin.platform), at: when(t.origin.at) },
    branches: t.branches.map((b) => ({
      platform: named(b.platform),
      outcome: b.outcome,
      due_at: when(b.dueAt),
      held_at: when(b.heldAt),
      accepted_at: when(b.acceptedAt),
      says: saysOf(b, named(b.platform).title),
      stop: b.stop && { ...b.stop, since: when(b.stop.since) },
      payload: b.payload && { ...b.payload, at: iso(b.payload.at) },
      mapping: b.mapping && { ...b.mapping, at: iso(b.mapping.at), by: named(b.mapping.by) },
      transformed: b.transformed,
      fault: b.fault,
    })),
    hops: t.hops.map(({ gapMs, ...h }) => ({
      ...h,
      at: when(h.at),
      until: when(h.until),
      platform: named(h.platform),
      gap_ms: gapMs,
    })),
    flow: { ...t.flow, by: t.flow.by.map(named) },
    answers: answersOf(t, (name) => named(name).title),
  }
}

function saysOf(b: Branch, title: string): string {
  const at = (ms: number | null) => (ms === null ? '' : ` since ${iso(ms)}`)
  switch (b.outcome) {
    case 'in_time':
      return `${title} has it${at(b.heldAt)}, in time.`
    case 'late':
      return `${title} has it${at(b.heldAt)}, after its window had ended.`
    case 'in_flight':
      return `${title} has until ${iso(b.dueAt!)}.`
    case 'undecided':
      return `${title} has not been read far enough to tell.`
    case 'cannot_tell':
      return `${title} has it; since when is not known.`
    case 'stopped':
      return b.fault?.says ?? `${title} does not have it.`
  }
}

/** The four questions of every failed change, in words. */
export function answersOf(t: Trace, titleOf: (name: string) => string): { question: string; answer: string }[] {
  const { origin } = t
  const mapped = t.branches.flatMap((b) =>
    b.mapping ? [`${titleOf(b.mapping.by)}, mapping ${b.mapping.release}, on the way to ${titleOf(b.platform)}`] : [],
  )
  const bent = t.branches.flatMap((b) =>
    b.transformed
      ? [`to ${titleOf(b.platform)} went “${b.transformed.to}” instead of “${b.transformed.from ?? ''}”`]
      : [],
  )
  const accepted = t.branches
    .filter((b) => b.acceptedAt !== null)
    .map((b) => `${titleOf(b.platform)} at ${iso(b.acceptedAt!)}`)
  const refused = t.branches.filter((b) => b.stop?.at === 'refused').map((b) => titleOf(b.platform))
  const has = t.branches.map((b) => saysOf(b, titleOf(b.platform)))
  return [
    {
      question: 'Where did the change originate?',
      answer: origin
        ? `${titleOf(origin.platform)}, record ${origin.record_id}${origin.at === null ? ', before it was first read' : ` at ${iso(origin.at)}`}${origin.by === null ? '' : ` by ${origin.by}`}.`
        : 'No platform that owns it has a record of it.',
    },
    {
      question: 'Where was it transformed, and by which mapping?',
      answer:
        [...mapped, ...bent].join('; ') ||
        'Nobody told of a mapping; what was sent, where that is known, is the owner’s value.',
    },
    {
      question: 'Who accepted it?',
      answer: `${accepted.join('; ') || 'No acceptance is recorded'}${refused.length ? `; refused by ${refused.join(', ')}` : ''}.`,
    },
    { question: 'Who has it by now, and in time?', answer: has.join(' ') || 'No platform has to follow.' },
  ]
}
