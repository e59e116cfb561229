/** Intake for people: which platforms send to us, what came of it, what waits, and what was put aside. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import { ASIDE } from '../intake/aside.ts'
import { receivers } from '../intake/receivers.ts'
import type { Runtime } from '../runtime.ts'
import type { HookCount } from '../store/control/intake.ts'
import { quarantine } from '../store/facts/quarantine.ts'
import { requires, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'
import { quarantineSchema, quarantineView } from './quarantine.ts'

const hookSchema = z
  .object({
    platform: z.string().describe('Empty for the doors of standards.'),
    title: z.string(),
    url: z.string().describe('What to enter at the sender.'),
    standard: z.enum(['cloudevents', 'traces']).nullable(),
    last_received_at: z.string().nullable(),
    signed: z.number().int().describe('Deliveries with a signature over their bytes.'),
    token: z.number().int().describe('Deliveries with a secret in a header, which does not cover their bytes.'),
    unsigned: z.number().int().describe('Deliveries that nobody proves: hints only.'),
    again: z.number().int().describe('Deliveries that were known.'),
    differs: z.number().int().describe('Deliveries with a known id and other content; both are kept.'),
    unread: z.number().int().describe('Deliveries that were put aside, since counting began.'),
    aside: z.number().int().describe('Deliveries that are put aside now.'),
    handshake_at: z.string().nullable(),
    refused: z.array(z.object({ reason: z.string(), n: z.number().int(), last_at: z.string() })),
  })
  .meta({ id: 'Hook' })
export type HookView = z.output<typeof hookSchema>

const intakeSchema = z
  .object({
    accepting: z.boolean(),
    says: z.string().nullable().describe('Why nothing is accepted, or why what was accepted waits.'),
    waiting: z.number().int().describe('Deliveries in the spool.'),
    bytes: z.number().int(),
    limit_bytes: z.number().int(),
    oldest_at: z.string().nullable(),
    hints: z.number().int().describe('Records that wait to be read again.'),
    ack: z.object({ p50: z.number(), p99: z.number(), n: z.number().int() }).nullable().describe('Milliseconds.'),
    hooks: z.array(hookSchema),
    aside: z.array(quarantineSchema.extend({ id: z.string() })),
  })
  .meta({ id: 'Intake' })

const ASIDE_MAX = 200

export function intakeRoutes(runtime: Runtime, origin: string) {
  const { ctx } = runtime
  const open = () => {
    if (!runtime.intake)
      throw new PlumblineError('not_found', 'This process takes no deliveries.', { remedy: 'Ask the running server.' })
    return runtime.intake
  }
  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'What is sent to us, and what came of it',
        tags: ['intake'],
        responses: {
          200: { description: 'Intake.', content: { 'application/json': { schema: resolver(intakeSchema) } } },
        },
      }),
      requires('view'),
      async (c) => {
        const state = open().state()
        const rows = (await quarantine(ctx.facts, { state: 'open' }, 500)).filter((r) => r.stream === ASIDE)
        const full = state.bytes >= state.maxBytes
        return c.json({
          accepting: state.failure === null && !full,
          says: state.failure ?? (full ? 'The spool is full.' : state.stuck),
          waiting: state.depth,
          bytes: state.bytes,
          limit_bytes: state.maxBytes,
          oldest_at: state.oldestAt === null ? null : iso(state.oldestAt),
          hints: state.hints,
          ack: state.ack,
          hooks: hookViews(
            ctx,
            origin,
            open().counts(),
            (platform) => rows.filter((r) => r.platform === platform).length,
          ),
          aside: rows.slice(0, ASIDE_MAX).map((r) => ({ id: r.record_id, ...quarantineView(r) })),
        })
      },
    )
    .post(
      '/replay',
      describeRoute({
        summary: 'Read again what was put aside',
        tags: ['intake'],
        responses: {
          200: {
            description: 'How many deliveries came back.',
            content: { 'application/json': { schema: resolver(z.object({ replayed: z.number().int() })) } },
          },
        },
      }),
      requires('operate'),
      validator(
        'json',
        z.strictObject({ platform: z.string().max(100), ids: z.array(z.string().max(100)).max(500).optional() }),
        invalid,
      ),
      async (c) => {
        const { platform, ids } = c.req.valid('json')
        const replayed = await open().replay({ platform, ...(ids && { ids }) })
        ctx.control.audit({
          at: ctx.clock.now(),
          actor: c.get('caller').user.id,
          action: 'asked for deliveries to be read again',
          object: `platform ${platform}`,
          detail: { replayed },
        })
        return c.json({ replayed })
      },
    )
}

/** One row a platform that takes deliveries, and one for each door of a standard that somebody used. */
export function hookViews(
  ctx: Runtime['ctx'],
  origin: string,
  counts: readonly HookCount[],
  aside: (platform: string) => number,
): HookView[] {
  const rows = receivers(ctx).map(({ platform, receiver }) => ({
    platform,
    title: ctx.config.platforms[platform]?.title ?? platform,
    url: `${origin}/hooks/${platform}${receiver.standard === 'traces' ? '/v1/traces' : ''}`,
    standard: receiver.standard ?? null,
  }))
  return rows.map((row) => {
    const mine = counts.filter((k) => k.platform === row.platform)
    const total = (outcome: HookCount['outcome']) =>
      mine.filter((k) => k.outcome === outcome).reduce((sum, k) => sum + k.n, 0)
    const last = (outcomes: readonly HookCount['outcome'][]) => {
      const at = mine.filter((k) => outcomes.includes(k.outcome)).map((k) => k.lastAt)
      return at.length === 0 ? null : iso(Math.max(...at))
    }
    return {
      ...row,
      last_received_at: last(['signed', 'token', 'unsigned', 'again']),
      signed: total('signed'),
      token: total('token'),
      unsigned: total('unsigned'),
      again: total('again'),
      differs: total('differs'),
      unread: total('unread'),
      aside: aside(row.platform),
      handshake_at: last(['handshake']),
      refused: mine
        .filter((k) => k.outcome === 'refused')
        .map((k) => ({ reason: k.reason, n: k.n, last_at: iso(k.lastAt) })),
    }
  })
}
