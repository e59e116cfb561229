/** Health: alive, ready, and the metrics page. Open to everybody who can reach the port; says nothing about data. */
import { Hono } from 'hono'
import type { Runtime } from '../runtime.ts'
import type { Telemetry } from '../telemetry.ts'
import type { GuardEnv } from './guard.ts'

/** A store that does not answer within this time is not ready. */
const READY_MS = 2_000

export function healthRoutes({ ctx }: Runtime, telemetry: Telemetry | null) {
  return new Hono<GuardEnv>()
    .get('/healthz', (c) => c.json({ alive: true }))
    .get('/readyz', async (c) => {
      const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), READY_MS).unref())
      const answer = await Promise.race([
        ctx.facts.query('select 1 as one').then(
          () => 'ok' as const,
          () => 'failed' as const,
        ),
        late,
      ])
      return c.json({ ready: answer === 'ok', facts: answer }, answer === 'ok' ? 200 : 503)
    })
    .get('/metrics', async (c) => {
      if (!telemetry) return c.text('', 200)
      return c.body(await telemetry.metricsPage(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
    })
}
