/** Writing to Stripe: what is planned is what is sent, nothing is sent twice, nothing is written over what moved. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { actionsOf } from '../connectors/action.ts'
import type { Connector } from '../connectors/contract.ts'
import type { StripeConfig } from '../connectors/stripe/config.ts'
import shipped from '../connectors/stripe/connector.ts'
import { stripe, stripeAccount } from '../lab/platforms/stripe.ts'
import type { Acting } from './world/acting.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
let s: Simulated
let a: Acting
const CUSTOMER = stripe.id('customer', 1)
const SUBSCRIPTION = stripe.id('subscription', 1)
const PRODUCT = stripe.id('product', 1)
const INVOICE = stripe.id('invoice', 1)

beforeAll(async () => {
  s = await simulated(stripe, connector)
  a = acting(s, connector)
  s.put({
    kind: 'customer',
    id: CUSTOMER,
    fields: {
      name: 'Acme',
      email: 'a@acme.example',
      tax_id: 'DE136695976',
      'bill_to.country': 'DE',
      'bill_to.city': 'Ulm',
    },
    refs: { salesforce: '001A' },
  })
  s.put({ kind: 'product', id: PRODUCT, state: 'active', fields: { name: 'Plan' } })
  s.put({
    kind: 'subscription',
    id: SUBSCRIPTION,
    state: 'active',
    fields: {
      customer: CUSTOMER,
      product: PRODUCT,
      quantity: '3',
      amount: '29.97',
      currency: 'EUR',
      interval: 'month',
    },
  })
  s.put({
    kind: 'invoice',
    id: INVOICE,
    state: 'open',
    fields: { customer: CUSTOMER, total: '119', tax: '19', amount_due: '119', currency: 'EUR' },
  })
})
afterAll(() => s.stop())

describe('writing to Stripe', () => {
  it('sets fields where they live: parameters, address, metadata, tax ids', async () => {
    const { outcome, planned, wire } = await a.run(
      a.request({
        action: 'set_fields',
        kind: 'customer',
        recordId: CUSTOMER,
        fields: {
          name: 'Acme AG',
          phone: null,
          tax_exempt: 'true',
          'bill_to.city': 'Köln',
          payment_terms: 'net_30',
          tax_id: 'ATU62535017',
        },
      }),
    )
    expect(outcome).toEqual({ status: 'done', recordId: CUSTOMER })
    expect(wire).toEqual(planned)
    expect(planned.map((c) => `${c.method} ${c.path.replace(/txi_\w+/, 'txi')}`)).toEqual([
      `POST /v1/customers/${CUSTOMER}`,
      `POST /v1/customers/${CUSTOMER}/tax_ids`,
      `DELETE /v1/customers/${CUSTOMER}/tax_ids/txi`,
    ])
    expect(a.record('customer', CUSTOMER).fields).toMatchObject({
      name: 'Acme AG',
      phone: null,
      tax_exempt: 'true',
      'bill_to.city': 'Köln',
      payment_terms: 'net_30',
      tax_id: 'ATU62535017',
    })
    expect((await a.mapped('customers', CUSTOMER)).fields).toMatchObject({
      tax_id: 'ATU62535017',
      'bill_to.city': 'Köln',
    })
  })

  it('makes a customer once, whatever became of the reply', async () => {
    const wanted = a.request({
      action: 'create',
      kind: 'customer',
      fields: { name: 'Neu GmbH', email: 'neu@neu.example', tax_id: 'DE136695976', 'bill_to.country': 'DE' },
      refs: { salesforce: '001NEU' },
    })
    const act = a.action('create', 'customer')
    const standing = await act.look(s.context(), wanted)
    expect(standing.row).toBeNull()
    const before = a.mutations().length
    let sent = 0
    s.meet(({ method }) => (method === 'POST' && ++sent === 1 ? { kind: 'lost_reply' } : null))
    await expect(act.perform(s.context(), wanted, standing)).rejects.toMatchObject({ code: 'upstream' })
    s.meet(() => null)
    expect(sent).toBe(1)
    expect(a.mutations()).toHaveLength(before + 1)
    const found = await act.look(s.context(), wanted)
    expect(found.row?.id).toBe(a.mutations().at(-1)!.record)
    // Should it be sent again all the same, the key gives the same answer and changes nothing.
    await expect(act.perform(s.context(), wanted, standing)).resolves.toEqual({
      status: 'done',
      recordId: found.row!.id,
    })
    expect(a.mutations()).toHaveLength(before + 1)
    expect(a.record('customer', found.row!.id!).refs).toEqual({ salesforce: '001NEU' })
  })

  it('finds by search what somebody else made long ago', async () => {
    const there = stripe.id('customer', 40)
    s.put({
      kind: 'customer',
      id: there,
      fields: { name: 'Old' },
      refs: { salesforce: '001OLD' },
      createdAt: 0,
      changedAt: 0,
    })
    const look = await a
      .action('create', 'customer')
      .look(
        s.context(),
        a.request({ action: 'create', kind: 'customer', fields: { name: 'Old' }, refs: { salesforce: '001OLD' } }),
      )
    expect(look.row?.id).toBe(there)
  })

  it('changes quantity without billing it, and ends a subscription on its last day', async () => {
    const { planned, wire } = await a.run(
      a.request({
        action: 'set_fields',
        kind: 'subscription',
        recordId: SUBSCRIPTION,
        fields: { quantity: '5', ends_on: '2027-01-31', order: 'SO-7' },
      }),
    )
    expect(wire).toEqual(planned)
    // `ends_on` and `order` are kept in metadata by this configuration.
    expect(planned[0]!.body).toMatchObject({
      'items[0][quantity]': '5',
      proration_behavior: 'none',
      'metadata[ends_on]': '2027-01-31',
      'metadata[order]': 'SO-7',
    })
    expect(a.record('subscription', SUBSCRIPTION).fields).toMatchObject({ quantity: '5', amount: '49.95' })
  })

  it('holds, releases and cancels a subscription', async () => {
    const map = () => a.mapped('subscriptions', SUBSCRIPTION)
    await a.run(a.request({ action: 'hold', kind: 'subscription', recordId: SUBSCRIPTION }))
    expect((await map()).fields['state']).toBe('paused')
    await a.run(a.request({ action: 'release', kind: 'subscription', recordId: SUBSCRIPTION }))
    expect((await map()).fields['state']).toBeUndefined()
    const { planned, wire } = await a.run(a.request({ action: 'cancel', kind: 'subscription', recordId: SUBSCRIPTION }))
    expect(wire).toEqual(planned)
    expect((await map()).status).toBe('canceled')
    const again = await a.run(a.request({ action: 'cancel', kind: 'subscription', recordId: SUBSCRIPTION }))
    expect(again.outcome.status).toBe('refused')
  })

  it('makes a subscription with a price of its own', async () => {
    const { outcome, planned, wire } = await a.run(
      a.request({
        action: 'create',
        kind: 'subscription',
        fields: { quantity: '3', amount: '100', currency: 'EUR', interval: 'quarter', started_on: '2026-10-01' },
        references: { customer: CUSTOMER, product: PRODUCT, contract: 'salesforce:800X' },
      }),
    )
    expect(wire).toEqual(planned)
    if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
    expect(a.record('subscription', outcome.recordId)).toMatchObject({
      state: 'active',
      fields: { amount: '100.00', interval: 'quarter', contract: 'salesforce:800X', started_on: '2026-10-01' },
    })
  })

  it('moves an invoice on, and takes no money for one that was paid elsewhere', async () => {
    const paid = await a.run(
      a.request({ action: 'set_fields', kind: 'invoice', recordId: INVOICE, fields: { state: 'paid' } }),
    )
    expect(paid.wire).toEqual([
      { method: 'POST', path: `/v1/invoices/${INVOICE}/pay`, body: { paid_out_of_band: 'true' } },
    ])
    const wanted = a.request({
      action: 'set_fields',
      kind: 'invoice',
      recordId: INVOICE,
      fields: { due_on: '2026-12-01' },
    })
    await expect(a.run(wanted)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringMatching(/drafts only/) as string,
    })
    const refused = await a.run(a.request({ action: 'cancel', kind: 'invoice', recordId: INVOICE }))
    expect(refused.outcome).toMatchObject({
      status: 'refused',
      reason: expect.stringMatching(/open or uncollectible/) as string,
    })
  })

  it('drafts an invoice of one item, both calls under keys of their own', async () => {
    const wanted = a.request({
      action: 'create',
      kind: 'invoice',
      fields: { total: '119.00', tax: '19.00', currency: 'EUR', due_on: '2026-12-24' },
      references: { customer: CUSTOMER },
    })
    const { outcome, planned, wire } = await a.run(wanted)
    expect(wire).toEqual(planned)
    if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
    expect(a.record('invoice', outcome.recordId)).toMatchObject({
      state: 'draft',
      fields: { total: '100.00', due_on: '2026-12-24' },
    })
    expect(
      a
        .mutations()
        .slice(-2)
        .map((m) => m.key),
    ).toEqual([`${wanted.key}-1`, `${wanted.key}-2`])
  })

  it('attaches ids in metadata and says which key is missing', async () => {
    await a.run(a.request({ action: 'attach_ref', kind: 'invoice', recordId: INVOICE, refs: { netsuite: '4711' } }))
    expect(a.record('invoice', INVOICE).refs).toEqual({ netsuite: '4711' })
    const unknown = a.request({ action: 'attach_ref', kind: 'invoice', recordId: INVOICE, refs: { shop: '1' } })
    await expect(a.run(unknown)).rejects.toMatchObject({ code: 'config', remedy: 'Add shop to config.refs.' })
  })

  it('writes nothing over what moved since it was looked at', async () => {
    const act = a.action('set_fields', 'customer')
    const wanted = a.request({ action: 'set_fields', kind: 'customer', recordId: CUSTOMER, fields: { name: 'Ours' } })
    const standing = await act.look(s.context(), wanted)
    s.put({ kind: 'customer', id: CUSTOMER, fields: { ...a.record('customer', CUSTOMER).fields, name: 'Theirs' } })
    const before = a.mutations().length
    await expect(act.perform(s.context(), wanted, standing)).resolves.toMatchObject({ status: 'conflict' })
    expect(a.mutations()).toHaveLength(before)
  })

  it('sends once: a 5xx after the write, a locked object and a reused key', async () => {
    const before = a.mutations().length
    const act = a.action('set_fields', 'customer')
    const wanted = a.request({ action: 'set_fields', kind: 'customer', recordId: CUSTOMER, fields: { name: 'Once' } })
    for (const fault of [{ kind: 'error_after', status: 500 }, { kind: 'conflict' }] as const) {
      const standing = await act.look(s.context(), wanted)
      s.meet(({ method }) => (method === 'POST' ? fault : null))
      await expect(act.perform(s.context(), { ...wanted, key: `once-${fault.kind}` }, standing)).rejects.toMatchObject({
        code: 'upstream',
      })
      s.meet(() => null)
    }
    expect(a.mutations()).toHaveLength(before + 1)
    const standing = await act.look(s.context(), wanted)
    const other = { ...wanted, key: 'once-error_after', fields: { name: 'Twice' } }
    await expect(act.perform(s.context(), other, standing)).resolves.toMatchObject({
      status: 'refused',
      reason: expect.stringMatching(/same parameters/) as string,
    })
  })

  it('is only read without a write section, and names the permissions that writing lacks', async () => {
    const { write: _, ...read } = s.running.platformConfig['config'] as Record<string, unknown>
    expect(actionsOf(connector, connector.config.parse(read))).toEqual([])
    const poor = await simulated(stripeAccount({ denied: ['rak_subscription_write'] }), connector)
    try {
      expect(await shipped.ping(poor.context() as never)).toMatchObject({ missingScopes: ['rak_subscription_write'] })
      expect(poor.running.mutations!()).toEqual([])
    } finally {
      await poor.stop()
    }
    expect(JSON.stringify([s.logged, s.http.calls()])).not.toContain('rk_live')
    expect((s.context().config as StripeConfig).write).toBeDefined()
  })
})
