/**
 * What an account can be told to do, by its record API: fields by PATCH, new records by upsert on their external id. The API
 * guards nothing, so the record is compared once more immediately before.
 */
import { createHash } from 'node:crypto'
import type { Action, ActionName, ActionOutcome, ActionRequest, PlannedCall, Standing } from '../action.ts'
import type { ConnectorContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { cannot, markOf, movedSince, onlyKnown } from '../mark.ts'
import { recordBody, statusBody } from './bodies.ts'
import type { NetSuiteConfig } from './config.ts'
import { problem } from './dialect.ts'
import { suiteql } from './query.ts'
import { LISTS, pathOf, placeOf, writableFields } from './record-fields.ts'
import type { RecordSpec } from './spec.ts'
import { recordsOf } from './spec.ts'
import { recordStream, rowWhere } from './stream.ts'

type Ctx = ConnectorContext<NetSuiteConfig>
type Made = Action<NetSuiteConfig>
type Body = Record<string, unknown>
const ROOT = '/services/rest/record/v1'

interface WriteSpec {
  name: ActionName
  fields: readonly string[]
  undo: ActionName | null
  into?: string
  calls(config: NetSuiteConfig, request: ActionRequest, standing: Standing): PlannedCall[]
}

type Readable = Pick<NetSuiteConfig, 'records' | 'skip' | 'tax_lines' | 'accounting_book' | 'write'>

export function netsuiteActions(config: Readable): readonly Made[] {
  return recordsOf(config).specs.flatMap((spec) => specsOf(spec, config).map((write) => actionOf(spec, write)))
}

function specsOf(spec: RecordSpec, config: Readable): WriteSpec[] {
  const path = pathOf(spec)
  if (path === null) return []
  const fields = writableFields(spec)
  const refs = Object.keys(spec.refs).length > 0
  const patch = (body: (c: NetSuiteConfig, r: ActionRequest, s: Standing) => Body): WriteSpec['calls'] => {
    return (c, r, s) => [
      { method: 'PATCH', path: `${ROOT}/${path}/${encodeURIComponent(r.recordId ?? '')}`, body: body(c, r, s) },
    ]
  }
  const found: WriteSpec[] = []
  if (fields.length > 0)
    found.push({ name: 'set_fields', fields, undo: 'set_fields', calls: patch((c, r, s) => recordBody(spec, c, r, s)) })
  if (refs)
    found.push({
      name: 'attach_ref',
      fields: [],
      undo: 'attach_ref',
      calls: patch((c, r, s) => recordBody(spec, c, r, s)),
    })
  const create = creating(spec, path, config)
  if (create) found.push({ name: 'create', fields, undo: null, calls: create })
  if (spec.name === 'customer') {
    found.push({
      name: 'hold',
      fields: [],
      undo: 'release',
      calls: patch(() => ({ creditHoldOverride: { id: 'ON' } })),
    })
    found.push({
      name: 'release',
      fields: [],
      undo: 'hold',
      calls: patch((c) => ({ creditHoldOverride: { id: c.write?.release ?? 'OFF' } })),
    })
  }
  if (spec.name === 'salesorder')
    for (const [name, into, undo] of [
      ['cancel', 'cancelled', null],
      ['hold', 'blocked', 'release'],
      ['release', 'booked', 'hold'],
    ] as const)
      found.push({
        name,
        into,
        undo,
        fields: [],
        calls: patch((_c, r) => statusBody(spec, r.words?.['state'] ?? into)),
      })
  return found
}

/** Customers, contacts and custom records by themselves; orders with one line; invoices out of their order. */
function creating(spec: RecordSpec, path: string, config: Readable): WriteSpec['calls'] | null {
  const made = (body: Body): Body => Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
  const upsert = (r: ActionRequest, body: Body): PlannedCall[] => {
    // The external id stands in the address.
    const { externalId: _, ...rest } = body
    return [{ method: 'PUT', path: `${ROOT}/${path}/eid:${encodeURIComponent(externalIdOf(spec, r))}`, body: rest }]
  }
  if (spec.name === 'customer') return (c, r, s) => upsert(r, { isPerson: false, ...made(recordBody(spec, c, r, s)) })
  if (spec.name === 'contact' || spec.name.startsWith('customrecord'))
    return (c, r, s) => upsert(r, made(recordBody(spec, c, r, s)))
  const item = config.write?.order_item
  if (spec.name === 'salesorder' && item !== undefined)
    return (c, r, s) => {
      const { amount, currency: _, tax: __, ...fields } = r.fields
      if (!amount) throw cannot('An order at NetSuite needs its amount.')
      const body = made(recordBody(spec, c, { ...r, fields }, s))
      return upsert(r, { ...body, item: { items: [{ item: { id: item }, quantity: 1, rate: Number(amount) }] } })
    }
  if (spec.name === 'invoice')
    return (c, r, s) => {
      const { order, ...references } = r.references
      if (order === undefined) throw cannot('An invoice at NetSuite is made out of its order; create that first.')
      const body = {
        ...made(recordBody(spec, c, { ...r, references: without(references, 'customer') }, s)),
        externalId: externalIdOf(spec, r),
      }
      return [{ method: 'POST', path: `${ROOT}/salesOrder/${encodeURIComponent(order)}/!transform/invoice`, body }]
    }
  return null
}

const without = (references: Record<string, string>, name: string) =>
  Object.fromEntries(Object.entries(references).filter(([key]) => key !== name))

/** One external id per record, owned by one integration: the platform's that owns it here, else our key. */
function externalIdOf(spec: RecordSpec, request: ActionRequest): string {
  const owner = Object.keys(spec.refs).find((platform) => spec.refs[platform] === 'externalid')
  return (owner !== undefined && request.refs[owner]) || `plumbline-${request.key}`
}

function actionOf(spec: RecordSpec, write: WriteSpec): Made {
  const { name, fields, undo, into } = write
  // An order's amount and currency are said by its line and its customer.
  const further = name === 'create' && spec.name === 'salesorder' ? ['amount', 'currency', 'tax'] : []
  const references = name === 'create' && spec.name === 'invoice' ? ['order', 'customer'] : fields
  const takes = [...fields, ...further]
  const calls: Made['calls'] = (config, request, standing) => {
    onlyKnown(request, takes, references)
    const planned = write.calls(config, request, standing)
    if (planned.some(({ body }) => Object.keys(body as Body).length === 0))
      throw cannot(`${name} of ${spec.kind} has nothing to write.`)
    return planned
  }
  const look: Made['look'] = async (ctx, request) => {
    const row =
      request.recordId === null
        ? await already(spec, ctx, request)
        : await recordStream(spec).one!(ctx, request.recordId)
    return { row, mark: row && markOf(row.value), known: await listIds(spec, ctx, request) }
  }
  return {
    name,
    kind: spec.kind,
    stream: spec.name,
    fields: takes,
    ...(into !== undefined && { into }),
    guard: 'compare',
    idempotency: name === 'create' ? 'upsert' : 'journal',
    needs: [`${name === 'create' ? 'create' : 'edit'} ${spec.name}`],
    undo,
    calls,
    look,
    async perform(ctx, request, standing) {
      const [planned] = calls(ctx.config, request, standing)
      const moved = movedSince(standing, await look(ctx, request), 'record')
      if (moved) return moved
      return send(ctx, request, planned!, () => already(spec, ctx, request))
    },
  }
}

/** By the external id that a creation of ours gives it, or by any other platform's id. */
async function already(spec: RecordSpec, ctx: Ctx, request: ActionRequest) {
  const either = [`${spec.alias}.externalid = ${quoted(externalIdOf(spec, request))}`]
  for (const [platform, id] of Object.entries(request.refs))
    if (spec.refs[platform] !== undefined && spec.refs[platform] !== 'externalid')
      either.push(`${spec.alias}.${spec.refs[platform]} = ${quoted(id)}`)
  return rowWhere(spec, ctx, either.join(' OR '))
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

/** Internal ids of the list values that the request names by their text. */
async function listIds(spec: RecordSpec, ctx: Ctx, request: ActionRequest): Promise<Record<string, string>> {
  const known: Record<string, string> = {}
  for (const field of Object.keys(request.fields)) {
    const place = placeOf(spec, field)
    const list = place?.as === 'list' ? LISTS[place.name] : undefined
    const value = request.words?.[field] ?? request.fields[field]
    if (!list || value === null || value === undefined) continue
    const { rows } = await suiteql(
      ctx,
      `SELECT l.id AS id FROM ${list.table} l WHERE l.${list.text} = ${quoted(value)}`,
      1,
      'verify',
    )
    if (typeof rows[0]?.['id'] === 'string') known[`${place!.name}/${value}`] = rows[0]['id']
  }
  return known
}

async function send(
  ctx: Ctx,
  request: ActionRequest,
  planned: PlannedCall,
  found: () => Promise<{ id: string | null } | null>,
): Promise<ActionOutcome> {
  const reply = await ctx.http.request({
    method: planned.method,
    url: planned.path,
    json: planned.body,
    headers: { 'x-netsuite-idempotency-key': uuidOf(request.key) },
    once: true,
    priority: 'verify',
    accept: [400, 404, 409],
  })
  if (reply.status >= 400) {
    const said = problem(reply)
    const reason = said ? `${said.detail || said.title} [${said.code}]` : `status ${reply.status}`
    return reply.status === 409 ? { status: 'conflict', reason } : { status: 'refused', reason }
  }
  if (request.recordId !== null) return { status: 'done', recordId: request.recordId }
  const id = /\/(\d+)$/.exec(reply.headers['location'] ?? '')?.[1] ?? (await found())?.id
  if (typeof id === 'string') return { status: 'done', recordId: id }
  throw new ConnectorError('schema', 'NetSuite did not say the id of the record that it made.')
}

/** The header wants a UUID: the same key gives the same one. */
function uuidOf(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
