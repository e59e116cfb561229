/** Records of the simulated company as entities, and back: nothing is never null. */
import { fieldOf } from '../../../model/kinds.ts'
import type { PlatformState, SimRecord, SimWrite } from '../../platform.ts'
import { Digits } from '../../wire.ts'
import { KEY, PLANS, refProperty, REFERRED } from './entities.ts'

export type Entity = Record<string, unknown>

const KEPT_KEY = '~key'
const BLANK = '_x0020_'
const NO_ID = '00000000-0000-0000-0000-000000000000'

export const etagOf = (record: SimRecord) =>
  `W/"${Buffer.from(`${record.changedAt} ${JSON.stringify(record.fields)} ${record.state}`).toString('base64url')}"`

export function entityOf(record: SimRecord): Entity {
  const plan = PLANS[record.kind]!
  const out: Entity = {
    '@odata.etag': etagOf(record),
    id: record.id,
    lastModifiedDateTime: new Date(record.changedAt).toISOString(),
    [KEY]: record.fields[KEPT_KEY] ?? '',
  }
  for (const [field, property] of Object.entries(plan.properties))
    out[property] = written(record.kind, field, record.fields[field] ?? null)
  for (const platform of REFERRED) out[refProperty(platform)] = record.refs[platform] ?? ''
  if (plan.status) {
    const word = record.oddStatus ?? (record.state === null ? '' : (plan.status.words[record.state] ?? record.state))
    out[plan.status.property] = word === 'true' || word === 'false' ? word === 'true' : word
  }
  return out
}

function written(kind: string, field: string, text: string | null): unknown {
  const { type } = fieldOf(kind, field)
  if (type === 'bool') return text === 'true' ? 'All' : BLANK
  if (type === 'date' || type === 'instant') return text === null ? '0001-01-01' : text.slice(0, 10)
  if (type === 'reference') return text ?? NO_ID
  if (type === 'money' || type === 'number') return /^-?\d+(\.\d+)?$/.test(text ?? '0') ? new Digits(text ?? '0') : text
  return text ?? ''
}

type Change = Omit<SimWrite, 'by'> & { fields: Record<string, string | null>; refs: Record<string, string | null> }

export class Invalid extends Error {}

export function changeOf(state: PlatformState, kind: string, body: Entity): Change {
  const plan = PLANS[kind]!
  const change: Change = { fields: {}, refs: {} }
  for (const [property, value] of Object.entries(body)) {
    const text = value === '' || value === null ? null : String(value)
    const platform = REFERRED.find((name) => refProperty(name) === property)
    const field = Object.keys(plan.properties).find((name) => plan.properties[name] === property)
    if (platform) change.refs[platform] = text
    else if (property === KEY) change.fields[KEPT_KEY] = text
    else if (field) change.fields[field] = read(state, kind, field, text)
    else throw new Invalid(`The property '${property}' does not exist on type 'Microsoft.NAV.${kind}'.`)
  }
  return change
}

function read(state: PlatformState, kind: string, field: string, text: string | null): string | null {
  if (text === null || text === '0001-01-01' || text === NO_ID) return null
  const { type, to } = fieldOf(kind, field)
  if (type === 'bool') return String(text !== BLANK)
  const target = type === 'reference' ? to?.find((name) => PLANS[name]) : undefined
  if (target && !state.record(target, text))
    throw new Invalid(`The field ${field} contains a value (${text}) that cannot be found.`)
  return text
}
