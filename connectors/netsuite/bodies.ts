/** Bodies of the record API: canonical values as its fields, and status words as the letters and check-boxes that they stand for. */
import type { ActionRequest, Standing } from '../action.ts'
import { cannot, wordOf } from '../mark.ts'
import type { NetSuiteConfig } from './config.ts'
import type { Place } from './record-fields.ts'
import { hasStatus, placeOf } from './record-fields.ts'
import type { RecordSpec } from './spec.ts'

type Body = Record<string, unknown>

/** @throws ConnectorError `config` for a field, list value or reference that the record cannot be given */
export function recordBody(spec: RecordSpec, config: NetSuiteConfig, request: ActionRequest, standing: Standing): Body {
  const body: Body = {}
  for (const field of Object.keys(request.fields)) {
    const word = wordOf(request, field)
    if (field === 'state' && hasStatus(spec)) {
      if (word === null) throw cannot('A status cannot be emptied.')
      Object.assign(body, statusBody(spec, word))
      continue
    }
    const place = placeOf(spec, field)
    if (place === null)
      throw cannot(`${spec.name} cannot be given ${field}: NetSuite computes it or keeps it elsewhere.`)
    Object.assign(body, written(place, word, config, standing))
  }
  for (const [field, id] of Object.entries(request.references)) {
    const place = placeOf(spec, field)
    if (place === null) throw cannot(`${spec.name} has no field for the reference ${field}.`)
    body[place.name] = place.as === 'id' ? { id } : id
  }
  for (const [platform, id] of Object.entries(request.refs)) {
    const column = spec.refs[platform]
    if (column === undefined)
      throw cannot(
        `No column of ${spec.name} is configured for ids of ${platform}.`,
        `Add ${platform} to config.records.${spec.name}.refs.`,
      )
    body[column === 'externalid' ? 'externalId' : column] = id
  }
  return body
}

function written({ name, as }: Place, word: string | null, config: NetSuiteConfig, standing: Standing): Body {
  if (word === null) return { [name]: null }
  switch (as) {
    case 'number':
      return { [name]: Number(word) }
    case 'flag':
      return { [name]: word === 'true' }
    case 'day':
      return { [name]: word.slice(0, 10) }
    case 'inactive':
      return { [name]: word !== 'active' }
    case 'hold':
      return { [name]: { id: word === 'true' ? 'ON' : (config.write?.release ?? 'OFF') } }
    case 'id':
    case 'code':
      return { [name]: { id: word } }
    case 'list': {
      const id = standing.known?.[`${name}/${word}`]
      if (id === undefined)
        throw cannot(
          `NetSuite has no entry “${word.slice(0, 60)}” in its list of ${name}.`,
          'Add it there, or correct the reference map.',
        )
      return { [name]: { id } }
    }
    case 'person': {
      const parts = word.trim().split(/\s+/)
      return { firstName: parts.slice(0, -1).join(' '), lastName: parts.at(-1) }
    }
    default:
      return { [name]: word }
  }
}

/** `SalesOrd:B (on hold)`: the letter, and every configured check-box as the word has it. */
export function statusBody(spec: RecordSpec, word: string): Body {
  const [, letter, marks = ''] = /^(?:\w+:)?([A-Z])(?: \((.*)\))?$/.exec(word) ?? []
  if (letter === undefined)
    throw cannot(
      `“${word.slice(0, 40)}” is no status of ${spec.name}.`,
      'Map the state to a word such as SalesOrd:B in the reference map.',
    )
  const set = marks.split(', ').filter(Boolean)
  const body: Body = { orderStatus: { id: letter } }
  for (const [column, mark] of Object.entries(spec.marks))
    if (column.startsWith('cust')) body[column] = set.includes(mark)
  return body
}
