/** Notices: messages that name what changed on a platform; who may send them, and what is read again because of them. */
import { describe, expect, it } from 'vitest'
import type { HookRequest } from '../connectors/receiver.ts'
import central from '../connectors/business-central/connector.ts'
import operations from '../connectors/finance-operations/connector.ts'
import gainsight from '../connectors/gainsight/connector.ts'
import sap from '../connectors/sap-s4hana/connector.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const posted = (body: unknown, more: Partial<HookRequest> = {}): HookRequest => ({
  method: 'POST',
  path: '/',
  query: {},
  headers: {},
  body: Buffer.from(JSON.stringify(body)),
  ...more,
})

describe('enterprise events of S/4HANA', () => {
  const settings = (webhook?: object) =>
    sap.config.parse({
      base_url: 'https://s4.example.com',
      auth: { type: 'basic', user: 'u', password: 'p' },
      skip: ['contracts'],
      ...(webhook && { webhook }),
    })
  const config = settings({
    signature: { scheme: 'token', secrets: ['new', 'old'] },
    sources: ['/default/sap.s4.beh/*'],
  })
  const { verify, read, handshake, owns } = sap.receive!
  const event = (type: string, data: object, more = {}) =>
    posted(
      { specversion: '1.0', id: '1', source: '/default/sap.s4.beh/1', type, data, ...more },
      { headers: { 'content-type': 'application/cloudevents+json' } },
    )

  it('are let in with any of the tokens, and not at all while nothing is configured', () => {
    const by = (token: string) => posted({}, { headers: { authorization: `Bearer ${token}` } })
    expect(['new', 'old', 'other'].map((t) => verify(config, by(t), NOW).trust)).toEqual(['token', 'token', 'refused'])
    expect(verify(settings(), by('new'), NOW)).toMatchObject({ remedy: expect.stringMatching(/webhook/) as string })
  })
  it('answer the handshake of a broker, and speak for their own source alone', () => {
    const asks = posted({}, { method: 'OPTIONS', headers: { 'webhook-request-origin': 'mesh.example.com' } })
    expect(handshake!(config, asks)?.headers).toMatchObject({ 'webhook-allowed-origin': 'mesh.example.com' })
    expect([owns!(config, '/default/sap.s4.beh/7'), owns!(config, '/other'), owns!(settings(), '/other')]).toEqual([
      true,
      false,
      false,
    ])
    expect(read(config, event('sap.s4.beh.salesorder.v1.SalesOrder.Changed.v1', {}, { source: '/other' }))).toEqual([])
  })
  it.each([
    ['salesorder.v1.SalesOrder.Changed.v1', { SalesOrder: '4711' }, [{ stream: 'orders', id: '4711' }]],
    // A business partner may be a customer of another number; a billing document is an invoice or a credit memo.
    ['businesspartner.v1.BusinessPartner.Created.v1', { BusinessPartner: '9' }, [{ stream: 'customers' }]],
    [
      'billingdocument.v1.BillingDocument.Created.v1',
      { BillingDocument: '9' },
      [{ stream: 'invoices' }, { stream: 'credits' }],
    ],
    ['salescontract.v1.SalesContract.Changed.v1', { SalesContract: '3' }, []],
    ['purchaseorder.v1.PurchaseOrder.Changed.v1', { PurchaseOrder: '3' }, []],
  ])('hint at what %s is about', (type, data, hints) => {
    expect(read(config, event(`sap.s4.beh.${type}`, data))).toEqual([
      { key: '/default/sap.s4.beh/1 1', events: [], hints },
    ])
  })
  it('become events with their trace where a rule says so', () => {
    const rules = [
      {
        when: { '/type': 'sap.s4.beh.salesorder.*' },
        event: {
          type: 'applied',
          to_platform: 's4',
          kind: 'order',
          record_id: '/data/SalesOrder',
          correlation_id: '/xcorr',
        },
      },
    ]
    const trace = 'a'.repeat(32)
    const told = event(
      'sap.s4.beh.salesorder.v1.SalesOrder.Changed.v1',
      { SalesOrder: '4711' },
      { time: '2026-11-20T11:59:00Z', xcorr: 'c-1', traceparent: `00-${trace}-00f067aa0ba902b7-01` },
    )
    const [reading] = read(settings({ signature: { scheme: 'none' }, rules }), told)
    expect(reading!.hints).toEqual([{ stream: 'orders', id: '4711' }])
    expect(reading!.events[0]!.value).toMatchObject({
      type: 'applied',
      at: '2026-11-20T11:59:00Z',
      record_id: '4711',
      correlation_id: 'c-1',
      trace_id: trace,
    })
  })
})

describe('business events of Finance & Operations', () => {
  const config = operations.config.parse({
    url: 'https://acme.operations.dynamics.com',
    tenant: 't',
    client_id: 'c',
    client_secret: 's',
    companies: ['usmf'],
    webhook: {
      secrets: ['new', 'old'],
      events: {
        AcmeCustomerChanged: { streams: ['CustomersV3'], id: 'AccountNum' },
        AcmeItems: { streams: ['ReleasedProductsV2'] },
      },
    },
  })
  const { verify, read } = operations.receive!
  it('carry their secret in the address, and are hints only', () => {
    const by = (query: Record<string, string>) => verify(config, posted({}, { query }), NOW)
    expect(by({ code: 'old' })).toEqual({ trust: 'unsigned' })
    for (const query of [{}, { code: 'other' }, { key: 'new' }] as Record<string, string>[])
      expect(by(query)).toMatchObject({ trust: 'refused' })
  })
  it.each([
    [
      'SalesInvoicePostedBusinessEvent',
      { LegalEntity: 'USMF', InvoiceId: 'CIV-1' },
      [{ stream: 'SalesInvoiceHeadersV2', id: 'usmf/CIV-1' }],
    ],
    [
      'BusinessEventsAlertEvent',
      { DataAreaId: 'usmf', TableName: 'CustTable', KeyValue1: 'US-1' },
      [{ stream: 'CustomersV3', id: 'usmf/US-1' }],
    ],
    ['AcmeCustomerChanged', { LegalEntity: 'usmf', AccountNum: 'US-2' }, [{ stream: 'CustomersV3', id: 'usmf/US-2' }]],
    ['AcmeItems', {}, [{ stream: 'ReleasedProductsV2' }]],
    ['BusinessEventsAlertEvent', { DataAreaId: 'usmf', TableName: 'VendTable', KeyValue1: 'V-1' }, []],
    // Another company is not read.
    ['SalesInvoicePostedBusinessEvent', { LegalEntity: 'DEMF', InvoiceId: 'CIV-1' }, []],
  ])('of %s hint at the record in its company', (BusinessEventId, payload, hints) => {
    const told = { BusinessEventId, EventId: 'E-1', EventTime: '/Date(1574352000000)/', ...payload }
    expect(read(config, posted(told))).toEqual([{ key: 'E-1', events: [], hints }])
  })
  it('without a name are put aside', () => {
    expect(() => read(config, posted({ EventId: 'E-1' }))).toThrow(/no business event/)
  })
})

describe('notifications of Business Central', () => {
  const company = '3d2a1a5e-0000-4000-8000-00000000000a'
  const config = central.config.parse({
    environment: 'Production',
    company,
    tenant: 't',
    client_id: 'c',
    client_secret: 's',
    skip: ['salesOrders'],
    webhook: { secrets: ['new', 'old'] },
  })
  const { verify, read, handshake } = central.receive!
  const id = '5e1f0c2b-1111-4222-8333-444455556666'
  const note = (more = {}) => ({
    subscriptionId: 'x',
    clientState: 'old',
    changeType: 'updated',
    resource: `https://api.example/api/v2.0/companies(${company})/customers(${id})`,
    lastModifiedDateTime: '2026-11-20T11:59:00Z',
    ...more,
  })
  it('are let in by the client state of every one of them, and answer the validation', () => {
    expect(verify(config, posted({ value: [note(), note({ clientState: 'new' })] }), NOW)).toEqual({
      trust: 'unsigned',
    })
    for (const value of [[note(), note({ clientState: 'other' })], [], [note({ clientState: 7 })], 'x'])
      expect(verify(config, posted({ value }), NOW)).toMatchObject({ trust: 'refused' })
    expect(handshake!(config, posted({}, { query: { validationToken: 'abc' } }))).toMatchObject({
      status: 200,
      body: 'abc',
    })
    expect(handshake!(config, posted({ value: [note()] }))).toBeNull()
  })
  it.each([
    ['a record', {}, [{ stream: 'customers', id }]],
    [
      'a list of many',
      { changeType: 'collection', resource: `companies(${company})/customers?$filter=x` },
      [{ stream: 'customers' }],
    ],
    ['another company', { resource: `companies(0${company.slice(1)})/customers(${id})` }, []],
    ['an entity that is not read', { resource: `companies(${company})/salesOrders(${id})` }, []],
  ])('of %s hint at what it names', (_, more, hints) => {
    expect(read(config, posted({ value: [note(more)] }))[0]!.hints).toEqual(hints)
  })
})

describe('calls of Gainsight’s rules', () => {
  const settings = (webhook: object) =>
    gainsight.config.parse({
      base_url: 'https://acme.gainsightcloud.com',
      auth: { flow: 'access_key', access_key: 'k' },
      webhook: { signature: { scheme: 'token', header: 'X-Key', prefix: '', secrets: ['s'] }, ...webhook },
    })
  const { verify, read } = gainsight.receive!
  it('prove themselves by the declared header, and name object and record where the payload has them', () => {
    const config = settings({ object: '/what', id: '/data/id' })
    expect(verify(config, posted({}, { headers: { 'x-key': 's' } }), NOW)).toEqual({ trust: 'token' })
    expect(verify(config, posted({}), NOW)).toMatchObject({ trust: 'refused' })
    const [reading] = read(config, posted({ what: 'Company', data: { id: '1P02' } }))
    expect(reading!.hints).toEqual([{ stream: 'Company', id: '1P02' }])
    expect(read(config, posted({ what: 'call_to_action', data: { id: '1' } }))[0]!.hints).toEqual([])
    expect(() => read(config, posted({ object: 'Company' }))).toThrow(/no object/)
  })
})
