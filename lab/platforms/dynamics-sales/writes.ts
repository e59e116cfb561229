/** Writes to the simulated environment: columns read back into the company's words, and the rules that it refuses by. */
import { fieldOf } from '../../../model/kinds.ts'
import type { PlatformState, SimWrite } from '../../platform.ts'
import { KEY, PLANS, READ_ONLY, REFERENCES } from './environment.ts'
import { columnsOf } from './rows.ts'

/** A row that the environment does not take. */
export class Refused extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

type Body = Record<string, unknown>
type Change = Omit<SimWrite, 'by'> & { fields: Record<string, string | null>; refs: Record<string, string | null> }

export function changeOf(state: PlatformState, kind: string, body: Body): Change {
  const plan = PLANS[kind]!
  const known = [...columnsOf(kind), ...(kind === 'contact' ? ['firstname', 'lastname'] : [])]
  const change: Change = { fields: {}, refs: {} }
  for (const [column, value] of Object.entries(body)) {
    const navigation = /^(\w+)@odata\.bind$/.exec(column)?.[1]
    if (navigation !== undefined) {
      bind(state, plan.binds[navigation], String(value), change)
      continue
    }
    if (!known.includes(column) || READ_ONLY.includes(column))
      throw new Refused('0x80048d19', `Error identified in Payload: Invalid property '${column}' was found in entity.`)
    const platform = Object.keys(REFERENCES).find((name) => REFERENCES[name] === column)
    if (platform !== undefined) change.refs[platform] = value === null ? null : String(value)
    else if (column === KEY) change.fields['~key'] = value === null ? null : String(value)
    else {
      const field = Object.keys(plan.columns).find((name) => plan.columns[name] === column)
      if (field !== undefined) change.fields[field] = read(kind, field, column, value)
    }
  }
  if (kind === 'contact' && 'lastname' in body)
    change.fields['name'] = [body['firstname'], body['lastname']].filter(Boolean).join(' ')
  return change
}

function bind(state: PlatformState, to: { field: string; kind: string } | undefined, value: string, change: Change) {
  const id = /\(([0-9a-f-]{36})\)$/.exec(value)?.[1]
  if (!to || id === undefined) throw new Refused('0x80048d19', 'An undeclared property was bound.')
  if (!state.record(to.kind, id)) throw new Refused('0x80040217', `Entity '${to.kind}' With Id = ${id} Does Not Exist`)
  change.fields[to.field] = id
}

function read(kind: string, field: string, column: string, value: unknown): string | null {
  if (value === null) return null
  const { type } = fieldOf(kind, field)
  const wanted = type === 'money' || type === 'number' ? 'number' : type === 'bool' ? 'boolean' : 'string'
  if (typeof value !== wanted)
    throw new Refused('0x80048d19', `Cannot convert a value of '${column}' to the expected type.`)
  return String(value as string | number | boolean)
}
