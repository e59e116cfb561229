/** Entity past: the records of one entity over time, from versions and links. Every read is bounded by its records. */
import { column, KEYED, type Field } from '../../../../model/fields.ts'
import { hasKind, kindOf } from '../../../../model/kinds.ts'
import type { EntityPast, Membership, Said, Version } from '../../../../model/past.ts'
import { PlumblineError } from '../../../errors.ts'
import { versionsTable } from '../columns.ts'
import type { Facts } from '../facts.ts'
import { ident, tableOf } from '../ident.ts'

/** Versions of one entity that are read, the latest first: an entity that moved more often is shown from there on. */
const VERSIONS_MAX = 5_000

/** Records that one entity may have had; more is no customer but a mistake of identification. */
const RECORDS_MAX = 500

interface LinkRow {
  kind: string
  platform: string
  record_id: string
  entity_id: string
  rule: string
  evidence: string
  at: string
}

/** Every link of every record that ever belonged to one of the entities, oldest first, up to an instant (epoch ms). */
async function linkRows(facts: Facts, entities: readonly string[], through: number): Promise<LinkRow[]> {
  const history = tableOf(facts, 'link_history')
  const until = `observed_at <= fromUnixTimestamp64Milli({through:Int64}, 'UTC')`
  return await facts.query<LinkRow>(
    `select toString(kind) as kind, toString(platform) as platform, record_id, entity_id, toString(rule) as rule, evidence, toString(toUnixTimestamp64Milli(observed_at)) as at
     from ${history} final
     where ${until} and (kind, platform, record_id) in (
       select kind, platform, record_id from ${history}
       where eid in (select arrayJoin(arrayMap(x -> cityHash64(x), {entities:Array(String)}))) and entity_id in {entities:Array(String)} and ${until}
       limit ${RECORDS_MAX} by eid)
     order by kind, platform, record_id, rev`,
    { entities, through },
  )
}

/** Spans of membership from a record's links in order; a link that only changes its reason goes on. */
function spansOf(rows: readonly LinkRow[], entity: string): Membership[] {
  const byRecord = new Map<string, { platform: string; record_id: string; spans: Membership['spans'][number][] }>()
  for (const row of rows) {
    const key = `${row.platform}\n${row.record_id}`
    let m = byRecord.get(key)
    if (!m) byRecord.set(key, (m = { platform: row.platform, record_id: row.record_id, spans: [] }))
    const last = m.spans.at(-1)
    const at = Number(row.at)
    if (row.entity_id === entity) {
      if (last?.to === null) continue
      m.spans.push({ from: at, to: null, rule: row.rule, evidence: row.evidence })
    } else if (last?.to === null) last.to = at
  }
  return [...byRecord.values()]
}

/** Entity → its kind and members; entities of which nothing was known are missing. */
async function membersOf(
  facts: Facts,
  entities: readonly string[],
  through: number,
): Promise<Map<string, Omit<EntityPast, 'versions'>>> {
  const rows = await linkRows(facts, entities, through)
  const found = new Map<string, Omit<EntityPast, 'versions'>>()
  for (const entity of entities) {
    const records = new Set(rows.filter((r) => r.entity_id === entity).map(recordKey))
    const own = rows.filter((r) => records.has(recordKey(r)))
    const kind = own[0]?.kind
    if (kind !== undefined && hasKind(kind)) found.set(entity, { entity, kind, memberships: spansOf(own, entity) })
  }
  return found
}

const recordKey = (r: { platform: string; record_id: string }) => `${r.platform}\n${r.record_id}`

function unknown(entity: string): PlumblineError {
  return new PlumblineError('not_found', `No record was known as ${entity} then.`, {
    remedy: 'GET /v1/customers finds customers by name, id, e-mail or domain.',
  })
}

/** Everything up to an instant (epoch ms). @throws PlumblineError not_found where no record was ever known as this entity */
export async function entityPast(
  facts: Facts,
  entity: string,
  through: number,
): Promise<EntityPast & { cut: boolean }> {
  const past = (await membersOf(facts, [entity], through)).get(entity)
  if (!past) throw unknown(entity)
  const tail = `order by v.seq desc limit ${VERSIONS_MAX + 1}`
  const rows = await versionRows(facts, past.kind, past.memberships, tail, through)
  return { ...past, versions: rows.slice(0, VERSIONS_MAX).reverse(), cut: rows.length > VERSIONS_MAX }
}

/** What stood at an instant (epoch ms): one version of each record. Entities of which nothing was known are missing. */
export async function entitiesAt(
  facts: Facts,
  entities: readonly string[],
  at: number,
): Promise<Map<string, EntityPast>> {
  const members = await membersOf(facts, entities, at)
  const found = new Map<string, EntityPast>()
  for (const kind of new Set([...members.values()].map((m) => m.kind))) {
    const own = [...members.values()].filter((m) => m.kind === kind)
    const records = new Map(own.flatMap((m) => m.memberships.map((r) => [recordKey(r), r] as const)))
    const tail = 'order by v.platform, v.record_id, v.seq desc limit 1 by v.platform, v.record_id'
    const versions = new Map(
      (await versionRows(facts, kind, [...records.values()], tail, at)).map((v) => [recordKey(v), v]),
    )
    for (const m of own)
      found.set(m.entity, { ...m, versions: m.memberships.flatMap((r) => versions.get(recordKey(r)) ?? []) })
  }
  return found
}

/** One of them. @throws PlumblineError not_found where no record was known as this entity then */
export async function entityAt(facts: Facts, entity: string, at: number): Promise<EntityPast> {
  const past = (await entitiesAt(facts, [entity], at)).get(entity)
  if (!past) throw unknown(entity)
  return past
}

interface VersionRow extends Record<string, unknown> {
  platform: string
  record_id: string
  seq: string
  seen: string
  stamped: string | null
  changed_by: string | null
  correlation_id: string | null
  deleted: number
  merged_into: string | null
  held: string
  empty: string
  unmapped: string
  invalid: string
}

async function versionRows(
  facts: Facts,
  kind: string,
  members: readonly Membership[],
  tail: string,
  through: number,
): Promise<Version[]> {
  const { fields } = kindOf(kind)
  const columns = fields.flatMap((f) => [
    `toString(${ident(column(f))}) as ${ident(`v_${column(f)}`)}`,
    ...(KEYED.has(f.type) ? [`${ident(`${column(f)}_key`)} as ${ident(`k_${column(f)}`)}`] : []),
  ])
  const rows = await facts.query<VersionRow>(
    `select toString(platform) as platform, record_id, toString(seq) as seq, toString(toUnixTimestamp64Milli(observed_at)) as seen,
       toString(toUnixTimestamp64Milli(changed_at)) as stamped, changed_by, correlation_id, deleted, merged_into,
       toString(held) as held, toString(empty) as empty, toString(unmapped) as unmapped, toString(invalid) as invalid, ${columns.join(', ')}
     from ${tableOf(facts, versionsTable(kind))} as v
     where v.platform in {platforms:Array(String)} and (v.platform, v.record_id) in arrayZip({on:Array(String)}, {ids:Array(String)})
       and v.observed_at <= fromUnixTimestamp64Milli({through:Int64}, 'UTC')
     ${tail}`,
    {
      platforms: [...new Set(members.map((m) => m.platform))],
      on: members.map((m) => m.platform),
      ids: members.map((m) => m.record_id),
      through,
    },
  )
  return rows.map((row) => versionOf(row, fields))
}

function versionOf(row: VersionRow, fields: readonly Field[]): Version {
  const [held, empty, unmapped, invalid] = [row.held, row.empty, row.unmapped, row.invalid].map(BigInt) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ]
  const said: Record<string, Said> = {}
  for (const f of fields) {
    const bit = 1n << BigInt(f.bit)
    const value = row[`v_${column(f)}`] as string | null
    const is =
      invalid & bit
        ? 'invalid'
        : unmapped & bit
          ? 'unmapped'
          : !(held & bit)
            ? 'cannot_hold'
            : empty & bit
              ? 'empty'
              : value === null
                ? 'absent'
                : 'value'
    const text = value !== null && f.type === 'instant' ? `${value.replace(' ', 'T')}Z` : value
    const key = KEYED.has(f.type) ? (row[`k_${column(f)}`] as string | null) : text
    said[f.name] = { is, value: is === 'value' || is === 'unmapped' ? text : null, key: is === 'value' ? key : null }
  }
  return {
    platform: row.platform,
    record_id: row.record_id,
    seq: row.seq,
    observedAt: Number(row.seen),
    changedAt: row.stamped === null ? null : Number(row.stamped),
    changedBy: row.changed_by,
    correlationId: row.correlation_id,
    deleted: row.deleted === 1,
    mergedInto: row.merged_into,
    state: said['state']?.value ?? null,
    fields: said,
  }
}
