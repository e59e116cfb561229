/** Tables of the laboratory's warehouses: what a nightly load of the company would hold, and the settings that read them. */
import { kindOf } from '../../model/kinds.ts'
import type { PlatformState, SimRecord } from '../platform.ts'

export type CellType = 'text' | 'decimal' | 'date' | 'instant' | 'boolean'

export interface LabColumn {
  name: string
  type: CellType
  of(record: SimRecord): string | null
}

export interface LabTable {
  kind: string
  name: string
  columns: readonly LabColumn[]
}

const HOLDS: Record<string, string> = {
  customer: 'name legal_name domain email tax_id bill_to.city bill_to.country currency payment_terms',
  invoice: 'customer number total tax currency issued_on due_on posted_at',
  payment: 'customer invoice amount currency received_at method',
}

/** Platforms whose ids the nightly load keeps: by them rows find their customer. */
const REFERRED = ['salesforce', 'netsuite', 'stripe', 'zendesk', 'hubspot', 'shopify']
const refColumn = (platform: string) => `${platform}_id`

const columnOf = (field: string): string => field.replaceAll('.', '_')

export const holds = (kind: string): readonly string[] =>
  HOLDS[kind] === undefined ? [] : ['state', ...HOLDS[kind].split(' ')]

export const TABLES: readonly LabTable[] = Object.entries(HOLDS).map(([kind, fields]) => ({
  kind,
  name: `${kind}s`,
  columns: [
    { name: 'id', type: 'text', of: (r) => r.id },
    { name: 'created_at', type: 'instant', of: (r) => new Date(r.createdAt).toISOString() },
    { name: 'updated_at', type: 'instant', of: (r) => fine(r.changedAt) },
    { name: 'updated_by', type: 'text', of: (r) => r.changedBy },
    { name: 'status', type: 'text', of: (r) => r.oddStatus ?? r.state },
    ...fields.split(' ').map((field) => ({
      name: columnOf(field),
      type: typeOf(kind, field),
      of: (r: SimRecord) => r.fields[field] ?? null,
    })),
    ...REFERRED.map((platform) => ({
      name: refColumn(platform),
      type: 'text' as const,
      of: (r: SimRecord) => r.refs[platform] ?? null,
    })),
  ],
}))

/** Warehouses keep microseconds: a reader that rounds stamps would lose its place. */
const fine = (at: number): string => new Date(at).toISOString().replace('Z', '123Z')

function typeOf(kind: string, field: string): CellType {
  const type = kindOf(kind).fields.find((f) => f.name === field)!.type
  if (type === 'money' || type === 'number') return 'decimal'
  if (type === 'date' || type === 'instant') return type
  return type === 'bool' ? 'boolean' : 'text'
}

export const idOf = (kind: string, n: number): string => `${kind.slice(0, 3)}-${String(n).padStart(6, '0')}`

/** The `streams` of the platform entry that reads them. */
export function streamSettings(prefix = ''): Record<string, unknown> {
  return Object.fromEntries(
    TABLES.map(({ kind, name }) => [
      name,
      {
        kind,
        table: `${prefix}${name}`,
        created: 'created_at',
        changed: 'updated_at',
        changed_by: 'updated_by',
        status: 'status',
        fields: Object.fromEntries(HOLDS[kind]!.split(' ').map((field) => [field, columnOf(field)])),
        refs: Object.fromEntries(REFERRED.map((platform) => [platform, refColumn(platform)])),
      },
    ]),
  )
}

/** States stand in these tables in canonical words. */
export function stateMaps(vendor: string): { maps: Record<string, string>; referenceMaps: Record<string, unknown> } {
  const name = (kind: string) => `${vendor}-${kind}-state`
  const entries = (kind: string) => ({ [vendor]: Object.fromEntries(kindOf(kind).states.map((s) => [s, s])) })
  return {
    maps: Object.fromEntries(TABLES.map(({ kind }) => [`${kind}.state`, name(kind)])),
    referenceMaps: Object.fromEntries(
      TABLES.map(({ kind }) => [name(kind), { owner: 'Data team', entries: entries(kind) }]),
    ),
  }
}

/** What moved since it was asked last: rows to put in place of what has their id, and ids that are gone. */
export interface Moved {
  rows: Record<string, string | null>[]
  gone: string[]
}

export function createFollower(state: PlatformState): (table: LabTable) => Moved {
  const known = new Map<string, string>()
  return ({ kind, columns }) => {
    const moved: Moved = { rows: [], gone: [] }
    for (const record of state.records(kind)) {
      const key = `${kind}/${record.id}`
      const row = Object.fromEntries(columns.map((c) => [c.name, c.of(record)]))
      const text = record.deletedAt === undefined ? JSON.stringify(row) : ''
      if (known.get(key) === text || (text === '' && !known.has(key))) continue
      known.set(key, text)
      if (text === '') moved.gone.push(record.id)
      else moved.rows.push(row)
    }
    return moved
  }
}
