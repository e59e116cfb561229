/**
 * What a tenant can be told to do. Gainsight has no conditional write: the record is read once more and compared right before.
 * What is made carries our key in a field of its own, or another platform's id, by which it is found again.
 */
import { fieldOf } from '../../model/kinds.ts'
import type { Action, ActionName, ActionOutcome, ActionRequest, PlannedCall } from '../action.ts'
import type { HttpReply } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { cannot, markOf, movedSince, onlyKnown, wordOf } from '../mark.ts'
import type { GainsightConfig, Meaning } from './config.ts'
import { refusalOf, saidIn } from './dialect.ts'
import type { ObjectSpec } from './objects.ts'
import { objectsOf } from './objects.ts'
import type { Ctx } from './query.ts'
import { mapRow } from './rows.ts'
import { oneRow } from './stream.ts'

type Made = Action<GainsightConfig>
type Values = Record<string, unknown>

export function gainsightActions(meaning: Meaning): readonly Made[] {
  return objectsOf(meaning).specs.flatMap((spec) => {
    const fields = writable(spec)
    const refs = Object.values(spec.refs).some((name) => !isLookedUp(name))
    const hold = spec.fields['credit_hold']
    return [
      ...(fields.length > 0 ? [actionOf(spec, 'set_fields', fields, 'set_fields')] : []),
      ...(refs ? [actionOf(spec, 'attach_ref', [], 'attach_ref')] : []),
      ...(spec.key !== null || refs ? [actionOf(spec, 'create', fields, null)] : []),
      ...(hold !== undefined && fields.includes('credit_hold')
        ? [actionOf(spec, 'hold', [], 'release'), actionOf(spec, 'release', [], 'hold')]
        : []),
    ]
  })
}

const isLookedUp = (name: string) => name.includes('.')
const nameOf = (spec: ObjectSpec, field: string) => (field === 'state' ? spec.status : spec.fields[field]) ?? null

function writable(spec: ObjectSpec): string[] {
  const own = [spec.id, spec.stamp, spec.created, ...spec.readOnly]
  return [...Object.keys(spec.fields), ...(spec.status === null ? [] : ['state'])].filter((field) => {
    const name = nameOf(spec, field)
    return name !== null && !isLookedUp(name) && !own.includes(name)
  })
}

function valuesOf(spec: ObjectSpec, request: ActionRequest): Values {
  const { action } = request
  if (action === 'hold' || action === 'release') return { [spec.fields['credit_hold']!]: action === 'hold' }
  const values: Values = {}
  for (const field of Object.keys(request.fields))
    values[nameOf(spec, field)!] = literal(spec, field, wordOf(request, field))
  for (const [field, id] of Object.entries(request.references)) values[nameOf(spec, field)!] = id
  for (const [platform, id] of Object.entries(request.refs)) {
    const name = spec.refs[platform]
    if (name === undefined || isLookedUp(name))
      throw cannot(
        `No field of ${spec.name} is configured for ids of ${platform}.`,
        `Add ${platform} to config.objects.${spec.name}.refs.`,
      )
    values[name] = id
  }
  return values
}

function literal(spec: ObjectSpec, field: string, text: string | null): unknown {
  if (text === null || field === 'state') return text
  const { type } = fieldOf(spec.kind, field)
  if (type === 'bool') return text === 'true'
  // As a number only where it keeps its digits.
  return (type === 'number' || type === 'money') && String(Number(text)) === text ? Number(text) : text
}

/** Fields by which what was made is found again, the surest first. */
function handles(spec: ObjectSpec, request: ActionRequest): [name: string, value: string][] {
  const refs = Object.entries(request.refs).flatMap(([platform, id]): [string, string][] => {
    const name = spec.refs[platform]
    return name === undefined || isLookedUp(name) ? [] : [[name, id]]
  })
  return spec.key === null ? refs : [[spec.key, request.key], ...refs]
}

function planOf(spec: ObjectSpec, request: ActionRequest): PlannedCall {
  const values = valuesOf(spec, request)
  if (request.recordId !== null) {
    if (Object.keys(values).length === 0) throw cannot(`${request.action} of ${spec.kind} has nothing to write.`)
    const path = `/v1/data/objects/${spec.name}?keys=${spec.id}`
    return { method: 'PUT', path, body: { records: [{ [spec.id]: request.recordId, ...values }] } }
  }
  if (handles(spec, request).length === 0)
    throw cannot(
      `A new record of ${spec.name} needs a field by which it is found again, and none of the configured ones is known for it.`,
      `Name a text field for our key under config.objects.${spec.name}.key.`,
    )
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
  const record = { ...given, ...(spec.key !== null && { [spec.key]: request.key }) }
  return { method: 'POST', path: `/v1/data/objects/${spec.name}`, body: { records: [record] } }
}

function actionOf(spec: ObjectSpec, name: ActionName, fields: readonly string[], undo: ActionName | null): Made {
  const calls: Made['calls'] = (_config, request) => {
    onlyKnown(request, fields, fields)
    return [planOf(spec, request)]
  }
  const look: Made['look'] = async (ctx, request) => {
    const row =
      request.recordId === null ? await already(spec, ctx, request) : await oneRow(spec, ctx, spec.id, request.recordId)
    // Records carry scores and roll-ups that are computed all day; only what we map of one is a version to us.
    return { row, mark: row && markOf({ ...mapRow(spec, row), changed_at: null }) }
  }
  return {
    name,
    kind: spec.kind,
    stream: spec.name,
    fields,
    guard: 'compare',
    idempotency: 'journal',
    needs: [`permission to ${name === 'create' ? 'insert' : 'update'} ${spec.name}`],
    undo,
    calls,
    look,
    async perform(ctx, request, standing) {
      const [call] = calls(ctx.config, request, standing)
      return movedSince(standing, await look(ctx, request), 'record') ?? send(ctx, spec, request, call!)
    },
  }
}

async function already(spec: ObjectSpec, ctx: Ctx, request: ActionRequest) {
  for (const [name, value] of handles(spec, request)) {
    const row = await oneRow(spec, ctx, name, value)
    if (row) return row
  }
  return null
}

async function send(ctx: Ctx, spec: ObjectSpec, request: ActionRequest, call: PlannedCall): Promise<ActionOutcome> {
  const { method, path: url, body } = call
  let reply: HttpReply
  try {
    reply = await ctx.http.request({ method, url, json: body, once: true, priority: 'verify', accept: [400, 404] })
  } catch (error) {
    const reason = refusalOf(error)
    if (reason !== null) return { status: 'refused', reason }
    throw error
  }
  const { data } = (reply.json() ?? {}) as { data?: unknown }
  const { errors, records } = (data ?? {}) as { errors?: unknown; records?: Values[] }
  if (reply.status >= 400 || saidIn(reply).result === false || (Array.isArray(errors) && errors.length > 0))
    return { status: 'refused', reason: reasonOf(reply, errors) }
  const made = request.recordId ?? records?.[0]?.[spec.id]
  if (typeof made === 'string') return { status: 'done', recordId: made }
  throw new ConnectorError('schema', 'Gainsight did not say the id of the record that it made.')
}

/** The reason stands beside the record, or in the answer as a whole. */
function reasonOf(reply: HttpReply, errors: unknown): string {
  const { message, code } = saidIn(reply)
  const listed = Array.isArray(errors) ? (errors as { errors?: unknown; errorMessage?: unknown }[]) : []
  const said = listed
    .flatMap(({ errors: inner, errorMessage }) => [
      errorMessage,
      ...(Array.isArray(inner) ? (inner as { errorMessage?: unknown }[]).map((e) => e.errorMessage) : []),
    ])
    .filter((text): text is string => typeof text === 'string')
  return (said.length > 0 ? said.join('; ') : `${message}${code && ` [${code}]`}`).slice(0, 300)
}
