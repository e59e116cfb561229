/**
 * What a tenant can be told to do. Planhat has no conditional write: the object is read once more and what we map of it is
 * compared right before. A new company is made by its external id, by which the tenant's short list finds it again.
 */
import { fieldOf } from '../../model/kinds.ts'
import type { Action, ActionName, ActionRequest, PlannedCall } from '../action.ts'
import type { ConnectorContext, RawRow } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { cannot, markOf, movedSince, onlyKnown, wordOf } from '../mark.ts'
import type { PlanhatConfig } from './config.ts'
import { reasonOf } from './dialect.ts'
import { listOf } from './lists.ts'
import type { ModelSpec } from './models.ts'
import { modelsOf } from './models.ts'
import { asObject, partsOf, textOf } from './objects.ts'
import { modelStream } from './stream.ts'

type Ctx = ConnectorContext<PlanhatConfig>
type Made = Action<PlanhatConfig>
type Body = Record<string, unknown>

interface WriteSpec {
  name: ActionName
  fields: readonly string[]
  undo: ActionName | null
  body(request: ActionRequest): Body
}

/** What Planhat computes or keeps by itself. */
const COMPUTED = new Set(['h', '_id', 'createdAt', 'createDate', 'updatedAt'])

export function planhatActions(config: PlanhatConfig): readonly Made[] {
  return modelsOf(config).flatMap((spec) => writesOf(spec).map((write) => actionOf(spec, write)))
}

function writesOf(spec: ModelSpec): WriteSpec[] {
  // Tickets belong to the support platform that sends them here.
  if (spec.name === 'tickets') return []
  const fields = holdsOfWrites(spec)
  const body = (request: ActionRequest) => bodyOf(spec, request)
  const found: WriteSpec[] = [{ name: 'set_fields', fields, undo: 'set_fields', body }]
  if (spec.name === 'companies')
    found.push({ name: 'create', fields, undo: null, body: (r) => ({ ...bodyOf(spec, r), ...handleOf(spec, r) }) })
  if (Object.keys(spec.refs).length > 0) found.push({ name: 'attach_ref', fields: [], undo: 'attach_ref', body })
  const hold = spec.fields['credit_hold']
  if (hold !== undefined) {
    found.push({ name: 'hold', fields: [], undo: 'release', body: () => placed({}, hold, true) })
    found.push({ name: 'release', fields: [], undo: 'hold', body: () => placed({}, hold, false) })
  }
  return found
}

function holdsOfWrites(spec: ModelSpec): string[] {
  const named = [...Object.entries(spec.fields), ...(spec.status === null ? [] : [['state', spec.status] as const])]
  return [...new Set(named.filter(([, path]) => !COMPUTED.has(path)).map(([field]) => field))]
}

function bodyOf(spec: ModelSpec, request: ActionRequest): Body {
  const body: Body = {}
  for (const field of Object.keys(request.fields)) {
    const path = field === 'state' ? (spec.fields['state'] ?? spec.status) : spec.fields[field]
    if (path === undefined || path === null) throw cannot(`Planhat has no place for ${field} of a ${spec.kind} here.`)
    placed(body, path, literal(spec, field, wordOf(request, field)))
  }
  for (const [field, id] of Object.entries(request.references)) {
    const path = spec.fields[field]
    if (path === undefined) throw cannot(`Planhat has no place for the reference ${field} of a ${spec.kind} here.`)
    placed(body, path, id)
  }
  for (const [platform, id] of Object.entries(request.refs)) {
    const path = spec.refs[platform]
    if (path === undefined)
      throw cannot(`No property is configured for ids of ${platform}.`, `Add ${platform} to config.${spec.name}.refs.`)
    placed(body, path, id)
  }
  return body
}

/** Custom properties that are not named stay as they are. */
function placed(body: Body, path: string, value: unknown): Body {
  const [name, key] = partsOf(path)
  body[name] = key === undefined ? value : { ...asObject(body[name]), [key]: value }
  return body
}

function literal(spec: ModelSpec, field: string, text: string | null): unknown {
  if (text === null || field === 'state') return text
  const { type } = fieldOf(spec.kind, field)
  if (type === 'bool') return text === 'true'
  // As a number only where it keeps its digits.
  return (type === 'number' || type === 'money') && String(Number(text)) === text ? Number(text) : text
}

/** The id by which a new company is known again: another platform's where one is configured, else our key. */
function handleOf(spec: ModelSpec, request: ActionRequest): { externalId: string } | { sourceId: string } {
  const owner = (property: string) => Object.keys(spec.refs).find((platform) => spec.refs[platform] === property)
  const idOf = (property: string) => request.refs[owner(property) ?? '']
  const source = idOf('sourceId')
  if (idOf('externalId') === undefined && source !== undefined) return { sourceId: source }
  return { externalId: idOf('externalId') ?? `plumbline-${request.key}` }
}

function actionOf(spec: ModelSpec, write: WriteSpec): Made {
  const { name, fields, undo } = write
  const stream = modelStream(spec)
  const calls: Made['calls'] = (_config, request) => {
    onlyKnown(request, fields, fields)
    const body = write.body(request)
    if (Object.keys(body).length === 0) throw cannot(`${name} of ${spec.kind} has nothing to write.`)
    if (request.recordId !== null)
      return [{ method: 'PUT', path: `/${spec.name}/${encodeURIComponent(request.recordId)}`, body }]
    const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
    return [{ method: 'POST', path: `/${spec.name}`, body: given }]
  }
  const look: Made['look'] = async (ctx, request) => {
    const row = await (request.recordId === null ? already(spec, ctx, request) : stream.one!(ctx, request.recordId))
    // Objects carry figures that Planhat computes all day; only what we map is a version to us.
    return { row, mark: row && markOf({ ...stream.map(row, ctx), changed_at: null }) }
  }
  return {
    name,
    kind: spec.kind,
    stream: spec.name,
    fields,
    guard: 'compare',
    idempotency: 'journal',
    needs: [`permission to ${name === 'create' ? 'create' : 'update'} ${spec.source}`],
    undo,
    calls,
    look,
    async perform(ctx, request, standing) {
      const [planned] = calls(ctx.config, request, standing)
      const moved = movedSince(standing, await look(ctx, request), 'object')
      if (moved) return moved
      return send(ctx, request, planned!)
    },
  }
}

async function already(spec: ModelSpec, ctx: Ctx, request: ActionRequest): Promise<RawRow | null> {
  const handle = handleOf(spec, request)
  const reply = await ctx.http.request({ url: '/leancompanies', query: handle, priority: 'verify' })
  // A condition that is not known would bring every company.
  const wanted = Object.entries(handle)[0]!
  const found = listOf(reply, 'leancompanies')
    .map(asObject)
    .find((one) => one?.[wanted[0]] === wanted[1])
  const id = textOf(found?.['_id'])
  return id === null ? null : modelStream(spec).one!(ctx, id)
}

async function send(ctx: Ctx, request: ActionRequest, planned: PlannedCall): ReturnType<Made['perform']> {
  const reply = await ctx.http.request({
    method: planned.method,
    url: planned.path,
    json: planned.body,
    once: true,
    priority: 'verify',
    accept: [400, 403, 404, 409, 422],
  })
  if (reply.status === 404) return { status: 'conflict', reason: 'the object is gone' }
  if (reply.status >= 400) return { status: 'refused', reason: reasonOf(reply) }
  const id = request.recordId ?? textOf(asObject(reply.json())?.['_id'])
  if (id !== null) return { status: 'done', recordId: id }
  throw new ConnectorError('schema', 'Planhat did not say the id of the company that it made.')
}
