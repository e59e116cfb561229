/** Exceptions over HTTP: one queue of what did not go through; pushed by brokers and middleware, closed by evidence. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import { exceptionClass } from '../config/remedy-schema.ts'
import { PlumblineError } from '../errors.ts'
import { completed, placed, type Told } from '../remedy/exceptions/take.ts'
import type { Runtime } from '../runtime.ts'
import type { ExceptionRow } from '../store/control/exceptions.ts'
import {
  exceptionSchema,
  exceptionView,
  groupSchema,
  groupView,
  PRIORITIES,
  SOURCES,
  STATES,
} from './exception-views.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { exceptionTerms } from './lists/exceptions.ts'
import { invalid } from './problem.ts'

const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})
const text = (max: number) => z.string().trim().min(1).max(max)
const reason = z.string().trim().min(3).max(1000)

/** A dead letter as a broker or middleware pushes it. */
const pushed = z.strictObject({
  id: text(300).describe('The sender’s own id: the same pushed twice is one.'),
  source: z.enum(['dead_letter', 'delivery', 'transformation', 'flow']).default('dead_letter'),
  reason: text(1000).describe('What the receiver or the mapping said.'),
  status: z.number().int().min(100).max(599).optional().describe('HTTP status, where there was one.'),
  class: exceptionClass.optional().describe('Where the sender knows it; else it is told by status and reason.'),
  platform: text(63).optional().describe('Where the change comes from.'),
  target: text(63).optional().describe('Where it did not arrive.'),
  kind: text(40).optional(),
  record_id: text(200).optional(),
  event_id: text(200).optional().describe('By which the source can send it again.'),
  correlation_id: text(200).optional(),
  occurred_at: z.iso.datetime({ offset: true }).optional(),
  payload: z.unknown().optional(),
  exchange: z.unknown().optional().describe('Request and answer.'),
  money: z
    .string()
    .regex(/^-?\d{1,20}(\.\d{1,9})?$/)
    .optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
  priority: z.enum(PRIORITIES).optional(),
  team: text(100).optional(),
  via: text(63).optional().describe('Configured platform that reports it, such as the middleware.'),
  run: text(200).optional().describe('By what that platform can be told to run the same again.'),
})

export function exceptionRoutes({ ctx, live, desk }: Runtime) {
  const { control, clock } = ctx
  const find = (text: string): ExceptionRow => {
    const [row] = /^\d{1,12}$/.test(text) ? control.exceptions({ ids: [Number(text)], limit: 1 }) : []
    if (!row)
      throw new PlumblineError('not_found', `There is no exception ${text}.`, {
        remedy: 'GET /v1/exceptions lists them.',
      })
    return row
  }
  const view = (e: ExceptionRow) => exceptionView(e, desk.reach, clock.now())
  const termsOf = (q: string, { user }: Caller) => exceptionTerms(q, { me: user.email, now: clock.now() })
  const by = (c: { get(name: 'caller'): Caller }, action: string) => ({
    actor: c.get('caller').user.id,
    at: clock.now(),
    action: `exception.${action}`,
  })

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'What did not go through, newest first',
        tags: ['exceptions'],
        responses: json(
          z.object({ exceptions: z.array(exceptionSchema), next: z.number().int().nullable() }),
          'A page.',
        ),
      }),
      requires('view'),
      validator(
        'query',
        z.object({
          q: z.string().max(500).optional().describe('The search grammar; then `state` has no default.'),
          state: z
            .string()
            .optional()
            .describe(`Of ${STATES.join(', ')}; several by commas. Default: all that wait.`),
          class: exceptionClass.optional(),
          source: z.enum(SOURCES).optional(),
          fingerprint: z.string().max(32).optional(),
          platform: z.string().max(63).optional(),
          before: z.coerce.number().int().optional(),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        invalid,
      ),
      (c) => {
        const { q, state, limit, before, ...equal } = c.req.valid('query')
        const given = Object.fromEntries(Object.entries(equal).filter(([, v]) => v !== undefined))
        const states = state ?? (q === undefined ? 'open,retrying,replaying' : undefined)
        const rows = control.exceptions({
          ...(states !== undefined && { states: states.split(',') }),
          ...(q !== undefined && { terms: termsOf(q, c.get('caller')) }),
          limit: limit + 1,
          ...(before !== undefined && { before }),
          ...given,
        })
        const shown = rows.slice(0, limit)
        return c.json({ exceptions: shown.map(view), next: rows.length > limit ? shown.at(-1)!.id : null })
      },
    )
    .get(
      '/groups',
      describeRoute({
        summary: 'The same trouble together, and what was closed by evidence',
        tags: ['exceptions'],
        responses: json(
          z.object({
            groups: z.array(groupSchema),
            counts: z.array(z.object({ state: z.string(), source: z.string(), n: z.number().int() })),
          }),
          'Groups, most first.',
        ),
      }),
      requires('view'),
      validator('query', z.object({ q: z.string().max(500).default('is:waiting') }), invalid),
      (c) =>
        c.json({
          groups: control.exceptionGroups(500, termsOf(c.req.valid('query').q, c.get('caller'))).map(groupView),
          counts: control.exceptionCounts(),
        }),
    )
    .get(
      '/:id',
      describeRoute({ summary: 'One exception', tags: ['exceptions'], responses: json(exceptionSchema, 'It.') }),
      requires('view'),
      (c) => c.json(view(find(c.req.param('id')))),
    )
    .post(
      '/',
      describeRoute({
        summary: 'Push dead letters and failed transformations',
        tags: ['exceptions'],
        responses: json(z.object({ taken: z.number().int(), new: z.number().int() }), 'How many were taken.'),
      }),
      requires('operate'),
      validator('json', z.union([pushed, z.array(pushed).min(1).max(1000)]), invalid),
      async (c) => {
        const body = c.req.valid('json')
        const told = (Array.isArray(body) ? body : [body]).map((p): Told => ({
          ...{
            source: p.source,
            sourceKey: p.id,
            reason: p.reason,
            platform: p.platform ?? null,
            target: p.target ?? null,
          },
          ...{ kind: p.kind ?? null, recordId: p.record_id ?? null, eventId: p.event_id ?? null },
          ...{ correlationId: p.correlation_id ?? null, eventAt: p.occurred_at ? Date.parse(p.occurred_at) : null },
          ...{ payload: p.payload, exchange: p.exchange, money: p.money ?? null, currency: p.currency ?? null },
          ...(p.status !== undefined && { status: p.status }),
          ...(p.class && { class: p.class }),
          ...(p.priority && { priority: p.priority }),
          ...(p.team && { ownerTeam: p.team }),
          ...(p.via && { via: p.via }),
          ...(p.run && { run: p.run }),
        }))
        const rows = (await placed(ctx, told)).map((t) => completed(ctx, desk.reach, t))
        const fresh = control.putExceptions(rows, clock.now())
        live.publish({ type: 'exceptions', at: iso(clock.now()), open: fresh })
        return c.json({ taken: rows.length, new: fresh })
      },
    )
    .post(
      '/:id/assign',
      describeRoute({
        summary: 'Give it to a team or person',
        tags: ['exceptions'],
        responses: json(exceptionSchema, 'It.'),
      }),
      requires('operate'),
      validator(
        'json',
        z.strictObject({
          team: z.string().max(100).nullable().optional(),
          person: z.email().nullable().optional(),
          priority: z.enum(PRIORITIES).optional(),
        }),
        invalid,
      ),
      (c) => {
        const { team, person, priority } = c.req.valid('json')
        const { id } = find(c.req.param('id')!)
        control.workException(
          id,
          {
            ...(team !== undefined && { ownerTeam: team }),
            ...(person !== undefined && { ownerPerson: person }),
            ...(priority && { priority }),
          },
          by(c, 'assigned'),
        )
        return c.json(view(find(String(id))))
      },
    )
    .post(
      '/:id/close',
      describeRoute({
        summary: 'Close it by hand, with a reason; it counts as closed by a person, not by evidence',
        tags: ['exceptions'],
        responses: json(exceptionSchema, 'It.'),
      }),
      requires('operate'),
      validator('json', z.strictObject({ reason }), invalid),
      (c) => {
        const { id } = find(c.req.param('id')!)
        const { user } = c.get('caller')
        control.workException(
          id,
          {
            ...{ state: 'resolved', resolvedAt: clock.now(), resolvedBy: user.email || user.name, nextAt: null },
            evidence: c.req.valid('json').reason,
          },
          by(c, 'closed'),
        )
        return c.json(view(find(String(id))))
      },
    )
}
