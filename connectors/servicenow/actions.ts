/**
 * What an instance can be told to do. The Table API has no conditional write: the row is read once more and its update counter
 * (`sys_mod_count`) and columns are compared right before. What is made is looked for by our key or by another platform's id first.
 */
import { fieldOf } from '../../model/kinds.ts'
import type { Action, ActionName, ActionRequest, PlannedCall, Standing } from '../action.ts'
import type { ConnectorContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { cannot, markOf, movedSince, onlyKnown, wordOf } from '../mark.ts'
import type { ServiceNowConfig } from './config.ts'
import { messageOf } from './dialect.ts'
import { pathOf } from './list.ts'
import { asObject, stampText, textOf } from './rows.ts'
import { rowWhere, tableStream, value } from './stream.ts'
import type { TableSpec } from './tables.ts'
import { tablesOf } from './tables.ts'

type Ctx = ConnectorContext<ServiceNowConfig>
type Made = Action<ServiceNowConfig>
type Columns = Record<string, string>

interface WriteSpec {
  name: ActionName
  fields: readonly string[]
  undo: ActionName | null
  into?: string
  columns(request: ActionRequest, standing: Standing): Columns
}

/** State that ends a thing of the kind. */
const ENDED: Record<string, string> = { case: 'closed', entitlement: 'revoked', contract: 'terminated' }

export function serviceNowActions(config: ServiceNowConfig): readonly Made[] {
  return tablesOf(config).flatMap((spec) => writesOf(spec).map((write) => actionOf(spec, write)))
}

function writesOf(spec: TableSpec): WriteSpec[] {
  const fields = [...new Set([...Object.keys(spec.fields), ...(spec.status === null ? [] : ['state'])])]
  const columns: WriteSpec['columns'] = (request, standing) => columnsFor(spec, request, standing)
  const found: WriteSpec[] = [{ name: 'set_fields', fields, undo: 'set_fields', columns }]
  const state = (name: ActionName, into: string, undo: ActionName | null) =>
    spec.status !== null &&
    found.push({ name, fields: [], into, undo, columns: (r) => ({ [spec.status!]: r.words?.['state'] ?? into }) })
  if (spec.key !== null || Object.keys(spec.refs).length > 0)
    found.push({
      name: 'create',
      fields,
      undo: null,
      columns: (r, s) => ({ ...columns(r, s), ...(spec.key !== null && { [spec.key]: r.key }) }),
    })
  if (Object.keys(spec.refs).length > 0) found.push({ name: 'attach_ref', fields: [], undo: 'attach_ref', columns })
  if (ENDED[spec.kind] !== undefined) state('cancel', ENDED[spec.kind]!, null)
  if (spec.kind === 'entitlement') {
    state('hold', 'suspended', 'release')
    state('release', 'active', 'hold')
  }
  const hold = spec.fields['credit_hold']
  if (hold !== undefined) {
    found.push({ name: 'hold', fields: [], undo: 'release', columns: () => ({ [hold]: 'true' }) })
    found.push({ name: 'release', fields: [], undo: 'hold', columns: () => ({ [hold]: 'false' }) })
  }
  return found
}

function columnsFor(spec: TableSpec, request: ActionRequest, standing: Standing): Columns {
  const out: Columns = {}
  for (const field of Object.keys(request.fields)) {
    const column = field === 'state' ? spec.status : spec.fields[field]
    if (column === undefined || column === null) throw cannot(`${spec.table} has no column for ${field}.`)
    if (!isStreet(spec, field)) out[column] = literal(spec, field, wordOf(request, field))
  }
  Object.assign(out, street(spec, request, standing))
  for (const [field, id] of Object.entries(request.references)) {
    const column = spec.fields[field]
    if (column === undefined) throw cannot(`${spec.table} has no column for the reference ${field}.`)
    out[column] = id
  }
  for (const [platform, id] of Object.entries(request.refs)) {
    const column = spec.refs[platform]
    if (column === undefined)
      throw cannot(
        `No column of ${spec.table} is configured for ids of ${platform}.`,
        `Add ${platform} to config.${spec.stream}.refs.`,
      )
    out[column] = id
  }
  return out
}

/** Everything is text; nothing is the empty text. */
function literal(spec: TableSpec, field: string, text: string | null): string {
  if (text === null) return ''
  if (field !== 'state' && fieldOf(spec.kind, field).type === 'instant') {
    const at = Date.parse(text)
    if (Number.isNaN(at)) throw cannot(`${field} is no time.`)
    return stampText(at)
  }
  return text
}

const LINES = ['bill_to.line1', 'bill_to.line2'] as const
const isStreet = (spec: TableSpec, field: string) =>
  (LINES as readonly string[]).includes(field) && spec.fields[LINES[0]] === spec.fields[LINES[1]]

/** Two lines are one street; the line that is not written stays as it is. */
function street(spec: TableSpec, request: ActionRequest, standing: Standing): Columns {
  const column = spec.fields[LINES[0]]
  if (column === undefined || !LINES.some((field) => isStreet(spec, field) && request.fields[field] !== undefined))
    return {}
  const [first = '', ...rest] = (textOf(asObject(standing.row?.value)?.[column]) ?? '').split(/\r\n|\r|\n/)
  const now = [first, rest.join('\n')]
  const lines = LINES.map((field, at) => (request.fields[field] === undefined ? now[at] : request.fields[field]))
  return { [column]: lines.filter(Boolean).join('\n') }
}

function actionOf(spec: TableSpec, write: WriteSpec): Made {
  const { name, fields, undo, into } = write
  const stream = tableStream(spec)
  const calls: Made['calls'] = (_config, request, standing) => {
    onlyKnown(request, fields, fields)
    const columns = write.columns(request, standing)
    if (Object.keys(columns).length === 0) throw cannot(`${name} of ${spec.kind} has nothing to write.`)
    if (request.recordId !== null)
      return [{ method: 'PATCH', path: `${pathOf(spec.table)}/${encodeURIComponent(request.recordId)}`, body: columns }]
    handles(spec, request)
    return [
      {
        method: 'POST',
        path: pathOf(spec.table),
        body: Object.fromEntries(Object.entries(columns).filter(([, text]) => text !== '')),
      },
    ]
  }
  const look: Made['look'] = async (ctx, request) => {
    const row = request.recordId === null ? await already(spec, ctx, request) : await stream.one!(ctx, request.recordId)
    const writes = textOf(asObject(row?.value)?.['sys_mod_count'])
    return {
      row,
      mark: row && `${writes ?? ''}/${markOf(row.value)}`,
      ...(writes !== null && { writes: Number(writes) }),
    }
  }
  return {
    name,
    kind: spec.kind,
    stream: spec.stream,
    fields,
    ...(into !== undefined && { into }),
    guard: 'compare',
    idempotency: 'journal',
    needs: [`role that may ${name === 'create' ? 'create' : 'write'} ${spec.table}`],
    undo,
    calls,
    look,
    async perform(ctx, request, standing) {
      const [planned] = calls(ctx.config, request, standing)
      const moved = movedSince(standing, await look(ctx, request), 'record')
      if (moved) return moved
      return send(ctx, request, planned!)
    },
  }
}

/** Columns by which a new record is known again, with their values. */
function handles(spec: TableSpec, request: ActionRequest): [column: string, value: string][] {
  const found: [string, string][] = spec.key === null ? [] : [[spec.key, request.key]]
  for (const [platform, id] of Object.entries(request.refs))
    if (spec.refs[platform]) found.push([spec.refs[platform], id])
  if (found.length === 0)
    throw cannot(
      `A new row of ${spec.table} needs an id by which it is known again, and none of the configured ones is known for it.`,
      `Name a column for our key under config.${spec.stream}.key.`,
    )
  return found
}

async function already(spec: TableSpec, ctx: Ctx, request: ActionRequest) {
  for (const [column, id] of handles(spec, request)) {
    const row = await rowWhere(spec, ctx, `${column}=${value(id)}`, (r) => textOf(asObject(r.value)?.[column]) === id)
    if (row) return row
  }
  return null
}

async function send(ctx: Ctx, request: ActionRequest, planned: PlannedCall): ReturnType<Made['perform']> {
  const reply = await ctx.http.request({
    method: planned.method,
    url: planned.path,
    json: planned.body,
    once: true,
    priority: 'verify',
    accept: [400, 403, 404],
  })
  if (reply.status === 404) return { status: 'conflict', reason: 'the record is gone' }
  if (reply.status >= 400) return { status: 'refused', reason: messageOf(reply) }
  const id = request.recordId ?? textOf(asObject(asObject(reply.json())?.['result'])?.['sys_id'])
  if (id !== null) return { status: 'done', recordId: id }
  throw new ConnectorError('schema', 'ServiceNow did not say the sys_id of the row that it made.')
}
