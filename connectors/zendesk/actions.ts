/**
 * What an account can be told to do. Tickets guard themselves by `safe_update`; everything else is compared once more before it
 * is written. What is made is made by its external id, so that the same call twice makes one.
 */
import type { Action, ActionName, ActionOutcome, ActionRequest, PlannedCall, Standing } from '../action.ts'
import type { ConnectorContext, RawRow, Stream } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { cannot, markOf, movedSince, onlyKnown } from '../mark.ts'
import type { Mapping, ZendeskConfig } from './config.ts'
import { errorOf } from './errors.ts'
import { asObject, idOf, listOf, textOf } from './fields.ts'
import { entitlements } from './streams/entitlements.ts'
import { organizations, rowOf } from './streams/organizations.ts'
import { tickets } from './streams/tickets.ts'
import { users } from './streams/users.ts'
import type { Target } from './targets.ts'
import { customObjects, organizationFields, organizationTarget, ticketTarget, userTarget } from './targets.ts'

type Ctx = ConnectorContext<ZendeskConfig>
type Made = Action<ZendeskConfig>
type Body = Record<string, unknown>

interface WriteSpec {
  name: ActionName
  fields: readonly string[]
  undo: ActionName | null
  into?: string
  body(request: ActionRequest, standing: Standing): Body
}

export function zendeskActions(config: ZendeskConfig): readonly Made[] {
  const { entitlement } = config
  const more = entitlements(config)
  const targets: [Target, Stream<ZendeskConfig>][] = [
    [organizationTarget(config.organization), organizations],
    [userTarget(config.user), users],
    [ticketTarget(config.ticket), tickets],
  ]
  if (more && entitlement)
    targets.push([
      entitlement.source === 'custom_object'
        ? customObjects(entitlement.key, entitlement.mapping)
        : organizationFields(entitlement.mapping),
      more,
    ])
  return targets.flatMap(([target, stream]) => specsOf(target, config).map((write) => actionOf(target, stream, write)))
}

function specsOf(target: Target, config: ZendeskConfig): WriteSpec[] {
  const found: WriteSpec[] = [{ name: 'set_fields', fields: target.fields, undo: 'set_fields', body: target.body }]
  if (target.create)
    found.push({ name: 'create', fields: [...target.fields, ...target.create.further], undo: null, body: target.body })
  if (hasRefs(target.mapping)) found.push({ name: 'attach_ref', fields: [], undo: 'attach_ref', body: target.body })
  const state = (name: ActionName, into: string, undo: ActionName | null) =>
    found.push({
      name,
      into,
      undo,
      fields: [],
      body: (r, s) => target.body({ ...r, fields: { state: into }, ...(r.words && { words: r.words }) }, s),
    })
  if (target.kind === 'entitlement' && target.fields.includes('state')) {
    state('cancel', 'revoked', null)
    state('hold', 'suspended', 'release')
    state('release', 'active', 'hold')
  }
  if (target.kind === 'customer') {
    const flag = (name: 'hold' | 'release', body: WriteSpec['body']) =>
      found.push({ name, fields: [], undo: name === 'hold' ? 'release' : 'hold', body })
    const tag = config.write?.hold_tag
    if (target.fields.includes('credit_hold')) {
      flag('hold', (r, s) => target.body({ ...r, fields: { credit_hold: 'true' } }, s))
      flag('release', (r, s) => target.body({ ...r, fields: { credit_hold: 'false' } }, s))
    } else if (tag !== undefined) {
      // Tags are written as a whole; those that were seen are kept.
      const tags = (s: Standing) =>
        listOf(asObject(s.row?.value)?.['tags'])
          .map(String)
          .filter((t) => t !== tag)
      flag('hold', (_r, s) => ({ tags: [...tags(s), tag] }))
      flag('release', (_r, s) => ({ tags: tags(s) }))
    }
  }
  return found
}

const hasRefs = (mapping: Mapping) => mapping.external_id !== undefined || Object.keys(mapping.refs).length > 0

function actionOf(target: Target, stream: Stream<ZendeskConfig>, write: WriteSpec): Made {
  const { name, fields, undo, into } = write
  const calls: Made['calls'] = (_config, request, standing) => {
    onlyKnown(request, fields, fields)
    const body = write.body(request, standing)
    if (Object.keys(body).length === 0) throw cannot(`${name} of ${target.kind} has nothing to write.`)
    return [
      request.recordId === null ? creation(target, request, body) : update(target, request.recordId, body, standing),
    ]
  }
  const look: Made['look'] = async (ctx, request) => {
    const row =
      request.recordId === null ? await already(target, stream, ctx, request) : await stream.one!(ctx, request.recordId)
    return { row, mark: row && `${textOf(asObject(row.value)?.['updated_at']) ?? ''}/${markOf(row.value)}` }
  }
  return {
    name,
    kind: target.kind,
    stream: stream.name,
    fields,
    ...(into !== undefined && { into }),
    guard: target.guard,
    idempotency: name === 'create' ? 'upsert' : 'journal',
    needs: ['scope write'],
    undo,
    calls,
    look,
    async perform(ctx, request, standing) {
      const [planned] = calls(ctx.config, request, standing)
      const moved = movedSince(standing, await look(ctx, request), 'object')
      if (moved) return moved
      return send(ctx, target, request, planned!)
    },
  }
}

function update(target: Target, id: string, body: Body, standing: Standing): PlannedCall {
  const guarded =
    target.guard === 'stamp'
      ? { ...body, safe_update: true, updated_stamp: textOf(asObject(standing.row?.value)?.['updated_at']) }
      : body
  return { method: target.method, path: `${target.path}/${encodeURIComponent(id)}`, body: { [target.member]: guarded } }
}

function creation(target: Target, request: ActionRequest, body: Body): PlannedCall {
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
  const externalId = externalIdOf(target, request)
  return {
    ...target.create!.call(externalId, request),
    body: { [target.member]: { ...given, ...target.create!.also(externalId, request) } },
  }
}

/** The id of the platform that owns `external_id` here, else our key. */
export function externalIdOf({ mapping }: Pick<Target, 'mapping'>, request: ActionRequest): string {
  return (mapping.external_id !== undefined && request.refs[mapping.external_id]) || `plumbline-${request.key}`
}

async function already(
  target: Target,
  stream: Stream<ZendeskConfig>,
  ctx: Ctx,
  request: ActionRequest,
): Promise<RawRow | null> {
  const { find } = target.create ?? {}
  if (!find) return null
  const there = find(externalIdOf(target, request), request)
  if ('id' in there) return stream.one!(ctx, there.id)
  const reply = await ctx.http.request({ url: there.url, query: there.query, priority: 'verify' })
  const [first] = listOf(asObject(reply.json())?.[`${target.member}s`])
  return first === undefined ? null : rowOf(first)
}

async function send(ctx: Ctx, target: Target, request: ActionRequest, planned: PlannedCall): Promise<ActionOutcome> {
  const reply = await ctx.http.request({
    method: planned.method,
    url: planned.path,
    json: planned.body,
    once: true,
    priority: 'verify',
    accept: [400, 404, 409, 422],
  })
  if (reply.status === 409)
    return { status: 'conflict', reason: errorOf(reply)?.message ?? 'the object was changed meanwhile' }
  if (reply.status >= 400) {
    const error = errorOf(reply)
    return {
      status: 'refused',
      reason: `${error?.message ?? 'no reason given'}${error?.code ? ` [${error.code}]` : ''}`,
    }
  }
  const id = request.recordId ?? idOf(asObject(asObject(reply.json())?.[target.member])?.['id'])
  if (id !== null) return { status: 'done', recordId: id }
  throw new ConnectorError('schema', `Zendesk did not say the id of the ${target.member} that it made.`)
}
