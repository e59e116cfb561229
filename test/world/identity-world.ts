/** A world for identification: the real stores, records by hand, and what became one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KEYED } from '../../model/fields.ts'
import { kindOf } from '../../model/kinds.ts'
import type { CanonicalRecord } from '../../model/record.ts'
import { configSchema } from '../../server/config/schema.ts'
import type { Context } from '../../server/context.ts'
import { createLog } from '../../server/log.ts'
import { openControl } from '../../server/store/control/sqlite.ts'
import type { Facts } from '../../server/store/facts/facts.ts'
import { openFacts } from '../../server/store/facts/open.ts'
import { appendVersions } from '../../server/store/facts/versions.ts'
import { handClock } from './clock.ts'

export interface IdentityWorld {
  facts: Facts
  /** Of the present round: `forget` makes another. */
  ctx: Context
  /** Stores new versions, seen now. */
  store(kind: string, records: CanonicalRecord[]): Promise<unknown>
  /** `platform:id` → entity and customer. */
  entities(kind: string): Promise<Record<string, { entity: string; customer: string }>>
  /** Begins with nothing: empty facts, another control store. */
  forget(): Promise<void>
  end(): Promise<void>
}

let hash = 1n

export async function identityWorld(): Promise<IdentityWorld> {
  const clock = handClock()
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-identify-'))
  const facts = await openFacts({ path: join(dir, 'facts'), database: 'plumbline' })
  const platform = (name: string, role: string) => ({
    name,
    title: name,
    role,
    scope: {},
    timezone: 'UTC',
    connector: 'files',
  })
  const landscape = { platforms: [platform('sf', 'crm'), platform('ns', 'erp'), platform('stripe', 'billing')] }
  const begin = (): Context => ({
    config: configSchema.parse({}) as Context['config'],
    landscape: landscape as unknown as Context['landscape'],
    connectors: new Map(),
    checks: [],
    facts,
    control: openControl(join(dir, `control-${hash++}.sqlite`)),
    clock,
    log: createLog({ clock, level: 'error' }),
    signal: new AbortController().signal,
  })
  const world: IdentityWorld = {
    facts,
    ctx: begin(),
    store: (kind, records) => appendVersions(facts, world.ctx.control, kind, kind, records, clock.now()),
    async entities(kind) {
      const rows = await facts.query<{ name: string; entity_id: string; customer_entity_id: string }>(
        `select concat(platform, ':', record_id) as name, entity_id, customer_entity_id from plumbline.current_${kind} final order by name`,
      )
      return Object.fromEntries(rows.map((r) => [r.name, { entity: r.entity_id, customer: r.customer_entity_id }]))
    },
    async forget() {
      const tables = await facts.query<{ name: string }>(
        `select name from system.tables where database = 'plumbline' and name != 'migrations' and engine like '%MergeTree'`,
      )
      for (const { name } of tables) await facts.command(`truncate table plumbline.${name}`)
      world.ctx.control.close()
      world.ctx = begin()
    },
    async end() {
      world.ctx.control.close()
      await facts.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return world
}

/** A canonical record as a stream would store it; keys are the values in lower case. */
export function record(
  kind: string,
  platform: string,
  record_id: string,
  values: Record<string, string>,
  more: Partial<CanonicalRecord> = {},
): CanonicalRecord {
  const fields = kindOf(kind).fields
  const keys = Object.fromEntries(
    Object.entries(values)
      .filter(([f]) => KEYED.has(fields.find((x) => x.name === f)!.type))
      .map(([f, v]) => [f, v.toLowerCase()]),
  )
  return {
    platform,
    kind,
    record_id,
    status: null,
    refs: {},
    created_at: null,
    changed_at: '2026-11-01T00:00:00.000Z',
    stamp: 'ms',
    deleted: false,
    merged_into: null,
    changed_by: null,
    correlation_id: null,
    values,
    keys,
    raw: {},
    held: fields.map((f) => f.name),
    empty: [],
    unmapped: [],
    invalid: {},
    custom: {},
    version_hash: String(hash++),
    ...more,
  }
}

/** Who is one with whom, in an order of its own. */
export function partition(entities: Record<string, { entity: string }>): string[][] {
  const by = new Map<string, string[]>()
  for (const [name, { entity }] of Object.entries(entities)) by.set(entity, [...(by.get(entity) ?? []), name])
  return [...by.values()].map((g) => g.sort()).sort((a, b) => (a[0]! < b[0]! ? -1 : 1))
}
