/** Health: alive, ready, and the metrics page. Open to everybody who can reach the port; says nothing about data. */
import { Hono } from 'hono'
import type { IntakeState } from '../intake/intake.ts'
import type { Runtime } from '../runtime.ts'
import type { Telemetry } from '../telemetry.ts'
import type { GuardEnv } from './guard.ts'

/** Figures without data: a load balancer may ask, and so may anybody else. */
function intakeHealth({ depth, bytes, maxBytes, oldestAt, failure, ack }: IntakeState, now: number) {
  return {
    accepting: failure === null && bytes < maxBytes,
    waiting: depth,
    bytes,
    oldest_seconds: oldestAt === null ? 0 : Math.max(0, Math.round((now - oldestAt) / 1000)),
    ack_ms: ack && { p50: Math.round(ack.p50 * 10) / 10, p99: Math.round(ack.p99 * 10) / 10 },
  }
}

/** A store that does not answer within this time is not ready. */
const READY_MS = 2_000

export function healthRoutes({ ctx, intake }: Runtime, telemetry: Telemetry | null) {
  return new Hono<GuardEnv>()
    .get('/healthz', (c) =>
      c.json({ alive: true, ...(intake && { intake: intakeHealth(intake.state(), ctx.clock.now()) }) }),
    )
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
