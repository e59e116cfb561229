/** Preparation: the records of a specification as numbered rows, with their words by rarity and the frequency of their values. */
import type { Facts } from '../../store/facts/facts.ts'
import { isSpelled, signatureSql } from './levels.ts'
import { isWorded, type LinkSpec } from './spec.ts'
import { rarityOf, wordCode } from './words.ts'

/** Scratch tables of one linking, in the database of the facts; made anew each time. */
export const scratch = (facts: Facts, name: string) => `${facts.database}.linker_${name}`

const TABLES = ['rows', 'records', 'words', 'values', 'blocks', 'shared', 'pairs', 'compared']

export async function clear(facts: Facts): Promise<void> {
  for (const name of TABLES) await facts.command(`drop table if exists ${scratch(facts, name)}`)
}

/**
 * A handful of records does not tell how common a name is in the world: two of four would be half of it. Fields with a
 * few values, such as countries, are told by few records as well.
 */
const FEW = 500

/** Rarity of a value in bits: 3 means one record in eight has it. */
const bits = (count: string, of: string) => `toFloat32(-log2(${count} / ${of}))`

/**
 * Fills `linker_records`: `n`, `platform`, `record_id`, `entity`, per field `f_` the value and `v_` a number that
 * stands for it (0: none), for worded fields `t_` the words, `c_` their codes and `s_` the sum of their bits, for spelled
 * ones `g_` the signature of the letters, for fields with term frequency `q_` the bits of the value.
 * @param stored kind whose frequencies were kept by a full run: a few records alone would take every word for common
 * @returns number of records
 */
export async function prepare(facts: Facts, spec: LinkSpec, stored: string | null = null): Promise<number> {
  await clear(facts)
  const [rows, records] = [scratch(facts, 'rows'), scratch(facts, 'records')]
  const values = spec.fields.map((f) => `ifNull(toString(${f.value}), '') as f_${f.name}`)
  await facts.command(
    `create table ${rows} engine = Memory as
     select toUInt32(row_number() over ()) as n, toString(platform) as platform, record_id, toUInt64(entity) as entity,
       ${values.join(', ')}
     from (${spec.source})`,
  )
  const [count] = await facts.query<{ n: string }>(`select toString(count()) as n from ${rows}`)
  const total = Number(count!.n)
  const worded = spec.fields.filter(isWorded)
  const stop = (spec.stopWords ?? []).map((w) => `'${w.replaceAll(/['\\]/g, '')}'`).join(', ')
  const wordsOf = (name: string) => {
    const words = `arrayDistinct(splitByNonAlpha(f_${name}))`
    // A name of nothing but forms keeps them.
    return stop
      ? `if(empty(arrayFilter(w -> w not in (${stop}), ${words})), ${words}, arrayFilter(w -> w not in (${stop}), ${words}))`
      : words
  }
  await facts.command(
    `create table ${scratch(facts, 'words')} (key String, bits Float32) engine = Join(any, left, key)`,
  )
  await facts.command(
    `create table ${scratch(facts, 'values')} (key String, bits Float32) engine = Join(any, left, key)`,
  )
  const frequent = spec.fields.filter((f) => f.termFrequency)
  if (stored !== null) await recall(facts, stored)
  for (const { name } of stored === null ? worded : [])
    await facts.command(
      `insert into ${scratch(facts, 'words')} select concat('${name}:', word), ${bits('count()', String(Math.max(2, total)))}
       from (select arrayJoin(${wordsOf(name)}) as word from ${rows}) where word != '' group by word`,
    )
  for (const { name, compare } of stored === null ? frequent : [])
    await facts.command(
      `insert into ${scratch(facts, 'values')} select concat('${name}:', f_${name}), ${bits(`count()`, `(select greatest(${compare === 'exact' ? 2 : FEW}, countIf(f_${name} != '')) from ${rows})`)}
       from ${rows} where f_${name} != '' group by f_${name}`,
    )
  // What was never seen by the full run is as rare as can be.
  const rarity = (table: string, key: string) =>
    stored === null
      ? `joinGet('${scratch(facts, table)}', 'bits', ${key})`
      : `ifNull(joinGetOrNull('${scratch(facts, table)}', 'bits', ${key}), toFloat32(14))`
  const wordBits = (name: string) =>
    `arrayMap(w -> greatest(toFloat32(0.1), ${rarity('words', `concat('${name}:', w)`)}), w_${name})`
  const codes = (name: string) => `arrayMap((w, b) -> ${wordCode('b', 'w')}, w_${name}, x_${name})`
  const valued = spec.fields.map(({ name }) => `, toUInt32(if(f_${name} = '', 0, cityHash64(f_${name}))) as v_${name}`)
  const spelled = spec.fields.filter(isSpelled).map(({ name }) => `, ${signatureSql(`f_${name}`)} as g_${name}`)
  await facts.command(
    `create table ${records} engine = MergeTree order by n as
     select n, platform, record_id, entity, ${spec.fields.map((f) => `f_${f.name}`).join(', ')}${valued.join('')}${spelled.join('')}
       ${worded.map(({ name }) => `, arrayReverseSort((w, b) -> (b, w), w_${name}, x_${name}) as t_${name}, ${codes(name)} as c_${name}, ${rarityOf(`c_${name}`)} as s_${name}`).join('')}
       ${frequent.map(({ name }) => `, if(f_${name} = '', toFloat32(0), ${rarity('values', `concat('${name}:', f_${name})`)}) as q_${name}`).join('')}
     from (select *${worded.map(({ name }) => `, ${wordBits(name)} as x_${name}`).join('')}
       from (select *${worded.map(({ name }) => `, arrayFilter(w -> w != '', ${wordsOf(name)}) as w_${name}`).join('')} from ${rows}))`,
  )
  await facts.command(`drop table ${rows}`)
  return total
}

/** Keeps the frequencies of a full run for those that look at a few records only. */
export async function remember(facts: Facts, kind: string, rev: number): Promise<void> {
  for (const of of ['words', 'values'])
    await facts.command(
      `insert into ${facts.database}.link_frequencies (kind, of, value, bits, rev)
       select {kind:String}, '${of}', key, bits, toUInt64(${rev}) from ${scratch(facts, of)}`,
      { kind },
    )
}

/** Fills the frequencies of the rows at hand from what was kept. */
async function recall(facts: Facts, kind: string): Promise<void> {
  for (const of of ['words', 'values'])
    await facts.command(
      `insert into ${scratch(facts, of)} (key, bits)
       select value, bits from ${facts.database}.link_frequencies final where kind = {kind:String} and of = '${of}'`,
      { kind },
    )
}
