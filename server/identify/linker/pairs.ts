/** Pairs: candidates that share a block, or are drawn at random, and the pattern in which each pair agrees. */
import type { Facts } from '../../store/facts/facts.ts'
import { patternSql } from './levels.ts'
import { scratch } from './prepare.ts'
import { BLOCK_RECORDS_MAX, type LinkSpec } from './spec.ts'

export interface Skipped {
  rule: string
  /** Keys that too many records share, and the records under them. */
  keys: number
  records: number
}

export interface Blocked {
  skipped: Skipped[]
  /** Entries, one for each record under each of its keys. */
  entries: number
  /** Pairs that share a key that is not skipped; who shares several counts as often. */
  candidates: number
}

/** Entries whose pairs one statement finds: a hash table of some hundred megabytes. */
const ENTRIES_AT_ONCE = 4_000_000

/** Values by their numbers, and their rarities: what of a pair is known without looking at its records. */
const carried = (spec: LinkSpec) => [
  ...spec.fields.map((f) => ({ name: `v_${f.name}`, type: 'UInt32' })),
  ...spec.fields.filter((f) => f.termFrequency).map((f) => ({ name: `q_${f.name}`, type: 'Float32' })),
]

/** Files every record under its keys. */
export async function block(facts: Facts, spec: LinkSpec): Promise<Blocked> {
  const blocks = scratch(facts, 'blocks')
  const values = carried(spec)
  const names = values.map((v) => v.name).join(', ')
  await facts.command(
    `create table ${blocks} (rule UInt8, key UInt64, n UInt32, side UInt32, entity UInt64, ${values.map((v) => `${v.name} ${v.type}`).join(', ')}) engine = MergeTree order by (rule, key)`,
  )
  for (const [i, rule] of spec.rules.entries())
    await facts.command(
      `insert into ${blocks} select ${i}, cityHash64(key), n, toUInt32(cityHash64(platform)), entity, ${names}
       from (select n, platform, entity, ${names}, arrayJoin(arrayDistinct(arrayFilter(k -> k != '', ${rule.keys}))) as key from ${scratch(facts, 'records')})`,
    )
  const rows = await facts.query<{ rule: number; keys: string; records: string; entries: string; candidates: string }>(
    `select rule, toString(countIf(size > ${most(spec)})) as keys, toString(sumIf(size, size > ${most(spec)})) as records,
       toString(sum(size)) as entries, toString(sumIf(intDiv(size * (size - 1), 2), size <= ${most(spec)})) as candidates
     from (select rule, key, count() as size from ${blocks} group by rule, key) group by rule order by rule`,
  )
  const sum = (of: 'entries' | 'candidates') => rows.reduce((n, r) => n + Number(r[of]), 0)
  const skipped = rows.filter((r) => r.keys !== '0')
  return {
    skipped: skipped.map((r) => ({
      rule: spec.rules[r.rule]!.name,
      keys: Number(r.keys),
      records: Number(r.records),
    })),
    entries: sum('entries'),
    candidates: sum('candidates'),
  }
}

/** Records of one key, by rule, beyond which it is skipped. */
const most = (spec: LinkSpec) => `[${spec.rules.map((r) => r.most ?? BLOCK_RECORDS_MAX).join(', ')}][rule + 1]`

export interface Wanted {
  entries: number
  /** Leaves out pairs whose entity is the same already. */
  strangers?: boolean
  /** Takes one record in so many, with all of its partners after it. */
  oneIn?: number
  /** Condition on the entries `x` and `y` of a pair. */
  where?: string
}

/** Fills `linker_pairs` (l, r, rules): every pair once, with the rules that found it as bits. */
export async function pair(facts: Facts, spec: LinkSpec, wanted: Wanted): Promise<void> {
  const [pairs, shared, blocks] = ['pairs', 'shared', 'blocks'].map((name) => scratch(facts, name)) as [
    string,
    string,
    string,
  ]
  const conditions = [
    'x.n < y.n',
    ...(spec.pairs === 'across' ? ['x.side != y.side'] : []),
    ...(wanted.strangers ? ['(x.entity != y.entity or x.entity = 0)'] : []),
    ...(wanted.where ? [wanted.where] : []),
  ]
  await facts.command(`drop table if exists ${pairs}`)
  await facts.command(`drop table if exists ${shared}`)
  await facts.command(`create table ${shared} (l UInt32, r UInt32, rule UInt8) engine = MergeTree order by tuple()`)
  for (const within of slices(Math.ceil(wanted.entries / ENTRIES_AT_ONCE)))
    await facts.command(
      `insert into ${shared} select x.n, y.n, x.rule
       from (select * from ${blocks} where ${within}${wanted.oneIn ? ` and cityHash64(n) % ${wanted.oneIn} = 0` : ''}) as x
       inner join (select * from ${blocks} where ${within} and (rule, key) in (
         select rule, key from ${blocks} where ${within} group by rule, key having count() > 1 and count() <= ${most(spec)})) as y
       on y.rule = x.rule and y.key = x.key
       where ${conditions.join(' and ')}`,
    )
  await facts.command(
    `create table ${pairs} engine = MergeTree order by tuple() as
     select l, r, groupBitOr(bitShiftLeft(toUInt32(1), rule)) as rules from ${shared} group by l, r`,
  )
  await facts.command(`drop table ${shared}`)
}

/** Conditions that cut the keys, which are hashes, into so many parts of about one size. */
function slices(count: number): string[] {
  const bound = (i: number) => (2n ** 64n * BigInt(i)) / BigInt(count)
  return Array.from({ length: Math.max(1, count) }, (_, i) =>
    count <= 1 ? '1' : `key >= ${bound(i)}${i + 1 < count ? ` and key < ${bound(i + 1)}` : ''}`,
  )
}

/** Fills `linker_pairs` with pairs drawn at random, the same ones every time. */
export async function draw(facts: Facts, total: number, wanted: number): Promise<void> {
  const pairs = scratch(facts, 'pairs')
  await facts.command(`drop table if exists ${pairs}`)
  const picked = (salt: number) => `toUInt32(cityHash64(number, ${salt}) % ${total} + 1)`
  await facts.command(
    `create table ${pairs} engine = MergeTree order by tuple() as
     select distinct least(a, b) as l, greatest(a, b) as r, toUInt32(0) as rules
     from (select ${picked(1)} as a, ${picked(2)} as b from numbers(${wanted})) where a != b`,
  )
}

/** Fills `linker_compared` (l, r, rules, pattern, rarities) from `linker_pairs`. */
export async function compare(facts: Facts, spec: LinkSpec): Promise<void> {
  const compared = scratch(facts, 'compared')
  const frequent = spec.fields.filter((f) => f.termFrequency)
  const rarities = frequent.map(({ name }) => `if(l.f_${name} = r.f_${name}, l.q_${name}, toFloat32(0))`)
  const { given, pattern } = patternSql(spec.fields)
  await facts.command(`drop table if exists ${compared}`)
  await facts.command(
    `create table ${compared} engine = MergeTree order by tuple() as
     with ${given.join(', ')}
     select p.l as l, p.r as r, p.rules as rules, ${pattern} as pattern, [${rarities.join(', ') || 'toFloat32(0)'}] as rarities
     from ${scratch(facts, 'pairs')} as p
     inner join ${scratch(facts, 'records')} as l on l.n = p.l
     inner join ${scratch(facts, 'records')} as r on r.n = p.r
     ${spec.pairs === 'across' ? 'where l.platform != r.platform' : ''}`,
  )
}

export async function countOf(facts: Facts, table: string): Promise<number> {
  const [row] = await facts.query<{ n: string }>(`select toString(count()) as n from ${table}`)
  return Number(row!.n)
}
