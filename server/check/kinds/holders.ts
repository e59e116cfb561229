/** Holders: the records that hold one entity, as SQL that reads them and as the shape that comes back. */
import { column, keyColumn, KEYED, type Field } from '../../../model/fields.ts'
import type { Kind } from '../../../model/kind.ts'
import type { Landscape, Whereabouts } from '../../../model/landscape.ts'
import { ident } from '../../store/facts/ident.ts'
import { whereabouts, type Claim } from '../whereabouts.ts'

/** One record of an entity, as far as a judge needs to know it. Instants are ISO text. */
export interface Holder {
  platform: string
  record_id: string
  deleted: number
  merged_into: string | null
  state: string | null
  role: string | null
  legal_entity: string | null
  region: string | null
  brand: string | null
  created_at: string | null
  changed_at: string | null
  changed_by: string | null
  observed_at: string
  stamp: string
  /** Number of fields with a value. */
  filled: number
  worth: string | null
  worth_currency: string | null
}

const bit = (field: Field) => `toUInt64(${(1n << BigInt(field.bit)).toString()})`

/** A bit test on one of the masks. */
export function has(mask: 'held' | 'empty' | 'unmapped' | 'invalid', field: Field): string {
  return `bitAnd(${mask}, ${bit(field)}) != 0`
}

/** Field of the kind by name, or undefined: kinds differ in what they have. */
const fieldNamed = (kind: Kind, name: string) => kind.fields.find((f) => f.name === name)

/** The field's value, or NULL where it is no plain value; a raw code without an entry is no value. */
function plain(kind: Kind, name: string): string {
  const field = fieldNamed(kind, name)
  if (!field) return `cast(null, 'Nullable(String)')`
  return `if(${has('unmapped', field)}, null, cast(${ident(column(field))}, 'Nullable(String)'))`
}

/** `(…)` as a named tuple over one row of `current_<kind>`: the SQL side of `Holder`. */
export function holderTuple(kind: Kind, scopes: ReadonlySet<string>): string {
  const worth = kind.worth === undefined ? undefined : fieldNamed(kind, kind.worth)
  const currency = worth?.currency === undefined ? undefined : fieldNamed(kind, worth.currency)
  const custom = (name: string) => (scopes.has(name) ? `custom['${name}']` : `cast(null, 'Nullable(String)')`)
  const members: [keyof Holder, string][] = [
    ['platform', 'toString(platform)'],
    ['record_id', 'record_id'],
    ['deleted', 'deleted'],
    ['merged_into', 'merged_into'],
    ['state', plain(kind, 'state')],
    ['role', plain(kind, 'role')],
    ['legal_entity', plain(kind, 'legal_entity')],
    ['region', custom('region')],
    ['brand', custom('brand')],
    ['created_at', 'created_at'],
    ['changed_at', 'changed_at'],
    ['changed_by', 'changed_by'],
    ['observed_at', 'observed_at'],
    ['stamp', 'toString(stamp)'],
    ['filled', 'toUInt8(bitCount(bitAnd(held, bitNot(bitOr(empty, invalid)))))'],
    ['worth', worth ? textOf(worth) : `cast(null, 'Nullable(String)')`],
    [
      'worth_currency',
      currency ? `cast(${ident(column(currency))}, 'Nullable(String)')` : `cast(null, 'Nullable(String)')`,
    ],
  ]
  return namedTuple(members)
}

export function namedTuple(members: readonly (readonly [string, string])[]): string {
  const type = `Tuple(${members.map(([name]) => `${name} ${TYPES[name] ?? 'Nullable(String)'}`).join(', ')})`
  return `cast(tuple(${members.map(([, sql]) => sql).join(', ')}), '${type.replaceAll("'", "\\'")}')`
}

/** Types of tuple members that are not text; a cast gives every member its name and one fixed type. */
const TYPES: Record<string, string> = {
  platform: 'String',
  record_id: 'String',
  deleted: 'UInt8',
  filled: 'UInt8',
  stamp: 'String',
  is: 'String',
  created_at: `Nullable(DateTime64(3, 'UTC'))`,
  changed_at: `Nullable(DateTime64(3, 'UTC'))`,
  observed_at: `DateTime64(3, 'UTC')`,
}

/** Canonical text of a field. */
export function textOf(field: Field): string {
  const name = ident(column(field))
  if (field.type === 'instant') return `concat(replaceOne(toString(${name}), ' ', 'T'), 'Z')`
  return `cast(toString(${name}), 'Nullable(String)')`
}

/** Comparison key as text; a reference that resolves to nothing has none. */
export function keyOf(field: Field): string {
  if (field.type === 'reference') return `cast(toString(nullIf(${ident(keyColumn(field))}, 0)), 'Nullable(String)')`
  return KEYED.has(field.type) ? ident(keyColumn(field)) : textOf(field)
}

/** Keys of scope that any platform of the landscape is limited by. */
export function scopeKeys(landscape: Landscape): Set<string> {
  return new Set(landscape.platforms.flatMap((p) => Object.keys(p.scope)))
}

/** Records of platforms that the configuration still has, in its order: rows come in any. */
export function known(holders: readonly Holder[], landscape: Landscape): Holder[] {
  const place = new Map(landscape.platforms.map((p, i) => [p.name, i]))
  const order = (h: Holder) => place.get(h.platform)!
  return holders
    .filter((h) => place.has(h.platform))
    .sort((a, b) => order(a) - order(b) || (a.record_id < b.record_id ? -1 : 1))
}

/** Roles that make a record one part of a party rather than the party itself. */
const PARTS: ReadonlySet<string> = new Set(['bill_to', 'ship_to'])

/** True for a record that stands beside the main one by design: a bill-to or ship-to record of the party. */
export function isPart(holder: Pick<Holder, 'role'>): boolean {
  return holder.role !== null && PARTS.has(holder.role)
}

/**
 * The record that speaks for its platform where an entity has several there: the party itself before its bill-to and
 * ship-to records, one that is not over, the oldest, the most complete, the smallest id. That there are several is the
 * duplicate check's matter.
 */
export function primaries(holders: readonly Holder[], ended: readonly string[]): Map<string, Holder> {
  const over = (h: Holder) => (h.state !== null && ended.includes(h.state) ? 1 : 0)
  const born = (h: Holder) => (h.created_at === null ? Infinity : Date.parse(h.created_at))
  const before = (a: Holder, b: Holder): number =>
    Number(isPart(a)) - Number(isPart(b)) ||
    over(a) - over(b) ||
    (born(a) === born(b) ? 0 : born(a) - born(b)) ||
    b.filled - a.filled ||
    (a.record_id < b.record_id ? -1 : 1)
  const found = new Map<string, Holder>()
  for (const h of holders) {
    if (h.deleted) continue
    const best = found.get(h.platform)
    if (!best || before(h, best) < 0) found.set(h.platform, h)
  }
  return found
}

/** Where the entity is, from what its records say. `customer` is the scope of the customer it belongs to. */
export function placed(
  landscape: Landscape,
  kind: Kind,
  holders: Iterable<Holder>,
  customer?: string | null,
): Whereabouts {
  const claims: Claim[] = []
  for (const h of holders) {
    const scope: Record<string, string> = {}
    const entity = h.legal_entity ?? customer
    if (entity) scope['legal_entity'] = entity
    if (h.region) scope['region'] = h.region
    if (h.brand) scope['brand'] = h.brand
    claims.push({ platform: h.platform, state: h.state, scope })
  }
  return whereabouts(landscape, kind.name, claims)
}
