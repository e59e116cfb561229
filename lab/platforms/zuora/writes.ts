/** Writes to the simulated tenant: accounts, custom fields of subscriptions, and their cancel, suspend and resume. */
import type { Context, Hono } from 'hono'
import type { Ledger } from '../../ledger.ts'
import { overtaken } from '../../ledger.ts'
import type { PlatformState, SimRecord, SimWrite } from '../../platform.ts'
import type { WireEnv } from '../../wire.ts'
import { answer } from '../../wire.ts'
import { customName, PLANS, REFERRED, refName } from './objects.ts'

type Call = Context<WireEnv>
type Body = Record<string, unknown>

export const refusal = (code: number, message: string, status = 200) =>
  answer({ success: false, processId: 'LAB0', reasons: [{ code, message }] }, status)

/** Members of a call for an account, flattened; what is not here and no custom field is unknown. */
const MEMBERS: Record<string, string> = {
  name: 'name',
  salesRep: 'owner',
  parentId: 'parent',
  'taxInfo.VATId': 'tax_id',
  currency: 'currency',
  paymentTerm: 'payment_terms',
  'billToContact.workEmail': 'email',
  'billToContact.workPhone': 'phone',
  ...Object.fromEntries(
    [['billToContact', 'bill_to'] as const, ['soldToContact', 'ship_to'] as const].flatMap(([member, group]) =>
      Object.entries({
        address1: 'line1',
        address2: 'line2',
        city: 'city',
        state: 'region',
        zipCode: 'postal_code',
        country: 'country',
      }).map(([name, part]) => [`${member}.${name}`, `${group}.${part}`]),
    ),
  ),
}
const IGNORED = [
  'billCycleDay',
  'autoPay',
  ...['billToContact', 'soldToContact'].flatMap((member) => [`${member}.firstName`, `${member}.lastName`]),
]

export function addWrites(app: Hono<WireEnv>, state: PlatformState, ledger: Ledger): void {
  /** Key → what it was answered: the same call again is given the same answer. */
  const answered = new Map<string, { body: string; reply: Record<string, unknown> }>()

  const stored = (c: Call, kind: string, record: SimRecord | null, body: Body, change: Omit<SimWrite, 'by'>) =>
    ledger.change(
      { method: c.req.method, path: c.req.path, body, key: c.req.header('idempotency-key') ?? null, by: 'plumbline' },
      kind,
      record?.id ?? null,
      change,
    )
  const there = (kind: string, id: string) => {
    const record = state.record(kind, id)
    return record && record.deletedAt === undefined ? record : undefined
  }
  const missing = (id: string) => refusal(50000040, `Cannot find entity by key: '${id}'.`)

  app.post('/v1/accounts', async (c) => {
    const body = await c.req.json<Body>()
    const key = c.req.header('idempotency-key')
    const before = key === undefined ? undefined : answered.get(key)
    if (before)
      return before.body === JSON.stringify(body) ? answer(before.reply) : refusal(50000090, 'The key is taken.', 422)
    const contact = (body['billToContact'] ?? {}) as Body
    for (const [member, value] of Object.entries({
      name: body['name'],
      currency: body['currency'],
      country: contact['country'],
    }))
      if (!value) return refusal(58730022, `Missing required field: '${member}'.`)
    const change = changeOf('customer', body)
    if (change instanceof Response) return change
    const after = stored(c, 'customer', null, body, { ...change, state: 'customer' })
    const reply = { success: true, accountId: after.id, accountNumber: `A${after.id.slice(-8)}` }
    if (key !== undefined) answered.set(key, { body: JSON.stringify(body), reply })
    return answer(reply)
  })
  app.put('/v1/accounts/:id', (c) => written(c, 'customer', c.req.param('id')))
  app.put('/v1/subscriptions/:id/customFields', (c) => written(c, 'subscription', c.req.param('id')))
  for (const [verb, from, to] of [
    ['cancel', ['active', 'paused', 'pending'], 'cancelled'],
    ['suspend', ['active'], 'paused'],
    ['resume', ['paused'], 'active'],
  ] as const)
    app.put(`/v1/subscriptions/:id/${verb}`, async (c) => {
      const id = c.req.param('id')
      overtaken(state, c.env.fault, 'subscription', id)
      const record = there('subscription', id)
      if (!record) return missing(id)
      const body = await c.req.json<Body>()
      if (!(from as readonly (string | null)[]).includes(record.state))
        return refusal(53200030, `The subscription cannot be changed: its status does not allow to ${verb}.`)
      stored(c, 'subscription', record, body, { state: to })
      return answer({ success: true, subscriptionId: record.id, totalDeltaMrr: 0 })
    })

  async function written(c: Call, kind: string, id: string): Promise<Response> {
    overtaken(state, c.env.fault, kind, id)
    const record = there(kind, id)
    if (!record) return missing(id)
    const body = await c.req.json<Body>()
    const change = changeOf(kind, body)
    if (change instanceof Response) return change
    stored(c, kind, record, body, change)
    return answer({ success: true })
  }
}

function changeOf(kind: string, body: Body): Required<Pick<SimWrite, 'fields' | 'refs'>> | Response {
  const fields: Record<string, string | null> = {}
  const refs: Record<string, string | null> = {}
  for (const [member, value] of flattened(body)) {
    const text = value === null || value === '' ? null : String(value)
    const platform = REFERRED.find((name) => refName(kind, name).toLowerCase() === member.toLowerCase())
    const custom = PLANS[kind]!.custom.find((name) => customName(name) === member)
    const field = custom ?? (kind === 'customer' ? MEMBERS[member] : undefined)
    if (platform !== undefined) refs[platform] = text
    else if (field !== undefined) fields[field] = text
    else if (!IGNORED.includes(member)) return refusal(58730021, `Unknown field in the request: '${member}'.`)
  }
  return { fields, refs }
}

function flattened(body: Body, before = ''): [string, unknown][] {
  return Object.entries(body).flatMap(([name, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null
      ? flattened(value as Body, `${before}${name}.`)
      : [[`${before}${name}`, value]],
  )
}
