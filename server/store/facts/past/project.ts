/** Past projection: the current rows of records as they would have been written at an instant, from versions and links as known then. */
import { column } from '../../../../model/fields.ts'
import { kindOf, references } from '../../../../model/kinds.ts'
import { currentTable, identityColumns, referenceColumn, versionColumns, versionsTable } from '../columns.ts'
import { groupHashes } from '../current.ts'
import { ident, tableOf } from '../ident.ts'
import { referenceKind, referenceTarget, throughDocuments, words } from '../reference-sql.ts'
import type { PastTables } from './tables.ts'

/** Kind → platforms that had at least one record of it. */
export type Keepers = ReadonlyMap<string, readonly string[]>

/** What is projected: the records that `records` selects (platform, record_id), or all where it is null. */
export interface Projection {
  kind: string
  records: string | null
  params: Record<string, unknown>
  /** The instant, ISO. */
  at: string
  /** Revision of the rows, rising from step to step. */
  rev: bigint
  keepers: Keepers
}

/** Writes current rows. Links, and the documents that a record finds its customer through, stand at the instant already. */
export async function projectThen(tables: PastTables, p: Projection): Promise<void> {
  const { past } = tables
  const k = kindOf(p.kind)
  const refs = references(k)
  await resolveThen(tables, p)
  const columns = versionColumns(k).map((c) => c.name)
  const written = identityColumns(k).map((c) => c.name)
  const customer = customerSql(p.kind)
  const value: Record<string, string> = {
    entity_id: 'w.entity_id',
    eid: 'w.eid',
    customer_entity_id: customer.id,
    customer_eid: customer.eid,
    rev: 'toUInt64({rev:UInt64})',
    gone: 'toUInt8(0)',
    ...Object.fromEntries(
      refs.filter((f) => f.name !== 'customer').map((f) => [referenceColumn(f), `w.${ident(referenceColumn(f))}`]),
    ),
    ...Object.fromEntries(groupHashes(k).map((h) => [h.name, h.sql('w')])),
  }
  // The hashes read reference columns by name, so they are made over rows that carry them.
  const resolved = refs.map((f) => `, r.eids['${f.name}'] as ${ident(referenceColumn(f))}`)
  await past.command(
    `insert into ${tableOf(past, currentTable(p.kind))} (${[...columns, ...written].map(ident).join(', ')})
     select ${columns.map((c) => `w.${ident(c)}`).join(', ')}, ${written.map((name) => `${value[name]!} as ${ident(`${name}_`)}`).join(', ')}
     from (
       select ${columns.map((c) => `v.${ident(c)} as ${ident(c)}`).join(', ')}, l.entity_id as entity_id, l.eid as eid, r.eids as eids, r.entities as entities${resolved.join('')}
       from (${latestThen(tables, p, columns)}) as v
       inner join (select platform, record_id, entity_id, eid from ${tableOf(past, 'links')} final where kind = '${p.kind}' and ${chosen(p)}) as l
         on l.platform = v.platform and l.record_id = v.record_id
       left join (select platform, record_id, mapFromArrays(groupArray(toString(field)), groupArray(eid)) as eids,
           mapFromArrays(groupArray(toString(field)), groupArray(entity_id)) as entities
         from ${tableOf(past, 'meant')} group by platform, record_id) as r on r.platform = v.platform and r.record_id = v.record_id
     ) as w settings join_use_nulls = 0`,
    { ...p.params, at: p.at, rev: String(p.rev) },
  )
}

const chosen = (p: Projection) => (p.records === null ? '1' : `(platform, record_id) in (${p.records})`)

/** The newest version of each record as known then. */
function latestThen({ live }: PastTables, p: Projection, columns: readonly string[]): string {
  const versions = tableOf(live, versionsTable(p.kind))
  const known = `observed_at <= {at:DateTime64(3, 'UTC')} and ${chosen(p)}`
  return `select ${columns.map(ident).join(', ')} from ${versions}
         where ${known} and (platform, record_id, seq) in (select platform, record_id, max(seq) from ${versions} where ${known} group by platform, record_id)
         limit 1 by platform, record_id`
}

/** The customer of a row: itself, the one it names, else that of the nearest document it belongs to. */
function customerSql(kind: string): { id: string; eid: string } {
  if (kind === 'customer') return { id: 'w.entity_id', eid: 'w.eid' }
  const named = references(kindOf(kind)).some((f) => f.name === 'customer') ? ['customer'] : []
  const sources = [...named, ...throughDocuments(kind).map((f) => `via:${f.name}`)]
  if (sources.length === 0) return { id: `''`, eid: 'toUInt64(0)' }
  return {
    id: `coalesce(${sources.map((s) => `nullIf(w.entities['${s}'], '')`).join(', ')}, '')`,
    eid: `coalesce(${sources.map((s) => `nullIf(w.eids['${s}'], 0)`).join(', ')}, toUInt64(0))`,
  }
}

/** Fills `meant`: for every record, reference → entity, and `via:<reference>` → customer of the document that it means. */
async function resolveThen(tables: PastTables, p: Projection): Promise<void> {
  const { past } = tables
  const k = kindOf(p.kind)
  const refs = references(k)
  const [pointers, meant, links] = ['pointers', 'meant', 'links'].map((t) => tableOf(past, t)) as [
    string,
    string,
    string,
  ]
  await past.command(`truncate table ${meant}`)
  if (refs.length === 0) return
  await past.command(`truncate table ${pointers}`)
  const params = { ...p.params, at: p.at }
  const points = refs.map((f) => {
    const { platform, id } = referenceTarget(f, p.keepers)
    return `('${f.name}', ${referenceKind(f)}, ${platform}, ${id})`
  })
  const several = refs.some((f) => f.to!.length > 1) && k.fields.some((f) => column(f) === 'document_kind')
  const read = ['platform', 'record_id', ...refs.map(column), ...(several ? ['document_kind'] : [])]
  await past.command(
    `insert into ${pointers} select platform, record_id, point.1, point.2, point.3, point.4
     from (${latestThen(tables, p, [...new Set(read)])}) array join [${points.join(', ')}] as point where point.4 != ''`,
    params,
  )
  const kinds = words([...new Set(refs.flatMap((f) => f.to!))])
  await past.command(
    `insert into ${meant} select p.platform, p.record_id, p.field, coalesce(own.eid, anywhere.one_eid, 0), coalesce(own.entity_id, anywhere.one_entity, '')
     from ${pointers} as p
     left join (select kind, platform, record_id, eid, entity_id from ${links} final
         where (kind, platform, record_id) in (select to_kind, to_platform, to_id from ${pointers} where to_platform != '')) as own
       on own.kind = p.to_kind and own.platform = p.to_platform and own.record_id = p.to_id
     left join (select kind, record_id, any(eid) as one_eid, any(entity_id) as one_entity from ${links} final
         where kind in (${kinds}) and record_id in (select to_id from ${pointers} where to_platform = '')
         group by kind, record_id having uniqExact(eid) = 1) as anywhere
       on anywhere.kind = p.to_kind and p.to_platform = '' and anywhere.record_id = p.to_id`,
  )
  for (const field of throughDocuments(p.kind))
    for (const to of field.to!)
      if (tables.kinds.includes(to))
        await past.command(
          `insert into ${meant} select m.platform, m.record_id, 'via:${field.name}', d.customer, d.customer_id from ${meant} as m
           inner join (select eid, max(customer_eid) as customer, max(customer_entity_id) as customer_id from ${tableOf(past, currentTable(to))} final
             prewhere eid in (select eid from ${meant} where field = '${field.name}' and eid != 0) where customer_eid != 0 group by eid) as d on d.eid = m.eid
           where m.field = '${field.name}'`,
        )
}
