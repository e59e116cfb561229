/** What a company can be told to do: entities by `PATCH` with the `If-Match` that was seen, new customers and items by an id of their own. */
import { fieldOf } from '../../model/kinds.ts'
import type { Action, ActionName, ActionRequest, PlannedCall, Standing } from '../action.ts'
import type { ConnectorContext, HttpReply, RawRow } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { cannot, movedSince, onlyKnown, wordOf } from '../mark.ts'
import type { CentralConfig } from './config.ts'
import type { EntitySpec } from './entities.ts'
import { entitiesOf } from './entities.ts'
import { asObject, BLANK, rowOf, textOf } from './rows.ts'
import { entityStream, listPath, onePath } from './stream.ts'

type Ctx = ConnectorContext<CentralConfig>
type Made = Action<CentralConfig>
type Body = Record<string, unknown>
type WriteSpec = Pick<Made, 'name' | 'fields' | 'undo'> & { body(request: ActionRequest): Body }

export function centralActions(config: CentralConfig): readonly Made[] {
  return entitiesOf(config).flatMap((spec) => writesOf(spec).map((write) => actionOf(spec, write)))
}

function writesOf(spec: EntitySpec): WriteSpec[] {
  const fields = Object.keys(spec.fields).filter((field) => !spec.readOnly.includes(field))
  const body = (request: ActionRequest) => bodyOf(spec, request)
  const found: WriteSpec[] = [{ name: 'set_fields', fields, undo: 'set_fields', body }]
  const known = spec.key !== null || Object.keys(spec.refs).length > 0
  // Documents need lines and payments a journal: those are made by people.
  if (known && (spec.name === 'customers' || spec.name === 'items'))
    found.push({
      name: 'create',
      fields,
      undo: null,
      body: (r) => ({ ...bodyOf(spec, r), ...(spec.key !== null && { [spec.key]: r.key }) }),
    })
  if (Object.keys(spec.refs).length > 0) found.push({ name: 'attach_ref', fields: [], undo: 'attach_ref', body })
  if (spec.fields['credit_hold'] !== undefined) {
    const flag = (name: ActionName, undo: ActionName, value: string) =>
      found.push({ name, fields: [], undo, body: (r) => bodyOf(spec, { ...r, fields: { credit_hold: value } }) })
    flag('hold', 'release', 'true')
    flag('release', 'hold', 'false')
  }
  return found
}

function bodyOf(spec: EntitySpec, request: ActionRequest): Body {
  const body: Body = {}
  for (const field of Object.keys(request.fields)) {
    const property = spec.fields[field]
    if (property === undefined) throw cannot(`${spec.name} has no property for ${field}.`)
    body[property] = literal(spec, field, property, wordOf(request, field))
  }
  for (const [field, id] of Object.entries(request.references)) {
    const property = spec.fields[field]
    if (property === undefined) throw cannot(`${spec.name} has no property for the reference ${field}.`)
    body[property] = id
  }
  for (const [platform, id] of Object.entries(request.refs)) {
    const property = spec.refs[platform]
    if (property === undefined)
      throw cannot(
        `No property of ${spec.name} is configured for ids of ${platform}.`,
        `Add it to config.${spec.name}.refs.`,
      )
    body[property] = id
  }
  return body
}

function literal(spec: EntitySpec, field: string, property: string, text: string | null): unknown {
  const { type } = fieldOf(spec.kind, field)
  if (type === 'bool' && property === 'blocked') return text === 'true' ? 'All' : BLANK
  if (type === 'bool') return text === 'true'
  if (type === 'date' || type === 'instant') return text === null ? '0001-01-01' : text.slice(0, 10)
  if (text === null) return type === 'money' || type === 'number' ? 0 : ''
  return (type === 'money' || type === 'number') && String(Number(text)) === text ? Number(text) : text
}

function actionOf(spec: EntitySpec, { body, ...write }: WriteSpec): Made {
  const { name, fields } = write
  const calls: Made['calls'] = (config, request) => {
    onlyKnown(request, fields, fields)
    const given = body(request)
    if (Object.keys(given).length === 0) throw cannot(`${name} of ${spec.kind} has nothing to write.`)
    if (request.recordId !== null)
      return [{ method: 'PATCH', path: onePath(spec, config, request.recordId), body: given }]
    handles(spec, request)
    return [{ method: 'POST', path: listPath(spec, config), body: given }]
  }
  const look: Made['look'] = async (ctx, request) => {
    const row = await (request.recordId === null
      ? already(spec, ctx, request)
      : entityStream(spec).one!(ctx, request.recordId))
    return { row, mark: textOf(asObject(row?.value)?.['@odata.etag']) }
  }
  return {
    ...write,
    kind: spec.kind,
    stream: spec.name,
    guard: 'etag',
    idempotency: 'journal',
    needs: [`permission set that may ${name === 'create' ? 'insert' : 'modify'} ${spec.name}`],
    calls,
    look,
    async perform(ctx, request, standing) {
      const [planned] = calls(ctx.config, request, standing)
      const moved = movedSince(standing, await look(ctx, request), 'entity')
      if (moved) return moved
      return send(ctx, request, planned!, standing)
    },
  }
}

function handles(spec: EntitySpec, request: ActionRequest): [property: string, value: string][] {
  const found: [string, string][] = spec.key === null ? [] : [[spec.key, request.key]]
  for (const [platform, id] of Object.entries(request.refs))
    if (spec.refs[platform]) found.push([spec.refs[platform], id])
  if (found.length > 0) return found
  throw cannot(
    `A new row of ${spec.name} needs an id by which it is known again, and none of the configured ones is known for it.`,
    `Name a property for our key under config.${spec.name}.key.`,
  )
}

async function already(spec: EntitySpec, ctx: Ctx, request: ActionRequest): Promise<RawRow | null> {
  for (const [property, id] of handles(spec, request)) {
    const query = { $filter: `${property} eq '${id.replaceAll("'", "''")}'`, $top: 1 }
    const reply = await ctx.http.request({ url: listPath(spec, ctx.config), query, priority: 'verify' })
    const found = (asObject(reply.json())?.['value'] as unknown[] | undefined)?.[0]
    if (asObject(found)?.[property] === id) return rowOf(found)
  }
  return null
}

export function reasonOf(reply: HttpReply): string {
  try {
    const error = asObject(asObject(reply.json())?.['error'])
    const [code, message] = [textOf(error?.['code']), textOf(error?.['message'])]
    return message === null
      ? `status ${reply.status}`
      : `${message.slice(0, 300)}${code ? ` [${code.slice(0, 60)}]` : ''}`
  } catch {
    return `status ${reply.status}`
  }
}

async function send(
  ctx: Ctx,
  request: ActionRequest,
  planned: PlannedCall,
  { mark }: Standing,
): ReturnType<Made['perform']> {
  const reply = await ctx.http.request({
    method: planned.method,
    url: planned.path,
    json: planned.body,
    ...(request.recordId !== null && mark !== null && { headers: { 'if-match': mark } }),
    once: true,
    priority: 'verify',
    accept: [400, 403, 404, 409, 412],
  })
  if (reply.status === 409 || reply.status === 412) return { status: 'conflict', reason: reasonOf(reply) }
  if (reply.status === 404) return { status: 'conflict', reason: 'the entity is gone' }
  if (reply.status >= 400) return { status: 'refused', reason: reasonOf(reply) }
  const id = request.recordId ?? textOf(asObject(reply.json())?.['id'])
  if (id !== null) return { status: 'done', recordId: id }
  throw new ConnectorError('schema', 'Business Central did not say the id of the entity that it made.')
}
