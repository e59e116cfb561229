/**
 * Courier: the middleware's alerts in the demo. What its log file tells within the hour, it also sends at once where a change was
 * refused: a signed delivery to /hooks/<platform>, as an integration platform's error handler does.
 */
import { createHmac } from 'node:crypto'
import type { Bus } from './company/bus.ts'

export const ALERTS = 'middleware-alerts'

/** The platform entry that takes the alerts. */
export const alertsPlatform = (secret: string) => ({
  connector: 'webhook',
  role: 'middleware',
  title: 'Integration alerts',
  config: {
    signature: {
      scheme: 'hmac',
      header: 'x-signature',
      content: '{timestamp}.{body}',
      timestamp: { header: 'x-timestamp' },
      secrets: [secret],
    },
    // The bus writes our own words: no rule is needed.
    id: '/id',
  },
})

export interface Courier {
  /** Sends what was refused since the last time; what is not acknowledged is sent again. */
  deliver(now: number): Promise<number>
}

export function courier(bus: Bus, url: string, secret: string, since: number): Courier {
  let through = since
  const waiting = new Map<string, string>()
  return {
    async deliver(now) {
      for (const event of bus.events(through, now))
        if (event.type === 'rejected')
          waiting.set(event.id, JSON.stringify({ ...event, id: `alert/${event.id}`, reported_by: ALERTS }))
      through = Math.max(through, now)
      let sent = 0
      for (const [id, body] of waiting) {
        const stamp = String(Math.floor(now / 1000))
        const signature = createHmac('sha256', secret).update(`${stamp}.${body}`).digest('hex')
        const headers = { 'content-type': 'application/json', 'x-timestamp': stamp, 'x-signature': signature }
        const reply = await fetch(`${url}/hooks/${ALERTS}`, { method: 'POST', headers, body }).catch(() => null)
        // A server that is busy or away keeps nothing: the rest waits for the next time.
        if (reply?.status !== 200) break
        waiting.delete(id)
        sent++
      }
      return sent
    },
  }
}
