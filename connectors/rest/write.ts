/** What a described API can be told to do: the actions that its settings describe, guarded as far as it can be. */
import type { Action, ActionName, ActionOutcome, ActionRequest, PlannedCall, Standing } from '../action.ts'
import type { ConnectorContext, HttpReply } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { markOf, movedSince } from '../mark.ts'
import type { WriteConfig } from './config-write.ts'
import type { RestConfig, StreamConfig } from './config.ts'
import { rowOf } from './mapping.ts'
import { at, filled, put, textOf } from './place.ts'

type Ctx = ConnectorContext<RestConfig>

/** Actions of all streams that may be written. */
export function actionsOf(config: RestConfig): Action<RestConfig>[] {
  return Object.entries(config.streams).flatMap(([name, stream]) =>
    stream.write ? namesOf(stream.write, stream).map((action) => actionOf(action, name, stream, stream.write!)) : [],
  )
}

function namesOf(write: WriteConfig, stream: StreamConfig): ActionName[] {
  return [
    ...(write.update && stream.one && Object.keys(write.fields).length > 0 ? ['set_fields' as const] : []),
    ...(write.update && stream.one && Object.keys(write.refs).length > 0 ? ['attach_ref' as const] : []),
    ...(write.create ? ['create' as const] : []),
    ...(['cancel', 'hold', 'release'] as const).filter((name) => write[name] && stream.one),
  ]
}

function actionOf(name: ActionName, streamName: string, stream: StreamConfig, write: WriteConfig): Action<RestConfig> {
  const fixed = name === 'cancel' || name === 'hold' || name === 'release' ? write[name] : undefined
  const plan = (request: ActionRequest): PlannedCall => {
    const unknown = [...Object.keys(request.fields), ...Object.keys(request.references)].filter((f) => !write.fields[f])
    const nowhere = Object.keys(request.refs).filter((platform) => write.refs[platform] === undefined)
    if (!fixed && unknown.length + nowhere.length > 0)
      throw new ConnectorError('config', `The description has no place for ${[...unknown, ...nowhere].join(', ')}.`, {
        remedy: `Name it under streams.${streamName}.write.${unknown.length > 0 ? 'fields' : 'refs'}.`,
      })
    const values = { id: request.recordId ?? '' }
    if (fixed) return { method: fixed.method, path: filled(fixed.path, values), body: fixed.body ?? null }
    const call = name === 'create' ? write.create! : write.update!
    return { method: call.method, path: filled(call.path, values), body: bodyOf(write, request) }
  }
  return {
    name,
    kind: stream.kind,
    stream: streamName,
    fields: name === 'set_fields' || name === 'create' ? Object.keys(write.fields) : [],
    guard: write.etag && name !== 'create' ? 'etag' : 'compare',
    idempotency: write.idempotency_header ? 'header' : 'journal',
    needs: write.needs,
    undo: name === 'set_fields' ? 'set_fields' : (fixed?.undo ?? null),
    // Shown with the whole path, as the platform's own books name it.
    calls: (config, request) => {
      const call = plan(request)
      return [{ ...call, path: new URL(config.base_url).pathname.replace(/\/+$/, '') + call.path }]
    },
    look: (ctx, request) => look(ctx, stream, write, request),
    async perform(ctx, request, standing) {
      const byEtag = write.etag && request.recordId !== null
      const moved = byEtag ? null : movedSince(standing, await look(ctx, stream, write, request), 'record')
      if (moved) return moved
      if (byEtag && standing.row !== null && standing.mark === null)
        return { status: 'refused', reason: 'the record was read without an ETag, so that nothing guards the write' }
      const { method, path, body } = plan(request)
      const headers: Record<string, string> = {
        ...(write.idempotency_header && { [write.idempotency_header]: request.key }),
        ...(write.etag && standing.mark !== null && { 'if-match': standing.mark }),
      }
      const reply = await ctx.http.request({
        method,
        url: path,
        headers,
        once: true,
        accept: [400, 404, 409, 412, 422, 428],
        ...(body !== null && { json: body }),
      })
      return outcome(reply, request, write)
    },
  }
}

/** For `create`: the record that already bears the reference it is to be made under, where the API can be asked for it. */
async function made(ctx: Ctx, stream: StreamConfig, write: WriteConfig, request: ActionRequest): Promise<Standing> {
  const find = write.create?.find
  const [reference] = Object.entries(request.refs)
  if (!find || !reference) return { row: null, mark: null }
  const [platform, id] = reference
  const query = Object.fromEntries(
    Object.entries(find.query).map(([k, v]) => [k, v.replaceAll('{platform}', platform).replaceAll('{id}', id)]),
  )
  const reply = await ctx.http.request({ url: find.path, query, priority: 'verify' })
  const rows = find.rows === undefined ? reply.json() : at(reply.json(), find.rows)
  const row = Array.isArray(rows) && rows.length > 0 ? rowOf(stream, rows[0], find.path) : null
  return { row, mark: null }
}

async function look(ctx: Ctx, stream: StreamConfig, write: WriteConfig, request: ActionRequest): Promise<Standing> {
  if (request.recordId === null) return made(ctx, stream, write, request)
  if (!stream.one) return { row: null, mark: null }
  const reply = await ctx.http.request({
    url: filled(stream.one.path, { id: request.recordId }),
    headers: { 'cache-control': 'no-cache' },
    priority: 'verify',
    accept: [404, 410],
  })
  if (reply.status >= 400) return { row: null, mark: null }
  const value = stream.one.at === undefined ? reply.json() : at(reply.json(), stream.one.at)
  const stamp = stream.changed === undefined ? null : textOf(at(value, stream.changed))
  const mark = write.etag ? (reply.headers['etag'] ?? null) : (stamp ?? markOf(value))
  return { row: rowOf(stream, value, stream.one.path), mark }
}

function bodyOf(write: WriteConfig, request: ActionRequest): Record<string, unknown> {
  const record: Record<string, unknown> = {}
  for (const [field, value] of Object.entries({ ...request.fields, ...request.references })) {
    const how = write.fields[field]
    if (how) put(record, how.at, value === null ? null : (request.words?.[field] ?? typed(value, how.as)))
  }
  for (const [platform, id] of Object.entries(request.refs)) {
    const place = write.refs[platform]
    if (place !== undefined) put(record, place, id)
  }
  if (write.body === undefined) return record
  const body: Record<string, unknown> = {}
  put(body, write.body, record)
  return body
}

/** A number that JSON would round is written as text: a wrong amount is worse than a refused one. */
function typed(value: string, as: 'text' | 'number' | 'boolean'): unknown {
  if (as === 'boolean') return value === 'true'
  if (as === 'number' && /^-?\d+(\.\d+)?$/.test(value) && value.replace(/\D/g, '').length <= 15) return Number(value)
  return value
}

function outcome(reply: HttpReply, request: ActionRequest, write: WriteConfig): ActionOutcome {
  if (reply.status === 409 || reply.status === 412 || reply.status === 428)
    return { status: 'conflict', reason: `the platform answered ${reply.status}: the record has moved` }
  if (reply.status >= 400) return { status: 'refused', reason: `${reply.status}: ${words(reply)}` }
  const made = request.recordId ?? (write.create ? textOf(at(safely(reply), write.create.id)) : null)
  if (made !== null) return { status: 'done', recordId: made }
  // It was accepted: what became of it has to be read back.
  throw new ConnectorError('schema', `The reply names no id at ${write.create?.id ?? 'id'}.`)
}

function safely(reply: HttpReply): unknown {
  try {
    return reply.json()
  } catch {
    return null
  }
}

/** The platform's own reason, short and on one line. */
function words(reply: HttpReply): string {
  return reply.text.replace(/\s+/g, ' ').trim().slice(0, 300) || 'no reason given'
}
