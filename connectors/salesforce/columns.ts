/** Canonical values as the columns of an object: the way back from what mapping.ts reads. */
import { fieldOf } from '../../model/kinds.ts'
import type { ActionRequest, Standing } from '../action.ts'
import { cannot, wordOf } from '../mark.ts'
import type { ObjectSpec, SObject } from './objects.ts'

export type Columns = Record<string, unknown>

/** Names that are put together by the org: people are written by their parts. */
const STREET = /^(.+)\.(line1|line2)$/

/** The column that a canonical field can be written to; null: it is computed, behind a relationship or read from several. */
export function columnOf(spec: ObjectSpec, field: string): string | null {
  if (field === 'state' && spec.status !== null && !spec.readOnly.includes(spec.status)) return spec.status
  const source = spec.fields[field]
  if (source === undefined) return null
  const column = typeof source === 'string' ? source : 'from' in source && STREET.test(field) ? source.from[0]! : null
  if (column === null || column.includes('.') || spec.readOnly.includes(column)) return null
  return column
}

/** Fields of the kind that this object can be given. */
export function writableFields(spec: ObjectSpec): string[] {
  const found = [...new Set(['state', ...Object.keys(spec.fields)])].filter((f) => columnOf(spec, f) !== null)
  if (hasTerm(spec)) found.push('ends_on')
  return found
}

/** The end of a contract is its start and so many months; the end itself is computed. */
const hasTerm = (spec: ObjectSpec) => spec.object === 'Contract' && spec.fields['ends_on'] === 'EndDate'

/**
 * @throws ConnectorError `config` for a value that no column can take
 */
export function columns(spec: ObjectSpec, request: ActionRequest, standing: Standing): Columns {
  const out: Columns = {}
  const now = (standing.row?.value ?? {}) as SObject
  for (const field of Object.keys(request.fields)) {
    const column = columnOf(spec, field)
    if (STREET.test(field)) continue
    if (column !== null) out[column] = literal(spec, field, wordOf(request, field))
    else if (field === 'ends_on' && hasTerm(spec)) Object.assign(out, term(request, now))
    else throw cannot(`${spec.object} cannot be given ${field}: the org computes it.`)
  }
  for (const group of ['bill_to', 'ship_to']) Object.assign(out, street(spec, group, request, now))
  for (const [field, id] of Object.entries(request.references)) {
    const column = columnOf(spec, field)
    if (column === null) throw cannot(`${spec.object} has no column for the reference ${field}.`)
    out[column] = id
  }
  for (const [platform, id] of Object.entries(request.refs)) {
    const column = spec.refs[platform]
    if (column === undefined)
      throw cannot(
        `No field of ${spec.object} is configured for ids of ${platform}.`,
        `Add ${platform} to config.objects.${spec.object}.refs.`,
      )
    out[column] = id
  }
  if (spec.object === 'Contact' && typeof out['Name'] === 'string') {
    const parts = out['Name'].trim().split(/\s+/)
    delete out['Name']
    Object.assign(out, { FirstName: parts.slice(0, -1).join(' ') || null, LastName: parts.at(-1) })
  }
  return out
}

function literal(spec: ObjectSpec, field: string, text: string | null): unknown {
  if (text === null) return null
  if (field === 'state') return text
  switch (fieldOf(spec.kind, field).type) {
    case 'bool':
      return text === 'true'
    case 'money':
    case 'number': {
      // As a number where it keeps its digits; the org reads text as well.
      const number = Number(text)
      return String(number) === text ? number : text
    }
    default:
      return text
  }
}

/** Two lines are one street; the line that is not written stays as it is. */
function street(spec: ObjectSpec, group: string, request: ActionRequest, now: SObject): Columns {
  const fields = [`${group}.line1`, `${group}.line2`] as const
  const column = columnOf(spec, fields[0])
  if (column === null || fields.every((field) => request.fields[field] === undefined)) return {}
  const [first = '', ...rest] = String(now[column] ?? '').split(/\r\n|\r|\n/)
  const lines = [request.fields[fields[0]] === undefined ? first : request.fields[fields[0]]]
  lines.push(request.fields[fields[1]] === undefined ? rest.join('\n') : request.fields[fields[1]])
  const text = lines.filter(Boolean).join('\n')
  return { [column]: text === '' ? null : text }
}

function term(request: ActionRequest, now: SObject): Columns {
  const ends = request.fields['ends_on']
  const starts = request.fields['starts_on'] ?? (typeof now['StartDate'] === 'string' ? now['StartDate'] : null)
  if (ends === null || ends === undefined || starts === null)
    throw cannot('A contract at Salesforce ends so many months after its start.')
  const from = new Date(`${starts.slice(0, 10)}T00:00:00Z`)
  const after = new Date(`${ends}T00:00:00Z`)
  after.setUTCDate(after.getUTCDate() + 1)
  const months = (after.getUTCFullYear() - from.getUTCFullYear()) * 12 + after.getUTCMonth() - from.getUTCMonth()
  if (after.getUTCDate() !== from.getUTCDate() || !(months > 0))
    throw cannot(`A contract from ${starts.slice(0, 10)} cannot end on ${ends}: its term is whole months.`)
  return { ContractTerm: months }
}
