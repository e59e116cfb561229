/** Round trip: what the company writes on a simulated platform is what the product reads from it, field by field. */
import type { Connector } from '../../connectors/contract.ts'
import type { Simulator } from '../../lab/platform.ts'
import { canonicalise } from '../../model/canonicalise.ts'
import type { Field } from '../../model/fields.ts'
import { fieldOf, kindOf } from '../../model/kinds.ts'
import type { CanonicalRecord } from '../../model/record.ts'
import { createMapper } from '../../server/collect/mapping.ts'
import { configSchema } from '../../server/config/schema.ts'
import { simulated } from './simulated.ts'

const SAMPLES: Partial<Record<Field['type'], string>> = {
  money: '1234567.89',
  number: '12',
  date: '2026-11-19',
  instant: '2026-11-20T01:02:03.000Z',
  bool: 'true',
  currency: 'EUR',
  country: 'DE',
  payment_terms: 'net_30',
  email: 'accounts@example.com',
  phone: '+494055501234',
  domain: 'example.com',
  tax_id: 'DE136695976',
  language: 'de',
}

export interface Trip {
  kind: string
  state: string | null
  written: CanonicalRecord
  read: CanonicalRecord
}

/** Writes one record for every state of every kind, with every field that the simulator holds, and reads them back as the product does. */
export async function roundTrip(simulator: Simulator, connector: Connector<never>): Promise<Trip[]> {
  const world = await simulated(simulator, connector)
  try {
    const name = simulator.vendor
    const config = configSchema.parse({
      platforms: { [name]: world.running.platformConfig },
      reference_maps: world.running.referenceMaps,
    })
    const trips: Trip[] = []
    for (const kind of simulator.kinds) {
      const { states } = kindOf(kind)
      const ids = new Map<string, { state: string; fields: Record<string, string> }>()
      for (const [n, state] of states.entries()) {
        const fields = Object.fromEntries(simulator.holds(kind).map((field) => [field, sample(simulator, kind, field)]))
        const id = simulator.id(kind, n)
        ids.set(id, { state, fields })
        world.put({ kind, id, state, fields, refs: { stripe: `x_${n}` } })
      }
      const streams = await connector.discover!(world.context())
      const stream = streams.find((s) => s.kind === kind)!
      const mapper = createMapper(config, name, stream, world.context())
      for await (const page of stream.read(world.context(), null)) {
        if (page.held) mapper.holds(page.held, null)
        for (const row of page.rows) {
          const { state, fields } = ids.get(row.id!)!
          const plain = { platform: name, timezone: 'UTC', held: Object.keys(fields), map: () => null }
          const written = canonicalise(kindOf(kind), { record_id: row.id!, fields: { ...fields, state } }, plain)
          trips.push({ kind, state, written, read: mapper.map(row) })
        }
      }
    }
    return trips
  } finally {
    await world.stop()
  }
}

function sample(simulator: Simulator, kind: string, name: string): string {
  const field = fieldOf(kind, name)
  if (field.type === 'reference') return simulator.id(field.to![0]!, 7)
  return SAMPLES[field.type] ?? field.of?.at(-1) ?? `${name} of ${kind}`
}
