/** Writing to NetSuite: its record API, upserts by external id, and what it keeps from being written over. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { actionsOf } from '../connectors/action.ts'
import type { Connector } from '../connectors/contract.ts'
import shipped from '../connectors/netsuite/connector.ts'
import { netsuite } from '../lab/platforms/netsuite.ts'
import type { Acting } from './world/acting.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const [CUSTOMER, ORDER, INVOICE] = ['customer', 'order', 'invoice'].map((kind) => netsuite.id(kind, 1)) as [
  string,
  string,
  string,
]
const ROOT = '/services/rest/record/v1'
let s: Simulated
let a: Acting

beforeAll(async () => {
  s = await simulated(netsuite, connector)
  a = acting(s, connector)
  s.put({
    kind: 'customer',
    id: CUSTOMER,
    state: 'customer',
    fields: { name: 'Acme', currency: 'EUR', legal_entity: 'LM-DE', payment_terms: 'net_30', credit_hold: 'false' },
    refs: { salesforce: '001A' },
  })
  s.put({
    kind: 'order',
    id: ORDER,
    state: 'booked',
    fields: { customer: CUSTOMER, number: 'SO1', amount: '500.00', tax: '0', currency: 'EUR' },
  })
  s.put({
    kind: 'invoice',
    id: INVOICE,
    state: 'open',
    fields: { customer: CUSTOMER, number: 'IN1', total: '5', amount_due: '5', currency: 'EUR' },
  })
})
afterAll(() => s.stop())

describe('writing to NetSuite', () => {
  it('sets fields by their names in the record API, list values by their ids', async () => {
    const { outcome, planned, wire } = await a.run(
      a.request({
        action: 'set_fields',
        kind: 'customer',
        recordId: CUSTOMER,
        fields: {
          name: 'Acme AG',
          phone: '+49301',
          payment_terms: 'net_60',
          credit_limit: '2500.50',
          legal_name: 'Acme Aktiengesellschaft',
        },
        words: { payment_terms: 'Net 60' },
      }),
    )
    expect(outcome).toEqual({ status: 'done', recordId: CUSTOMER })
    expect(wire).toEqual(planned)
    expect(planned[0]).toMatchObject({
      method: 'PATCH',
      path: `${ROOT}/customer/${CUSTOMER}`,
      body: { companyName: 'Acme AG', creditLimit: 2500.5, terms: { id: expect.stringMatching(/^\d+$/) as string } },
    })
    expect((await a.mapped('customer', CUSTOMER)).fields).toMatchObject({
      name: 'Acme AG',
      payment_terms: 'Net 60',
      credit_limit: '2500.5',
      legal_name: 'Acme Aktiengesellschaft',
    })
    const none = a.request({
      action: 'set_fields',
      kind: 'customer',
      recordId: CUSTOMER,
      fields: { payment_terms: 'net_31' },
      words: { payment_terms: 'Net 31' },
    })
    await expect(a.run(none)).rejects.toMatchObject({ code: 'config' })
  })

  it('holds and releases customers by the override, orders by letter and check-box', async () => {
    const held: unknown[] = []
    for (const action of ['hold', 'release'] as const) {
      const { planned, wire } = await a.run(a.request({ action, kind: 'customer', recordId: CUSTOMER }))
      expect(wire).toEqual(planned)
      held.push((await a.mapped('customer', CUSTOMER)).fields['credit_hold'])
    }
    expect(held).toEqual(['true', 'false'])
    const states: (string | null)[] = []
    for (const [action, word] of [
      ['hold', 'SalesOrd:B (on hold)'],
      ['release', 'SalesOrd:B'],
    ] as const) {
      const { planned, wire } = await a.run(
        a.request({ action, kind: 'order', recordId: ORDER, words: { state: word } }),
      )
      expect(wire).toEqual(planned)
      states.push((await a.mapped('salesorder', ORDER)).status ?? null)
    }
    expect(states).toEqual(['SalesOrd:B (on hold)', 'SalesOrd:B'])
  })

  it('makes a customer once by the external id of the platform that owns it', async () => {
    const act = a.action('create', 'customer')
    const wanted = a.request({
      action: 'create',
      kind: 'customer',
      fields: { name: 'Neu', currency: 'EUR', legal_entity: 'LM-DE', email: 'neu@neu.example' },
      refs: { salesforce: '001NEU', stripe: 'cus_neu' },
    })
    const standing = await act.look(s.context(), wanted)
    expect(standing.row).toBeNull()
    const planned = act.calls(s.context().config, wanted, standing)
    const before = a.mutations().length
    s.meet(({ method }) => (method === 'PUT' ? { kind: 'lost_reply' } : null))
    await expect(act.perform(s.context(), wanted, standing)).rejects.toMatchObject({ code: 'upstream' })
    s.meet(() => null)
    const made = a.mutations().slice(before)
    expect(made.map(({ method, path, body }) => ({ method, path, body }))).toEqual(planned)
    expect(planned[0]!.path).toBe(`${ROOT}/customer/eid:001NEU`)
    const found = await act.look(s.context(), wanted)
    expect(found.row?.id).toBe(made[0]!.record)
    await expect(act.perform(s.context(), wanted, standing)).resolves.toMatchObject({ status: 'conflict' })
    expect(a.mutations()).toHaveLength(before + 1)
    expect((await a.mapped('customer', found.row!.id!)).refs).toMatchObject({ salesforce: '001NEU', stripe: 'cus_neu' })
  })

  it('makes orders with one line and invoices out of orders', async () => {
    const order = await a.run(
      a.request({
        action: 'create',
        kind: 'order',
        fields: { number: 'SO-77', amount: '120.00', currency: 'EUR' },
        references: { customer: CUSTOMER },
      }),
    )
    expect(order.wire).toEqual(order.planned)
    if (order.outcome.status !== 'done') throw new Error(JSON.stringify(order.outcome))
    expect(a.record('order', order.outcome.recordId).fields).toMatchObject({
      number: 'SO-77',
      amount: '120',
      customer: CUSTOMER,
    })
    const invoice = await a.run(
      a.request({ action: 'create', kind: 'invoice', fields: { due_on: '2026-12-31' }, references: { order: ORDER } }),
    )
    expect(invoice.wire).toEqual(invoice.planned)
    if (invoice.outcome.status !== 'done') throw new Error(JSON.stringify(invoice.outcome))
    expect(a.record('invoice', invoice.outcome.recordId).fields).toMatchObject({
      order: ORDER,
      total: '500.00',
      due_on: '2026-12-31',
    })
  })

  it('notices what moved before it writes, and gives the account’s reason when it is refused', async () => {
    const act = a.action('set_fields', 'invoice')
    const wanted = a.request({
      action: 'set_fields',
      kind: 'invoice',
      recordId: INVOICE,
      fields: { due_on: '2027-01-01' },
    })
    const standing = await act.look(s.context(), wanted)
    s.set(s.now() + 5_000)
    s.put({ kind: 'invoice', id: INVOICE, changedAt: s.now() })
    const before = a.mutations().length
    await expect(act.perform(s.context(), wanted, standing)).resolves.toMatchObject({ status: 'conflict' })
    expect(a.mutations()).toHaveLength(before)
    const lost = await a.run(
      a.request({ action: 'cancel', kind: 'order', recordId: ORDER, words: { state: 'SalesOrd:Q' } }),
    )
    expect(lost.outcome).toMatchObject({
      status: 'refused',
      reason: expect.stringMatching(/orderStatus.*INVALID_CONTENT/) as string,
    })
    const amount = a.request({ action: 'set_fields', kind: 'order', recordId: ORDER, fields: { amount: '1' } })
    await expect(a.run(amount)).rejects.toMatchObject({ code: 'config' })
  })

  it('is only read without a write section', () => {
    const { write: _, ...read } = s.running.platformConfig['config'] as Record<string, unknown>
    expect(actionsOf(connector, connector.config.parse(read))).toEqual([])
    expect(JSON.stringify([s.logged, s.http.calls()])).not.toContain('BEGIN')
  })
})
