/** A simulated Shopify shop: reading that loses nothing, its bucket of points, what its version offers, and writing. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Connector } from '../connectors/contract.ts'
import { config as schema } from '../connectors/shopify/config.ts'
import shipped from '../connectors/shopify/connector.ts'
import { shopifyShop } from '../lab/platforms/shopify.ts'
import { idOf } from '../lab/platforms/shopify/plans.ts'
import type { ShopOptions } from '../lab/platforms/shopify/queries.ts'
import type { Acting } from './world/acting.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const NOW = Date.parse('2026-11-20T12:00:00Z')
const settings = (more: Record<string, unknown> = {}) =>
  schema.parse({ base_url: 'https://larkmoor.myshopify.com', auth: { flow: 'token', access_token: 'shpat' }, ...more })

describe('Shopify, read', () => {
  let s: Simulated
  const start = async (options: ShopOptions = {}, more: Record<string, unknown> = {}) =>
    (s = await simulated(shopifyShop(options), connector, { config: (own) => ({ ...own, ...more }) }))
  afterEach(() => s.stop())
  const order = (n: number, change = {}) =>
    s.put({
      kind: 'order',
      id: idOf('order', n),
      state: 'booked',
      fields: { number: `#${n}`, currency: 'EUR' },
      changedAt: NOW - 9e6,
      ...change,
    })

  it('loses no row that shares a stamp, nor one that moves while pages are turned, nor when the place is lost', async () => {
    await start()
    for (let n = 1; n <= 40; n++) order(n)
    const before = s.seen.length
    s.meet((_, n) => (n === before + 4 && order(1, { changedAt: NOW - 1000 }), null))
    const moved = await s.read('orders', null, 'changes', 7)
    expect(new Set(ids(moved)).size).toBe(40)
    const from = s.seen.length
    let met = 0
    s.meet(({ path }, n) =>
      n === from + 4 && path.endsWith('/query') && met++ === 0 ? { kind: 'expired_cursor' } : null,
    )
    expect(new Set(ids(await s.read('orders', null, 'changes', 7))).size).toBe(40)
    expect(met).toBe(1)
  })
  it('reads again what the index may have shown late, and nothing older', async () => {
    await start()
    order(1)
    order(2, { changedAt: NOW - 30_000 })
    const cursor = lastCursor(await s.read('orders'))
    s.set(s.now() + 600_000)
    order(3, { changedAt: NOW - 60_000 })
    expect(ids(await s.read('orders', cursor)).sort()).toEqual([idOf('order', 2), idOf('order', 3)])
  })
  it('learns of destroyed orders from the shop’s events, and leaves test orders out of rows and count', async () => {
    await start()
    for (let n = 1; n <= 3; n++) order(n)
    order(4, { fields: { '~test': 'true' } })
    const first = await s.read('orders')
    expect(ids(first)).toHaveLength(3)
    expect(await (await s.stream('orders')).count!(s.context())).toBe(3)
    s.set(s.now() + 600_000)
    order(2, { deletedAt: s.now() - 1000 })
    const next = await s.read('orders', lastCursor(first))
    expect(next.flatMap((page) => page.deleted ?? [])).toEqual([{ id: idOf('order', 2), at: s.now() - 1000 }])
    expect(await (await s.stream('orders')).one!(s.context(), idOf('order', 2))).toBeNull()
  })
  it('reads what is inside orders to its end, and only what is a payment', async () => {
    await start()
    const customer = idOf('customer', 1)
    order(1, { fields: { customer, currency: 'EUR' } })
    const line = {
      document_kind: 'order',
      document: idOf('order', 1),
      quantity: '3',
      unit_price: '1.50',
      currency: 'EUR',
    }
    for (let n = 1; n <= 140; n++) s.put({ kind: 'line', id: idOf('line', n), fields: line })
    for (let n = 1; n <= 25; n++)
      s.put({
        kind: 'payment',
        id: idOf('payment', n),
        state: 'succeeded',
        fields: { customer, amount: '4.50', currency: 'EUR', ...(n > 23 && { '~kind': 'REFUND' }) },
      })
    const lines = await s.read('lines')
    expect(new Set(ids(lines)).size).toBe(140)
    expect((await s.mapped('lines', lines))[0]).toMatchObject({
      changed_at: '2026-11-20T12:00:00Z',
      fields: { document_kind: 'order', document: idOf('order', 1), quantity: '3', unit_price: '1.50', amount: '4.5' },
    })
    const payments = await s.read('transactions')
    expect(new Set(ids(payments)).size).toBe(23)
    expect((await s.mapped('transactions', payments))[0]!.fields).toMatchObject({
      customer,
      amount: '4.50',
      state: 'succeeded',
    })
    // Read again by its own id it is the same.
    const stream = await s.stream('transactions')
    const again = await stream.one!(s.context(), idOf('payment', 1))
    expect(stream.map(again!, s.context())).toEqual((await s.mapped('transactions', payments))[0])
  })
  it('asks in halves where a query would cost more than one may', async () => {
    await start({ maxCost: 40 })
    for (let n = 1; n <= 30; n++) {
      order(n)
      s.put({
        kind: 'line',
        id: idOf('line', n),
        fields: { document_kind: 'order', document: idOf('order', n), currency: 'EUR' },
      })
    }
    expect(new Set(ids(await s.read('lines'))).size).toBe(30)
  })
  it('waits until the bucket holds what a query costs, and not a failure longer', async () => {
    await start({ bucket: { most: 60, restore: 20 } })
    for (let n = 1; n <= 30; n++) order(n)
    const began = s.now()
    expect(new Set(ids(await s.read('orders', null, 'changes', 3))).size).toBe(30)
    expect(s.now()).toBeGreaterThan(began)
  })
  it('says what this version does not offer and reads the rest, and which version answers', async () => {
    await start({ missing: ['Order.processedAt'], serves: '2026-04' })
    order(1)
    const [page] = await s.read('orders')
    expect(page!.held).not.toContain('ordered_at')
    expect(page!.held).toContain('number')
    expect(page!.notes).toEqual([
      expect.stringContaining('Order.processedAt') as string,
      expect.stringContaining('version 2026-04 of the API instead of 2026-01') as string,
    ])
    expect((await s.mapped('orders', [page!]))[0]!.fields).not.toHaveProperty('ordered_at')
  })
  it('names lacking scopes one by one, those of sixty days and of writing too', async () => {
    await start({ lacking: ['read_all_orders', 'write_orders', 'read_products', 'write_products'] })
    const { account, missingScopes } = await shipped.ping(s.context() as never)
    expect(account).toBe('Larkmoor (larkmoor.myshopify.com, Development)')
    expect(missingScopes!.sort()).toEqual(['read_all_orders', 'read_products', 'write_orders', 'write_products'])
    await s.stop()
    await start({}, { auth: { flow: 'token', access_token: 'shpat-wrong-token' } })
    await expect(shipped.ping(s.context() as never)).rejects.toMatchObject({ code: 'auth' })
    expect(s.logged.join() + JSON.stringify(s.http.calls())).not.toContain('shpat-wrong-token')
  })
  it('reads a range by itself and says its cost before', async () => {
    await start()
    for (let n = 1; n <= 9; n++) order(n, { changedAt: NOW - n * 3_600_000 })
    const stream = await s.stream('orders')
    const range = { from: NOW - 5 * 3_600_000, to: NOW - 2 * 3_600_000 }
    expect(await stream.cost!(s.context(), range)).toEqual({ calls: 2, rows: 3, exact: true, by: 'change' })
    const pages = []
    for await (const page of stream.range!(s.context({ pageSize: 2 }), range, null)) pages.push(page)
    expect(ids(pages).sort()).toEqual([3, 4, 5].map((n) => idOf('order', n)))
  })
})

describe('Shopify, written', () => {
  let s: Simulated
  let a: Acting
  const customer = idOf('customer', 1)
  const order = idOf('order', 1)
  beforeAll(async () => {
    s = await simulated(shopifyShop(), connector)
    a = acting(s, connector)
    s.put({ kind: 'customer', id: customer, fields: { name: 'Ada Byron', segment: 'smb' } })
    s.put({ kind: 'order', id: order, state: 'booked', fields: { number: '#1', currency: 'EUR' } })
    s.put({ kind: 'product', id: idOf('product', 1), state: 'active', fields: { price: '10.00' } })
    s.put({ kind: 'subscription', id: idOf('subscription', 1), state: 'active' })
  })
  afterAll(() => s.stop())
  const body = (call: { body: unknown }) => (call.body as { variables: Record<string, unknown> }).variables

  it('writes metafields against the digest of what was seen, first, and fields by the object’s own mutation', async () => {
    const wanted = a.request({
      action: 'set_fields',
      kind: 'customer',
      recordId: customer,
      fields: { segment: 'mid', tax_exempt: 'true' },
    })
    const { outcome, wire, planned } = await a.run(wanted)
    expect(outcome).toEqual({ status: 'done', recordId: customer })
    expect(wire).toEqual(planned)
    expect(body(wire[0]!)['metafields']).toEqual([
      expect.objectContaining({
        namespace: 'lab',
        key: 'segment',
        value: 'mid',
        compareDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      }),
    ])
    expect(body(wire[1]!)['input']).toEqual({ id: `gid://shopify/Customer/${customer}`, taxExempt: true })
  })
  it('is refused by Shopify itself where a metafield moved in the last moment', async () => {
    const act = a.action('attach_ref', 'customer')
    const wanted = a.request({ action: 'attach_ref', kind: 'customer', recordId: customer, refs: { netsuite: '17' } })
    const standing = await act.look(s.context(), wanted)
    const { http } = s.context()
    const late: typeof http = {
      request: (asked) => {
        if (asked.once) s.state.change('customer', customer, { by: 'somebody', refs: { netsuite: '16' } })
        return http.request(asked)
      },
    }
    await expect(act.perform(s.context({ http: late }), wanted, standing)).resolves.toMatchObject({
      status: 'conflict',
    })
    expect(a.record('customer', customer).refs['netsuite']).toBe('16')
  })
  it('makes a customer once by the metafield of our key, and says a refusal in Shopify’s words', async () => {
    const wanted = a.request({
      action: 'create',
      kind: 'customer',
      fields: { name: 'New Firm', email: 'new@firm.example' },
    })
    const { outcome, wire } = await a.run(wanted)
    expect(body(wire[0]!)['input']).toEqual({
      firstName: 'New',
      lastName: 'Firm',
      email: 'new@firm.example',
      metafields: [{ namespace: 'lab', key: 'plumbline_key', value: wanted.key }],
    })
    const again = await a.action('create', 'customer').look(s.context(), wanted)
    expect(again.row!.id).toBe((outcome as { recordId: string }).recordId)
    const nameless = a.request({ action: 'create', kind: 'customer', fields: { segment: 'mid' } })
    expect((await a.run(nameless)).outcome).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('must be present') as string,
    })
  })
  it('holds an order, takes off only its own hold, and cancels it', async () => {
    const run = (action: 'hold' | 'release' | 'cancel') => a.run(a.request({ action, kind: 'order', recordId: order }))
    expect((await run('hold')).outcome).toEqual({ status: 'done', recordId: order })
    expect(await a.mapped('orders', order)).toMatchObject({
      fields: { state: 'blocked', block_reason: 'Held by an approved plan' },
    })
    await expect(run('hold')).rejects.toMatchObject({ code: 'config' })
    expect((await run('release')).outcome.status).toBe('done')
    s.put({ kind: 'order', id: order, state: 'blocked', fields: { block_reason: 'fraud' } })
    await expect(run('release')).rejects.toThrow(/held by this app/)
    expect((await run('cancel')).outcome.status).toBe('done')
    expect((await a.mapped('orders', order)).fields['state']).toBe('cancelled')
    expect((await run('cancel')).outcome).toEqual({ status: 'refused', reason: 'Cannot cancel a fulfilled order' })
  })
  it('pauses, activates and cancels contracts, and writes a variant through its product', async () => {
    const id = idOf('subscription', 1)
    for (const [action, state] of [
      ['hold', 'paused'],
      ['release', 'active'],
      ['cancel', 'cancelled'],
    ] as const) {
      expect((await a.run(a.request({ action, kind: 'subscription', recordId: id }))).outcome.status).toBe('done')
      expect(a.record('subscription', id).state).toBe(state)
    }
    const product = idOf('product', 1)
    const wanted = a.request({
      action: 'set_fields',
      kind: 'product',
      recordId: product,
      fields: { price: '12.50', sku: 'S-1' },
    })
    const { wire } = await a.run(wanted)
    expect(body(wire[0]!)).toEqual({
      productId: `gid://shopify/Product/9${product}`,
      variants: [{ id: `gid://shopify/ProductVariant/${product}`, price: '12.50', inventoryItem: { sku: 'S-1' } }],
    })
    expect(a.record('product', product).fields).toMatchObject({ price: '12.50', sku: 'S-1' })
  })
  it('plans nothing that could not be found again, nor an emptied metafield', () => {
    const at = { row: null, mark: null }
    const bare = settings({ write: {} })
    const create = shipped.actionsOf!(bare).find((x) => x.name === 'create' && x.kind === 'customer')!
    const wanted = a.request({ action: 'create', kind: 'customer', fields: { name: 'A' } })
    expect(() => create.calls(bare, wanted, at)).toThrow(/found again/)
    const emptied = a.request({ action: 'set_fields', kind: 'customer', recordId: customer, fields: { segment: null } })
    expect(() => a.action('set_fields', 'customer').calls(s.context().config, emptied, at)).toThrow(/cannot be emptied/)
    expect(shipped.actionsOf!(settings())).toEqual([])
  })
})
