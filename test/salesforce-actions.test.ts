/** Writing to Salesforce: guarded rows, upserts by external id, and the org's refusals told apart. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { actionsOf } from '../connectors/action.ts'
import type { Connector } from '../connectors/contract.ts'
import shipped from '../connectors/salesforce/connector.ts'
import { salesforce, salesforceOrg } from '../lab/platforms/salesforce.ts'
import type { Acting } from './world/acting.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const [ACCOUNT, ORDER, CONTRACT] = ['customer', 'order', 'contract'].map((kind) => salesforce.id(kind, 1)) as [
  string,
  string,
  string,
]
const ROOT = '/services/data/v66.0/sobjects'
let s: Simulated
let a: Acting

beforeAll(async () => {
  s = await simulated(salesforce, connector)
  a = acting(s, connector)
  s.put({
    kind: 'customer',
    id: ACCOUNT,
    state: 'customer',
    fields: {
      name: 'Acme',
      phone: '+491',
      'bill_to.line1': 'Weg 1',
      'bill_to.line2': 'Hinterhaus',
      credit_limit: '100',
      currency: 'EUR',
    },
  })
  s.put({
    kind: 'order',
    id: ORDER,
    state: 'booked',
    fields: { customer: ACCOUNT, number: '1', amount: '5', currency: 'EUR' },
  })
  s.put({
    kind: 'contract',
    id: CONTRACT,
    state: 'signed',
    fields: { customer: ACCOUNT, starts_on: '2026-01-01', ends_on: '2026-12-31' },
  })
})
afterAll(() => s.stop())

describe('writing to Salesforce', () => {
  it('sets columns, picklist words, streets and terms', async () => {
    s.set(s.now() + 60_000)
    const { outcome, planned, wire } = await a.run(
      a.request({
        action: 'set_fields',
        kind: 'customer',
        recordId: ACCOUNT,
        fields: {
          phone: null,
          'bill_to.line1': 'Gasse 7',
          credit_limit: '1234567890123.45',
          payment_terms: 'net_30',
          credit_hold: 'true',
        },
        words: { payment_terms: 'Net 30' },
      }),
    )
    expect(outcome).toEqual({ status: 'done', recordId: ACCOUNT })
    expect(wire).toEqual(planned)
    expect(planned).toEqual([
      {
        method: 'PATCH',
        path: `${ROOT}/Account/${ACCOUNT}`,
        body: {
          Phone: null,
          Credit_Limit__c: 1234567890123.45,
          Payment_Terms__c: 'Net 30',
          Credit_Hold__c: true,
          BillingStreet: 'Gasse 7\nHinterhaus',
        },
      },
    ])
    expect((await a.mapped('Account', ACCOUNT)).fields).toMatchObject({
      phone: null,
      'bill_to.line1': 'Gasse 7',
      'bill_to.line2': 'Hinterhaus',
      credit_limit: '1234567890123.45',
      credit_hold: true,
    })
    const term = await a.run(
      a.request({ action: 'set_fields', kind: 'contract', recordId: CONTRACT, fields: { ends_on: '2027-06-30' } }),
    )
    expect(term.wire).toEqual(term.planned)
    expect(term.planned[0]!.body).toEqual({ ContractTerm: 18 })
    expect(a.record('contract', CONTRACT).fields['ends_on']).toBe('2027-06-30')
  })

  it('refuses before sending what the org computes', async () => {
    for (const [kind, recordId, fields] of [
      ['order', ORDER, { amount: '7' }],
      ['customer', ACCOUNT, { owner: 'Somebody' }],
      ['contract', CONTRACT, { ends_on: '2027-06-12' }],
    ] as const)
      await expect(a.run(a.request({ action: 'set_fields', kind, recordId, fields }))).rejects.toMatchObject({
        code: 'config',
      })
  })

  it('blocks, releases and cancels an order in the org’s own words', async () => {
    const states: (string | null)[] = []
    for (const [action, word] of [
      ['hold', 'On Hold'],
      ['release', 'Activated'],
      ['cancel', 'Cancelled'],
    ] as const) {
      s.set(s.now() + 5_000)
      expect(a.action(action, 'order').into).toBeDefined()
      const { planned, wire } = await a.run(
        a.request({ action, kind: 'order', recordId: ORDER, words: { state: word } }),
      )
      expect(wire).toEqual(planned)
      states.push(a.record('order', ORDER).state)
    }
    expect(states).toEqual(['blocked', 'booked', 'cancelled'])
  })

  it('makes an order as a draft with the date that the org asks for', async () => {
    const { outcome, planned, wire } = await a.run(
      a.request({
        action: 'create',
        kind: 'order',
        fields: { ordered_at: '2026-11-01T09:30:00.000Z', currency: 'EUR' },
        references: { customer: ACCOUNT },
        refs: { netsuite: '77' },
      }),
    )
    expect(wire).toEqual(planned)
    if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome))
    expect(planned[0]!.body).toMatchObject({ EffectiveDate: '2026-11-01', Status: 'Draft', Netsuite_Id__c: '77' })
    expect(a.record('order', outcome.recordId)).toMatchObject({ state: 'draft', refs: { netsuite: '77' } })
  })

  it('upserts a subscription by our key and keeps the other platform’s id', async () => {
    const wanted = a.request({
      action: 'create',
      kind: 'subscription',
      fields: {
        number: 'SUB-9',
        quantity: '4',
        amount: '40.00',
        currency: 'EUR',
        interval: 'month',
        started_on: '2026-11-01',
      },
      words: { interval: 'Monthly', state: 'Active' },
      references: { customer: ACCOUNT },
      refs: { stripe: 'sub_9' },
    })
    const act = a.action('create', 'subscription')
    const standing = await act.look(s.context(), wanted)
    const before = a.mutations().length
    s.meet(({ method }) => (method === 'PATCH' ? { kind: 'lost_reply' } : null))
    await expect(act.perform(s.context(), wanted, standing)).rejects.toMatchObject({ code: 'upstream' })
    s.meet(() => null)
    expect(a.mutations()).toHaveLength(before + 1)
    const planned = act.calls(s.context().config, wanted, standing)
    expect(
      a
        .mutations()
        .slice(before)
        .map(({ method, path, body }) => ({ method, path, body })),
    ).toEqual(planned)
    const found = await act.look(s.context(), wanted)
    expect(found.row?.id).toBe(a.mutations().at(-1)!.record)
    // By the other platform's id as well, whoever made it.
    const other = a.request({ ...wanted, key: 'another-key' })
    expect((await act.look(s.context(), other)).row?.id).toBe(found.row?.id)
    // Sent again although it is there: a conflict, not a second row.
    await expect(act.perform(s.context(), wanted, standing)).resolves.toMatchObject({ status: 'conflict' })
    expect(a.mutations()).toHaveLength(before + 1)
    expect((await a.mapped('Subscription__c', found.row!.id!)).refs).toMatchObject({ stripe: 'sub_9' })
  })

  it('notices what moved: before sending by comparing, while sending by the header', async () => {
    const act = a.action('set_fields', 'customer')
    const wanted = a.request({ action: 'set_fields', kind: 'customer', recordId: ACCOUNT, fields: { phone: '+4930' } })
    const standing = await act.look(s.context(), wanted)
    s.set(s.now() + 10_000)
    s.put({ kind: 'customer', id: ACCOUNT, changedAt: s.now() })
    const before = a.mutations().length
    await expect(act.perform(s.context(), wanted, standing)).resolves.toMatchObject({ status: 'conflict' })
    const again = await act.look(s.context(), wanted)
    s.set(s.now() + 10_000)
    s.meet(({ method }) => (method === 'PATCH' ? { kind: 'conflict' } : null))
    await expect(act.perform(s.context(), wanted, again)).resolves.toMatchObject({ status: 'conflict' })
    s.meet(() => null)
    expect(a.mutations()).toHaveLength(before)
  })

  it('gives the org’s own reason when it refuses, and repeats nothing that may have happened', async () => {
    const refused = await a.run(
      a.request({ action: 'set_fields', kind: 'order', recordId: ORDER, fields: { state: 'odd' } }),
    )
    expect(refused.outcome).toMatchObject({
      status: 'refused',
      reason: expect.stringMatching(/restricted picklist.*INVALID_OR_NULL/) as string,
    })
    const act = a.action('attach_ref', 'customer')
    const wanted = a.request({ action: 'attach_ref', kind: 'customer', recordId: ACCOUNT, refs: { netsuite: '501' } })
    const standing = await act.look(s.context(), wanted)
    const before = a.mutations().length
    let sent = 0
    s.meet(({ method }) => (method === 'PATCH' && ++sent > 0 ? { kind: 'error_after', status: 503 } : null))
    await expect(act.perform(s.context(), wanted, standing)).rejects.toMatchObject({ code: 'upstream' })
    s.meet(() => null)
    expect([sent, a.mutations().length - before]).toEqual([1, 1])
    expect(a.record('customer', ACCOUNT).refs).toMatchObject({ netsuite: '501' })
  })

  it('is only read without a write section, and names the objects that the user may not write', async () => {
    const { write: _, ...read } = s.running.platformConfig['config'] as Record<string, unknown>
    expect(actionsOf(connector, connector.config.parse(read))).toEqual([])
    const poor = await simulated(salesforceOrg({ readOnly: ['Account'] }), connector)
    try {
      const { missingScopes } = await shipped.ping(poor.context() as never)
      expect(missingScopes).toEqual(['create Account', 'edit Account'])
    } finally {
      await poor.stop()
    }
  })
})
