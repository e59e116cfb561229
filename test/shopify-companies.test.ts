/** A simulated shop that sells to companies: companies with their location and people, read, changed, made and told of over HTTP. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connector } from '../connectors/contract.ts'
import shipped from '../connectors/shopify/connector.ts'
import { shopifyShop } from '../lab/platforms/shopify.ts'
import { MAIN_CONTACT } from '../lab/platforms/shopify/companies.ts'
import { companyIdOf, idOf } from '../lab/platforms/shopify/plans.ts'
import type { Acting } from './world/acting.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const NOW = Date.parse('2026-11-20T12:00:00Z')
const [northwind, acme] = [companyIdOf(1), companyIdOf(2)]
const [ada, bob] = [idOf('contact', 1), idOf('contact', 2)]
let s: Simulated
let a: Acting

const location = {
  phone: '+4930123456',
  currency: 'EUR',
  tax_id: 'DE136695976',
  payment_terms: 'net_30',
  'bill_to.line1': 'Lindenstr. 5',
  'bill_to.city': 'Berlin',
  'bill_to.country': 'DE',
}

beforeAll(async () => {
  // As a shop that means the address of its main contact: the laboratory's own entry leaves it out.
  const config = (own: Record<string, unknown>) => {
    const objects = own['objects'] as Record<string, object>
    return { ...own, objects: { ...objects, companies: { ...objects['companies'], without: [] } } }
  }
  s = await simulated(shopifyShop({ companies: true }), connector, { config })
  a = acting(s, connector)
  const at = { createdAt: NOW - 9e7, changedAt: NOW - 9e6 }
  s.put({ kind: 'customer', id: northwind, fields: { name: 'Northwind', ...location }, state: 'customer', ...at })
  s.put({ kind: 'customer', id: acme, fields: { name: 'Acme' }, state: 'customer', refs: { netsuite: '10042' }, ...at })
  s.put({ kind: 'contact', id: ada, fields: { name: 'Ada B', email: 'ada@n.example', customer: northwind }, ...at })
  s.put({ kind: 'contact', id: bob, fields: { name: 'Bob C', email: 'bob@n.example', customer: northwind }, ...at })
  const order = { number: '#1', currency: 'EUR', amount: '10.00', customer: northwind }
  s.put({ kind: 'order', id: idOf('order', 1), state: 'booked', fields: order, ...at })
})
afterAll(() => s.stop())

describe('companies', () => {
  it('are the customers, with what stands in their location and the address of their main contact', async () => {
    const record = await a.mapped('companies', northwind)
    expect(record).toMatchObject({ record_id: northwind, status: 'shop_customer' })
    expect(record.fields).toMatchObject({
      ...{ name: 'Northwind', phone: '+4930123456', currency: 'EUR', tax_id: 'DE136695976', payment_terms: 'Net 30' },
      ...{ 'bill_to.line1': 'Lindenstr. 5', 'bill_to.city': 'Berlin', 'bill_to.country': 'DE' },
      email: 'ada@n.example',
    })
    expect(record.fields['ship_to.city'] ?? null).toBeNull()
    expect((await a.mapped('companies', acme)).refs).toMatchObject({ netsuite: '10042' })
  })

  it('have people who buy for them, and orders that are theirs', async () => {
    expect((await a.mapped('customers', ada)).fields).toEqual(
      expect.objectContaining({ name: 'Ada B', email: 'ada@n.example', customer: northwind }),
    )
    expect((await a.mapped('orders', idOf('order', 1))).fields['customer']).toBe(northwind)
  })

  it('are listed and counted apart from their people, page by page', async () => {
    expect(ids(await s.read('companies', null, 'full', 1)).sort()).toEqual([northwind, acme])
    expect(ids(await s.read('customers', null, 'full')).sort()).toEqual([ada, bob])
    for (const name of ['companies', 'customers']) expect(await (await s.stream(name)).count!(s.context())).toBe(2)
  })

  it('change: their location, who speaks for them, and that they are gone', async () => {
    const cursor = lastCursor(await s.read('companies'))
    s.set(s.now() + 600_000)
    const fields = { payment_terms: 'due_on_receipt', 'bill_to.city': 'Potsdam', [MAIN_CONTACT]: bob }
    s.state.change('customer', northwind, { by: 'somebody', fields })
    s.state.change('customer', acme, { by: 'somebody', deleted: true })
    const pages = await s.read('companies', cursor)
    expect(ids(pages)).toEqual([northwind])
    expect((await s.mapped('companies', pages))[0]!.fields).toMatchObject({
      ...{ payment_terms: 'Due on receipt', 'bill_to.city': 'Potsdam', email: 'bob@n.example' },
    })
    expect(pages.flatMap((p) => p.deleted ?? []).map(({ id }) => id)).toEqual([acme])
  })
})

describe('plans', () => {
  it('make a company once by its external id, which is that of the ERP where it is known', async () => {
    const wanted = a.request({
      action: 'create',
      kind: 'customer',
      fields: { name: 'New Firm' },
      refs: { netsuite: '77' },
    })
    const { outcome, planned, wire } = await a.run(wanted)
    expect(wire).toEqual(planned)
    const made = (outcome as { recordId: string }).recordId
    expect(made).toMatch(/^gid:\/\/shopify\/Company\/\d+$/)
    expect(a.record('customer', made)).toMatchObject({ fields: { name: 'New Firm' }, refs: { netsuite: '77' } })
    expect((await a.action('create', 'customer').look(s.context(), wanted)).row!.id).toBe(made)
    // Two companies cannot have one external id: the shop itself refuses.
    const taken = a.request({ action: 'attach_ref', kind: 'customer', recordId: northwind, refs: { netsuite: '77' } })
    expect((await a.run(taken)).outcome).toEqual({ status: 'refused', reason: 'External id has already been taken' })
    const unknown = a.request({ action: 'create', kind: 'customer', fields: { name: 'Fresh Firm' } })
    const fresh = await a.run(unknown)
    expect(a.record('customer', (fresh.outcome as { recordId: string }).recordId).refs['netsuite']).toBeUndefined()
    expect((await a.action('create', 'customer').look(s.context(), unknown)).row!.value).toMatchObject({
      externalId: `plumbline-${unknown.key}`,
    })
  })

  it('set a name and metafields of a company, and attach the id of the ERP', async () => {
    const about = { kind: 'customer', recordId: northwind } as const
    const fields = { name: 'Northwind AG', segment: 'mid' }
    expect((await a.run(a.request({ action: 'set_fields', ...about, fields }))).outcome.status).toBe('done')
    const refs = { netsuite: '12', stripe: 'cus_1' }
    expect((await a.run(a.request({ action: 'attach_ref', ...about, refs }))).outcome.status).toBe('done')
    expect(a.record('customer', northwind)).toMatchObject({ fields, refs })
    expect((await a.mapped('companies', northwind)).refs).toMatchObject(refs)
    const nameless = a.request({ action: 'set_fields', ...about, fields: { name: null } })
    expect((await a.run(nameless)).outcome).toMatchObject({ status: 'refused' })
  })
})

it('webhooks tell of companies under a topic of their own, and the connector reads whom they mean', async () => {
  const told: { topic: string; body: Buffer; headers: Record<string, string> }[] = []
  const server = createServer((incoming, outgoing) => {
    void incoming.toArray().then((chunks) => {
      const headers = incoming.headers as Record<string, string>
      told.push({ topic: headers['x-shopify-topic']!, body: Buffer.concat(chunks as Buffer[]), headers })
      outgoing.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const hooks = s.running.hooks!(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  expect((await hooks.deliver()).refused).toEqual([])
  server.close()
  server.closeAllConnections()
  const { topic, body, headers } = told.find((t) => t.body.includes(`"${northwind}"`))!
  expect(topic).toBe('companies/update')
  const request = { method: 'POST', path: '/', query: {}, headers, body }
  const config = s.context().config
  expect(connector.receive!.verify(config, request, s.now())).toEqual({ trust: 'signed' })
  expect(connector.receive!.read(config, request)[0]!.hints).toEqual([{ stream: 'companies', id: northwind }])
  expect(told.find((t) => t.body.includes(`Company/${30_000_000_000_002}`))!.topic).toBe('companies/delete')
})
