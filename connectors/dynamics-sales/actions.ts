/**
 * What an environment can be told to do. Every row has a version (`@odata.etag`) to write against, and a PATCH without a
 * condition would make the row: so each one carries `If-Match`, and what is made carries `If-None-Match: *`.
 */
import { fieldOf } from '../../model/kinds.ts'
import type { Action, ActionName, ActionOutcome, ActionRequest, PlannedCall } from '../action.ts'
import type { ConnectorContext, RawRow } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { cannot, movedSince, onlyKnown, wordOf } from '../mark.ts'
import { quoted, reasonOf } from '../odata.ts'
import type { DynamicsConfig } from './config.ts'
import { oneBy, root } from './stream.ts'
import type { Row, TableSpec } from './tables.ts'
import { ISO, tablesOf } from './tables.ts'

type Ctx = ConnectorContext<DynamicsConfig>
type Made = Action<DynamicsConfig>

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function dynamicsActions(config: Pick<DynamicsConfig, 'tables' | 'skip'>): readonly Made[] {
  return tablesOf(config).specs.flatMap((spec) => {
    const fields = writableFields(spec)
    const refs = Object.keys(spec.refs).length > 0
    return [
      ...(fields.length > 0 ? [actionOf(spec, 'set_fields', fields)] : []),
      ...(spec.key !== null || refs ? [actionOf(spec, 'create', fields)] : []),
      ...(refs ? [actionOf(spec, 'attach_ref', [])] : []),
    ]
  })
}

/** States are changed by actions of their own (winning an opportunity): they are not written. */
function columnOf(spec: TableSpec, field: string): string | null {
  const source = spec.fields[field]
  if (typeof source !== 'string' || source === ISO || source.startsWith('_')) return null
  return spec.readOnly.includes(source) ? null : source
}

const isPersonName = (spec: TableSpec, field: string) => spec.set === 'contacts' && spec.fields[field] === 'fullname'

function writableFields(spec: TableSpec): string[] {
  return Object.keys(spec.fields).filter((f) => f !== 'state' && (columnOf(spec, f) !== null || isPersonName(spec, f)))
}

function actionOf(spec: TableSpec, name: ActionName, fields: string[]): Made {
  const calls: Made['calls'] = (config, request) => {
    onlyKnown(request, fields, name === 'attach_ref' ? [] : Object.keys(spec.binds))
    const body = bodyOf(spec, config, request)
    if (name === 'create') {
      const [column, value] = handles(spec, request)[0]!
      const { [column]: _, ...rest } = body
      return [{ method: 'PATCH', path: `${root(config)}/${spec.set}(${keyed(column, value)})`, body: rest }]
    }
    if (Object.keys(body).length === 0) throw cannot(`${name} of ${spec.kind} has nothing to write.`)
    return [{ method: 'PATCH', path: `${root(config)}/${spec.set}(${idIn(request)})`, body }]
  }
  const look: Made['look'] = async (ctx, request) => {
    const row = name === 'create' ? await already(spec, ctx, request) : await oneBy(spec, ctx, idIn(request))
    const mark = (row?.value as Row | undefined)?.['@odata.etag']
    return { row, mark: typeof mark === 'string' ? mark : null }
  }
  return {
    name,
    kind: spec.kind,
    stream: spec.set,
    fields,
    guard: 'etag',
    idempotency: name === 'create' ? 'upsert' : 'journal',
    needs: [`prv${name === 'create' ? 'Create' : 'Write'}${spec.logical}`],
    undo: name === 'create' ? null : name,
    calls,
    look,
    async perform(ctx, request, standing) {
      const [planned] = calls(ctx.config, request, standing)
      if (name === 'create') {
        const moved = movedSince(standing, await look(ctx, request), 'row')
        if (moved) return moved
        return send(ctx, request, planned!, { 'if-none-match': '*' })
      }
      if (standing.mark === null) return { status: 'conflict', reason: 'the row is gone' }
      return send(ctx, request, planned!, { 'if-match': standing.mark })
    },
  }
}

function idIn(request: ActionRequest): string {
  if (request.recordId === null || !GUID.test(request.recordId)) throw cannot('Dataverse ids are GUIDs.')
  return request.recordId
}

/** A text in a key of an address: quotes are doubled. */
const keyed = (column: string, value: string) => `${column}=${encodeURIComponent(quoted(value))}`

function bodyOf(spec: TableSpec, config: DynamicsConfig, request: ActionRequest): Row {
  const out: Row = {}
  for (const field of Object.keys(request.fields)) {
    const text = wordOf(request, field)
    if (isPersonName(spec, field)) {
      const parts = (text ?? '').trim().split(/\s+/)
      Object.assign(out, { firstname: parts.slice(0, -1).join(' ') || null, lastname: parts.at(-1) || null })
      continue
    }
    const column = columnOf(spec, field)
    if (column === null) throw cannot(`${spec.set} cannot be given ${field}: it is computed or a lookup.`)
    out[column] = literal(spec, field, column, text)
  }
  for (const [field, id] of Object.entries(request.references)) {
    const bind = spec.binds[field]
    if (!bind) throw cannot(`${spec.set} has no lookup for the reference ${field}.`)
    if (!GUID.test(id)) throw cannot(`The reference ${field} is no GUID.`)
    out[`${bind.navigation}@odata.bind`] = `${root(config)}/${bind.set}(${id})`
  }
  for (const [platform, id] of Object.entries(request.refs)) {
    const column = spec.refs[platform]
    if (column === undefined)
      throw cannot(
        `No column of ${spec.set} is configured for ids of ${platform}.`,
        `Add ${platform} to config.tables.${spec.set}.refs.`,
      )
    out[column] = id
  }
  if (spec.key !== null && request.action === 'create') out[spec.key] = request.key
  return out
}

/** Choices are numbers, amounts are numbers that keep their digits. */
function literal(spec: TableSpec, field: string, column: string, text: string | null): unknown {
  if (text === null) return null
  const { type } = fieldOf(spec.kind, field)
  if (type === 'bool') return text === 'true'
  if (type === 'money' || type === 'number') {
    const number = Number(text)
    const digits = (t: string) =>
      t
        .replace(/^(-?)0+(?=\d)/, '$1')
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, '')
    if (digits(String(number)) !== digits(text))
      throw cannot(`${text} cannot be written as a number without losing digits.`)
    return number
  }
  if (column.endsWith('code') && column !== 'productcode' && /^\d{1,9}$/.test(text)) return Number(text)
  return text
}

/** Alternate keys by which what was made is found again. */
function handles(spec: TableSpec, request: ActionRequest): [column: string, value: string][] {
  const refs = Object.entries(request.refs).flatMap(([platform, id]): [string, string][] =>
    spec.refs[platform] ? [[spec.refs[platform], id]] : [],
  )
  const found: [string, string][] = spec.key === null ? refs : [[spec.key, request.key], ...refs]
  if (found.length === 0)
    throw cannot(
      `A new row of ${spec.set} needs an alternate key, and none of the configured ones is known for it.`,
      `Name one for our key under config.tables.${spec.set}.key.`,
    )
  return found
}

async function already(spec: TableSpec, ctx: Ctx, request: ActionRequest): Promise<RawRow | null> {
  for (const [column, value] of handles(spec, request)) {
    const row = await oneBy(spec, ctx, keyed(column, value))
    if (row) return row
  }
  return null
}

async function send(
  ctx: Ctx,
  request: ActionRequest,
  { method, path, body }: PlannedCall,
  condition: Record<string, string>,
): Promise<ActionOutcome> {
  const reply = await ctx.http.request({
    method,
    url: path,
    json: body,
    headers: condition,
    once: true,
    priority: 'verify',
    accept: [400, 404, 412],
  })
  if (reply.status === 412 || (reply.status === 404 && request.recordId !== null))
    return { status: 'conflict', reason: reply.status === 412 ? 'the row was changed meanwhile' : 'the row is gone' }
  if (reply.status >= 400) return { status: 'refused', reason: reasonOf(reply) }
  const made = /\(([0-9a-f-]{36})\)$/i.exec(reply.headers['odata-entityid'] ?? '')?.[1]
  const id = request.recordId ?? made
  if (id === undefined) throw new ConnectorError('schema', 'Dataverse did not say the id of the row that it made.')
  return { status: 'done', recordId: id.toLowerCase() }
}
