/** A small connector that writes to the write platform, with each way to guard and each way to recognise a repetition. */
import { z } from 'zod'
import type { Action, ActionName, Standing } from '../../connectors/action.ts'
import { defineConnector, type Connector, type ConnectorContext, type RawRow } from '../../connectors/contract.ts'
import { rawText } from '../../connectors/exact-json.ts'

const config = z.strictObject({
  url: z.url(),
  /** Name below the address. */
  name: z.string(),
  guard: z.enum(['etag', 'compare']).default('etag'),
  idempotency: z.enum(['header', 'upsert', 'journal']).default('header'),
})
type Config = z.output<typeof config>

interface Row {
  id: string
  at: number
  version: number
  deleted: boolean
  [field: string]: unknown
}

const FIELDS = [
  'name',
  'domain',
  'email',
  'phone',
  'segment',
  'legal_name',
  'legal_entity',
  'currency',
  'credit_limit',
  'credit_hold',
  'state',
]
const rowOf = (value: Row): RawRow => ({ id: value.id, value, raw: rawText(value) })
const place = (c: Config, id?: string) => `/${c.name}/customers${id === undefined ? '' : `/${encodeURIComponent(id)}`}`

async function read(ctx: ConnectorContext<Config>, id: string): Promise<(Standing & { row: RawRow }) | null> {
  const reply = await ctx.http.request({ url: place(ctx.config, id), accept: [404] })
  if (reply.status === 404) return null
  const row = rowOf(reply.json() as Row)
  return { row, mark: reply.headers['etag'] ?? '', writes: (row.value as Row).version }
}

function action(name: ActionName, { guard, idempotency }: Config): Action<Config> {
  const creates = name === 'create'
  /** A record to be made is named by the key where the platform takes our own id. */
  const id = (key: string) => (idempotency === 'upsert' ? key : undefined)
  const method = (): 'POST' | 'PUT' | 'PATCH' | 'DELETE' =>
    creates ? (idempotency === 'upsert' ? 'PUT' : 'POST') : name === 'cancel' ? 'DELETE' : 'PATCH'
  return {
    name,
    kind: 'customer',
    stream: 'customers',
    fields: name === 'cancel' ? [] : FIELDS,
    guard: creates ? 'compare' : guard,
    idempotency: creates ? idempotency : idempotency === 'upsert' ? 'journal' : idempotency,
    needs: [],
    undo: creates ? 'cancel' : name === 'set_fields' ? 'set_fields' : null,
    calls: (c, r) => [
      {
        method: method(),
        path: place(c, creates ? id(r.key) : r.recordId!),
        body: { ...r.fields, ...r.references, ...(creates && { origin: r.key }) },
      },
    ],
    async look(ctx, r) {
      if (!creates) return (await read(ctx, r.recordId!)) ?? { row: null, mark: null }
      const reply = await ctx.http.request({ url: place(ctx.config), query: { origin: r.key } })
      const [found] = (reply.json() as { rows: Row[] }).rows
      return found ? { row: rowOf(found), mark: null } : { row: null, mark: null }
    },
    async perform(ctx, r, standing) {
      const [call] = this.calls(ctx.config, r, standing)
      const reply = await ctx.http.request({
        method: call!.method,
        url: call!.path,
        json: call!.body,
        once: true,
        accept: [404, 412],
        headers: {
          'idempotency-key': r.key,
          ...(ctx.config.idempotency === 'header' && { 'x-honours-keys': 'yes' }),
          ...(guard === 'etag' && standing.mark !== null && !creates && { 'if-match': standing.mark }),
        },
      })
      if (reply.status === 412) return { status: 'conflict', reason: 'The record has moved.' }
      if (reply.status === 404) return { status: 'refused', reason: 'There is no such record.' }
      return { status: 'done', recordId: (reply.json() as Row).id }
    },
  }
}

/** Asks the platform to take an event again, once for each key. */
const redeliver: Action<Config> = {
  name: 'redeliver',
  kind: 'customer',
  stream: 'customers',
  fields: [],
  guard: 'compare',
  idempotency: 'header',
  needs: [],
  undo: null,
  calls: (c, r) => [{ method: 'POST', path: `/${c.name}/events/${r.recordId}`, body: {} }],
  look: () => Promise.resolve({ row: null, mark: null }),
  async perform(ctx, r) {
    const [call] = this.calls(ctx.config, r, { row: null, mark: null })
    const headers = { 'idempotency-key': r.key }
    await ctx.http.request({ method: 'POST', url: call!.path, json: {}, once: true, headers })
    return { status: 'done', recordId: r.recordId! }
  },
}

export const writeConnector: Connector<Config> = defineConnector<Config>({
  title: 'Desk',
  config,
  base: (c) => c.url,
  ping: () => Promise.resolve({ account: 'desk' }),
  streams: [
    {
      name: 'customers',
      kind: 'customer',
      source: 'customers',
      holds: FIELDS,
      deletes: 'flag',
      async *read(ctx) {
        const reply = await ctx.http.request({ url: place(ctx.config) })
        const { rows } = reply.json() as { rows: Row[] }
        const full = ctx.mode === 'full'
        yield { rows: rows.map(rowOf), cursor: null, completeThrough: ctx.clock.now(), ...(full && { last: true }) }
      },
      map(row) {
        const { id, at, version: _, deleted, origin: __, ...fields } = row.value as Row
        return { record_id: id, changed_at: at, deleted, fields }
      },
      one: async (ctx, id) => (await read(ctx, id))?.row ?? null,
    },
  ],
  actionsOf: (c) => [action('set_fields', c), action('create', c), action('cancel', c), redeliver],
  limits: { calls: 1_000_000, windowMs: 1_000, concurrency: 8, reserve: 0 },
  lagMs: 0,
  replayDays: 3,
})
