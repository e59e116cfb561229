/** Deliveries: every message with its attempts, sending again, and the channels themselves. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { OUTBOX_KINDS, OUTBOX_STATES } from '../../model/message.ts'
import { enable } from '../deliver/health.ts'
import { trialMessage } from '../deliver/trial-message.ts'
import { PlumblineError } from '../errors.ts'
import { messageMail } from '../mail/message-mail.ts'
import { originOf } from '../origin.ts'
import type { Runtime } from '../runtime.ts'
import { attemptSchema, attemptView, messageSchema, messageView } from './alert-views.ts'
import { actorOf } from './decisions.ts'
import { requires, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

const logQuery = z.object({
  issue: z.string().optional().describe('I-<number>, or any other reference.'),
  channel: z.string().optional(),
  recipient: z.string().optional(),
  kind: z.enum(OUTBOX_KINDS).optional(),
  state: z.enum(OUTBOX_STATES).optional(),
  before: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
const againBody = z.union([
  z.strictObject({ ids: z.array(z.string()).min(1).max(1000) }),
  z.strictObject({
    channel: z.string(),
    since: z.iso.datetime({ offset: true }).describe('Everything that died since.'),
  }),
])

export function deliveryRoutes({ ctx, courier }: Pick<Runtime, 'ctx' | 'courier'>) {
  const { control, clock, config } = ctx
  const channelOf = (name: string) => {
    if (!config.channels[name])
      throw new PlumblineError('not_found', `There is no channel "${name}".`, {
        remedy: `Configured: ${Object.keys(config.channels).join(', ') || 'none'}.`,
      })
    return name
  }
  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Messages, newest first',
        tags: ['deliveries'],
        responses: json(z.object({ messages: z.array(messageSchema) }), 'With their state and the last answer.'),
      }),
      requires('view'),
      validator('query', logQuery, invalid),
      (c) => {
        const { issue, channel, recipient, kind, state, before, limit } = c.req.valid('query')
        const rows = control.outbox({
          ...(issue !== undefined && { ref: issue }),
          ...(channel !== undefined && { channel }),
          ...(recipient !== undefined && { recipient }),
          ...(kind !== undefined && { kind }),
          ...(state !== undefined && { states: [state] }),
          ...(before !== undefined && { before: Date.parse(before) }),
          limit,
        })
        return c.json({ messages: rows.map(messageView) })
      },
    )
    .get(
      '/:id',
      describeRoute({
        summary: 'One message: what it said, and every attempt',
        tags: ['deliveries'],
        responses: json(
          z.object({
            message: messageSchema,
            attempts: z.array(attemptSchema),
            subject: z.string(),
            text: z.string(),
            html: z.string(),
          }),
          'The message as mail, in text and HTML, and its attempts.',
        ),
      }),
      requires('view'),
      (c) => {
        const row = control.outboxRow(c.req.param('id')!)
        if (!row)
          throw new PlumblineError('not_found', 'There is no such message.', {
            remedy: 'The list shows those that are kept.',
          })
        const { subject, text, html } = messageMail(row.message)
        return c.json({
          message: messageView(row),
          attempts: control.deliveriesOf(row.id).map(attemptView),
          subject,
          text,
          html,
        })
      },
    )
    .get(
      '/:id/mail',
      describeRoute({
        summary: 'One message as the mail that it is',
        tags: ['deliveries'],
        responses: { 200: { description: 'HTML in a sandbox: nothing in it runs or is loaded.' } },
      }),
      requires('view'),
      (c) => {
        const row = control.outboxRow(c.req.param('id')!)
        if (!row) throw new PlumblineError('not_found', 'There is no such message.')
        return c.html(messageMail(row.message).html, 200, {
          'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
        })
      },
    )
    .post(
      '/again',
      describeRoute({
        summary: 'Send again: single messages, or everything that died on a channel since an instant',
        tags: ['deliveries'],
        responses: json(z.object({ waiting: z.number().int() }), 'How many wait again.'),
      }),
      requires('operate'),
      validator('json', againBody, invalid),
      (c) => {
        const asked = c.req.valid('json')
        const now = clock.now()
        const what =
          'ids' in asked ? { ids: asked.ids } : { channel: channelOf(asked.channel), since: Date.parse(asked.since) }
        const waiting = control.transaction(() => {
          const n = control.redeliver(what, now)
          control.audit({
            at: now,
            actor: actorOf(c),
            action: 'delivery.again',
            object: what.channel ?? 'messages',
            detail: { ...what, n },
          })
          return n
        })
        return c.json({ waiting })
      },
    )
    .post(
      '/channels/:name/test',
      describeRoute({
        summary: 'Send a test over a channel, and say what came of it',
        tags: ['deliveries'],
        responses: json(
          z.object({ message: messageSchema, attempts: z.array(attemptSchema) }),
          'The message and its attempt.',
        ),
      }),
      requires('operate'),
      validator('json', z.strictObject({ recipient: z.string().optional() }), invalid),
      async (c) => {
        const name = channelOf(c.req.param('name')!)
        const asked = c.req.valid('json').recipient
        const found = Object.entries(config.recipients).find(([key, r]) =>
          asked === undefined ? r.channel === name : key === asked,
        )
        if (!found)
          throw new PlumblineError(
            'not_found',
            asked === undefined ? `No recipient uses the channel ${name}.` : `There is no recipient "${asked}".`,
            {
              remedy: 'Add one under recipients.',
            },
          )
        const [recipient, { address, language }] = found
        const now = clock.now()
        const dedupe = `test/${name}/${recipient}/${now}/${control.next('test')}`
        control.transaction(() => {
          control.addOutbox([
            {
              dedupe,
              kind: 'test',
              refs: [`channel/${name}`],
              channel: name,
              recipient,
              address: address ?? '',
              message: trialMessage(language, name, actorOf(c), originOf(config)),
              createdAt: now,
            },
          ])
          control.audit({ at: now, actor: actorOf(c), action: 'channel.tested', object: name })
        })
        await courier.drain(name)
        const row = control.outboxByDedupe(dedupe)!
        return c.json({ message: messageView(row), attempts: control.deliveriesOf(row.id).map(attemptView) })
      },
    )
    .post(
      '/channels/:name/enable',
      describeRoute({
        summary: 'Switch a channel on again',
        tags: ['deliveries'],
        responses: json(z.object({ enabled: z.boolean() }), 'It is on.'),
      }),
      requires('operate'),
      (c) => {
        enable(ctx, channelOf(c.req.param('name')!), actorOf(c))
        return c.json({ enabled: true })
      },
    )
}
