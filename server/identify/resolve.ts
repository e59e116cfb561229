/**
 * Resolution of references: which entity the id in a reference column means.
 *
 * The id is the same platform's record where the platform keeps that kind. Where it keeps none, the id may be
 * another platform's, written `platform:id`, or plainly where it means one entity over all platforms.
 *
 * References are resolved once a step, into a scratch table with a row for each; what follows joins that one table.
 * Only links that the step points to are read, so the cost follows the step and not the store.
 */
import { column, type Field } from '../../model/fields.ts'
import { kindOf, references } from '../../model/kinds.ts'
import { versionColumns } from '../store/facts/columns.ts'
import type { Facts } from '../store/facts/facts.ts'
import { referenceKind, referenceTarget, throughDocuments, words } from '../store/facts/reference-sql.ts'

export interface ResolveContext {
  database: string
  /** Platforms that have at least one record of a kind. Names are validated words, safe to write into SQL. */
  keepers: ReadonlyMap<string, readonly string[]>
  /** Versions that this batch takes, without the first; their records are scratch step `fresh`. */
  window: { after: bigint; through: bigint }
  /** All records of every step are `fresh`: nothing is read from the current rows. */
  fresh: boolean
}

/**
 * What of a record is wanted. A record has a hundred columns: planning them takes longer than reading a few thousand
 * rows, so each step asks for its own few.
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
  return {
    columns: all.columns.filter((c) => c === 'platform' || c === 'record_id' || names.includes(c)),
    references: all.references.filter((f) => names.includes(`${column(f)}_eid`)),
    customer,
  }
}

/** Columns that resolving these references reads. */
function referring(kind: string, refs: readonly Field[]): string[] {
  const several = refs.some((f) => f.to!.length > 1) && kindOf(kind).fields.some((f) => column(f) === 'document_kind')
  return ['platform', 'record_id', ...refs.map(column), ...(several ? ['document_kind'] : [])]
}

/** The records of a scratch step, as a condition on a table that has platform and record_id. */
export function inStep(database: string, step: string, alias?: string): string {
  const of = alias === undefined ? '' : `${alias}.`
  return `(${of}platform, ${of}record_id) in (select platform, record_id from ${database}.identify_scratch where step = '${step}')`
}

/**
 * Latest version of every record of a scratch step: of those that moved the newest of the window, of all others the
 * one that is current. So the cost follows the step: a window lies in few parts, and current rows are found by entity.
 * A record that moves to another entity still lies under the one it leaves.
 */
function latestSql(kind: string, step: string, ctx: ResolveContext, columns: readonly string[]): string {
  const names = [...new Set(columns)].join(', ')
  const parts = sources(kind, step, ctx).map(
    ({ from, prewhere, rest }) => `select ${names} from ${from} prewhere ${prewhere} ${rest}`,
  )
  return parts.length === 1 ? parts[0]! : parts.map((part) => `select * from (${part})`).join(' union all ')
}

/** A table that holds latest versions of a step, and what picks them: `rest` is all that follows its joins and prewhere. */
export interface Source {
  from: string
  prewhere: string
  rest: string
}

/** Where the latest versions of a step lie; columns are written behind `alias`, or plainly. */
export function sources(kind: string, step: string, ctx: ResolveContext, alias?: string): Source[] {
  const db = ctx.database
  const [as, of] = alias === undefined ? ['', ''] : [` as ${alias}`, `${alias}.`]
  const { after, through } = ctx.window
  const window = (row: string) => `${row}seq > ${after} and ${row}seq <= ${through}`
  const one = `limit 1 by ${of}platform, ${of}record_id`
  const fresh: Source = {
    from: `${db}.versions_${kind}${as}`,
    prewhere: `${window(of)} and ${of}seq in (select max(seq) from ${db}.versions_${kind} where ${window('')} and ${inStep(db, step)} group by platform, record_id)`,
    rest: one,
  }
  if (ctx.fresh) return [fresh]
  const standing: Source = {
    from: `${db}.current_${kind}${as} final`,
    prewhere: `${of}eid in (select eid from ${db}.link_history where kind = '${kind}' and ${inStep(db, step)} and not ${inStep(db, 'fresh')})`,
    rest: `where ${inStep(db, step, alias)} and not ${inStep(db, 'fresh', alias)} order by ${of}rev desc ${one}`,
  }
  return through > after ? [fresh, standing] : [standing]
}

/** Resolves the references of every record of a step, and the customers of the documents that they belong to. */
export async function resolveReferences(facts: Facts, kind: string, step: string, ctx: ResolveContext): Promise<void> {
  const refs = references(kindOf(kind))
  if (refs.length === 0) return
  const db = ctx.database
  await facts.command(`truncate table ${db}.identify_pointers`)
  const points = refs.map((f) => {
    const { platform, id } = referenceTarget(f, ctx.keepers)
    return `('${f.name}', ${referenceKind(f)}, ${platform}, ${id})`
  })
  await facts.command(
    `insert into ${db}.identify_pointers (platform, record_id, field, to_kind, to_platform, to_id)
     select platform, record_id, point.1, point.2, point.3, point.4 from (${latestSql(kind, step, ctx, referring(kind, refs))})
     array join [${points.join(', ')}] as point where point.4 != ''`,
  )
  if ((await facts.query(`select 1 as one from ${db}.identify_pointers limit 1`)).length === 0) return
  const kinds = words([...new Set(refs.flatMap((f) => f.to!))])
  const pointed = `select to_kind, to_platform, to_id from ${db}.identify_pointers where to_platform != ''`
  await facts.command(
    `insert into ${db}.identify_references (platform, record_id, field, eid, entity_id)
     select p.platform, p.record_id, p.field, coalesce(own.eid, anywhere.one_eid, 0), coalesce(own.entity_id, anywhere.one_entity, '')
     from ${db}.identify_pointers as p
     left join (select kind, platform, record_id, eid, entity_id from ${db}.links final
         where (kind, platform, record_id) in (${pointed})) as own
       on own.kind = p.to_kind and own.platform = p.to_platform and own.record_id = p.to_id
     left join (select kind, record_id, any(eid) as one_eid, any(entity_id) as one_entity from ${db}.links final
         where kind in (${kinds}) and record_id in (select to_id from ${db}.identify_pointers where to_platform = '')
         group by kind, record_id having uniqExact(eid) = 1) as anywhere
       on anywhere.kind = p.to_kind and p.to_platform = '' and anywhere.record_id = p.to_id`,
  )
  const through = throughDocuments(kind).flatMap((f) => f.to!.map((to) => customersSql(db, f, to)))
  if (through.length)
    await facts.command(
      `insert into ${db}.identify_references (platform, record_id, field, eid, entity_id) ${through.join(' union all ')}`,
    )
}

/** Rows `via:<field>`: the customer of the document that a reference means. */
function customersSql(db: string, field: Field, to: string): string {
  const documents = `select eid from ${db}.identify_references where field = '${field.name}' and eid != 0`
  return `select r.platform, r.record_id, 'via:${field.name}', d.customer, d.customer_id from ${db}.identify_references as r
      inner join (select eid, max(customer_eid) as customer, max(customer_entity_id) as customer_id from ${db}.current_${to} final
        prewhere eid in (${documents}) where customer_eid != 0 group by eid) as d on d.eid = r.eid
      where r.field = '${field.name}'`
}

/**
 * Latest versions of the records of a step with `<reference>_eid` for each reference (0: empty or unresolved), and
 * their customer (`customer_hash`, `customer_id`): the one they name, else that of the nearest document they belong to.
 */
export function resolvedSql(kind: string, step: string, ctx: ResolveContext, want: Wanted = everything(kind)): string {
  const rows = latestSql(kind, step, ctx, want.columns)
  const own = want.columns.map((c) => `v.${c} as ${c}`).join(', ')
  const nobody = `toUInt64(0) as customer_hash, '' as customer_id`
  const refs = references(kindOf(kind))
  if (refs.length === 0) return `select ${own}, ${nobody} from (${rows}) as v`
  const found = want.references.map((f) => `, r.eids['${f.name}'] as ${column(f)}_eid`).join('')
  const { hash, id } = customerSql(kind)
  const customer = `${hash} as customer_hash, ${id} as customer_id`
  return `select ${own}${found}, ${want.customer ? customer : nobody} from (${rows}) as v
    left join (${pointedSql(ctx.database)}) as r on r.platform = v.platform and r.record_id = v.record_id`
}

/** What the references of every record mean, by the name of the field. */
export function pointedSql(database: string): string {
  return `select platform, record_id, mapFromArrays(groupArray(toString(field)), groupArray(eid)) as eids,
        mapFromArrays(groupArray(toString(field)), groupArray(entity_id)) as entities
      from ${database}.identify_references group by platform, record_id`
}

/** The customer of a record whose references are `r` (pointedSql): the one it names, else that of the nearest document. */
export function customerSql(kind: string): { hash: string; id: string } {
  const named = references(kindOf(kind)).some((f) => f.name === 'customer') ? ['customer'] : []
  const ways = kind === 'customer' ? [] : [...named, ...throughDocuments(kind).map((f) => `via:${f.name}`)]
  if (ways.length === 0) return { hash: 'toUInt64(0)', id: `''` }
  return {
    hash: `coalesce(${ways.map((f) => `nullIf(r.eids['${f}'], 0)`).join(', ')}, 0)`,
    id: `coalesce(${ways.map((f) => `nullIf(r.entities['${f}'], '')`).join(', ')}, '')`,
  }
}
