/** Connectors for tests of the configuration: one with settings, secrets and streams of its own, one without any. */
import { z } from 'zod'
import { defineConnector } from '../../connectors/contract.ts'
import type { Connector, Stream } from '../../connectors/contract.ts'
import { secret } from '../../connectors/secret.ts'

const stream = <C>(name: string, kind: string): Stream<C> => ({
  name,
  kind,
  source: name,
  holds: ['state'],
  deletes: 'flag',
  async *read() {
    yield { rows: [], last: true }
  },
  map: () => ({ record_id: '', fields: {} }),
})

const ledgerConfig = z.strictObject({
  url: z.url('write an address like https://erp.example.com').describe('Address.'),
  token: secret('Token.'),
  folder: z.string().optional().meta({ path: true }),
  pages: z.strictObject({ size: z.number().int().default(100) }).prefault({}),
  region: z.enum(['eu', 'us']).default('eu'),
})

const about = { limits: { calls: 100, windowMs: 1000, concurrency: 1, reserve: 0 }, lagMs: 0, replayDays: null }
const ping = async () => ({ account: 'test' })

const ledger = defineConnector<z.output<typeof ledgerConfig>>({
  title: 'Ledger',
  config: ledgerConfig as z.ZodType<z.output<typeof ledgerConfig>>,
  ping,
  streams: [stream('accounts', 'customer'), stream('invoices', 'invoice')],
  ...about,
})

/** Finds its streams only when it looks, like `files`. */
const paperConfig = z.strictObject({})
const paper = defineConnector<Record<string, never>>({
  title: 'Paper',
  config: paperConfig,
  ping,
  streams: [],
  discover: async () => [stream('customers', 'customer')],
  ...about,
})

/** The cast is how discovery hands connectors out: their settings' type is checked by their own schema. */
export const PAPER_CONNECTORS: ReadonlyMap<string, Connector<never>> = new Map([
  ['ledger', ledger as unknown as Connector<never>],
  ['paper', paper as unknown as Connector<never>],
])
