/**
 * Writing to Stripe: forms by POST with an idempotency key, compared before each write because Stripe guards nothing.
 * Everything that is made here carries our key in its metadata, so that it is found again when the reply was lost.
 */
import type { Action, ActionName, ActionOutcome, ActionRequest, PlannedCall, Standing } from '../action.ts'
import type { ConnectorContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { cannot, markOf, movedSince, onlyKnown } from '../mark.ts'
import type { StripeConfig } from './config.ts'
import { writing } from './config.ts'
import { errorOf, thrown } from './errors.ts'
import { asObject, idOf, mapped } from './object.ts'
import { found } from './found.ts'
import { one } from './read.ts'
import type { ObjectStream } from './streams/stream.ts'

export type Form = Record<string, string>

/** One action of one kind; performing is the same for all. */
export interface WriteSpec {
  name: ActionName
  stream: ObjectStream
  /** Fields with a place of their own; what the configuration keeps in metadata is added. */
  fields?: readonly string[]
  references?: readonly string[]
  /** Restricted-key permissions. */
  needs: readonly string[]
  undo: ActionName | null
  calls(config: StripeConfig, request: ActionRequest, standing: Standing): PlannedCall[]
}

/** Parts of an object that change while nobody writes. */
const PASSING = ['hosted_invoice_url', 'invoice_pdf', 'receipt_url', 'client_secret', 'last_response']

export function stripeAction(spec: WriteSpec, config: StripeConfig): Action<StripeConfig> {
  const { name, stream, needs, undo } = spec
  const takesFields = name === 'set_fields' || name === 'create'
  const fields = takesFields
    ? [...new Set([...(spec.fields ?? []), ...metadataFields(stream.kind, config)])]
    : (spec.fields ?? [])
  const calls: Action<StripeConfig>['calls'] = (given, request, standing) => {
    onlyKnown(request, fields, spec.references ?? [])
    const planned = spec.calls(given, request, standing)
    if (planned.length === 0) throw cannot(`${name} of ${stream.kind} has nothing to write.`)
    return planned
  }
  const look: Action<StripeConfig>['look'] = async (ctx, request) => {
    const row = request.recordId === null ? await found(ctx, stream, request) : await one(ctx, stream, request.recordId)
    return { row, mark: row && markOf(asObject(row.value), [...PASSING, '_sighting']), known: { zone: ctx.timezone } }
  }
  return {
    name,
    kind: stream.kind,
    stream: stream.name,
    fields,
    guard: 'compare',
    idempotency: 'header',
    needs,
    undo,
    calls,
    look,
    async perform(ctx, request, standing) {
      const planned = calls(ctx.config, request, standing)
      if (request.recordId !== null) {
        const moved = movedSince(standing, await look(ctx, request), 'object')
        if (moved) return moved
      }
      return send(ctx, request, planned, stream)
    },
  }
}

async function send(
  ctx: ConnectorContext<StripeConfig>,
  request: ActionRequest,
  planned: readonly PlannedCall[],
  stream: ObjectStream,
): Promise<ActionOutcome> {
  let recordId = request.recordId
  for (const [i, { method, path, body }] of planned.entries()) {
    const reply = await ctx.http.request({
      method,
      url: path,
      ...(body !== null && { form: body as Form }),
      headers: { 'idempotency-key': planned.length === 1 ? request.key : `${request.key}-${i + 1}` },
      once: true,
      priority: 'verify',
      accept: [400, 402, 404],
    })
    if (reply.status >= 400) {
      const error = errorOf(reply)
      if (!error) throw thrown(reply)
      const after = i === 0 ? '' : ` (after ${i} of ${planned.length} calls)`
      return { status: 'refused', reason: `${error.message}${error.code ? ` [${error.code}]` : ''}${after}` }
    }
    // The record itself, not the invoice item or tax id that belongs to it.
    if (`${stream.path(ctx.config)}` === path) recordId ??= idOf(reply.json())
  }
  if (recordId === null)
    throw new ConnectorError('schema', `Stripe did not say the id of the ${stream.kind} that it made.`)
  return { status: 'done', recordId }
}

/** A form without what is undefined; null empties a parameter, as Stripe reads an empty text. */
export function form(pairs: Record<string, string | number | boolean | null | undefined>): Form {
  const out: Form = {}
  for (const [name, value] of Object.entries(pairs))
    if (value !== undefined) out[name] = value === null ? '' : String(value)
  return out
}

function metadataFields(kind: string, config: StripeConfig): string[] {
  return mapped(kind, config).map(([field]) => field)
}

/** Metadata of what the configuration keeps there: fields, references and ids of other platforms. */
export function metadata(config: StripeConfig, request: ActionRequest): Form {
  const out: Form = {}
  for (const [field, key] of mapped(request.kind, config)) {
    const value = request.references[field] ?? request.fields[field]
    if (value !== undefined) out[`metadata[${key}]`] = value ?? ''
  }
  for (const [platform, id] of Object.entries(request.refs)) {
    const key = config.refs[platform]
    if (key === undefined)
      throw cannot(`No metadata key is configured for ids of ${platform}.`, `Add ${platform} to config.refs.`)
    out[`metadata[${key}]`] = id
  }
  if (request.recordId === null) out[`metadata[${writing(config).key}]`] = request.key
  return out
}

/** Is the field kept in metadata by configuration? Then it is written there and nowhere else. */
export function inMetadata(config: StripeConfig, kind: string, field: string): boolean {
  return mapped(kind, config).some(([name]) => name === field)
}
