/** The writing half of the simulated account: idempotency, parameters, rules, ledger and the reply in Stripe's words. */
import type { Context, Hono } from 'hono'
import type { Ledger, WriteCall } from '../../ledger.ts'
import type { PlatformState, SimRecord } from '../../platform.ts'
import type { WireEnv } from '../../wire.ts'
import { answer } from '../../wire.ts'
import { ENDPOINTS } from './endpoints.ts'
import type { Form } from './forms.ts'
import { nested } from './forms.ts'
import { createIdempotency } from './idempotency.ts'
import { addItem, Refused } from './writes.ts'

type Call = Context<WireEnv>
interface Voice {
  problem(status: number, message: string, detail?: { type?: string; code?: string; param?: string }): Response
  missing(id: string, param: string): Response
  shown(c: Call, record: SimRecord): Response
}

export function addWrites(app: Hono<WireEnv>, state: PlatformState, ledger: Ledger, voice: Voice): void {
  const { problem, missing } = voice
  const keys = createIdempotency(() => state.now())

  async function formOf(c: Call): Promise<Form> {
    const pairs = Object.entries(await c.req.parseBody({ all: false }))
    return Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]))
  }

  /** Idempotency, faults and refusals around what one endpoint does. */
  async function guarded(c: Call, takes: readonly string[], run: (form: Form) => Response): Promise<Response> {
    const form = await formOf(c)
    const key = c.req.header('idempotency-key')
    if (key !== undefined && key.length > 255) return problem(400, 'Idempotency keys can be at most 255 characters.')
    const known = keys.known(key, `${c.req.method} ${c.req.path}`, form)
    if (known === 'mismatch')
      return problem(
        400,
        'Keys for idempotent requests can only be used with the same parameters they were first used with.',
        { type: 'idempotency_error' },
      )
    if (known) return known
    const unknown = Object.keys(nested(form)).find((name) => !takes.includes(name))
    if (unknown)
      return problem(400, `Received unknown parameter: ${unknown}`, { code: 'parameter_unknown', param: unknown })
    if (c.env.fault?.kind === 'conflict')
      return problem(
        429,
        'This object cannot be accessed right now because another API request or Stripe process is currently accessing it.',
        { code: 'lock_timeout' },
      )
    try {
      return await keys.keep(key, `${c.req.method} ${c.req.path}`, form, run(form))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return problem(error.status, error.message, {
        ...(error.code !== undefined && { code: error.code }),
        ...(error.param !== undefined && { param: error.param }),
      })
    }
  }

  const call = (c: Call, form: Form): WriteCall => ({
    method: c.req.method,
    path: c.req.path,
    body: Object.keys(form).length > 0 ? form : null,
    key: c.req.header('idempotency-key') ?? null,
    by: 'plumbline',
  })

  for (const { method, path, kind, takes, run } of ENDPOINTS) {
    const handler = (c: Call) =>
      guarded(c, takes, (form) => {
        const id = c.req.param('id') ?? null
        const record = id === null ? undefined : state.record(kind, id)
        if (id !== null && (!record || record.deletedAt !== undefined)) return missing(id, 'id')
        const change = run(state, nested(form), record ?? null, c.req.param('part') ?? '')
        const after = ledger.change(call(c, form), kind, id, change)
        return method === 'DELETE' && kind !== 'subscription'
          ? answer({ id: c.req.param('part') ?? after.id, deleted: true })
          : voice.shown(c, after)
      })
    app.on(method, path, handler)
  }
  app.post('/v1/invoiceitems', (c) =>
    guarded(c, ['customer', 'amount', 'currency', 'subscription', 'description', 'metadata'], (form) => {
      const { id } = addItem(state, form)
      ledger.note(call(c, form), 'invoice_item', id)
      return answer({ id, object: 'invoiceitem' })
    }),
  )
  // Nothing is ever changed there: a key that may write learns that there is no such object.
  for (const part of ['invoiceitems', 'prices']) app.post(`/v1/${part}/:id`, (c) => missing(c.req.param('id'), 'id'))
}
