/** Writes to the simulated account: objects by id or external id, tickets guarded by `safe_update`, errors in the vendor's shapes. */
import type { Context, Hono } from 'hono'
import { fieldOf } from '../../../model/kinds.ts'
import type { Ledger } from '../../ledger.ts'
import { overtaken } from '../../ledger.ts'
import type { PlatformState, SimRecord, SimWrite } from '../../platform.ts'
import type { WireEnv } from '../../wire.ts'
import { answer } from '../../wire.ts'
import {
  EXTERNAL,
  OBJECT_KEY,
  objectOf,
  PLANS,
  refKey,
  REFERRED,
  STATUS,
  stamp,
  ticketField,
  updatedSeconds,
} from './objects.ts'

type Call = Context<WireEnv>
type Body = Record<string, unknown>
type Change = Omit<SimWrite, 'by'> & { fields: Record<string, string | null>; refs: Record<string, string | null> }

class Invalid extends Error {
  readonly field: string
  constructor(field: string, message: string) {
    super(message)
    this.field = field
  }
}

const textOf = (value: unknown) => (value === null || value === undefined || value === '' ? null : String(value))

/** @param mayWrite does the credential of this call carry the scope? */
export function addWrites(
  app: Hono<WireEnv>,
  state: PlatformState,
  ledger: Ledger,
  mayWrite: (c: Call) => boolean,
): void {
  async function written(c: Call, member: string, run: (body: Body) => Response): Promise<Response> {
    if (!mayWrite(c))
      return answer(
        { error: 'insufficient_scope', error_description: 'The access token has insufficient scope: write' },
        403,
      )
    try {
      const object = (await c.req.json<Record<string, unknown>>())[member]
      if (typeof object !== 'object' || object === null)
        return answer(
          {
            error: { title: 'Invalid attribute', message: `You passed an invalid value for the ${member} attribute.` },
          },
          400,
        )
      return run(object as Body)
    } catch (error) {
      if (!(error instanceof Invalid)) throw error
      return answer(
        {
          error: 'RecordInvalid',
          description: 'Record validation errors',
          details: { [error.field]: [{ description: error.message }] },
        },
        422,
      )
    }
  }
  const stored = (c: Call, kind: string, member: string, body: Body, record: SimRecord | null, key: string | null) => {
    const { pathname, search } = new URL(c.req.url)
    const call = { method: c.req.method, path: `${pathname}${search}`, body: { [member]: body }, key, by: 'plumbline' }
    const after = ledger.change(call, kind, record?.id ?? null, changeOf(state, kind, body, record))
    return answer({ [member]: objectOf(after) }, record === null ? 201 : 200)
  }
  const byExternal = (kind: string, id: string) =>
    state.records(kind).find((r) => r.deletedAt === undefined && r.refs[EXTERNAL] === id) ?? null

  function resource(path: string, kind: string, member: string, method: 'PUT' | 'PATCH'): void {
    app.on(method, `${path}/:id`, (c) =>
      written(c, member, (body) => {
        const id = c.req.param('id')!
        overtaken(state, c.env.fault, kind, id)
        const record = state.record(kind, id)
        if (!record || record.deletedAt !== undefined)
          return answer({ error: 'RecordNotFound', description: 'Not found' }, 404)
        if (kind === 'case') {
          if (record.state === 'closed')
            return answer(
              {
                error: 'RecordInvalid',
                description: 'Record validation errors',
                details: { status: [{ description: 'Status: closed prevents ticket update' }] },
              },
              422,
            )
          if (body['safe_update'] === true && body['updated_stamp'] !== stamp(updatedSeconds(record) * 1000))
            return answer(
              { error: 'UpdateConflict', description: 'The resource was updated since it was last read' },
              409,
            )
        }
        return stored(c, kind, member, body, record, null)
      }),
    )
  }
  function upsert(path: string, kind: string, member: string): void {
    app.post(`${path}/create_or_update`, (c) =>
      written(c, member, (body) => {
        const key = textOf(body['external_id'])
        return stored(c, kind, member, body, key === null ? null : byExternal(kind, key), key)
      }),
    )
    app.get(`${path}/search`, (c) => {
      const found = byExternal(kind, c.req.query('external_id') ?? '')
      return answer({ [`${member}s`]: found ? [objectOf(found)] : [], count: found ? 1 : 0, next_page: null })
    })
  }

  upsert('/api/v2/organizations', 'customer', 'organization')
  upsert('/api/v2/users', 'contact', 'user')
  const records = `/api/v2/custom_objects/${OBJECT_KEY}/records`
  app.patch(records, (c) =>
    written(c, 'custom_object_record', (body) => {
      const key = c.req.query('external_id') ?? ''
      return stored(
        c,
        'entitlement',
        'custom_object_record',
        { ...body, external_id: key },
        byExternal('entitlement', key),
        key,
      )
    }),
  )
  app.get(records, async (c, next) => {
    const key = c.req.query('filter[external_ids]')
    if (key === undefined) return next()
    const found = byExternal('entitlement', key)
    return answer({ custom_object_records: found ? [objectOf(found)] : [], meta: { has_more: false } })
  })
  resource('/api/v2/organizations', 'customer', 'organization', 'PUT')
  resource('/api/v2/users', 'contact', 'user', 'PUT')
  resource('/api/v2/tickets', 'case', 'ticket', 'PUT')
  resource(records, 'entitlement', 'custom_object_record', 'PATCH')
}

function changeOf(state: PlatformState, kind: string, body: Body, record: SimRecord | null): Change {
  const change: Change = { fields: {}, refs: {} }
  for (const [name, value] of Object.entries(body)) {
    if (name === 'external_id') change.refs[EXTERNAL] = textOf(value)
    else if (name === 'name') change.fields['name'] = textOf(value)
    else if (name === 'phone') change.fields['phone'] = textOf(value)
    else if (name === 'email') change.fields['email'] = mail(value)
    else if (name === 'priority')
      change.fields['priority'] = oneOf('priority', value, ['low', 'normal', 'high', 'urgent'])
    else if (name === 'domain_names') change.fields['domain'] = textOf((value as unknown[])[0])
    else if (name === 'organization_id') change.fields['customer'] = linked(state, value)
    else if (name === 'suspended') change.state = value === true ? 'inactive' : 'active'
    else if (name === 'status') change.state = status(kind, value)
    else if (name === 'tags') change.fields['~tags'] = (value as string[]).join(' ')
    else if (name === 'custom_fields')
      for (const { id, value: held } of value as { id: unknown; value: unknown }[])
        custom(kind, nameOf(String(id)), held, change)
    else if (/^(organization_fields|user_fields|custom_object_fields)$/.test(name))
      for (const [key, held] of Object.entries(value as Body)) custom(kind, key, held, change)
    else if (!['safe_update', 'updated_stamp', 'role', 'skip_verify_email'].includes(name))
      throw new Invalid(name, `${name}: is not a known attribute`)
  }
  if (record === null && kind !== 'entitlement' && !change.fields['name'])
    throw new Invalid('name', 'Name: cannot be blank')
  if (record === null && kind === 'contact') change.state ??= 'active'
  return change
}

function custom(kind: string, key: string, value: unknown, change: Change): void {
  const platform = REFERRED.find((name) => refKey(name) === key)
  if (platform) change.refs[platform] = textOf(value)
  else if (kind === 'entitlement' && key === 'status') change.state = status(kind, value)
  else if (PLANS[kind]!.custom.includes(key)) {
    const text = textOf(value)
    change.fields[key] = text !== null && fieldOf(kind, key).type === 'date' ? text.slice(0, 10) : text
  } else throw new Invalid(key, `${key}: is not a known field`)
}

/** Ticket fields are named by numbers. */
const nameOf = (id: string) =>
  [...PLANS['case']!.custom, ...REFERRED.map(refKey)].find((name) => ticketField(name) === id) ?? id

function status(kind: string, value: unknown): string {
  const found = Object.entries(STATUS[kind] ?? {}).find(([, word]) => word === value)
  if (!found) throw new Invalid('status', `Status: ${String(value)} is not valid`)
  return found[0]
}

function oneOf(field: string, value: unknown, words: readonly string[]): string | null {
  if (value !== null && !words.includes(String(value)))
    throw new Invalid(field, `${field}: ${String(value)} is not included in the list`)
  return textOf(value)
}

function mail(value: unknown): string | null {
  const text = textOf(value)
  if (text !== null && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text))
    throw new Invalid('email', `Email: ${text} is not properly formatted`)
  return text
}

function linked(state: PlatformState, value: unknown): string | null {
  const id = textOf(value)
  if (id !== null && !state.record('customer', id)) throw new Invalid('organization_id', 'Organization: is invalid')
  return id
}
