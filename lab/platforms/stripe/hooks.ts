/** Events that the simulated account sends by itself, signed as Stripe signs them. */
import { createHmac } from 'node:crypto'
import type { HookSender, HookTrouble } from '../../hooks.ts'
import { createHooks } from '../../hooks.ts'
import type { PlatformState } from '../../platform.ts'
import { eventsFor } from './events.ts'
import { PLANS } from './plans.ts'

export const STRIPE_WEBHOOK_SECRET = 'whsec_lab_signing_secret'

export function signed(body: string, atMs: number, secrets: readonly string[] = [STRIPE_WEBHOOK_SECRET]): string {
  const t = Math.floor(atMs / 1000)
  const each = secrets.map((secret) => `v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`)
  return [`t=${t}`, ...each, 'v0=0000'].join(',')
}

export function stripeHooks(state: PlatformState, url: string, trouble?: HookTrouble): HookSender {
  const written = (record: Parameters<typeof eventsFor>[0]) => {
    const event = eventsFor(record).at(-1)
    if (!event) return null
    const body = JSON.stringify(event)
    return { headers: { 'content-type': 'application/json', 'stripe-signature': signed(body, state.now()) }, body }
  }
  return createHooks(state, Object.keys(PLANS), url, written, trouble)
}
