/** Current: the latest version of every record under its entity, with the stored hash of each ownership group. */
import { keyColumn, type Field } from '../../../model/fields.ts'
import type { Kind } from '../../../model/kind.ts'
import { groups } from '../../../model/kinds.ts'
import { hashColumn } from './columns.ts'
import { ident } from './ident.ts'

/** Alias of the row, or how a column of it is written. */
type Row = string | ((column: string) => string)

/** One stored hash: its column, and the expression that computes it over a row named `alias`. */
export interface GroupHash {
  group: string
  name: string
  /** Reads the row's masks, comparison columns and reference columns (`<field>_eid`). */
  sql(row?: Row): string
}

/** Bits of a group's fields, as decimal text. */
export function maskOf(fields: readonly Pick<Field, 'bit'>[]): string {
  return fields.reduce((mask, f) => mask | (1n << BigInt(f.bit)), 0n).toString()
}

export function groupFields(kind: Kind, group: string): Field[] {
  return kind.fields.filter((f) => f.group === group)
}

/** Hashes of all ownership groups of a kind, in table order. */
export function groupHashes(kind: Kind): GroupHash[] {
  return groups(kind).map((group) => ({
    group,
    name: hashColumn(group),
    sql: (row) => groupHashSql(groupFields(kind, group), row),
  }))
}

/**
 * Equal for two rows exactly when they say the same about every field of the group: the same fields held, empty,
 * unmapped and invalid, and equal comparison keys. Each key goes in as a pair, because NULL, '' and "cannot hold"
 * are three different things and a plain hash over a NULL is NULL.
 */
export function groupHashSql(fields: readonly Field[], row?: Row): string {
  const of = typeof row === 'function' ? row : (name: string) => (row ? `${ident(row)}.${ident(name)}` : ident(name))
  const mask = maskOf(fields)
  const masks = ['held', 'empty', 'unmapped', 'invalid'].map((name) => `bitAnd(${of(name)}, toUInt64(${mask}))`)
  const keys = fields.flatMap((field) => {
    const key = of(keyColumn(field))
    // A reference is compared by entity, which is never NULL.
    return field.type === 'reference' ? [key] : [`isNull(${key})`, `ifNull(toString(${key}), '')`]
  })
  return `cityHash64(${[...masks, ...keys].join(', ')})`
}
