/** What platforms send by themselves: who may speak, what a delivery says, and the vendors' own vectors. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Connector } from '../connectors/contract.ts'
import type { HookRequest, Receiver } from '../connectors/receiver.ts'
import central from '../connectors/business-central/connector.ts'
import operations from '../connectors/finance-operations/connector.ts'
import gainsight from '../connectors/gainsight/connector.ts'
import netsuite from '../connectors/netsuite/connector.ts'
import salesforce from '../connectors/salesforce/connector.ts'
import { configSchema as stripeConfig } from '../connectors/stripe/config.ts'
import sap from '../connectors/sap-s4hana/connector.ts'
import stripe from '../connectors/stripe/connector.ts'
import zendesk from '../connectors/zendesk/connector.ts'
import { outbound } from '../lab/platforms/salesforce/hooks.ts'
import company from '../lab/platforms/business-central.ts'
import fin from '../lab/platforms/finance-operations.ts'
import { gainsight as tenant } from '../lab/platforms/gainsight.ts'
import { salesforce as org } from '../lab/platforms/salesforce.ts'
import { signed } from '../lab/platforms/stripe/hooks.ts'
import { stripe as account } from '../lab/platforms/stripe.ts'
import s4 from '../lab/platforms/sap-s4hana.ts'
import { zendesk as support } from '../lab/platforms/zendesk.ts'
import { netsuite as erp } from '../lab/platforms/netsuite.ts'
import type { Simulator } from '../lab/platform.ts'
import { simulated } from './world/simulated.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const request = (body: string, headers: Record<string, string>): HookRequest => ({
  method: 'POST',
  path: '/',
  query: {},
  headers,
  body: Buffer.from(body),
})

/** Made with openssl over the vendor's published test payload, secret and scheme (generateTestHeaderString of its libraries). */
const VECTOR = 'd31a0c09b944148f3e0967540577eab14332f9eed37bc847aa57257cb33baf8e'

describe('Stripe-Signature', () => {
  const config = (secrets: string[]) => stripeConfig.parse({ key: 'rk_live_lab', webhook: { secrets } })
  const verify = (secrets: string[], header: string, body: string, now: number) =>
    stripe.receive!.verify(config(secrets), request(body, { 'stripe-signature': header }), now)
  const body = JSON.stringify({ id: 'evt_test_webhook', object: 'event' }, null, 2)

  it('takes the header that the vendor’s own library makes for its tests', () => {
    expect(verify(['whsec_test_secret'], `t=1600000000,v1=${VECTOR}`, body, 1_600_000_000_000)).toEqual({
      trust: 'signed',
    })
    expect(signed(body, 1_600_000_000_000, ['whsec_test_secret'])).toContain(`v1=${VECTOR},`)
  })
  it('takes any of several signatures and any of several secrets while they are rolled', () => {
    const rolled = signed(body, NOW, ['whsec_old', 'whsec_new'])
    for (const secrets of [['whsec_new'], ['whsec_old'], ['whsec_other', 'whsec_new']])
      expect(verify(secrets, rolled, body, NOW)).toEqual({ trust: 'signed' })
    expect(verify(['whsec_other'], rolled, body, NOW)).toMatchObject({ reason: 'the signature is wrong' })
  })
  it('takes no other scheme, no signature of another stamp and nothing while no secret is set', () => {
    const header = signed(body, NOW, ['whsec_a'])
    expect(verify(['whsec_a'], header.replace('v1=', 'v0='), body, NOW)).toMatchObject({ trust: 'refused' })
    expect(verify(['whsec_a'], header.replace(/t=\d+/, `t=${NOW / 1000 + 1}`), body, NOW)).toMatchObject({
      trust: 'refused',
    })
    expect(stripe.receive!.verify(stripeConfig.parse({ key: 'k' }), request(body, {}), NOW)).toMatchObject({
      remedy: expect.stringMatching(/webhook/) as string,
    })
  })
  it('hints at every stream that an event concerns, and refuses events of the other mode', () => {
    const of = (more: object) =>
      request(
        JSON.stringify({
          id: 'evt_1',
          type: 'credit_note.created',
          livemode: true,
          data: { object: { id: 'cn_1', invoice: 'in_1' } },
          ...more,
        }),
        {},
      )
    expect(stripe.receive!.read(config(['x']), of({}))).toEqual([
      {
        key: 'evt_1',
        events: [],
        hints: [{ stream: 'invoices', id: 'in_1' }, { stream: 'credits', id: 'cn_1' }, { stream: 'invoice_lines' }],
      },
    ])
    expect(() => stripe.receive!.read(config(['x']), of({ livemode: false }))).toThrow(/other mode/)
    expect(() => stripe.receive!.read(config(['x']), request('[]', {}))).toThrow(/no object/)
  })
})
describe('Salesforce outbound messages', () => {
  const config = salesforce.config.parse({
    instance_url: 'https://acme.my.salesforce.com',
    auth: { flow: 'client_credentials', client_id: 'a', client_secret: 'b' },
    outbound: { organization_id: '00DgL0000000001' },
  })
  const body = outbound('Account', org.id('customer', 1), 1)
  it('are hints of our organisation only, answered in its own words', () => {
    const { verify, read, acknowledge } = salesforce.receive!
    expect(verify(config, request(body, {}), NOW)).toEqual({ trust: 'unsigned' })
    const foreign = outbound('Account', org.id('customer', 1), 1, '00DgL0000000002MAA')
    expect(verify(config, request(foreign, {}), NOW)).toMatchObject({ trust: 'refused' })
    expect(acknowledge!(config, request(body, {})).body).toContain('<Ack>true</Ack>')
    const [reading] = read(config, request(body, {}))
    expect(reading).toMatchObject({
      key: expect.stringMatching(/^04l\w{15}$/) as string,
      hints: [{ stream: 'Account', id: org.id('customer', 1) }],
    })
    // Several notifications come in one message, and may be of objects that nobody reads.
    const two = body.replace(
      '</Notification>',
      `</Notification><Notification><Id>04lgL0000000009</Id><sObject xsi:type="sf:Task"><sf:Id>00TgL0000000001</sf:Id></sObject></Notification>`,
    )
    expect(read(config, request(two, {})).map((r) => r.hints.length)).toEqual([1, 0])
  })
  it.each([
    ['a document type', '<!DOCTYPE x [<!ENTITY a "b">]><a/>'],
    ['no notification', '<a/>'],
    ['a notification without its object', '<Notification><Id>04lgL0000000001</Id></Notification>'],
  ])('with %s are quarantined', (_, text) => {
    expect(() => salesforce.receive!.read(config, request(text, {}))).toThrow()
  })
})

const VENDORS: [string, Simulator, Connector<never>, string, string?][] = [
  ['stripe', account, stripe as never, 'customers'],
  ['zendesk', support, zendesk as never, 'organizations'],
  ['salesforce', org, salesforce as never, 'Account'],
  ['netsuite', erp, netsuite as never, 'customer'],
  ['sap-s4hana', s4, sap as never, 'orders', 'order'],
  ['finance-operations', fin, operations as never, 'SalesInvoiceHeadersV2', 'invoice'],
  ['finance-operations alerts', fin, operations as never, 'CustomersV3'],
  ['business-central', company, central as never, 'customers'],
  ['gainsight', tenant, gainsight as never, 'Company'],
]
describe.each(VENDORS)('%s over HTTP', (_, simulator, connector, stream, kind = 'customer') => {
  it('sends what changed, with duplicates, out of order and with losses; every delivery that came is understood', async () => {
    const s = await simulated(simulator, connector)
    const got: HookRequest[] = []
    const server = await listening((req) => got.push(req))
    try {
      const named = (n: number): Record<string, string> => (kind === 'customer' ? { name: `C${n}` } : {})
      for (let n = 0; n < 40; n++) s.put({ kind, id: simulator.id(kind, n), fields: named(n) })
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/x`
      const hooks = s.running.hooks!(url, { duplicate: 0.3, reorder: 0.4, lose: 0.2 })
      const { sent, refused } = await hooks.deliver()
      expect(refused).toEqual([])
      expect(got).toHaveLength(sent.length)
      const { verify, read } = connector.receive as Receiver<never>
      const config = s.context().config
      expect(got.map((r) => verify(config, r, s.now()).trust).filter((t) => t === 'refused')).toEqual([])
      const readings = got.flatMap((r) => read(config, r))
      const keys = new Set(readings.map((r) => r.key))
      const records = new Set(sent.map((d) => d.record))
      expect(keys.size).toBe(records.size)
      expect(records.size).toBeLessThan(40)
      expect(sent.length).toBeGreaterThan(records.size)
      expect(new Set(readings.flatMap((r) => r.hints.filter((h) => h.stream === stream).map((h) => h.id)))).toEqual(
        records,
      )
      // Nothing changed since: nothing is told again.
      expect((await hooks.deliver()).sent).toEqual([])
    } finally {
      server.close()
      await s.stop()
    }
  })
})

async function listening(take: (request: HookRequest) => void): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const headers = Object.fromEntries(Object.entries(incoming.headers).map(([k, v]) => [k, String(v)]))
      const query = Object.fromEntries(new URL(incoming.url!, 'http://here').searchParams)
      take({ method: incoming.method!, path: incoming.url!, query, headers, body: Buffer.concat(chunks) })
      outgoing.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
