/** Live events as one SSE stream. A reconnecting page says what it saw last and gets what it missed. */
import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { streamSSE } from 'hono/streaming'
import type { LiveEvent } from '../live.ts'
import type { Runtime } from '../runtime.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'

/** Keeps proxies from closing a quiet stream, and the session of an open page alive. */
const PING_MS = 25_000

export function liveRoutes({ ctx, live }: Runtime) {
  return new Hono<GuardEnv>().get(
    '/',
    describeRoute({
      summary: 'What just happened, as server-sent events',
      description: 'Events carry no data. `reset` means that events were missed: read everything again.',
      tags: ['live'],
      responses: {
        200: { description: 'A stream of events.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
      },
    }),
    requires('view'),
    (c) => {
      const caller = c.get('caller') as Caller
      const seen = Number(c.req.header('last-event-id') ?? 'NaN')
      return streamSSE(c, async (stream) => {
        const write = (event: LiveEvent, id: number) =>
          stream.writeSSE({ id: String(id), event: event.type, data: JSON.stringify(event) })
        let gone = false
        stream.onAbort(() => void (gone = true))
        if (!Number.isNaN(seen)) {
          const missed = live.since(seen)
          if (missed === null) await stream.writeSSE({ event: 'reset', data: '{}' })
          for (const { event, id } of missed ?? []) await write(event, id)
        }
        const stop = live.subscribe((event, id) => void write(event, id).catch(() => void (gone = true)))
        try {
          while (!gone && !ctx.signal.aborted) {
            await stream.writeSSE({ event: 'ping', data: '{}' })
            if (caller.session) {
              const session = ctx.control.session(caller.session.id)
              // Signed out, disabled or expired elsewhere: the stream ends with the session.
              if (!session || session.absoluteUntil <= ctx.clock.now()) break
              ctx.control.touchSession(session.id, ctx.clock.now())
            }
            await stream.sleep(PING_MS)
          }
        } finally {
          stop()
        }
      })
    },
  )
}
