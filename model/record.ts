/** A record: one platform's view of one thing, in canonical words. The unit that connectors make and the store keeps. */

/**
 * What a connector's mapping produces for one platform object: canonical names, values as the
 * platform wrote them. Reading, normalising and comparing them is the model's work (canonicalise.ts).
 */
export interface RawRecord {
  /** The platform's own id, exactly as the platform spells it. */
  record_id: string
  /** The platform's own status word, kept as evidence; `state` comes from it through the reference map unless `fields.state` is set. */
  status?: string | null
  /** Ids of the same thing in other platforms: platform name or role → id. */
  refs?: Record<string, string | null | undefined>
  /** The platform's own stamps, as written (ISO text with offset, or epoch milliseconds as a number). */
  created_at?: string | number | null
  changed_at?: string | number | null
  deleted?: boolean
  /** record_id of the survivor, when this record was merged away. */
  merged_into?: string | null
  changed_by?: string | null
  correlation_id?: string | null
  /**
   * Canonical field name → value as the platform wrote it. A missing key is *absent*, null or ''
   * is *empty*. Money and 64-bit numbers are strings, in major units.
   */
  fields: Record<string, unknown>
  /** Further fields that the configuration maps; checks name them `custom.<name>`. */
  custom?: Record<string, unknown>
}

/** A record after the model has read it. Field masks: see model/fields.ts `FieldState`. */
export interface CanonicalRecord {
  platform: string
  kind: string
  record_id: string
  status: string | null
  refs: Record<string, string>
  /** ISO 8601 UTC with milliseconds, or null where the platform has no stamp. */
  created_at: string | null
  changed_at: string | null
  /** Resolution of the platform's stamp: a one-second stamp is never read as exact. */
  stamp: 'ms' | 's' | 'min' | 'day' | 'none'
  deleted: boolean
  merged_into: string | null
  changed_by: string | null
  correlation_id: string | null
  /** Canonical value per field in state `value` (or the platform's raw code for `unmapped`). All values are text; money is a decimal string. */
  values: Record<string, string>
  /** Comparison key per field of a keyed type (model/fields.ts `KEYED`). */
  keys: Record<string, string>
  /** What the platform wrote, where it differs from the canonical value: evidence that a rule made two values equal. */
  raw: Record<string, string>
  /** Names of the fields that the platform can hold (a superset of every list below). */
  held: string[]
  empty: string[]
  unmapped: string[]
  /** Field → why it could not be read. The record is kept; the field is never compared. */
  invalid: Record<string, string>
  custom: Record<string, string | null>
  /** 64-bit hash, as decimal text, of everything above except stamps and `changed_by`: a version is stored only when it changes. */
  version_hash: string
}

/** One record as the subject of a finding. */
export interface Subject {
  platform: string
  kind: string
  record_id: string
}
