/**
 * What an org can be told to do. A row is written by PATCH with `If-Unmodified-Since` and compared once more before; what is
 * made is made by upsert on an external-id field, so that the same call twice makes one row.
 */
import type { Action, ActionName, ActionOutcome, ActionRequest, PlannedCall, Standing } from '../action.ts'
import type { ConnectorContext, HttpReply } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { cannot, markOf, movedSince, onlyKnown } from '../mark.ts'
import type { Columns } from './columns.ts'
import { columns, columnOf, writableFields } from './columns.ts'
import type { SalesforceConfig } from './config.ts'
import { root } from './config.ts'
import { errors, problems } from './dialect.ts'
import type { ObjectSpec } from './objects.ts'
import { objectsOf } from './objects.ts'
import { objectStream, rowWhere } from './stream.ts'
import { id18, stampMs, text } from './soql.ts'

type Ctx = ConnectorContext<SalesforceConfig>
type Made = Action<SalesforceConfig>

interface WriteSpec {
  name: ActionName
  fields: readonly string[]
  undo: ActionName | null
  into?: string
  /** Columns that are written. */
  body(request: ActionRequest, standing: Standing): Columns
}

/** State that ends a thing of the kind, in canonical words. */
const ENDED: Record<string, string> = {
  opportunity: 'lost',
  quote: 'rejected',
  order: 'cancelled',
  contract: 'terminated',
  subscription: 'cancelled',
  invoice: 'void',
  entitlement: 'revoked',
  renewal: 'lost',
}

export function salesforceActions(config: Pick<SalesforceConfig, 'objects' | 'skip'>): readonly Made[] {
  return objectsOf(config).specs.flatMap((spec) => specsOf(spec).map((write) => actionOf(spec, write)))
}

function specsOf(spec: ObjectSpec): WriteSpec[] {
  const fields = writableFields(spec)
  const status = columnOf(spec, 'state')
  const found: WriteSpec[] = []
  const word = (name: ActionName, into: string, undo: ActionName | null) =>
    status !== null &&
    found.push({ name, fields: [], undo, into, body: (r) => ({ [status]: r.words?.['state'] ?? into }) })
  if (fields.length > 0)
    found.push({ name: 'set_fields', fields, undo: 'set_fields', body: (r, s) => columns(spec, r, s) })
  if (spec.key !== null || Object.keys(spec.refs).length > 0)
    found.push({
      name: 'create',
      fields,
      undo: ENDED[spec.kind] && status !== null ? 'cancel' : null,
      body: (r, s) => made(spec, r, s),
    })
  if (Object.keys(spec.refs).length > 0)
    found.push({ name: 'attach_ref', fields: [], undo: 'attach_ref', body: (r, s) => columns(spec, r, s) })
  const ended = ENDED[spec.kind]
  if (ended !== undefined) word('cancel', ended, null)
  if (spec.kind === 'order') {
    word('hold', 'blocked', 'release')
    word('release', 'booked', 'hold')
  }
  const hold = columnOf(spec, 'credit_hold')
  if (hold !== null) {
    found.push({ name: 'hold', fields: [], undo: 'release', body: () => ({ [hold]: true }) })
    found.push({ name: 'release', fields: [], undo: 'hold', body: () => ({ [hold]: false }) })
  }
  return found
}

/** What the org asks of every new row, where the canonical record has no word for it. */
function made(spec: ObjectSpec, request: ActionRequest, standing: Standing): Columns {
  const given = Object.fromEntries(Object.entries(columns(spec, request, standing)).filter(([, v]) => v !== null))
  if (spec.object === 'Entitlement' && given['Name'] === undefined)
    given['Name'] = request.fields['sla_tier'] ?? 'Entitlement'
  if (spec.object === 'Order' && given['EffectiveDate'] === undefined && request.fields['ordered_at'])
    given['EffectiveDate'] = request.fields['ordered_at'].slice(0, 10)
  // Orders and contracts begin as drafts; activating them is a second step.
  if ((spec.object === 'Order' || spec.object === 'Contract') && given['Status'] === undefined)
    given['Status'] = 'Draft'
  return given
}

function actionOf(spec: ObjectSpec, write: WriteSpec): Made {
  const { name, fields, undo, into } = write
  const calls: Made['calls'] = (config, request, standing) => {
    onlyKnown(request, fields, fields)
    const body = write.body(request, standing)
    if (Object.keys(body).length === 0) throw cannot(`${name} of ${spec.kind} has nothing to write.`)
    return [call(spec, config, request, body)]
  }
  const look: Made['look'] = async (ctx, request) => {
    const row =
      request.recordId === null
        ? await rowWhere(spec, ctx, already(spec, request))
        : await objectStream(spec).one!(ctx, request.recordId)
    return { row, mark: row && `${stampOf(row.value)}/${markOf(row.value)}` }
  }
  return {
    name,
    kind: spec.kind,
    stream: spec.object,
    fields,
    ...(into !== undefined && { into }),
    guard: 'stamp',
    idempotency: name === 'create' ? 'upsert' : 'journal',
    needs: [`${name === 'create' ? 'create' : 'edit'} ${spec.object}`],
    undo,
    calls,
    look,
    async perform(ctx, request, standing) {
      const [planned] = calls(ctx.config, request, standing)
      const moved = movedSince(standing, await look(ctx, request), 'row')
      if (moved) return moved
      return send(ctx, request, planned!, standing)
    },
  }
}

function call(spec: ObjectSpec, config: SalesforceConfig, request: ActionRequest, body: Columns): PlannedCall {
  const object = `${root(config)}/sobjects/${spec.object}`
  if (request.recordId !== null)
    return { method: 'PATCH', path: `${object}/${encodeURIComponent(id18(request.recordId))}`, body }
  const [column, value] = handle(spec, request)
  // The org refuses the column of the address in the body.
  const { [column]: _, ...rest } = body
  return { method: 'PATCH', path: `${object}/${column}/${encodeURIComponent(value)}`, body: rest }
}

/** The external id by which a new row is made: our key where there is a field for it, else the first other platform's id. */
function handle(spec: ObjectSpec, request: ActionRequest): [column: string, value: string] {
  if (spec.key !== null) return [spec.key, request.key]
  for (const [platform, id] of Object.entries(request.refs)) if (spec.refs[platform]) return [spec.refs[platform], id]
  throw cannot(
    `A new ${spec.object} needs an external id, and none of the configured ones is known for it.`,
    `Name an external-id field for our key under config.objects.${spec.object}.key.`,
  )
}

/** By our key, or by any other platform's id: somebody else may have made it. */
function already(spec: ObjectSpec, request: ActionRequest): string {
  const either = spec.key === null ? [] : [`${spec.key} = ${text(request.key)}`]
  for (const [platform, id] of Object.entries(request.refs))
    if (spec.refs[platform]) either.push(`${spec.refs[platform]} = ${text(id)}`)
  if (either.length === 0) handle(spec, request)
  return either.join(' OR ')
}

const stampOf = (value: unknown) => stampMs((value as Record<string, unknown> | null)?.['SystemModstamp']) ?? ''

async function send(
  ctx: Ctx,
  request: ActionRequest,
  planned: PlannedCall,
  standing: Standing,
): Promise<ActionOutcome> {
  const stamp = Number(/^\d+/.exec(standing.mark ?? '')?.[0])
  const reply = await ctx.http.request({
    method: planned.method,
    url: planned.path,
    json: planned.body,
    ...(stamp > 0 && { headers: { 'if-unmodified-since': new Date(stamp).toUTCString() } }),
    once: true,
    priority: 'verify',
    accept: [300, 400, 404, 412],
  })
  if (reply.status === 412) return { status: 'conflict', reason: 'the row was changed meanwhile' }
  if (reply.status === 300) return { status: 'refused', reason: 'several rows have this external id' }
  if (reply.status >= 400) return refusal(reply)
  const id = request.recordId ?? (reply.status === 204 ? null : (reply.json() as { id?: unknown }).id)
  if (typeof id === 'string') return { status: 'done', recordId: id18(id) }
  throw new ConnectorError('schema', 'Salesforce did not say the id of the row that it made.')
}

/** A lock may be gone in a moment: that is no refusal. */
function refusal(reply: HttpReply): ActionOutcome {
  const said = errors(reply)
  if (said?.retryable) throw new ConnectorError('upstream', said.message, { retryable: true })
  const words = problems(reply).map(({ code, message }) => `${message} [${code}]`)
  return { status: 'refused', reason: words.join('; ').slice(0, 300) || `status ${reply.status}` }
}

/** Permissions that writing needs and the org's list of objects says are missing. */
export function unwritable(
  config: SalesforceConfig,
  objects: readonly { name: string; updateable?: boolean; createable?: boolean }[],
): string[] {
  const known = new Map(objects.map((o) => [o.name, o]))
  const lacking = salesforceActions(config).flatMap(({ needs, stream, name }) => {
    const object = known.get(stream)
    return object && (name === 'create' ? object.createable : object.updateable) === false ? needs : []
  })
  return [...new Set(lacking)].sort()
}
