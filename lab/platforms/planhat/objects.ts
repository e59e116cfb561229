/** Records of the simulated tenant as objects of its models, and back. */
import { fieldOf } from '../../../model/kinds.ts'
import type { PlatformState, SimRecord, SimWrite } from '../../platform.ts'
import { PLANS, refProperty, REFERRED, SOURCE } from './models.ts'

export type PlanhatObject = Record<string, unknown>

/** Where the simulated record keeps the tenant's external id. */
const KEPT_EXTERNAL = '~external'

function put(object: PlanhatObject, property: string, value: unknown): void {
  if (!property.startsWith('custom.')) object[property] = value
  else (object['custom'] as PlanhatObject)[property.slice('custom.'.length)] = value
}

export function objectOf(record: SimRecord): PlanhatObject {
  const plan = PLANS[record.kind]!
  const object: PlanhatObject = {
    _id: record.id,
    createdAt: new Date(record.createdAt).toISOString(),
    updatedAt: new Date(record.changedAt).toISOString(),
    externalId: record.fields[KEPT_EXTERNAL] ?? null,
    ...(record.kind !== 'case' && { sourceId: record.refs[SOURCE] ?? null }),
    tags: [],
    custom: {},
  }
  for (const [field, property] of Object.entries(plan.properties))
    put(object, property, spelled(record.kind, field, record.fields[field] ?? null))
  for (const platform of REFERRED) if (record.refs[platform]) put(object, refProperty(platform), record.refs[platform])
  if (plan.status) {
    const word = record.oddStatus ?? (record.state === null ? null : (plan.status.words[record.state] ?? record.state))
    put(object, plan.status.property, word)
  }
  return object
}

function spelled(kind: string, field: string, text: string | null): unknown {
  if (text === null) return null
  const { type } = fieldOf(kind, field)
  if (type === 'bool') return text === 'true'
  if (type === 'date' && /^\d{4}-\d\d-\d\d$/.test(text)) return `${text}T00:00:00.000Z`
  return (type === 'number' || type === 'money') && String(Number(text)) === text ? Number(text) : text
}

type Change = Omit<SimWrite, 'by'> & { fields: Record<string, string | null>; refs: Record<string, string | null> }

export class Invalid extends Error {}

/** Properties of the body in one list; those of `custom` one level down, as the mapping names them. */
export function changeOf(state: PlatformState, kind: string, body: PlanhatObject): Change {
  const plan = PLANS[kind]!
  const change: Change = { fields: {}, refs: {} }
  const { custom = {}, ...own } = body as PlanhatObject & { custom?: PlanhatObject }
  const given = [...Object.entries(own), ...Object.entries(custom).map(([k, v]) => [`custom.${k}`, v] as const)]
  for (const [property, value] of given) {
    const text = value === null || value === '' ? null : String(value)
    const platform = REFERRED.find((name) => refProperty(name) === property)
    if (platform) change.refs[platform] = text
    else if (property === 'sourceId') change.refs[SOURCE] = text
    else if (property === 'externalId') change.fields[KEPT_EXTERNAL] = text
    else if (property === plan.status?.property) {
      const found = Object.entries(plan.status.words).find(([, word]) => word === text)
      if (!found) throw new Invalid(`${property} is not valid: ${text}`)
      change.state = found[0]
    } else {
      const field = Object.keys(plan.properties).find((name) => plan.properties[name] === property)
      // Anything may be put onto an object; what nobody asked for is kept and never shown here.
      if (field) change.fields[field] = read(state, kind, field, text)
    }
  }
  return change
}

function read(state: PlatformState, kind: string, field: string, text: string | null): string | null {
  if (text === null) return null
  const { type, to } = fieldOf(kind, field)
  if (type === 'date') return text.slice(0, 10)
  const target = type === 'reference' ? to?.find((name) => PLANS[name]) : undefined
  if (target && !state.record(target, text)) throw new Invalid(`${field}: there is no ${text}`)
  return text
}
