/**
 * Claims: what every record says about who it is, as texts that two records of one thing share.
 * The claims table is an index for finding neighbours; it may hold claims that a record no longer makes,
 * because the decision is always taken on the latest versions.
 */
import { column } from '../../model/fields.ts'
import { kindOf, references } from '../../model/kinds.ts'
import { identityKeys, keyColumns, keySql, worthSql, type IdentityKey } from './keys.ts'
import type { Node } from './cluster.ts'
import { wanted, type Wanted } from './resolve.ts'

export interface ClaimContext {
  kind: string
  keys: readonly IdentityKey[]
  /** Role → its platforms: a reference may name either. */
  roles: ReadonlyMap<string, readonly string[]>
  /** Public mail domains as quoted SQL words. */
  publicMail: string
}

export function claimContext(
  kind: string,
  configured: readonly (readonly string[])[] | undefined,
  roles: ReadonlyMap<string, readonly string[]>,
  publicMail: ReadonlySet<string>,
): ClaimContext {
  const quoted = [...publicMail].map((d) => `'${d.replaceAll("'", '')}'`).join(', ') || `''`
  return { kind, keys: identityKeys(kind, configured), roles, publicMail: quoted }
}

/** `platform → id` pairs of a row's refs, with roles spelled out as their platforms. */
function refsSql(ctx: ClaimContext, row: string): string {
  const roleCases = [...ctx.roles].map(
    ([role, platforms]) => `'${role}', [${platforms.map((p) => `'${p}'`).join(', ')}]`,
  )
  const expand = (k: string) =>
    roleCases.length ? `caseWithExpression(${k}, ${roleCases.join(', ')}, [${k}])` : `[${k}]`
  return `arrayFlatten(arrayMap((k, v) -> arrayMap(p -> (p, v), ${expand('toString(k)')}), mapKeys(${row}.refs), mapValues(${row}.refs)))`
}

const CLAIMED = ['refs', 'merged_into']

/** What `nodeSql` reads of a record. */
export function nodeWants(ctx: ClaimContext): Wanted {
  const { worth } = kindOf(ctx.kind)
  const more = ['parent', 'bill_to_country', ...(worth === undefined ? [] : [column({ name: worth })])]
  return wanted(ctx.kind, [...CLAIMED, ...keyColumns(ctx.kind, ctx.keys), ...more], true)
}

/** Who a record says it is. */
function saidSql(ctx: ClaimContext): string {
  const keys = ctx.keys.map((k) => keySql(ctx.kind, k, 'c', ctx.publicMail))
  return `toString(c.platform) as platform, c.record_id as record_id,
      arrayFilter(r -> r.2 != '', ${refsSql(ctx, 'c')}) as refs,
      ifNull(c.merged_into, '') as merged_into,
      [${keys.map((k) => `cast(${k} as Nullable(String))`).join(', ') || 'cast(null as Nullable(String))'}] as keys`
}

/** Rows that `cluster` needs, from resolved rows with their customer (resolve.ts `resolvedSql`). */
export function nodeSql(ctx: ClaimContext, resolved: string): string {
  const parent = references(kindOf(ctx.kind)).find((f) => f.name === 'parent')
  const country = kindOf(ctx.kind).fields.find((f) => f.name === 'bill_to.country')
  return `select ${saidSql(ctx)},
      ${country ? `ifNull(toString(c.${column(country)}), '')` : `''`} as country,
      toString(c.customer_hash) as customer,
      ${worthSql(ctx.kind, 'c')} as worth,
      ${parent ? `if(ifNull(c.parent, '') = '', '', concat(toString(c.platform), ':', ifNull(c.parent, '')))` : `''`} as parent
    from (${resolved}) as c`
}

export interface NodeRow {
  platform: string
  record_id: string
  refs: [string, string][]
  merged_into: string
  keys: (string | null)[]
  country: string
  customer: string
  worth: string | null
  parent: string
  entity: string
}

export function nodeOf(row: NodeRow, keys: number): Node {
  return {
    platform: row.platform,
    record_id: row.record_id,
    entity: row.entity || null,
    refs: Object.fromEntries(row.refs),
    mergedInto: row.merged_into || null,
    keys: row.keys.slice(0, keys),
    country: row.country || null,
    customer: row.customer,
    worth: row.worth,
    parent: row.parent || null,
  }
}

/** Every claim of rows of `nodeSql`, as an array of texts: itself, whom it refers to, its survivor, its keys. */
export function claimsSql(ctx: ClaimContext, nodes: string): string {
  const names = ctx.keys.map((k) => `'${k.name}'`).join(', ')
  return `select n.platform as platform, n.record_id as record_id,
      arrayConcat(
        [concat('r:', n.platform, ':', n.record_id)],
        arrayMap(r -> concat('r:', r.1, ':', r.2), n.refs),
        if(n.merged_into = '', [], [concat('r:', n.platform, ':', n.merged_into)]),
        ${ctx.keys.length ? `arrayMap((k, v) -> concat('k:', k, ':', ifNull(v, '')), arrayFilter((k, v) -> v is not null, [${names}], n.keys), arrayFilter(v -> v is not null, n.keys))` : 'cast([] as Array(String))'}
      ) as claims
    from (${nodes}) as n`
}
