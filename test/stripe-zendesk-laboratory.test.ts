/** What the laboratory's company writes into its simulated billing and support comes back through the connectors unchanged. */
import { afterAll, describe, expect, it } from 'vitest'
import type { Connector } from '../connectors/contract.ts'
import stripeConnector from '../connectors/stripe/connector.ts'
import zendeskConnector from '../connectors/zendesk/connector.ts'
import { stripe } from '../lab/platforms/stripe.ts'
import { zendesk } from '../lab/platforms/zendesk.ts'
import type { SimRecord, Simulator } from '../lab/platform.ts'
import { canonicalise } from '../model/canonicalise.ts'
import type { Field } from '../model/fields.ts'
import { fieldOf, kindOf } from '../model/kinds.ts'
import { createMapper } from '../server/collect/mapping.ts'
import { configSchema } from '../server/config/schema.ts'
import type { Config } from '../server/config/schema.ts'
import type { Simulated } from './world/simulated.ts'
import { simulated } from './world/simulated.ts'

const AT = Date.parse('2026-11-20T10:00:00Z')
const open: Simulated[] = []
afterAll(async () => {
  for (const s of open) await s.stop()
})

const SAMPLE: Record<string, string> = {
  text: 'late delivery',
  code: 'X-100',
  name: 'Müller & Söhne',
  legal_name: 'Müller & Söhne GmbH',
  domain: 'mueller.example',
  email: 'ap@mueller.example',
  phone: '+49561234567',
  tax_id: 'DE136695976',
  country: 'DE',
  language: 'de',
  money: '1234.50',
  number: '7',
  date: '2026-03-28',
  instant: '2026-03-28T10:11:12.000Z',
  bool: 'true',
  payment_terms: 'net_30',
}

function sample(simulator: Simulator, field: Field, currency: string): string {
  if (field.type === 'currency') return currency
  if (field.type === 'money') return currency === 'JPY' ? '1234' : currency === 'KWD' ? '1234.567' : SAMPLE['money']!
  if (field.type === 'enum') return field.of![1] ?? field.of![0]!
  if (field.type !== 'reference') return SAMPLE[field.type]!
  return simulator.kinds.includes(field.to![0]!) ? simulator.id(field.to![0]!, 3) : 'netsuite:42'
}

/** A record of every state and currency; values that a state forbids are empty in it. */
function records(simulator: Simulator, kind: string): SimRecord[] {
  const states = kindOf(kind).states
  return states.flatMap((state, i) =>
    ['EUR', 'JPY', 'KWD'].map((currency, j) => {
      const fields: Record<string, string | null> = {}
      for (const name of simulator.holds(kind))
        fields[name] =
          name === 'escalated_at' && state !== 'escalated' ? null : sample(simulator, fieldOf(kind, name), currency)
      if (kind === 'payment')
        Object.assign(
          fields,
          state === 'failed' ? { received_at: null } : { failure_reason: null },
          state === 'pending' && { received_at: null },
        )
      if (kind === 'invoice' && ['paid', 'credited'].includes(state)) fields['amount_due'] = '0'
      if (kind === 'case') fields['priority'] = 'high'
      const n = i * 3 + j
      return {
        id: simulator.id(kind, n),
        kind,
        fields,
        state,
        refs: { [kind === 'case' ? 'stripe' : 'salesforce']: `001-${n}` },
        createdAt: AT - 5000 - n * 1000,
        changedAt: AT,
        visibleAt: 0,
        changedBy: 'finance',
      }
    }),
  )
}

describe.each([
  ['stripe', stripe, stripeConnector as unknown as Connector<never>],
  ['zendesk', zendesk, zendeskConnector as unknown as Connector<never>],
] as const)('%s in the laboratory', (name, simulator, connector) => {
  const world = async () => {
    const s = await simulated(simulator, connector)
    open.push(s)
    const config = configSchema.parse({
      platforms: { [name]: s.running.platformConfig },
      reference_maps: s.running.referenceMaps,
    }) as unknown as Config
    return { s, config }
  }

  it.each(simulator.kinds.map((kind) => [kind]))(
    'gives back every %s as it was written, in every state and currency',
    async (kind) => {
      const { s, config } = await world()
      const written = records(simulator, kind).map((record) => s.put(record))
      const streams = connector.discover ? await connector.discover(s.context()) : connector.streams
      const stream = streams.find((x) => x.kind === kind)!
      const mapper = createMapper(config, name, stream, s.context())
      const found = new Map<string, ReturnType<typeof mapper.map>>()
      for await (const page of stream.read(s.context(), null)) {
        if (page.held) mapper.holds(page.held, null)
        for (const row of page.rows) found.set(row.id!, mapper.map(row))
      }
      expect(found.size).toBe(written.length)
      for (const record of written) {
        const stateful = mapper.held.includes('state')
        const expected = canonicalise(
          kindOf(kind),
          {
            record_id: record.id,
            refs: record.refs,
            fields: { ...record.fields, ...(stateful && { state: record.state }) },
          },
          { platform: name, timezone: 'UTC', held: mapper.held, map: () => null },
        )
        const read = found.get(record.id)!
        const told = (r: typeof read) => ({
          values: r.values,
          keys: r.keys,
          refs: r.refs,
          empty: r.empty,
          unmapped: r.unmapped,
          invalid: r.invalid,
        })
        expect(told(read), `${record.id} ${record.state ?? ''}`).toEqual(told(expected))
        expect(read.changed_at).toBe('2026-11-20T10:00:00.000Z')
      }
    },
  )

  it('shows a status word that no reference map knows as unmapped', async () => {
    const { s, config } = await world()
    const kind = name === 'stripe' ? 'subscription' : 'case'
    s.put({
      kind,
      id: simulator.id(kind, 1),
      state: 'active',
      oddStatus: 'on_ice',
      fields: { currency: 'EUR' },
      createdAt: AT,
      changedAt: AT,
    })
    const streams = connector.discover ? await connector.discover(s.context()) : connector.streams
    const stream = streams.find((x) => x.kind === kind)!
    const mapper = createMapper(config, name, stream, s.context())
    for await (const page of stream.read(s.context(), null))
      for (const row of page.rows) expect(mapper.map(row)).toMatchObject({ status: 'on_ice', unmapped: ['state'] })
  })

  it('makes ids of its own form that never meet', () => {
    for (const kind of simulator.kinds) {
      const ids = new Set(Array.from({ length: 5_000 }, (_, n) => simulator.id(kind, n)))
      expect(ids.size).toBe(5_000)
      expect(simulator.id(kind, 77)).toBe(simulator.id(kind, 77))
    }
  })
})
