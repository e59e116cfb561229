/** The record API of the simulated account: fields by PATCH, upserts by external id, invoices out of orders, the vendor's rules. */
import type { Context, Hono } from 'hono'
import type { Ledger } from '../../ledger.ts'
import { overtaken } from '../../ledger.ts'
import type { PlatformState, SimRecord, SimWrite } from '../../platform.ts'
import type { WireEnv } from '../../wire.ts'
import { DOCUMENTS, PLANS, referenceColumns, TERMS, TIMEZONE } from './account.ts'
import type { Lists } from './lines.ts'
import { instantOf } from '../../../model/zone.ts'

type Call = Context<WireEnv>
type Body = Record<string, unknown>
type Change = Omit<SimWrite, 'by'> & { fields: Record<string, string | null>; refs: Record<string, string | null> }
type Problem = (status: number, title: string, code: string, detail: string) => Response
const ROOT = '/services/rest/record/v1'

class Refused extends Error {
  readonly code: string
  constructor(code: string, detail: string) {
    super(detail)
    this.code = code
  }
}

/** Record type of the path → kind. */
const KINDS: Record<string, string> = {
  customer: 'customer',
  contact: 'contact',
  salesOrder: 'order',
  invoice: 'invoice',
  customerPayment: 'payment',
  creditMemo: 'credit',
  customrecord_contract: 'contract',
}
/** Field of the record API → canonical field, where the value is plain. */
const PLAIN: Record<string, Record<string, string>> = {
  customer: {
    companyName: 'name',
    email: 'email',
    phone: 'phone',
    url: 'domain',
    vatRegNumber: 'tax_id',
    creditLimit: 'credit_limit',
  },
  contact: { email: 'email', phone: 'phone' },
  order: { tranId: 'number', memo: '~memo' },
  invoice: { tranId: 'number', dueDate: 'due_on', memo: '~memo' },
  credit: { tranId: 'number', memo: 'reason' },
}

export function addRecords(
  app: Hono<WireEnv>,
  state: PlatformState,
  ledger: Ledger,
  lists: Lists,
  voice: { problem: Problem; refuse(c: Call): Response | null; denied: readonly string[] },
): void {
  const { problem } = voice

  async function written(c: Call, kind: string | undefined, run: (body: Body) => Response): Promise<Response> {
    const refused = voice.refuse(c)
    if (refused) return refused
    if (kind === undefined) return problem(404, 'Not Found', 'INVALID_URL', 'Record type is not available.')
    if (voice.denied.includes(kind))
      return problem(
        403,
        'Forbidden',
        'INSUFFICIENT_PERMISSION',
        'Permission Violation: You need a higher level of permission.',
      )
    try {
      return run(await c.req.json<Body>())
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return problem(400, 'Bad Request', error.code, `Error while accessing a resource. ${error.message}`)
    }
  }

  const call = (c: Call, body: Body, key: string | null) => ({
    method: c.req.method,
    path: c.req.path,
    body,
    key: key ?? c.req.header('x-netsuite-idempotency-key') ?? null,
    by: 'plumbline',
  })
  const located = (type: string, id: string) =>
    new Response(null, {
      status: 204,
      headers: { location: `https://lab.suitetalk.api.netsuite.com${ROOT}/${type}/${id}` },
    })

  app.patch(`${ROOT}/:type/:id`, (c) => {
    const kind = KINDS[c.req.param('type')]
    return written(c, kind, (body) => {
      const id = c.req.param('id')
      overtaken(state, c.env.fault, kind!, id)
      const record = state.record(kind!, id)
      if (!record || record.deletedAt !== undefined)
        return problem(
          404,
          'Not Found',
          'NONEXISTENT_ID',
          'The record instance does not exist. Provide a valid record instance ID.',
        )
      ledger.change(call(c, body, null), kind!, id, changeOf(kind!, body, record))
      return located(c.req.param('type'), id)
    })
  })
  app.put(`${ROOT}/:type/:eid{eid:.+}`, (c) => {
    const [type, eid] = [c.req.param('type'), c.req.param('eid').slice('eid:'.length)]
    const kind = KINDS[type]
    return written(c, kind, (body) => {
      const found = state.records(kind!).find((r) => r.deletedAt === undefined && r.refs['salesforce'] === eid)
      if (!found && kind === 'order' && !(body['item'] as { items?: unknown[] } | undefined)?.items?.length)
        throw new Refused('USER_ERROR', 'You must enter at least one line item for this transaction.')
      const change = changeOf(kind!, body, found ?? null)
      if (!found) change.state ??= kind === 'order' ? 'pending_approval' : kind === 'customer' ? 'customer' : null
      change.refs['salesforce'] = eid
      return located(type, ledger.change(call(c, body, eid), kind!, found?.id ?? null, change).id)
    })
  })
  app.post(`${ROOT}/salesOrder/:id/!transform/invoice`, (c) =>
    written(c, 'invoice', (body) => {
      const order = state.record('order', c.req.param('id'))
      if (!order || order.deletedAt !== undefined)
        return problem(
          404,
          'Not Found',
          'NONEXISTENT_ID',
          'The record instance does not exist. Provide a valid record instance ID.',
        )
      if (order.state !== 'booked')
        throw new Refused('INVALID_INITIALIZE_REF', 'You can not initialize invoice: invalid reference.')
      const eid = typeof body['externalId'] === 'string' ? body['externalId'] : null
      if (eid !== null && state.records('invoice').some((r) => r.refs['salesforce'] === eid))
        throw new Refused('DUP_RCRD', 'This record already exists.')
      const { externalId: _, ...rest } = body
      const change = changeOf('invoice', rest, null)
      const { customer = null, amount = null, tax = null, currency = null } = order.fields
      const day = new Date(state.now()).toISOString().slice(0, 10)
      change.state = 'open'
      change.fields = {
        customer,
        order: order.id,
        total: amount,
        tax,
        amount_due: amount,
        currency,
        issued_on: day,
        due_on: day,
        ...change.fields,
      }
      if (eid !== null) change.refs['salesforce'] = eid
      return located('invoice', ledger.change(call(c, body, eid), 'invoice', null, change).id)
    }),
  )

  function changeOf(kind: string, body: Body, record: SimRecord | null): Change {
    const change: Change = { fields: {}, refs: {} }
    for (const [name, value] of Object.entries(body)) place(kind, name, value, change)
    if (kind === 'contact' && body['lastName'] !== undefined)
      change.fields['name'] = [body['firstName'], body['lastName']].filter(Boolean).join(' ')
    if (DOCUMENTS.includes(kind)) stated(kind, body, record, change)
    if (kind === 'customer' && record === null) {
      const lacking = ['companyName', 'subsidiary'].filter((n) => body[n] === undefined)
      if (lacking.length > 0) throw new Refused('USER_ERROR', `Please enter value(s) for: ${lacking.join(', ')}`)
    }
    return change
  }

  function place(kind: string, name: string, value: unknown, change: Change): void {
    const text = value === null ? null : String(value)
    const plain = PLAIN[kind]?.[name]
    if (plain) {
      change.fields[plain] = text
      return
    }
    const platform = Object.entries(referenceColumns(kind)).find(
      ([, column]) => column === (name === 'externalId' ? 'externalid' : name),
    )
    if (platform) {
      change.refs[platform[0]] = text
      return
    }
    const custom = Object.entries(PLANS[kind]!.custom).find(([, column]) => column === name)
    if (custom) {
      change.fields[custom[0]] = text
      return
    }
    if (Object.values(PLANS[kind]!.status ?? {}).some((s) => s.mark === name)) return
    const id = (value as { id?: string } | null)?.id ?? null
    const listed = (list: keyof Lists) => {
      const found = [...lists[list].entries()].find(([, key]) => key === id)
      if (id !== null && !found)
        throw new Refused('INVALID_CONTENT', `Invalid Field Value ${id} for the following field: ${name}.`)
      return found?.[0] ?? null
    }
    const handlers: Record<string, () => void> = {
      currency: () => void (change.fields['currency'] = listed('currency')),
      terms: () => {
        const word = listed('term')
        change.fields['payment_terms'] = Object.keys(TERMS).find((key) => TERMS[key] === word) ?? null
      },
      subsidiary: () => void (change.fields['legal_entity'] = listed('subsidiary')),
      language: () => void (change.fields['language'] = id),
      parent: () => void (change.fields['parent'] = linked('customer', id)),
      entity: () => void (change.fields['customer'] = linked('customer', id)),
      company: () => void (change.fields['customer'] = linked('customer', id)),
      creditHoldOverride: () => {
        if (!['ON', 'OFF', 'AUTO'].includes(id ?? ''))
          throw new Refused('INVALID_CONTENT', `Invalid Field Value ${id} for the following field: creditHoldOverride.`)
        change.fields['credit_hold'] = id === 'ON' ? 'true' : 'false'
      },
      isInactive: () => void (change.state = value === true ? 'inactive' : 'active'),
      tranDate: () =>
        void (change.fields['ordered_at'] =
          text && new Date(instantOf(TIMEZONE, Date.parse(`${text}T00:00:00Z`))).toISOString()),
      item: () => {
        const rate = (value as { items: { rate: number }[] }).items[0]?.rate
        Object.assign(change.fields, { amount: String(rate ?? 0), tax: '0' })
      },
    }
    const known = ['firstName', 'lastName', 'isPerson', 'orderStatus']
    if (handlers[name]) handlers[name]()
    else if (!known.includes(name))
      throw new Refused('NONEXISTENT_FIELD', `Unknown reference or field '${name}' in the request body.`)
  }

  function linked(kind: string, id: string | null): string | null {
    if (id !== null && !state.record(kind, id))
      throw new Refused('INVALID_CONTENT', `Invalid Field Value ${id} for the following field: entity.`)
    return id
  }

  /** The state whose letter and check-boxes the record has after the write. */
  function stated(kind: string, body: Body, record: SimRecord | null, change: Change): void {
    const states = PLANS[kind]!.status!
    const marks = Object.values(states).flatMap((s) => s.mark ?? [])
    if (body['orderStatus'] === undefined && !marks.some((mark) => mark in body)) return
    const now = states[record?.state ?? '']
    const letter = (body['orderStatus'] as { id?: string } | undefined)?.id ?? now?.word
    const on = marks.find((mark) => body[mark] === true)
    const found = Object.entries(states).find(([, s]) => s.word === letter && s.mark === on)
    if (!found)
      throw new Refused('INVALID_CONTENT', `Invalid Field Value ${letter} for the following field: orderStatus.`)
    if (record?.state === 'cancelled' || record?.state === 'fulfilled')
      throw new Refused('USER_ERROR', 'This transaction is closed and cannot be changed.')
    change.state = found[0]
  }
}
