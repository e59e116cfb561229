/** Field trail: every value that a field of a record had, oldest first, from the stored versions. */
import { column, KEYED } from '../../../model/fields.ts'
import { fieldOf } from '../../../model/kinds.ts'
import { versionsTable } from './columns.ts'
import { customSql, isCustom } from './custom-field.ts'
import type { Facts } from './facts.ts'
import { fieldKey, type FieldSubject } from './field-history.ts'
import { ident, tableOf } from './ident.ts'

export interface TrailStep {
  key: string | null
  value: string | null
  /** Stamp of the version that brought it, epoch ms; null where the platform gives none. */
  stampedAt: number | null
  observedAt: number
  by: string | null
}

/** Subjects that one query looks up. */
const SUBJECTS_A_QUERY = 5_000

/** Latest values kept of one field: older ones explain nothing any more. */
const STEPS_MAX = 50

/** Asks for many at once. Keys are `fieldKey`; records without any version are missing from the map. */
export async function fieldTrails(facts: Facts, subjects: readonly FieldSubject[]): Promise<Map<string, TrailStep[]>> {
  const byField = new Map<string, Map<string, FieldSubject>>()
  for (const s of subjects) {
    const id = `${s.kind} ${s.field}`
    let group = byField.get(id)
    if (!group) byField.set(id, (group = new Map()))
    group.set(fieldKey(s), s)
  }
  const found = new Map<string, TrailStep[]>()
  for (const group of byField.values()) {
    const all = [...group.values()]
    for (let at = 0; at < all.length; at += SUBJECTS_A_QUERY)
      await look(facts, all.slice(at, at + SUBJECTS_A_QUERY), found)
  }
  return found
}

interface Row {
  platform: string
  record_id: string
  steps: {
    key: string | null
    value: string | null
    changed_at: string | null
    observed_at: string
    changed_by: string | null
  }[]
}

async function look(facts: Facts, subjects: readonly FieldSubject[], found: Map<string, TrailStep[]>): Promise<void> {
  const { kind, field } = subjects[0]!
  const { key, value, instant } = said(kind, field)
  const rows = await facts.query<Row>(
    `with
       versions as (
         select platform, record_id, seq, changed_at, changed_by, observed_at, ${key} as key, ${value} as value
         from ${tableOf(facts, versionsTable(kind))}
         where platform in {platforms:Array(String)} and (platform, record_id) in arrayZip({on:Array(String)}, {ids:Array(String)}) and deleted = 0
       ),
       steps as (
         select *, row_number() over one as place, lagInFrame(key) over one as before
         from versions
         window one as (partition by platform, record_id order by seq rows between unbounded preceding and current row)
       )
     select toString(platform) as platform, record_id,
       arrayMap(s -> s.2, arraySort(groupArray((seq, cast((key, value, changed_at, observed_at, changed_by),
         'Tuple(key Nullable(String), value Nullable(String), changed_at Nullable(DateTime64(3, \\'UTC\\')), observed_at DateTime64(3, \\'UTC\\'), changed_by Nullable(String))'))))) as steps
     from steps
     where place = 1 or isNull(key) != isNull(before) or ifNull(key, '') != ifNull(before, '')
     group by platform, record_id`,
    {
      platforms: [...new Set(subjects.map((s) => s.platform))],
      on: subjects.map((s) => s.platform),
      ids: subjects.map((s) => s.record_id),
    },
  )
  for (const row of rows)
    found.set(
      fieldKey({ platform: row.platform, kind, record_id: row.record_id, field }),
      row.steps.slice(-STEPS_MAX).map((s) => step(s, instant)),
    )
}

/** Key and value of a field as text, and whether it is an instant. */
function said(kind: string, field: string): { key: string; value: string; instant: boolean } {
  if (isCustom(field)) return { ...customSql(field), instant: false }
  const f = fieldOf(kind, field)
  const text = (name: string) => `cast(toString(${ident(name)}), 'Nullable(String)')`
  const key = KEYED.has(f.type) ? `${column(f)}_key` : column(f)
  return { key: text(key), value: text(column(f)), instant: f.type === 'instant' }
}

function step(s: Row['steps'][number], instant: boolean): TrailStep {
  return {
    key: s.key,
    value: s.value !== null && instant ? `${s.value.replace(' ', 'T')}Z` : s.value,
    stampedAt: s.changed_at === null ? null : Date.parse(s.changed_at),
    observedAt: Date.parse(s.observed_at),
    by: s.changed_by,
  }
}
