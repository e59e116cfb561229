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

/** Files every record under its keys. */
export async function block(facts: Facts, spec: LinkSpec): Promise<Skipped[]> {
  const blocks = scratch(facts, 'blocks')
  await facts.command(
    `create table ${blocks} (rule UInt8, key UInt64, n UInt32, side UInt32, entity UInt64) engine = MergeTree order by (rule, key)`,
  )
  for (const [i, rule] of spec.rules.entries())
    await facts.command(
      `insert into ${blocks} select ${i}, cityHash64(key), n, toUInt32(cityHash64(platform)), entity
       from (select n, platform, entity, arrayJoin(arrayDistinct(arrayFilter(k -> k != '', ${rule.keys}))) as key from ${scratch(facts, 'records')})`,
    )
  const rows = await facts.query<{ rule: number; keys: string; records: string }>(
    `select rule, toString(count()) as keys, toString(sum(size)) as records
     from (select rule, key, count() as size from ${blocks} group by rule, key having size > ${sizes(spec)}) group by rule order by rule`,
  )
  return rows.map((r) => ({ rule: spec.rules[r.rule]!.name, keys: Number(r.keys), records: Number(r.records) }))
}

const sizes = (spec: LinkSpec) => `[${spec.rules.map((r) => r.most ?? BLOCK_RECORDS_MAX).join(', ')}][rule + 1]`

/**
 * Fills `linker_pairs` (l, r, rules): every pair once, with the rules that found it as bits.
 * @param strangers leaves out pairs whose entity is the same already
 */
export async function pair(facts: Facts, spec: LinkSpec, strangers: boolean): Promise<number> {
  const pairs = scratch(facts, 'pairs')
  const apart = [...(spec.pairs === 'across' ? ['y.2 != x.2'] : []), ...(strangers ? ['(y.3 != x.3 or x.3 = 0)'] : [])]
  const others = `arraySlice(members, i + 1)`
  const partners = apart.length ? `arrayFilter(y -> ${apart.join(' and ')}, ${others})` : others
  await facts.command(`drop table if exists ${pairs}`)
  await facts.command(
    `create table ${pairs} engine = MergeTree order by tuple() as
     select p.1 as l, p.2 as r, groupBitOr(bitShiftLeft(toUInt32(1), rule)) as rules
     from (
       select rule, arrayJoin(arrayFlatten(arrayMap((x, i) -> arrayMap(y -> (x.1, y.1), ${partners}), members, arrayEnumerate(members)))) as p
       from (
         select rule, key, arraySort(groupUniqArray((n, side, entity))) as members
         from ${scratch(facts, 'blocks')} group by rule, key having count() > 1 and count() <= ${sizes(spec)}
       )
     )
     group by l, r`,
  )
  return await countOf(facts, pairs)
}

/** Fills `linker_pairs` with pairs drawn at random, the same ones every time. */
export async function draw(facts: Facts, spec: LinkSpec, total: number, wanted: number): Promise<number> {
  const pairs = scratch(facts, 'pairs')
  await facts.command(`drop table if exists ${pairs}`)
  const picked = (salt: number) => `toUInt32(cityHash64(number, ${salt}) % ${total} + 1)`
  await facts.command(
    `create table ${pairs} engine = MergeTree order by tuple() as
     select distinct least(a, b) as l, greatest(a, b) as r, toUInt32(0) as rules
     from (select ${picked(1)} as a, ${picked(2)} as b from numbers(${wanted})) where a != b`,
  )
  return await countOf(facts, pairs)
}

/** Fills `linker_compared` (l, r, rules, pattern, rarities) from `linker_pairs`. */
export async function compare(facts: Facts, spec: LinkSpec): Promise<void> {
  const compared = scratch(facts, 'compared')
  const frequent = spec.fields.filter((f) => f.termFrequency)
  const rarities = frequent.map(({ name }) => `if(l.f_${name} = r.f_${name}, l.q_${name}, toFloat32(0))`)
  await facts.command(`drop table if exists ${compared}`)
  await facts.command(
    `create table ${compared} engine = MergeTree order by tuple() as
     select p.l as l, p.r as r, p.rules as rules, ${patternSql(spec.fields)} as pattern, [${rarities.join(', ') || 'toFloat32(0)'}] as rarities
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
