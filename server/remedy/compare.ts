/** Comparing what a record holds with what a plan says, in the model's own terms. Pure. */
import { canonicalise, type CanonicaliseContext } from '../../model/canonicalise.ts'
import { equalFields } from '../../model/compare.ts'
import { hasKind, kindOf } from '../../model/kinds.ts'
import type { CanonicalRecord } from '../../model/record.ts'
import type { ActionRequest, Standing } from '../../connectors/action.ts'
import type { Fields } from './item.ts'

/** As much of a record as comparing needs. */
export type Compared = Pick<CanonicalRecord, 'values' | 'refs' | 'invalid' | 'deleted'>

/** What the record holds of these fields; null is empty. A field that could not be read, or that it cannot hold, is left out. */
export function heldFields(record: Pick<Compared, 'values' | 'refs' | 'invalid'>, names: Iterable<string>): Fields {
  const fields: Fields = {}
  for (const name of names) {
    if (name.startsWith('refs.')) fields[name] = record.refs[name.slice(5)] ?? null
    else if (Object.hasOwn(record.values, name)) fields[name] = record.values[name]!
    else if (!Object.hasOwn(record.invalid, name)) fields[name] = null
  }
  return fields
}

/** Names of the fields in which the two differ; a field that one of them does not know differs. */
export function differing(kind: string, a: Fields, b: Fields, currency: string | null = null): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => !sameField(kind, name, a, b, currency))
}

function sameField(kind: string, name: string, a: Fields, b: Fields, currency: string | null): boolean {
  if (!Object.hasOwn(a, name) || !Object.hasOwn(b, name)) return false
  const [x, y] = [a[name]!, b[name]!]
  if (x === y) return true
  if (x === null || y === null || !hasKind(kind)) return false
  const field = kindOf(kind).fields.find((f) => f.name === name)
  if (!field || field.type === 'reference') return false
  const side = (value: string, all: Fields) => ({
    value,
    key: keyOf(kind, name, value, all),
    // Both are of one record: where neither says its currency, it is the same one.
    ...(field.type === 'money' && { currency: all[field.currency ?? 'currency'] ?? currency ?? 'XXX' }),
  })
  return equalFields(field, side(x, a), side(y, b)).equal
}

const contexts = new Map<string, CanonicaliseContext>()
/** Keys of values that were made last: plans write the same few values to many records. */
const keys = new Map<string, string | null>()
const KEYS_MAX = 10_000

/** The comparison key of a canonical value, made by the model as for any record. */
function keyOf(kind: string, name: string, value: string, all: Fields): string | null {
  const country = all['bill_to.country']
  const place = JSON.stringify([kind, name, value, country])
  const known = keys.get(place)
  if (known !== undefined) return known
  const ctx = contexts.get(kind) ?? { platform: 'plan', timezone: 'UTC', held: [], map: () => null }
  contexts.set(kind, ctx)
  const record = canonicalise(
    kindOf(kind),
    { record_id: 'plan', fields: { ...(country && { 'bill_to.country': country }), [name]: value } },
    ctx,
  )
  const key = record.keys[name] ?? record.values[name] ?? null
  if (keys.size >= KEYS_MAX) keys.clear()
  keys.set(place, key)
  return key
}

/** Does the record hold what was wanted? A deleted record holds nothing; cancelled is also what is gone. */
export function holds(
  { action, kind }: Pick<ActionRequest, 'action' | 'kind'>,
  record: Compared | null,
  after: Fields,
): boolean {
  if (record === null || record.deleted) return action === 'cancel'
  if (action === 'cancel' && Object.keys(after).length === 0) return false
  return differing(kind, heldFields(record, Object.keys(after)), after, record.values['currency'] ?? null).length === 0
}

/** Does the record still hold what the plan saw? `before` null: there must be none. */
export function stillAs(kind: string, record: Compared | null, before: Fields | null): boolean {
  if (before === null) return record === null || record.deleted
  if (record === null || record.deleted) return false
  return (
    differing(kind, heldFields(record, Object.keys(before)), before, record.values['currency'] ?? null).length === 0
  )
}

/** Writes of somebody else between our last look and the one after our write; 0 where the platform does not count. */
export function writesOfOthers(before: Standing | null, after: Standing, ours: number): number {
  if (before?.writes === undefined || after.writes === undefined) return 0
  return Math.max(0, after.writes - before.writes - ours)
}

/** Fields outside of `asked` that changed between two looks. */
export function changedBeside(before: CanonicalRecord, after: CanonicalRecord, asked: Iterable<string>): string[] {
  const expected = new Set(asked)
  const names = new Set([...Object.keys(before.values), ...Object.keys(after.values)])
  return [...names].filter((n) => !expected.has(n) && before.values[n] !== after.values[n]).sort()
}
