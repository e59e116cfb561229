/** Reading Stripe: first load, changes by events, the sweep, and everything that may happen on the way. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Connector, Page } from '../connectors/contract.ts'
import shipped from '../connectors/stripe/connector.ts'
import { stripe, stripeAccount, STRIPE_KEY } from '../lab/platforms/stripe.ts'
import type { Simulator } from '../lab/platform.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const NOW = Date.parse('2026-11-20T12:00:00Z')
const MINUTE = 60_000
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

const put = (s: Simulated, n: number, more: Record<string, unknown> = {}) =>
  s.put({ kind: 'customer', id: stripe.id('customer', n), fields: { name: `Customer ${n}`, currency: 'EUR' }, ...more })
const many = (s: Simulated, count: number, createdAt = NOW - 10 * DAY) =>
  Array.from({ length: count }, (_, n) => put(s, n, { createdAt, changedAt: createdAt }).id)
const gone = (pages: Page[]) => pages.flatMap((p) => (p.deleted ?? []).map((d) => d.id))

describe('the first load', () => {
  it('reads 1,200 rows of one second completely, and goes on from any page that it was stopped at', async () => {
    const s = await account()
    const all = many(s, 1_200)
    const pages = await s.read('customers')
    expect(new Set(ids(pages))).toEqual(new Set(all))
    expect(ids(pages)).toHaveLength(1_200)
    const before = pages.slice(0, 4)
    const after = await s.read('customers', lastCursor(before))
    expect([...ids(before), ...ids(after)].sort()).toEqual([...all].sort())
  })
  it('ends complete through Stripe’s own clock less the lag, and the next run reads only what changed', async () => {
    const s = await account()
    many(s, 3)
    const pages = await s.read('customers')
    expect(pages.at(-1)!.completeThrough).toBe(NOW - 60_000)
    const cursor = lastCursor(pages)
    expect(cursor).toEqual({ through: NOW / 1000 })
    s.set(NOW + 10 * MINUTE)
    put(s, 1, { fields: { name: 'Renamed', currency: 'EUR' }, changedAt: NOW + 5 * MINUTE })
    const next = await s.read('customers', cursor)
    expect(ids(next)).toEqual([stripe.id('customer', 1)])
    const [record] = await s.mapped('customers', next)
    expect(record).toMatchObject({ changed_at: '2026-11-20T12:05:00Z', fields: { name: 'Renamed' } })
  })
  it('knows from the events when a listed object changed lately, and from its own stamps otherwise', async () => {
    const s = await account()
    put(s, 1, { createdAt: NOW - 9 * DAY, changedAt: NOW - 20 * MINUTE })
    put(s, 2, { createdAt: NOW - 9 * DAY, changedAt: NOW - 8 * DAY })
    const found = await s.mapped('customers', await s.read('customers'))
    expect(Object.fromEntries(found.map((r) => [r.record_id, r.changed_at]))).toEqual({
      [stripe.id('customer', 1)]: '2026-11-20T11:40:00Z',
      [stripe.id('customer', 2)]: '2026-11-11T12:00:00Z',
    })
  })
  it('takes the list up again when the row that it stood on is deleted meanwhile', async () => {
    const s = await account()
    const all = many(s, 250)
    s.meet((request) => {
      // Between the second and the third page of the list.
      if (s.seen.filter((r) => r.path === '/v1/customers').length === 3 && request.path === '/v1/customers') {
        for (const id of ids(read)) if (id) s.put({ kind: 'customer', id, deletedAt: NOW, changedAt: NOW })
      }
      return null
    })
    const read: Page[] = []
    const stream = await s.stream('customers')
    for await (const page of stream.read(s.context(), null)) read.push(page)
    expect(new Set(ids(read))).toEqual(new Set(all))
    expect(gone(read)).toHaveLength(200)
  })
})

describe('changes', () => {
  it('fetch every object as it is now, once, however many events it had', async () => {
    const s = await account()
    const cursor = lastCursor(await s.read('customers'))
    s.set(NOW + 30 * MINUTE)
    put(s, 7, { createdAt: NOW + 10 * MINUTE, changedAt: NOW + 20 * MINUTE })
    s.seen.length = 0
    const pages = await s.read('customers', cursor)
    expect(ids(pages)).toEqual([stripe.id('customer', 7)])
    expect(s.seen.map((r) => r.path)).toEqual(['/v1/events', `/v1/customers/${stripe.id('customer', 7)}`])
  })
  it('find a row that moves while pages are read in this run or the next', async () => {
    const s = await account()
    many(s, 150)
    let moved = false
    s.meet((request) => {
      if (request.path === '/v1/customers' && !moved) {
        moved = true
        put(s, 149, { fields: { name: 'Moved', currency: 'EUR' }, createdAt: NOW - 10 * DAY, changedAt: NOW })
      }
      return null
    })
    const pages = await s.read('customers')
    s.set(NOW + MINUTE)
    const next = await s.read('customers', lastCursor(pages))
    const records = await s.mapped('customers', [...pages, ...next])
    expect(records.filter((r) => r.record_id === stripe.id('customer', 149)).at(-1)!.fields['name']).toBe('Moved')
  })
  it('find what became visible late, as long as it is within the lag', async () => {
    const s = await account()
    const cursor = lastCursor(await s.read('customers'))
    put(s, 3, { createdAt: NOW - 30_000, changedAt: NOW - 30_000, visibleAt: NOW + 20_000 })
    s.set(NOW + MINUTE)
    expect(ids(await s.read('customers', cursor))).toEqual([stripe.id('customer', 3)])
  })
  it('read more events than fit into one window in narrower ones, each with its own place to go on from', async () => {
    const s = await account()
    const cursor = lastCursor(await s.read('customers'))
    for (let n = 0; n < 1_250; n++) put(s, n, { createdAt: NOW + n * 900, changedAt: NOW + n * 900 })
    s.set(NOW + 30 * MINUTE)
    const pages = await s.read('customers', cursor)
    expect(new Set(ids(pages)).size).toBe(1_250)
    const places = pages.filter((p) => p.cursor)
    expect(places.length).toBeGreaterThan(1)
    const before = pages.slice(0, pages.indexOf(places.at(-2)!) + 1)
    const rest = await s.read('customers', places.at(-2)!.cursor!)
    expect(new Set([...ids(before), ...ids(rest)]).size).toBe(1_250)
  })
  it('say what was deleted: by the event, by an answer that it is gone, or by the sweep where Stripe tells nothing', async () => {
    const s = await account()
    put(s, 1, { createdAt: NOW - DAY, changedAt: NOW - DAY })
    s.put({
      kind: 'payment',
      id: stripe.id('payment', 1),
      state: 'succeeded',
      fields: { amount: '10', currency: 'EUR' },
      createdAt: NOW - DAY,
      changedAt: NOW - DAY,
    })
    const cursor = lastCursor(await s.read('customers'))
    const paid = lastCursor(await s.read('payments'))
    s.set(NOW + 10 * MINUTE)
    put(s, 1, { createdAt: NOW - DAY, deletedAt: NOW + 5 * MINUTE })
    put(s, 2, { createdAt: NOW + MINUTE, changedAt: NOW + 2 * MINUTE, deletedAt: NOW + 6 * MINUTE })
    const pages = await s.read('customers', cursor)
    expect(pages.flatMap((p) => p.deleted ?? [])).toEqual([
      { id: stripe.id('customer', 1), at: NOW + 5 * MINUTE },
      { id: stripe.id('customer', 2), at: NOW + 6 * MINUTE },
    ])
    s.put({ kind: 'payment', id: stripe.id('payment', 1), deletedAt: NOW + MINUTE })
    expect(gone(await s.read('payments', paid))).toEqual([])
    const sweep = await s.read('payments', null, 'full')
    expect([ids(sweep), sweep.at(-1)!.last]).toEqual([[], true])
  })
  it('a cancelled subscription is no deleted one', async () => {
    const s = await account()
    const id = stripe.id('subscription', 1)
    s.put({
      kind: 'subscription',
      id,
      state: 'cancelled',
      fields: {
        amount: '30',
        currency: 'EUR',
        interval: 'month',
        quantity: '3',
        started_on: '2026-01-01',
        cancelled_at: '2026-11-20T11:00:00.000Z',
      },
    })
    const pages = await s.read('subscriptions')
    expect(ids(pages)).toContain(id)
    expect((await s.mapped('subscriptions', pages))[0]).toMatchObject({
      status: 'canceled',
      fields: { amount: '30', quantity: '3', cancelled_at: '2026-11-20T11:00:00Z' },
    })
  })
})

describe('one record, the ping and the shape of the API', () => {
  it('one record is read as it is now; a deleted one is null', async () => {
    const s = await account()
    const { id } = put(s, 1)
    const stream = await s.stream('customers')
    expect(stream.map((await stream.one!(s.context(), id))!, s.context())).toMatchObject({
      record_id: id,
      changed_at: null,
      fields: { name: 'Customer 1' },
    })
    s.put({ kind: 'customer', id, deletedAt: NOW })
    expect(await stream.one!(s.context(), id)).toBeNull()
    expect(await stream.one!(s.context(), 'cus_unknown')).toBeNull()
    expect(stream.count).toBeUndefined()
  })
  it('the ping names the account, the clock and the permissions that the key lacks', async () => {
    expect(await shipped.ping((await account()).context() as never)).toEqual({
      account: 'Lab Billing (acct_lab)',
      clockSkewMs: 0,
    })
    const s = await account(stripeAccount({ denied: ['rak_invoice_read', 'rak_connected_account_read'] }))
    expect(await shipped.ping(s.context() as never)).toMatchObject({
      account: expect.stringContaining('unknown'),
      missingScopes: ['rak_invoice_read'],
    })
    await expect(s.read('invoices')).rejects.toMatchObject({
      code: 'auth',
      message: expect.stringContaining('lacks the permission rak_invoice_read'),
    })
    expect(s.logged.join()).not.toContain(STRIPE_KEY)
  })
  it('both shapes of the API give the same records, with the invoice of a payment asked for in the newer', async () => {
    const fields = { customer: stripe.id('customer', 1), currency: 'KWD' }
    const load = async (s: Simulated) => {
      s.put({
        kind: 'invoice',
        id: stripe.id('invoice', 1),
        state: 'open',
        fields: {
          ...fields,
          subscription: stripe.id('subscription', 1),
          number: 'I-1',
          total: '11.900',
          tax: '1.900',
          amount_due: '11.900',
          issued_on: '2026-11-01',
          due_on: '2026-11-30',
        },
      })
      s.put({
        kind: 'payment',
        id: stripe.id('payment', 1),
        state: 'refunded',
        fields: {
          ...fields,
          invoice: stripe.id('invoice', 1),
          amount: '11.900',
          method: 'card',
          received_at: '2026-11-19T10:00:00.000Z',
        },
      })
      s.put({
        kind: 'subscription',
        id: stripe.id('subscription', 1),
        state: 'past_due',
        fields: {
          ...fields,
          product: stripe.id('product', 1),
          amount: '33.334',
          quantity: '7',
          interval: 'quarter',
          started_on: '2026-11-01',
        },
      })
      const records = []
      for (const name of ['invoices', 'payments', 'subscriptions', 'invoice_lines', 'subscription_items'])
        records.push(...(await s.mapped(name, await s.read(name))))
      return records
    }
    const [old, young] = [
      await load(await account()),
      await load(await account(stripe, (c) => ({ ...c, api_version: '2025-03-31.basil', invoice_payments: true }))),
    ]
    const rounds = old.length / 5
    expect(rounds).toBeGreaterThanOrEqual(1)
    const told = (records: typeof old) =>
      records.map(({ record_id, fields: f, status }) => ({ record_id, status, ...f, unit_price: undefined }))
    expect(told(young)).toEqual(told(old))
    expect(old.find((r) => r.record_id.startsWith('in_'))!.fields).toMatchObject({
      total: '11.9',
      tax: '1.9',
      amount_due: '11.9',
      subscription: stripe.id('subscription', 1),
    })
    expect(old.find((r) => r.record_id.startsWith('pi_'))!.fields).toMatchObject({
      state: 'refunded',
      amount: '11.9',
      invoice: stripe.id('invoice', 1),
    })
    expect(old.find((r) => r.record_id.startsWith('sub_'))!.fields).toMatchObject({
      amount: '33.334',
      interval: 'quarter',
      quantity: '7',
    })
  })
})
