/** Codes: what waits for an entry in a reference map, what other platforms say of the same entities, and what entries mean. */
import { column, type Field } from '../../../model/fields.ts'
import type { Kind } from '../../../model/kind.ts'
import { MAPPABLE } from '../../../model/read.ts'
import { currentTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { ident, tableOf } from './ident.ts'

/** Records with one code, and what the other platforms say of their entities. */
export interface CodeGroup {
  platform: string
  kind: string
  field: string
  code: string
  /** Canonical value that the code has now; null: it waits for its entry. */
  value: string | null
  /** Other platform and its canonical value, for each that says one; empty where none does. */
  said: [platform: string, value: string][]
  records: number
  /** A few of the entities. */
  entities: string[]
  record_ids: string[]
  /** ISO; the oldest and the latest change among them. */
  since: string | null
  latest: string | null
}

/** Fields of a kind that a reference map may translate and that people keep as codes. */
export function codeFields(kind: Kind): Field[] {
  return kind.fields.filter((f) => MAPPABLE.has(f.type))
}

const LISTED = 5
/** Groups that one kind may bring: more different answers than that teach nothing. */
const GROUPS_MAX = 5_000

/** Codes without an entry, with every different answer of the other platforms. */
export async function waitingCodes(facts: Facts, kind: Kind): Promise<CodeGroup[]> {
  const fields = codeFields(kind)
  if (!fields.length) return []
  const codes = fields.map((f) => `if(${has('unmapped', f)}, ('${f.name}', ifNull(${text(f)}, '')), ('', ''))`)
  return grouped(facts, kind, fields, `unmapped != 0`, codes, "cast(null, 'Nullable(String)')")
}

/** Codes that have an entry: what they are taken to mean, beside what the other platforms say. */
export async function mappedCodes(facts: Facts, kind: Kind, names: readonly string[]): Promise<CodeGroup[]> {
  const fields = codeFields(kind).filter((f) => names.includes(f.name))
  if (!fields.length) return []
  const plain = (f: Field) =>
    `${has('held', f)} and not ${has('empty', f)} and not ${has('unmapped', f)} and not ${has('invalid', f)}`
  const codes = fields.map(
    (f) => `if(${plain(f)} and mapContains(raw, '${f.name}'), ('${f.name}', raw['${f.name}']), ('', ''))`,
  )
  const value = `cast(multiIf(${fields.map((f) => `entry.1 = '${f.name}', ${text(f)}`).join(', ')}, null), 'Nullable(String)')`
  return grouped(facts, kind, fields, `not empty(raw)`, codes, value)
}

async function grouped(
  facts: Facts,
  kind: Kind,
  fields: readonly Field[],
  narrow: string,
  codes: readonly string[],
  value: string,
): Promise<CodeGroup[]> {
  const table = tableOf(facts, currentTable(kind.name))
  const answers = fields.map(
    (f) =>
      `if(${has('held', f)} and not ${has('empty', f)} and not ${has('unmapped', f)} and not ${has('invalid', f)}, ('${f.name}', ifNull(${text(f)}, '')), ('', ''))`,
  )
  const rows = await facts.query<Omit<CodeGroup, 'records' | 'kind'> & { records: string }>(
    // Names that are no column of any kind: a product has a code, a contract a value.
    `with
       coded as (
         select toString(platform) as platform, record_id, eid, entity_id, changed_at, entry.1 as in_field, entry.2 as written_code, ${value} as meant
         from ${table} final
         array join arrayFilter(c -> c.1 != '', [${codes.join(',\n           ')}]) as entry
         where deleted = 0 and ${narrow}
       ),
       answers as (
         select toString(platform) as platform, eid, answer.1 as in_field, answer.2 as meant
         from ${table} final
         array join arrayFilter(c -> c.1 != '', [${answers.join(',\n           ')}]) as answer
         where deleted = 0 and eid in (select eid from coded) and answer.2 != ''
       ),
       each as (
         select coded.platform as platform, coded.record_id as record_id, any(coded.entity_id) as entity_id, any(coded.changed_at) as changed_at, coded.in_field as in_field, coded.written_code as written_code, any(coded.meant) as meant,
           arraySort(groupUniqArrayIf((assumeNotNull(answers.platform), assumeNotNull(answers.meant)), answers.platform is not null and answers.platform != coded.platform)) as said
         from coded
         left join answers on answers.eid = coded.eid and answers.in_field = coded.in_field
         group by platform, record_id, in_field, written_code
       )
     select platform, in_field as field, written_code as code, meant as value, said, count() as records, arraySort(groupUniqArray(${LISTED})(entity_id)) as entities, arraySort(groupUniqArray(${LISTED})(record_id)) as record_ids,
       min(changed_at) as since, max(changed_at) as latest
     from each
     group by platform, in_field, written_code, meant, said
     order by records desc, platform, in_field, written_code, said
     limit ${GROUPS_MAX}`,
  )
  return rows.map((r) => ({ ...r, kind: kind.name, records: Number(r.records) }))
}

/** Open findings that say a code waits, by platform, field and code. */
export async function unmappedFindings(
  facts: Facts,
): Promise<{ platform: string; kind: string; field: string; code: string; n: number }[]> {
  const rows = await facts.query<{ platform: string; kind: string; field: string; code: string; n: string }>(
    `select ifNull(toString(platform), '') as platform, toString(kind) as kind, ifNull(toString(field), '') as field, JSONExtractString(actual, platform) as code, count() as n
     from ${tableOf(facts, 'findings')} final
     where verdict = 'unmapped' and state = 'open' and category != 'quality'
     group by platform, kind, field, code
     order by n desc`,
  )
  return rows.map((r) => ({ ...r, n: Number(r.n) }))
}

const bit = (f: Field) => `toUInt64(${(1n << BigInt(f.bit)).toString()})`
const has = (mask: string, f: Field) => `bitAnd(${mask}, ${bit(f)}) != 0`
const text = (f: Field) => `cast(toString(${ident(column(f))}), 'Nullable(String)')`
