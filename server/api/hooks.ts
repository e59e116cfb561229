/** Doors: where platforms and integrations send to. Each has its own way to prove who sends; no cookie opens any of them. */
import { Hono, type Context as HonoContext } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { PlumblineError } from '../errors.ts'
import { isCloudEvent, type Answer } from '../intake/accept.ts'
import type { Intake } from '../intake/intake.ts'
import type { Runtime } from '../runtime.ts'
import { identifies, requires, type GuardEnv, type GuardOptions } from './guard.ts'
import { receive } from './hook-request.ts'

/** Registered before the limits of the API: a delivery may be larger, and is answered before anything else is done. */
export function doorRoutes(runtime: Runtime, guard: GuardOptions) {
  const { ctx } = runtime
  const most = Math.round(ctx.config.intake.body_mb * 1024 * 1024)
  const token = [byToken, identifies(guard), requires('operate')] as const
  const open = (): Intake | null => runtime.intake

  return new Hono<GuardEnv>()
    .all('/hooks/:platform/*', (c) => hook(c))
    .options('/v1/events', async (c) => {
      const intake = open()
      const received = await receive(c, { below: '/v1/events', most })
      return 'refused' in received || !intake ? closed() : reply(intake.greet(received.request))
    })
    .post('/v1/traces', ...token, async (c) => {
      const intake = open()
      if (!intake) return closed()
      const received = await receive(c, { below: '/v1/traces', most, unpack: true })
      return reply('refused' in received ? received.refused : await intake.traces(received.request))
    })
    .post('/v1/events', async (c, next) => {
      // Events in our own words are taken by the API, at once.
      if (!isCloudEvent({ headers: headersOf(c) })) return next()
      const intake = open()
      for (const step of token) await step(c, async () => {})
      const received = await receive(c, { below: '/v1/events', most })
      if (!intake) return closed()
      return reply('refused' in received ? received.refused : await intake.cloudEvents(received.request))
    })

  async function hook(c: HonoContext): Promise<Response> {
    const intake = open()
    if (!intake) return closed()
    const platform = c.req.param('platform') ?? ''
    // Traces come packed, and no signature covers them.
    const unpack = c.req.path.endsWith('/v1/traces')
    const received = await receive(c, { below: `/hooks/${platform}`, most, unpack })
    return reply('refused' in received ? received.refused : await intake.hook(platform, received.request))
  }
}

/** A session is for the dashboard: it travels by itself, and must open no door that other programs send to. */
const byToken = createMiddleware<GuardEnv>(async (c, next) => {
  if (!c.req.header('authorization'))
    throw new PlumblineError('auth', 'A token is missing.', { remedy: 'Send authorization: Bearer and an API token.' })
  await next()
})

function headersOf(c: HonoContext): Record<string, string> {
  const version = c.req.header('ce-specversion')
  return {
    'content-type': c.req.header('content-type') ?? '',
    ...(version !== undefined && { 'ce-specversion': version }),
  }
}

const closed = () => new Response('', { status: 503, headers: { 'retry-after': '5' } })

function reply({ status, headers, body }: Answer): Response {
  return new Response(body as BodyInit, { status: status as ContentfulStatusCode, headers })
}
