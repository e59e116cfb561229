/** Writes to the simulated account: properties read back into the company's words, and the rules that it refuses by. */
import { fieldOf } from '../../../model/kinds.ts'
import type { PlatformState, SimRecord, SimWrite } from '../../platform.ts'
import { KEY, PLANS, READ_ONLY, REFERENCES } from './account.ts'
import { describedNames } from './rows.ts'

/** A write that the account does not take. */
export class Refused extends Error {
  readonly status: number
  readonly category: string
  constructor(category: string, message: string, status = 400) {
    super(message)
    this.category = category
    this.status = status
  }
}

interface Body {
  properties?: Record<string, unknown>
  associations?: { to: { id: string }; types: { associationTypeId: number }[] }[]
}
type Change = Omit<SimWrite, 'by'> & { fields: Record<string, string | null>; refs: Record<string, string | null> }

/** @param record the record that is changed; null: a new one */
export function changeOf(state: PlatformState, kind: string, body: Body, record: SimRecord | null): Change {
  if (typeof body.properties !== 'object' || body.properties === null)
    throw new Refused('VALIDATION_ERROR', 'Invalid input JSON: properties is required')
  const known = describedNames(kind)
  const change: Change = { fields: {}, refs: {} }
  for (const [name, value] of Object.entries(body.properties)) {
    if (!known.includes(name)) throw new Refused('VALIDATION_ERROR', `Property "${name}" does not exist`)
    if (READ_ONLY.includes(name)) throw new Refused('VALIDATION_ERROR', `"${name}" is a read only property`)
    if (typeof value !== 'string') throw new Refused('VALIDATION_ERROR', `Property values were not valid: ${name}`)
    place(state, kind, name, value, change, record)
  }
  if (kind === 'contact' && (body.properties['firstname'] ?? body.properties['lastname']) !== undefined)
    change.fields['name'] = [body.properties['firstname'], body.properties['lastname']].filter(Boolean).join(' ')
  for (const { to, types } of body.associations ?? []) {
    const link = Object.entries(PLANS[kind]!.links ?? {}).find(([, l]) =>
      types.some((t) => t.associationTypeId === l.type),
    )
    if (!link) throw new Refused('VALIDATION_ERROR', 'One or more associations are not valid')
    const target = Object.keys(PLANS).find((k) => PLANS[k]!.object === link[1].to)!
    if (!state.record(target, to.id)) throw new Refused('VALIDATION_ERROR', `Object ${to.id} does not exist`)
    change.fields[link[0]] = to.id
  }
  return change
}

function place(
  state: PlatformState,
  kind: string,
  name: string,
  value: string,
  change: Change,
  record: SimRecord | null,
): void {
  const plan = PLANS[kind]!
  const platform = Object.keys(REFERENCES).find((p) => REFERENCES[p] === name)
  if (platform !== undefined || name === KEY) {
    const of = (r: SimRecord) => (platform === undefined ? r.fields['~key'] : r.refs[platform])
    const taken = state.records(kind).find((r) => r.deletedAt === undefined && r.id !== record?.id && of(r) === value)
    if (value !== '' && taken) throw new Refused('CONFLICT', `${taken.id} already has that value for ${name}.`, 409)
    if (platform === undefined) change.fields['~key'] = value || null
    else change.refs[platform] = value || null
    return
  }
  if (name === plan.status?.property) {
    const state = Object.entries(plan.status.words).find(([, word]) => word === value)
    if (!state) throw new Refused('VALIDATION_ERROR', `${value} was not one of the allowed options for ${name}`)
    change.state = state[0]
    return
  }
  const field = Object.keys(plan.properties).find((f) => plan.properties[f] === name)
  if (field === undefined || (kind === 'contact' && field === 'name')) return
  change.fields[field] = value === '' ? null : read(kind, field, value)
}

function read(kind: string, field: string, value: string): string {
  const { type } = fieldOf(kind, field)
  if ((type === 'money' || type === 'number') && !/^-?\d+(\.\d+)?$/.test(value))
    throw new Refused('VALIDATION_ERROR', `${value} was not a valid number`)
  if ((type === 'date' || type === 'instant') && Number.isNaN(Date.parse(value)))
    throw new Refused('VALIDATION_ERROR', `${value} was not a valid date`)
  return type === 'date' ? value.slice(0, 10) : value
}
