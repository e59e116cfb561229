/** Field history: when a field of a record last took another value, and who wrote it, from the stored versions. */
import { column, KEYED, type Field } from '../../../model/fields.ts'
import { fieldOf } from '../../../model/kinds.ts'
import { versionsTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { ident, tableOf } from './ident.ts'

export interface FieldSubject {
  platform: string
  kind: string
  record_id: string
  field: string
}

export interface FieldChange {
  /** Stamp of the version in which the field last changed, epoch ms; null where the platform gives none. */
  at: number | null
  by: string | null
  /** When we saw that version: no change can be later. */
  observedAt: number
  /** True if it is as it was in the first version we know. */
  sinceFirst: boolean
}

/** Names one subject's field; for maps. */
export function fieldKey({ platform, kind, record_id, field }: FieldSubject): string {
  return JSON.stringify([platform, kind, record_id, field])
}

/** Subjects that one query looks up. */
const SUBJECTS_A_QUERY = 5_000

/** Asks for many at once; records without any version are missing from the map. Keys are `fieldKey`. */
export async function fieldHistory(facts: Facts, subjects: readonly FieldSubject[]): Promise<Map<string, FieldChange>> {
  const byField = new Map<string, FieldSubject[]>()
  for (const s of subjects) {
    const id = `${s.kind} ${s.field}`
    const group = byField.get(id)
    if (group) group.push(s)
    else byField.set(id, [s])
  }
  const found = new Map<string, FieldChange>()
  for (const group of byField.values())
    for (let at = 0; at < group.length; at += SUBJECTS_A_QUERY)
      await look(facts, group.slice(at, at + SUBJECTS_A_QUERY), found)
  return found
}

interface Row {
  platform: string
  record_id: string
  changed_at: string | null
  changed_by: string | null
  observed_at: string
  since_first: number
}

async function look(facts: Facts, subjects: readonly FieldSubject[], found: Map<string, FieldChange>): Promise<void> {
  const { kind, field } = subjects[0]!
  const rows = await facts.query<Row>(
    `with
       versions as (
         select platform, record_id, seq, changed_at, changed_by, observed_at, ${sayingSql(fieldOf(kind, field))} as saying
         from ${tableOf(facts, versionsTable(kind))}
         where platform in {platforms:Array(String)} and (platform, record_id) in arrayZip({on:Array(String)}, {ids:Array(String)})
       ),
       steps as (
         select *,
           row_number() over one as place,
           lagInFrame(saying) over one as before
         from versions
         window one as (partition by platform, record_id order by seq rows between unbounded preceding and current row)
       ),
       changes as (
         select platform, record_id, argMax((changed_at, changed_by, observed_at, place), seq) as last
         from steps
         where place = 1 or saying != before
         group by platform, record_id
       )
     select platform, record_id, last.1 as changed_at, last.2 as changed_by, last.3 as observed_at, last.4 = 1 as since_first
     from changes`,
    {
      platforms: [...new Set(subjects.map((s) => s.platform))],
      on: subjects.map((s) => s.platform),
      ids: subjects.map((s) => s.record_id),
    },
  )
  for (const row of rows)
    found.set(fieldKey({ platform: row.platform, kind, record_id: row.record_id, field }), {
      at: row.changed_at === null ? null : Date.parse(row.changed_at),
      by: row.changed_by,
      observedAt: Date.parse(row.observed_at),
      sinceFirst: row.since_first === 1,
    })
}

/** One number for what a version says about the field: its state and its comparison key. A change of spelling alone is none. */
function sayingSql(field: Field): string {
  const key = ident(KEYED.has(field.type) ? `${column(field)}_key` : column(field))
  const bit = (1n << BigInt(field.bit)).toString()
  const states = ['held', 'empty', 'unmapped', 'invalid'].map((mask) => `bitAnd(${mask}, toUInt64(${bit}))`)
  return `cityHash64(${states.join(', ')}, isNull(${key}), ifNull(toString(${key}), ''))`
}
