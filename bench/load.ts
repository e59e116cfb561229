/** Loading: fills the product's own tables with the data of the benchmark, as collecting and identifying would have left them. */
import { join } from 'node:path'
import { canonicalise, type CanonicaliseContext } from '../model/canonicalise.ts'
import { kindOf } from '../model/kinds.ts'
import { PUBLIC_MAIL } from '../model/types/public-mail.ts'
import { claimContext, claimsSql, nodeSql } from '../server/identify/claims.ts'
import { keepNodes, readingOf } from '../server/identify/nodes.ts'
import { rememberClaims } from '../server/identify/reach.ts'
import type { Context } from '../server/context.ts'
import { versionColumns } from '../server/store/facts/columns.ts'
import { groupHashes } from '../server/store/facts/current.ts'
import { asWritten, HELD, truthSql, versionsSql } from './data.ts'
import { KEYS, openWorld, PLATFORMS, readThrough, type Platform } from './world.ts'

/** Entities that one insert takes. */
const SLICE = 500_000

export interface Loaded {
  records: number
  /** Field → entities in which it differs. */
  truth: Record<string, number>
  seconds: number
}

export async function loadWorld(folder: string, entities: number): Promise<Loaded> {
  const { ctx, close } = await openWorld(folder)
  const started = performance.now()
  try {
    const db = ctx.facts.database
    for (const platform of PLATFORMS)
      for (let from = 0; from < entities; from += SLICE)
        await slice(ctx, platform, from, Math.min(entities, from + SLICE))
    await identified(ctx)
    await proveKeys(ctx)
    readThrough(ctx, ctx.clock.now())
    await settled(ctx)
    await exportForPeers(ctx, folder)
    const [count] = await ctx.facts.query<{ n: string }>(`select count() as n from ${db}.current_customer final`)
    const truth = await ctx.facts.query<{ field: string; n: string }>(truthSql(entities))
    const seconds = (performance.now() - started) / 1000
    return { records: Number(count!.n), truth: Object.fromEntries(truth.map((t) => [t.field, Number(t.n)])), seconds }
  } finally {
    await close()
  }
}

async function slice(ctx: Context, platform: Platform, from: number, to: number): Promise<void> {
  const { facts, control } = ctx
  const db = facts.database
  const seq = control.next('version', to - from)
  const these = `seq >= ${seq} and seq < ${seq + to - from}`
  await facts.command(versionsSql(db, platform, from, to, seq))
  const kind = kindOf('customer')
  const columns = versionColumns(kind).map((c) => c.name)
  const hashes = groupHashes(kind)
  await facts.command(
    `insert into ${db}.current_customer (${columns.join(', ')}, entity_id, eid, customer_entity_id, customer_eid, parent_eid, ${hashes.map((h) => h.name).join(', ')}, rev, gone)
     select ${columns.map((c) => `w.${c}`).join(', ')}, entity, cityHash64(entity), entity, cityHash64(entity), parent_eid,
       ${hashes.map((h) => h.sql('w')).join(', ')}, toUInt64(1), toUInt8(0)
     from (select *, concat('customer_', substring(record_id, position(record_id, '-') + 1)) as entity, toUInt64(0) as parent_eid from ${db}.versions_customer where ${these}) as w`,
  )
  const claims = claimContext('customer', undefined, new Map(), PUBLIC_MAIL)
  const resolved = `select *, toUInt64(0) as parent_eid, '' as parent_entity, toUInt64(0) as customer_hash, '' as customer_id from ${db}.versions_customer where ${these}`
  const nodes = nodeSql(claims, resolved)
  await rememberClaims(facts, 'customer', claimsSql(claims, nodes))
  await keepNodes(facts, 'customer', nodes, { reading: readingOf(claims), rev: control.next('node') })
}

/** Links of all records, as if identification had just ended. */
async function identified({ facts, control }: Context): Promise<void> {
  const db = facts.database
  for (const table of ['link_history', 'links'])
    await facts.command(
      `insert into ${db}.${table} (kind, platform, record_id, entity_id, eid, rule, evidence, rev, observed_at)
       select 'customer', platform, record_id, entity_id, eid, 'refs', '{}', 1, observed_at from ${db}.current_customer`,
    )
  const [last] = await facts.query<{ seq: string }>(`select max(seq) as seq from ${db}.versions_customer`)
  control.next('rev', 10)
  control.set('identify.seq.customer', last!.seq)
  control.set('identify.links.customer', '1')
}

/** The keys made in SQL are those that the product's own reading makes; anything else would measure another comparison. */
async function proveKeys({ facts }: Context): Promise<void> {
  const rows = await facts.query<Record<string, unknown>>(
    `select * from ${facts.database}.versions_customer where cityHash64(record_id) % 997 = 0 limit 1000`,
  )
  const context: CanonicaliseContext = { platform: 'crm', timezone: 'UTC', held: HELD, map: () => null }
  for (const row of rows) {
    const read = canonicalise(kindOf('customer'), { record_id: 'x', fields: asWritten(row) }, context)
    const again: Record<string, unknown> = {}
    for (const f of kindOf('customer').fields) {
      const name = f.name.replaceAll('.', '_')
      again[name] = read.values[f.name]
      if (read.keys[f.name] !== undefined) again[`${name}_key`] = read.keys[f.name]
    }
    for (const key of KEYS)
      if (again[key] !== row[key])
        throw new Error(`The data say ${key} = ${String(row[key])}; the product reads ${String(again[key])}.`)
  }
}

/** Longest wait for the engine's own merges, milliseconds. */
const MERGES_MS = 180_000

/** Waits until the engine has merged what it wants to: a store that has been running looks like that. */
async function settled({ facts, clock }: Context): Promise<void> {
  for (const until = clock.now() + MERGES_MS; clock.now() < until;) {
    const [row] = await facts.query<{ n: string }>('select count() as n from system.merges')
    if (row!.n === '0') return
    await clock.sleep(500)
  }
}

/** One file a platform, sorted by entity, with whole numbers as keys: the easiest that the peers can have it. */
async function exportForPeers({ facts }: Context, folder: string): Promise<void> {
  const hashes = ['h_legal', 'h_profile']
  for (const platform of PLATFORMS)
    for (const format of ['Parquet', 'TabSeparated'])
      await facts.command(
        `insert into function file('${join(folder, `${platform}.${format}`)}', '${format}')
         select toUInt64(substring(record_id, ${platform.length + 2})) as entity, ${KEYS.map((k) => `toString(assumeNotNull(${k})) as ${k}`).join(', ')}, ${hashes.join(', ')}
         from ${facts.database}.current_customer where platform = '${platform}' order by entity`,
      )
}
