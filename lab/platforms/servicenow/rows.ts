/** Records of the simulated instance as rows of its tables, and back: everything is text, stamps are UTC without a zone. */
import { fieldOf } from '../../../model/kinds.ts'
import type { PlatformState, SimRecord, SimWrite } from '../../platform.ts'
import { KEY_COLUMN, PLANS, refColumn, REFERRED } from './tables.ts'

export type Row = Record<string, string>

export const stamp = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

/** Field of the simulated record that keeps our key, and the count of updates by the API. */
const KEPT_KEY = '~key'

export function rowOf(record: SimRecord): Row {
  const plan = PLANS[record.kind]!
  const row: Row = {
    sys_id: record.id,
    sys_created_on: stamp(record.createdAt),
    sys_updated_on: stamp(record.changedAt),
    sys_updated_by: record.changedBy,
    // The instance counts updates; the laboratory keeps only the last, so that its instant stands for the count.
    sys_mod_count: String(Math.floor(record.changedAt / 1000)),
    [KEY_COLUMN]: record.fields[KEPT_KEY] ?? '',
  }
  for (const [field, column] of Object.entries(plan.columns)) {
    const text = written(record.kind, field, record.fields[field] ?? null)
    row[column] = field.endsWith('.line2') ? [row[column], text].filter(Boolean).join('\n') : text
  }
  for (const platform of REFERRED) row[refColumn(platform)] = record.refs[platform] ?? ''
  if (plan.status)
    row[plan.status.column] =
      record.oddStatus ?? (record.state === null ? '' : (plan.status.words[record.state] ?? record.state))
  return row
}

function written(kind: string, field: string, text: string | null): string {
  if (text === null) return ''
  const at = fieldOf(kind, field).type === 'instant' ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? text : stamp(at)
}

type Change = Omit<SimWrite, 'by'> & { fields: Record<string, string | null>; refs: Record<string, string | null> }

/** A business rule that aborts the update. */
export class Aborted extends Error {}

/** Columns that the table does not have are dropped without a word, as the Table API does. */
export function changeOf(state: PlatformState, kind: string, body: Row): Change {
  const plan = PLANS[kind]!
  const change: Change = { fields: {}, refs: {} }
  for (const [column, text] of Object.entries(body)) {
    const platform = REFERRED.find((name) => refColumn(name) === column)
    if (platform) change.refs[platform] = text === '' ? null : text
    else if (column === KEY_COLUMN) change.fields[KEPT_KEY] = text
    else if (column === plan.status?.column) change.state = stateOf(plan.status.words, text)
    else
      for (const [field, of] of Object.entries(plan.columns))
        if (of === column) change.fields[field] = read(state, kind, field, text)
  }
  return change
}

function stateOf(words: Record<string, string>, text: string): string {
  const found = Object.entries(words).find(([, word]) => word === text)
  if (!found) throw new Aborted(`state: ${text} is not a choice`)
  return found[0]
}

function read(state: PlatformState, kind: string, field: string, text: string): string | null {
  if (text === '') return null
  if (field.endsWith('.line1')) return text.split('\n')[0] ?? null
  if (field.endsWith('.line2')) return text.split('\n').slice(1).join('\n') || null
  const { type, to } = fieldOf(kind, field)
  if (type === 'instant') {
    if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) throw new Aborted(`${field}: ${text} is no time`)
    return `${text.replace(' ', 'T')}.000Z`
  }
  const target = type === 'reference' ? to?.find((name) => PLANS[name]) : undefined
  if (target && !state.record(target, text)) throw new Aborted(`${field}: there is no ${text}`)
  return text
}
