/** Identification: one entity for each thing, whatever the order in which its records arrive. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Context } from '../server/context.ts'
import { identify } from '../server/identify/identify.ts'
import type { Facts } from '../server/store/facts/facts.ts'
import { identityWorld, partition, record, type IdentityWorld } from './world/identity-world.ts'

let world: IdentityWorld
let ctx: Context
let facts: Facts
const store: IdentityWorld['store'] = (...said) => world.store(...said)
const entities: IdentityWorld['entities'] = (kind) => world.entities(kind)

beforeAll(async () => void (world = await identityWorld()))
afterAll(() => world.end())
beforeEach(async () => {
  await world.forget()
  ;({ ctx, facts } = world)
})

describe('the identify stage', () => {
  it('gives records of one customer one entity and resolves what belongs to it', async () => {
    await store('customer', [
      record('customer', 'sf', 'S1', { name: 'Acme', tax_id: 'DE111' }),
      record('customer', 'ns', 'N1', { name: 'ACME', tax_id: 'DE111' }),
      record('customer', 'stripe', 'C1', { name: 'Acme' }, { refs: { crm: 'S1' } }),
      record('customer', 'sf', 'S2', { name: 'Other' }),
    ])
    await store('order', [
      record('order', 'sf', 'O1', { number: '17', customer: 'S1', amount: '100', currency: 'EUR' }),
      record('order', 'ns', 'E1', { number: '17', customer: 'N1', amount: '100', currency: 'EUR' }),
    ])
    await store('subscription', [record('subscription', 'stripe', 'B1', { customer: 'C1' })])
    await store('payment', [record('payment', 'ns', 'P1', { invoice: 'I1', amount: '5', currency: 'EUR' })])
    await store('invoice', [
      record('invoice', 'ns', 'I1', { customer: 'N1', number: 'R1', total: '5', currency: 'EUR' }),
    ])
    await identify(ctx)
    const customers = await entities('customer')
    expect(customers['sf:S1']!.entity).toMatch(/^customer_[0-9a-f]{20}$/)
    expect(customers['ns:N1']).toEqual(customers['sf:S1'])
    expect(customers['stripe:C1']).toEqual(customers['sf:S1'])
    expect(customers['sf:S2']!.entity).not.toBe(customers['sf:S1']!.entity)
    const orders = await entities('order')
    expect(orders['sf:O1']).toEqual(orders['ns:E1'])
    expect(orders['sf:O1']!.customer).toBe(customers['sf:S1']!.entity)
    expect((await entities('subscription'))['stripe:B1']!.customer).toBe(customers['sf:S1']!.entity)
    // The payment names no customer; its invoice does.
    expect((await entities('payment'))['ns:P1']!.customer).toBe(customers['sf:S1']!.entity)
  })

  it('takes ids of another platform, plain or named, where the platform keeps no such records', async () => {
    await store('customer', [
      record('customer', 'sf', 'S1', { name: 'Acme' }),
      record('customer', 'ns', 'N1', { name: 'Beta' }),
      record('customer', 'ns', 'S1x', { name: 'Gamma' }),
    ])
    await store('tenant', [
      record('tenant', 'stripe', 'T1', { customer: 'S1' }),
      record('tenant', 'stripe', 'T2', { customer: 'ns:N1' }),
      record('tenant', 'stripe', 'T3', { customer: 'nobody' }),
    ])
    await identify(ctx)
    const customers = await entities('customer')
    const tenants = await entities('tenant')
    expect(tenants['stripe:T1']!.customer).toBe(customers['sf:S1']!.entity)
    expect(tenants['stripe:T2']!.customer).toBe(customers['ns:N1']!.entity)
    expect(tenants['stripe:T3']!.customer).toBe('')
  })

  it('moves what belongs to a customer when two customers turn out to be one, and touches both', async () => {
    await store('customer', [
      record('customer', 'sf', 'S1', { name: 'Acme' }),
      record('customer', 'ns', 'N1', { name: 'Acme 2' }),
    ])
    await store('order', [record('order', 'ns', 'E1', { number: '1', customer: 'N1' })])
    await identify(ctx)
    const before = await entities('customer')
    const revBefore = (await facts.query<{ r: string }>('select toString(max(rev)) as r from plumbline.touched'))[0]!.r
    await store('customer', [record('customer', 'ns', 'N1', { name: 'Acme 2' }, { refs: { crm: 'S1' } })])
    await identify(ctx)
    const after = await entities('customer')
    expect(Object.keys(after)).toHaveLength(2)
    expect(after['ns:N1']).toEqual(after['sf:S1'])
    expect([before['sf:S1']!.entity, before['ns:N1']!.entity]).toContain(after['sf:S1']!.entity)
    expect((await entities('order'))['ns:E1']!.customer).toBe(after['sf:S1']!.entity)
    const touched = await facts.query<{ eid: string }>(
      `select distinct toString(eid) as eid from plumbline.touched where rev > {r:UInt64} and kind = 'customer'`,
      { r: revBefore },
    )
    expect(touched).toHaveLength(2)
  })

  it('gives lines of a document their document and customer, also with references both ways', async () => {
    await store('customer', [record('customer', 'sf', 'S1', { name: 'Acme' })])
    await store('order', [record('order', 'sf', 'O1', { number: '17', customer: 'S1' })])
    await store('line', [
      record('line', 'sf', 'L1', { document: 'O1', document_kind: 'order', amount: '5' }, { refs: { erp: 'M1' } }),
      record('line', 'ns', 'M1', { document: 'sf:O1', document_kind: 'order', amount: '5' }, { refs: { crm: 'L1' } }),
    ])
    await identify(ctx)
    const lines = await entities('line')
    expect(lines['sf:L1']).toEqual(lines['ns:M1'])
    expect(lines['sf:L1']!.customer).toBe((await entities('customer'))['sf:S1']!.entity)
  })

  it('resolves a reference that arrives before what it points to', async () => {
    await store('order', [record('order', 'ns', 'E1', { number: '1', customer: 'N1' })])
    await identify(ctx)
    expect((await entities('order'))['ns:E1']!.customer).toBe('')
    await store('customer', [record('customer', 'ns', 'N1', { name: 'Late' })])
    await identify(ctx)
    expect((await entities('order'))['ns:E1']!.customer).toBe((await entities('customer'))['ns:N1']!.entity)
  })

  it('takes a document and all that hangs on it along to another customer', async () => {
    await store('customer', [
      record('customer', 'ns', 'N1', { name: 'First', tax_id: 'DE1' }),
      record('customer', 'ns', 'N2', { name: 'Second', tax_id: 'DE2' }),
    ])
    await store('order', [record('order', 'ns', 'E1', { number: '1' })])
    await store('invoice', [record('invoice', 'ns', 'I1', { number: 'R1', order: 'E1' })])
    await store('payment', [record('payment', 'ns', 'P1', { invoice: 'I1', amount: '5' })])
    await identify(ctx)
    expect((await entities('payment'))['ns:P1']!.customer).toBe('')
    for (const customer of ['N1', 'N2']) {
      await store('order', [record('order', 'ns', 'E1', { number: '1', customer })])
      await identify(ctx)
      const { entity } = (await entities('customer'))[`ns:${customer}`]!
      expect((await entities('invoice'))['ns:I1']!.customer).toBe(entity)
      expect((await entities('payment'))['ns:P1']!.customer).toBe(entity)
    }
    expect((await identify(ctx)).projected).toBe(0)
  })

  it('writes nothing when nothing moved, and finds the same whether records come at once or one by one', async () => {
    const records = Array.from({ length: 60 }, (_, n) =>
      record('customer', ['sf', 'ns', 'stripe'][n % 3]!, `R${n}`, {
        name: `C${n}`,
        ...(n % 4 ? { tax_id: `DE${Math.floor(n / 6)}` } : {}),
        domain: `d${Math.floor(n / 5)}.test`,
      }),
    )
    await store('customer', records)
    await identify(ctx)
    expect((await identify(ctx)).projected).toBe(0)
    const atOnce = partition(await entities('customer'))
    await world.forget()
    ctx = world.ctx
    for (let n = 0; n < records.length; n += 7) {
      await store('customer', records.slice(n, n + 7))
      await identify(ctx)
    }
    expect(partition(await entities('customer'))).toEqual(atOnce)
  })

  it('keeps contradictions for a person and closes them when the records agree again', async () => {
    await store('customer', [
      record('customer', 'sf', 'S1', { name: 'A' }, { refs: { billing: 'B' } }),
      record('customer', 'stripe', 'B', { name: 'A' }, { refs: { crm: 'S1' } }),
      record('customer', 'ns', 'N1', { name: 'A' }, { refs: { crm: 'S1', billing: 'C' } }),
      record('customer', 'stripe', 'C', { name: 'A' }),
    ])
    await identify(ctx)
    const open = () =>
      facts.query<{ reason: string }>(`select reason from plumbline.identity_conflicts final where state = 'open'`)
    expect(await open()).toHaveLength(1)
    await store('customer', [record('customer', 'ns', 'N1', { name: 'A' }, { refs: { crm: 'S1', billing: 'B' } })])
    await identify(ctx)
    expect(await open()).toHaveLength(0)
    expect(new Set(Object.values(await entities('customer')).map((e) => e.entity)).size).toBe(2)
  })
})
