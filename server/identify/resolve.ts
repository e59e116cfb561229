/**
 * Resolution of references: which entity the id in a reference column means.
 *
 * The id is the same platform's record where the platform keeps that kind. Where it keeps none, the id may be
 * another platform's, written `platform:id`, or plainly where it means one entity over all platforms.
 *
 * Only links that the scratch set points to are read, so the cost follows the set and not the store.
 */
import { column, type Field } from '../../model/fields.ts'
import { kindOf, references } from '../../model/kinds.ts'
import { versionColumns } from '../store/facts/columns.ts'

export interface ResolveContext {
  database: string
  /** Platforms that have at least one record of a kind. Names are validated words, safe to write into SQL. */
  keepers: ReadonlyMap<string, readonly string[]>
}

/**
 * What of a record is wanted. A record has a hundred columns and every reference costs two joins: planning them takes
 * longer than reading a few thousand rows, so each step asks for its own few.
 */
export interface Wanted {
  /** Columns of the version. */
  columns: readonly string[]
  references: readonly Field[]
  /** The customer it belongs to; otherwise `customer_hash` is 0. */
  customer: boolean
}

export function everything(kind: string): Wanted {
  const k = kindOf(kind)
  return { columns: versionColumns(k).map((c) => c.name), references: references(k), customer: true }
}

/** The columns by name, as far as the record has them itself; a name that ends in `_eid` is a reference. */
export function wanted(kind: string, names: readonly string[], customer: boolean): Wanted {
  const all = everything(kind)
  const through = (f: Field) => customer && (f.name === 'customer' || PARENTS.includes(f.name))
  return {
    columns: all.columns.filter((c) => c === 'platform' || c === 'record_id' || names.includes(c)),
    references: all.references.filter((f) => names.includes(`${column(f)}_eid`) || through(f)),
    customer,
  }
}

/** Columns that resolving these references reads. */
function referring(kind: string, refs: readonly Field[]): string[] {
  const several = refs.some((f) => f.to!.length > 1) && kindOf(kind).fields.some((f) => column(f) === 'document_kind')
  return ['platform', 'record_id', ...refs.map(column), ...(several ? ['document_kind'] : [])]
}

const words = (names: readonly string[]) => (names.length ? names.map((n) => `'${n}'`).join(', ') : `''`)

/** References through which a record finds its customer when it does not name one, nearest first. */
const PARENTS = ['invoice', 'subscription', 'order', 'contract', 'quote', 'opportunity', 'document', 'entitlement']

/** Kind that a reference points to, as SQL: a document's kind stands in another field. */
function targetKind(field: Field): string {
  return field.to!.length === 1 ? `'${field.to![0]}'` : `ifNull(document_kind, '')`
}

/** Latest version of every record of a scratch step. */
function latestSql(kind: string, step: string, database: string, columns: readonly string[]): string {
  return `select ${[...new Set(columns)].join(', ')} from ${database}.versions_${kind}
      where (platform, record_id) in (select platform, record_id from ${database}.identify_scratch where step = '${step}')
      order by seq desc limit 1 by platform, record_id`
}

/** Platform and id that a reference of a row means; an empty platform means any. */
function target(field: Field, ctx: ResolveContext): { platform: string; id: string } {
  const f = column(field)
  const value = `ifNull(${f}, '')`
  const keeps = `platform in (${words([...new Set((field.to ?? []).flatMap((k) => ctx.keepers.get(k) ?? []))])})`
  const explicit = `extract(${value}, '^([a-z][a-z0-9-]*):')`
  return {
    platform: `if(${keeps}, toString(platform), ${explicit})`,
    id: `if(${keeps} or ${explicit} = '', ${value}, substring(${value}, length(${explicit}) + 2))`,
  }
}

/** Fills scratch with what the references of `step` point to (steps `ref:<field>`), before `resolvedSql` reads it. */
export function pointSql(kind: string, step: string, ctx: ResolveContext): string | null {
  const refs = references(kindOf(kind))
  if (refs.length === 0) return null
  const points = refs.map((f) => `('ref:${f.name}', ${target(f, ctx).platform}, ${target(f, ctx).id})`)
  return `insert into ${ctx.database}.identify_scratch (step, platform, record_id)
    select distinct point.1, point.2, point.3 from (${latestSql(kind, step, ctx.database, referring(kind, refs))})
    array join [${points.join(', ')}] as point where point.3 != ''`
}

function linkJoin(field: Field, ctx: ResolveContext): { joins: string; select: string[] } {
  const db = ctx.database
  const f = column(field)
  const kinds = words(field.to ?? [])
  const pointed = `select platform, record_id from ${db}.identify_scratch where step = 'ref:${field.name}'`
  const joins = `left join (select kind, platform, record_id, eid, entity_id from ${db}.links final
        where kind in (${kinds}) and (platform, record_id) in (${pointed} and platform != '')) as ${f}_own
      on ${f}_own.kind = v.${f}__kind and ${f}_own.platform = v.${f}__platform and ${f}_own.record_id = v.${f}__id
    left join (select kind, record_id, any(eid) as one_eid, any(entity_id) as one_entity from ${db}.links final
        where kind in (${kinds}) and record_id in (select record_id from (${pointed} and platform = ''))
        group by kind, record_id having uniqExact(eid) = 1) as ${f}_any
      on ${f}_any.kind = v.${f}__kind and v.${f}__platform = '' and ${f}_any.record_id = v.${f}__id`
  return {
    joins,
    select: [
      `toUInt64(if(v.${f}__id = '', 0, coalesce(${f}_own.eid, ${f}_any.one_eid, 0))) as ${f}_eid`,
      `if(v.${f}__id = '', '', coalesce(${f}_own.entity_id, ${f}_any.one_entity, '')) as ${f}_entity`,
    ],
  }
}

/** Latest versions of the scratch set `step` with `<reference>_eid` and `<reference>_entity` per reference. */
function resolvedSql(kind: string, step: string, ctx: ResolveContext, want: Wanted): string {
  const refs = want.references
  const targets = refs.map((field) => {
    const f = column(field)
    const t = target(field, ctx)
    return `, ${targetKind(field)} as ${f}__kind, ${t.platform} as ${f}__platform, ${t.id} as ${f}__id`
  })
  const parts = refs.map((field) => linkJoin(field, ctx))
  // Columns by name: a star over joined tables would carry the tables' names into the column names.
  return `select ${[...want.columns.map((c) => `v.${c} as ${c}`), ...parts.flatMap((p) => p.select)].join(', ')}
    from (select *${targets.join('')} from (${latestSql(kind, step, ctx.database, [...want.columns, ...referring(kind, refs)])})) as v
    ${parts.map((p) => p.joins).join('\n    ')}`
}

/**
 * The same rows with their customer (`customer_hash`, `customer_id`): the one they name, else the one of the nearest
 * document they belong to.
 */
export function withCustomerSql(
  kind: string,
  step: string,
  ctx: ResolveContext,
  want: Wanted = everything(kind),
): string {
  const resolved = resolvedSql(kind, step, ctx, want)
  const refs = want.references
  const names = [...want.columns, ...refs.flatMap((f) => [`${column(f)}_eid`, `${column(f)}_entity`])]
  const own = names.map((c) => `r.${c} as ${c}`).join(', ')
  if (kind === 'customer' || !want.customer)
    return `select ${own}, toUInt64(0) as customer_hash, '' as customer_id from (${resolved}) as r`
  const db = ctx.database
  const named = refs.some((f) => f.name === 'customer')
  const joins: string[] = []
  const hashes = named ? ['nullIf(r.customer_eid, 0)'] : []
  const ids = named ? [`nullIf(r.customer_entity, '')`] : []
  const parents = refs
    .filter((f) => PARENTS.includes(f.name))
    .sort((a, b) => PARENTS.indexOf(a.name) - PARENTS.indexOf(b.name))
  for (const field of parents) {
    for (const targetName of field.to!) {
      const alias = `via_${column(field)}_${targetName}`
      joins.push(`left join (select eid, max(customer_eid) as hash, max(customer_entity_id) as id from ${db}.current_${targetName} final
        where customer_eid != 0 and eid in (select eid from ${db}.links where kind = '${targetName}'
          and record_id in (select record_id from ${db}.identify_scratch where step = 'ref:${field.name}'))
        group by eid) as ${alias} on ${alias}.eid = r.${column(field)}_eid`)
      hashes.push(`nullIf(${alias}.hash, 0)`)
      ids.push(`nullIf(${alias}.id, '')`)
    }
  }
  return `select ${own}, toUInt64(${hashes.length ? `coalesce(${hashes.join(', ')}, 0)` : '0'}) as customer_hash,
      ${ids.length ? `coalesce(${ids.join(', ')}, '')` : `''`} as customer_id
    from (${resolved}) as r ${joins.join('\n')}`
}
