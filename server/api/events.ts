/** Recorded events over HTTP: told by platforms and middleware, read by people. */
import { Hono, type Context as HonoContext } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { EVENT_TYPES, readEvent, type RecordedEvent } from '../../model/event.ts'
import { KINDS } from '../../model/kinds.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { appendEvents, events } from '../store/facts/events.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid, problem } from './problem.ts'

const text = z.string().nullable()
export const eventSchema = z
  .object({
    id: z.string(),
    at: z.string().describe('ISO 8601, UTC.'),
    type: z.enum(EVENT_TYPES),
    reported_by: z.string(),
    from_platform: text,
    to_platform: text,
    kind: text,
    record_id: text,
    number: text,
    correlation_id: text,
    trace_id: text,
    message: text,
    actor: text,
    release: text,
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'RecordedEvent' })

const taken = z
  .object({
    stored: z.number().int(),
    known: z.number().int().describe('Told before.'),
    refused: z.array(z.object({ index: z.number().int(), id: text, reason: z.string() })),
  })
  .meta({ id: 'EventsTaken' })
const page = z.object({ events: z.array(eventSchema), next: text }).meta({ id: 'EventPage' })

/** Refusals that are told one by one; the count of stored and known ones says the rest. */
const REFUSED_SHOWN = 1_000

const query = z.object({
  type: z.union([z.enum(EVENT_TYPES).transform((t) => [t]), z.array(z.enum(EVENT_TYPES))]).optional(),
  platform: z.string().max(100).optional(),
  kind: z.string().max(50).optional(),
  record: z.string().max(500).optional(),
  number: z.string().max(500).optional(),
  correlation: z.string().max(500).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  cursor: z.string().max(700).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})

export function eventRoutes({ ctx }: Runtime) {
  return new Hono<GuardEnv>()
    .post(
      '/',
      describeRoute({
        summary: 'Tell of events: a JSON array, one JSON object, or NDJSON',
        tags: ['events'],
        responses: {
          200: { description: 'What became of each.', content: { 'application/json': { schema: resolver(taken) } } },
          400: { description: 'None of them is an event.' },
        },
      }),
      requires('operate'),
      async (c) => {
        const world = {
          platforms: Object.keys(ctx.config.platforms),
          kinds: KINDS.map((k) => k.name),
          reporter: null,
          now: ctx.clock.now(),
        }
        const good: RecordedEvent[] = []
        const refused: z.output<typeof taken>['refused'] = []
        for (const [index, written] of (await writtenIn(c)).entries()) {
          const event = 'unreadable' in written ? { wrong: written.unreadable } : readEvent(written.value, world)
          if (!('wrong' in event)) good.push(event)
          else refused.push({ index, id: idOf(written), reason: event.wrong })
        }
        if (good.length === 0 && refused.length > 0)
          return problem(c, 400, {
            title: `None of ${refused.length} events could be taken.`,
            code: 'invalid',
            problems: refused.slice(0, REFUSED_SHOWN).map((r) => ({ path: String(r.index), message: r.reason })),
          })
        const { stored, known } = await appendEvents(ctx.facts, ctx.control, good)
        ctx.control.audit({
          at: ctx.clock.now(),
          actor: (c.get('caller') as Caller).user.id,
          action: 'told of events',
          object: 'events',
          detail: { stored, known, refused: refused.length },
        })
        return c.json({ stored, known, refused: refused.slice(0, REFUSED_SHOWN) })
      },
    )
    .get(
      '/',
      describeRoute({
        summary: 'Recorded events, newest first',
        tags: ['events'],
        responses: { 200: { description: 'A page.', content: { 'application/json': { schema: resolver(page) } } } },
      }),
      requires('view'),
      validator('query', query, invalid),
      async (c) => {
        const { type, platform, kind, record, number, correlation, from, to, cursor, limit } = c.req.valid('query')
        const rows = await events(
          ctx.facts,
          {
            ...(type && { types: type }),
            ...(platform && { platform }),
            ...(kind && { kind }),
            ...(record && { recordId: record }),
            ...(number && { number }),
            ...(correlation && { correlationId: correlation }),
            ...(from && { from: new Date(from).toISOString() }),
            ...(to && { to: new Date(to).toISOString() }),
            ...(cursor && { after: placeOf(cursor) }),
          },
          limit + 1,
        )
        const last = rows[limit - 1]
        return c.json({
          events: rows.slice(0, limit),
          next: rows.length > limit && last ? Buffer.from(`${last.at} ${last.id}`).toString('base64url') : null,
        })
      },
    )
}

type Written = { value: unknown } | { unreadable: string }

function idOf(written: Written): string | null {
  const id = 'value' in written ? (written.value as { id?: unknown } | null)?.id : null
  return typeof id === 'string' ? id.slice(0, 200) : null
}

/** The events of the body, each read by itself where it is NDJSON. */
async function writtenIn(c: HonoContext): Promise<Written[]> {
  const body = await c.req.text()
  const whole = parsed(body)
  if ('value' in whole)
    return (Array.isArray(whole.value) ? whole.value : [whole.value]).map((value: unknown) => ({ value }))
  const lines = body.split('\n').filter((line) => line.trim() !== '')
  const found = lines.map(parsed)
  if (lines.length > 1 && found.some((f) => 'value' in f)) return found
  throw new PlumblineError('schema', 'The body is neither a JSON array of events nor NDJSON.', {
    remedy: 'Send [{"type": "sent", …}], or one JSON object a line.',
  })
}

function parsed(text: string): Written {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return { unreadable: 'not valid JSON' }
  }
}

function placeOf(cursor: string): { at: string; id: string } {
  const [, at, id] = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) ([^]+)$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? []
  if (at === undefined || id === undefined)
    throw new PlumblineError('schema', 'The cursor is not one of ours.', {
      remedy: 'Take it from `next` of the page before.',
    })
  return { at, id }
}
