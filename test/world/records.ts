/** Records for tests: a canonical record with everything that does not matter to the test filled in. */
import { KEYED } from '../../model/fields.ts'
import { kindOf } from '../../model/kinds.ts'
import type { CanonicalRecord } from '../../model/record.ts'

let hash = 0

/**
 * Fields given as text are values, null is empty; all given fields and `held` can be held. Keys of keyed types are the
 * values in lower case. Each record has a version hash of its own unless one is given.
 */
export function aRecord(
  kind: string,
  record_id: string,
  fields: Record<string, string | null> = {},
  over: Partial<CanonicalRecord> = {},
): CanonicalRecord {
  const values = Object.fromEntries(Object.entries(fields).filter((f): f is [string, string] => f[1] !== null))
  const keyed = kindOf(kind).fields.filter((f) => KEYED.has(f.type) && values[f.name] !== undefined)
  return {
    platform: 'crm',
    kind,
    record_id,
    status: null,
    refs: {},
    created_at: null,
    changed_at: null,
    stamp: 'ms',
    deleted: false,
    merged_into: null,
    changed_by: null,
    correlation_id: null,
    values,
    raw: {},
    unmapped: [],
    invalid: {},
    custom: {},
    keys: Object.fromEntries(keyed.map((f) => [f.name, values[f.name]!.toLowerCase()])),
    empty: Object.keys(fields).filter((name) => fields[name] === null),
    version_hash: String(++hash),
    ...over,
    held: [...new Set([...Object.keys(fields), ...(over.held ?? [])])],
  }
}
