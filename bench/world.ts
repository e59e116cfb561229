/** The world of the benchmark: the product's own stores in a folder, three platforms, and one agreement check over eight fields. */
import { join } from 'node:path'
import { buildLandscape } from '../server/config/landscape.ts'
import { configSchema, type Config } from '../server/config/schema.ts'
import type { Check } from '../server/check/contract.ts'
import { readCheck } from '../server/check/read.ts'
import type { Context } from '../server/context.ts'
import { createLog } from '../server/log.ts'
import { openControl } from '../server/store/control/sqlite.ts'
import { openFacts } from '../server/store/facts/open.ts'
import { systemClock } from '../server/clock.ts'
import { fieldOf } from '../model/kinds.ts'
import { keyColumn } from '../model/fields.ts'

export const PLATFORMS = ['crm', 'erp', 'billing'] as const
export type Platform = (typeof PLATFORMS)[number]

/** The eight compared fields: five of the group whose owner is the ERP, three of the one whose owner is the CRM. */
export const FIELDS = [
  'legal_name',
  'tax_id',
  'bill_to.line1',
  'bill_to.city',
  'payment_terms',
  'name',
  'email',
  'phone',
] as const

/** Columns that equality is tested on. */
export const KEYS = FIELDS.map((f) => keyColumn(fieldOf('customer', f)))

export interface World {
  ctx: Context
  close(): Promise<void>
}

export async function openWorld(folder: string): Promise<World> {
  const control = openControl(join(folder, 'control.sqlite'))
  const facts = await openFacts({ database: 'plumbline', path: join(folder, 'facts') })
  const config = configSchema.parse({
    platforms: Object.fromEntries(
      PLATFORMS.map((name) => [name, { connector: 'files', role: name, config: { folder: '.' } }]),
    ),
  }) as Config
  const log = createLog({ clock: systemClock, level: 'error' })
  const signal = new AbortController().signal
  const landscape = buildLandscape(config, { keeps: (_, kind) => kind === 'customer' })
  const checks = [agreement()]
  const ctx: Context = {
    config,
    landscape,
    connectors: new Map(),
    checks,
    facts,
    control,
    clock: systemClock,
    log,
    signal,
  }
  return {
    ctx,
    async close() {
      control.close()
      await facts.close()
    },
  }
}

/** The check as a file would say it. */
function agreement(): Check {
  const example = (name: string, findings: string) =>
    `  - { name: ${name}, at: 2026-11-20T12:00:00Z, platforms: { crm: { role: crm } }, records: [], findings: ${findings} }\n`
  const text = `title: Customer records agree
why: The benchmark counts what differs.
fix: None.
kind: agree
severity: high
owner: finance-operations
of: customer
fields: [${FIELDS.join(', ')}]
examples:
${example('agrees', '[]')}${example('differs', '[{ field: name }]')}`
  const { check, problems } = readCheck('agreement.yaml', 'agreement', text, undefined)
  if (!check) throw new Error(JSON.stringify(problems))
  return check
}

/** Every stream has just been read completely, so that a difference is judged and not put off. */
export function readThrough({ control }: Context, at: number): void {
  for (const platform of PLATFORMS) {
    control.declareStream(platform, 'customers', 'customer')
    control.commitStream(platform, 'customers', { completeThrough: at, lastSuccessAt: at })
  }
}
