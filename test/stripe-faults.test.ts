/** Stripe in trouble: throttles, broken answers, lost page anchors, rows that cannot be mapped, refused keys. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Connector } from '../connectors/contract.ts'
import shipped from '../connectors/stripe/connector.ts'
import { stripe } from '../lab/platforms/stripe.ts'
import type { Simulator } from '../lab/platform.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const NOW = Date.parse('2026-11-20T12:00:00Z')
const DAY = 86_400_000
let open: Simulated[] = []

async function account(
  simulator: Simulator = stripe,
  config?: (c: Record<string, unknown>) => Record<string, unknown>,
): Promise<Simulated> {
  const made = await simulated(simulator, connector, config ? { config } : {})
  open.push(made)
  return made
}
afterEach(async () => {
  for (const made of open) await made.stop()
  open = []
})

const many = (s: Simulated, count: number) =>
  Array.from(
    { length: count },
    (_, n) =>
      s.put({
        kind: 'customer',
        id: stripe.id('customer', n),
        fields: { name: `Customer ${n}`, currency: 'EUR' },
        createdAt: NOW - 10 * DAY,
        changedAt: NOW - 10 * DAY,
      }).id,
  )

describe('when Stripe does not answer as it should', () => {
  it('waits out a throttle for as long as it is told, and tries again after a broken answer', async () => {
    const s = await account()
    many(s, 5)
    s.meet((_, n) =>
      n === 2
        ? { kind: 'throttle', retryAfterSeconds: 7 }
        : n === 3
          ? { kind: 'truncated' }
          : n === 4
            ? { kind: 'hang' }
            : n === 5
              ? { kind: 'error', status: 500 }
              : null,
    )
    expect(ids(await s.read('customers'))).toHaveLength(5)
    expect(s.now()).toBeGreaterThanOrEqual(NOW + 7_000)
  })
  it('quarantines a row that cannot be mapped and reads the others', async () => {
    const s = await account()
    many(s, 40)
    s.meet((request) => (request.path === '/v1/customers' ? { kind: 'poison', recordIndex: 11 } : null))
    const pages = await s.read('customers')
    const stream = await s.stream('customers')
    const refused = pages
      .flatMap((p) => p.rows)
      .filter((row) => {
        try {
          stream.map(row, s.context())
          return false
        } catch (error) {
          expect((error as Error).message).toBe('created is no time in Unix seconds')
          return true
        }
      })
    expect([pages.flatMap((p) => p.rows).length, refused.length]).toEqual([40, 1])
  })
  it('finds its place again when the page cursor is no longer known', async () => {
    const s = await account()
    const all = many(s, 250)
    let expired = false
    s.meet((request) => {
      const third = s.seen.filter((r) => r.path === '/v1/customers').length === 3
      if (request.path === '/v1/customers' && third && !expired) {
        expired = true
        return { kind: 'expired_cursor' }
      }
      return null
    })
    expect(new Set(ids(await s.read('customers')))).toEqual(new Set(all))
    expect(expired).toBe(true)
  })
  it('names the request, the refused key and never the key itself', async () => {
    const s = await account(stripe, (c) => ({ ...c, key: 'rk_live_wrong' }))
    const failure = await s.read('customers').catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'auth',
      message: expect.stringMatching(/the key is refused: Invalid API Key.*\(request req_/),
    })
    expect(JSON.stringify([String(failure), s.logged])).not.toContain('rk_live_wrong')
  })
  it('asks for a connected account that the key may not see and says so', async () => {
    const s = await account(stripe, (c) => ({ ...c, account: 'acct_other' }))
    await expect(s.read('customers')).rejects.toMatchObject({
      code: 'auth',
      message: expect.stringContaining('account_invalid'),
    })
  })
  it('tries a lock again and leaves alone what Stripe says not to retry', () => {
    const said = (status: number, code: string, headers: Record<string, string> = {}) => {
      const text = JSON.stringify({ error: { type: 'invalid_request_error', code, message: 'no rk_live_secret here' } })
      return shipped.errors!({ status, headers, text, json: () => JSON.parse(text) as unknown }, undefined as never)
    }
    expect(said(429, 'lock_timeout')).toMatchObject({ code: 'upstream', retryable: true })
    expect(said(429, 'rate_limit', { 'stripe-rate-limited-reason': 'endpoint-rate' })).toMatchObject({
      code: 'rate_limited',
      message: expect.stringContaining('endpoint-rate'),
    })
    expect(said(500, 'api', { 'stripe-should-retry': 'false' })).toMatchObject({ code: 'upstream', retryable: false })
    expect(said(409, 'idempotency', { 'stripe-should-retry': 'true', 'request-id': 'req_9' })).toMatchObject({
      code: 'upstream',
      retryable: true,
      message: expect.stringContaining('req_9'),
    })
    expect(JSON.stringify(said(400, 'parameter_unknown'))).not.toContain('rk_live_secret')
  })
})
