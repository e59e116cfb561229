/** Ours: what the product does in the benchmark, through its own functions. */
import { canonicalise, type CanonicaliseContext } from '../model/canonicalise.ts'
import { kindOf } from '../model/kinds.ts'
import { heldFor, kindFor } from '../server/check/look.ts'
import { limits } from '../server/check/kinds/reach.ts'
import { CHECK_BYTES, CHECK_SECONDS } from '../server/check/limits.ts'
import { runChecks, type CheckRunResult } from '../server/check/run.ts'
import type { Context } from '../server/context.ts'
import { identify } from '../server/identify/identify.ts'
import { cut, stepwise } from '../server/store/facts/stepwise.ts'
import { appendVersions } from '../server/store/facts/versions.ts'
import { asWritten, HELD } from './data.ts'
import { KEYS, FIELDS, readThrough } from './world.ts'

export type Counts = Record<string, number>

const toCounts = (rows: { field: string; n: string }[]): Counts =>
  Object.fromEntries(rows.map((r) => [r.field, Number(r.n)]))

/** The SELECT of the check as a run compiles it, counted by field instead of brought into this process. */
export async function compiledCheck(ctx: Context): Promise<Counts> {
  const check = ctx.checks[0]!
  const held = await heldFor(ctx, check, new Map())
  const reach = { full: true, slice: null } as const
  const [compiled] = kindFor(check).compile(check, {
    landscape: ctx.landscape,
    reach,
    asOf: ctx.clock.now(),
    database: ctx.facts.database,
    held,
  })
  const { steps, last } = cut(compiled!.sql)
  const sql = `with ${steps.map((s) => s.text).join(', ')} select field, count() as n from (${last}) group by field`
  const rows: { field: string; n: string }[] = []
  const pieces = stepwise<(typeof rows)[number]>(ctx.facts, { ...compiled!, sql }, limits(CHECK_SECONDS, CHECK_BYTES))
  for await (const batch of pieces) rows.push(...batch)
  return toCounts(rows)
}

/** What an expert would write by hand for this one question on the same tables. */
export async function handWritten(ctx: Context): Promise<Counts> {
  const table = `${ctx.facts.database}.current_customer`
  const differ = KEYS.map((k, n) => `countIf(d${n}) as f${n}`).join(', ')
  const [row] = await ctx.facts.query<Record<string, string>>(
    `select ${differ} from (
       select ${KEYS.map((k, n) => `min(${k}) != max(${k}) as d${n}`).join(', ')} from ${table} final
       where eid in (select eid from ${table} where deleted = 0 and gone = 0 group by eid having min(h_legal) != max(h_legal) or min(h_profile) != max(h_profile))
         and deleted = 0
       group by eid)`,
  )
  return Object.fromEntries(
    FIELDS.map((f, n) => [f, Number(row![`f${n}`])]).filter(([, n]) => n !== 0) as [string, number][],
  )
}

export async function runFull(ctx: Context): Promise<CheckRunResult> {
  const now = ctx.clock.now()
  readThrough(ctx, now)
  return only(await runChecks(ctx, { full: true }))
}

/** A run that looks at what moved. */
export async function runMoved(ctx: Context): Promise<CheckRunResult> {
  return only(await runChecks(ctx))
}

function only([result]: CheckRunResult[]): CheckRunResult {
  if (result!.error) throw result!.error
  return result!
}

export interface Changed {
  changed: number
  appendSeconds: number
  identifySeconds: number
  identifyCpuMs: number
}

/** New versions of so many records, spread over all of them: one in a hundred gets other payment terms, the rest another health score. */
export async function change(ctx: Context, count: number, turn: number): Promise<Changed> {
  const { facts } = ctx
  const rows = await facts.query<Record<string, unknown>>(
    `select * from ${facts.database}.versions_customer where platform = 'crm' order by cityHash64(record_id, {turn:UInt64}) limit {count:UInt32}`,
    { count, turn },
  )
  const context: CanonicaliseContext = { platform: 'crm', timezone: 'UTC', held: HELD, map: () => null }
  const records = rows.map((row, n) => {
    const fields = asWritten(row)
    if (n % 100 === 0) fields['payment_terms'] = `net_${70 + turn}`
    else fields['health_score'] = String(1 + ((n + turn) % 99))
    const changed_at = new Date(ctx.clock.now() - 14 * 86_400_000).toISOString()
    return canonicalise(kindOf('customer'), { record_id: row['record_id'] as string, changed_at, fields }, context)
  })
  const started = performance.now()
  await appendVersions(facts, ctx.control, 'customer', 'customers', records, ctx.clock.now())
  const appended = performance.now()
  const before = process.cpuUsage()
  await identify(ctx)
  const { user, system } = process.cpuUsage(before)
  return {
    changed: records.length,
    appendSeconds: (appended - started) / 1000,
    identifySeconds: (performance.now() - appended) / 1000,
    identifyCpuMs: (user + system) / 1000,
  }
}
