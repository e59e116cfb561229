/**
 * Actions on entities that are written one property at a time, by `PATCH` against the version that was seen, and made by `POST`:
 * what ERPs with an entity API have in common. A platform adds how it spells values, where its entities are, and how it refuses.
 */
import { fieldOf } from '../model/kinds.ts'
import type { Action, ActionName, ActionOutcome, ActionRequest, PlannedCall, Standing } from './action.ts'
import type { ConnectorContext, HttpReply } from './contract.ts'
import { ConnectorError } from './contract.ts'
import { cannot, movedSince, onlyKnown, wordOf } from './mark.ts'

export type Body = Record<string, unknown>

/** What of an entity can be written. */
export interface WritableSpec {
  /** Stream whose `map` reads it back. */
  stream: string
  kind: string
  /** Canonical field → property. */
  fields: Readonly<Record<string, string>>
  /** Platform or role → property that holds its id. */
  refs: Readonly<Record<string, string>>
  /** Property for our key in entities that we make. */
  key: string | null
  /** Fields that the platform computes or decides itself. */
  readOnly: readonly string[]
  /** Fields that are given at creation and never again. */
  madeWith?: readonly string[]
  /** Fields that can only be written once it is there. */
  madeWithout?: readonly string[]
  /** May entities of this kind be made without the rest that a document needs? */
  creatable: boolean
  /** Where it differs from the platform's own: entities without a version are compared. */
  guard?: Action['guard']
  /** Field whose property stops and lets go again, with its canonical values; it needs no field of its own in the kind. */
  hold?: { property: string; on: unknown; off: unknown } | undefined
}

/** How one platform writes. */
export interface EntityDoor<Config> {
  /** What the platform calls its records. */
  noun: string
  guard: Action['guard']
  /** The permission that an action needs, in the platform's words. */
  needs(spec: WritableSpec, name: ActionName): string
  /** The calls that carry a body to its place: usually one. */
  calls(config: Config, spec: WritableSpec, request: ActionRequest, body: Body, standing: Standing): PlannedCall[]
  /** A canonical text as the property takes it. */
  literal(spec: WritableSpec, field: string, property: string, text: string | null): unknown
  /** The entity by its id, as it is now. */
  look(ctx: ConnectorContext<Config>, spec: WritableSpec, id: string): Promise<Standing>
  /** The entity with this value in this property: what a creation made already. */
  find(ctx: ConnectorContext<Config>, spec: WritableSpec, property: string, value: string): Promise<Standing | null>
  /** Sends one call, once. */
  send(
    ctx: ConnectorContext<Config>,
    spec: WritableSpec,
    call: PlannedCall,
    mark: string | null,
    known: Standing['known'],
  ): Promise<HttpReply>
  /** The id of what was made, out of the answer. */
  madeId(reply: HttpReply, spec: WritableSpec): string | null
  reason(reply: HttpReply): string
}

/** Statuses that are an answer to a write, for `send` to accept. */
export const ANSWERS = [400, 403, 404, 409, 412, 422, 428]

export function entityActions<Config>(door: EntityDoor<Config>, spec: WritableSpec): Action<Config>[] {
  const { madeWith: made = [], madeWithout: later = [] } = spec
  const fields = Object.keys(spec.fields).filter((field) => !spec.readOnly.includes(field))
  const changed = fields.filter((field) => !made.includes(field))
  const begun = fields.filter((field) => !later.includes(field))
  const refs = Object.keys(spec.refs).length > 0
  const { hold } = spec
  const found: Action<Config>[] = []
  if (changed.length > 0) found.push(actionOf(door, spec, 'set_fields', changed, 'set_fields', bodyOf))
  if (spec.creatable && (spec.key !== null || refs)) found.push(actionOf(door, spec, 'create', begun, null, bodyOf))
  if (refs) found.push(actionOf(door, spec, 'attach_ref', [], 'attach_ref', bodyOf))
  if (hold) {
    found.push(actionOf(door, spec, 'hold', [], 'release', () => ({ [hold.property]: hold.on })))
    found.push(actionOf(door, spec, 'release', [], 'hold', () => ({ [hold.property]: hold.off })))
  }
  return found
}

function actionOf<Config>(
  door: EntityDoor<Config>,
  spec: WritableSpec,
  name: ActionName,
  fields: readonly string[],
  undo: ActionName | null,
  body: (door: EntityDoor<Config>, spec: WritableSpec, request: ActionRequest) => Body,
): Action<Config> {
  const calls: Action<Config>['calls'] = (config, request, standing) => {
    onlyKnown(request, fields, fields)
    const given = body(door, spec, request)
    if (Object.keys(given).length === 0) throw cannot(`${name} of ${spec.kind} has nothing to write.`)
    if (request.recordId === null) handles(spec, request)
    return door.calls(config, spec, request, given, standing)
  }
  const look: Action<Config>['look'] = async (ctx, request) => {
    if (request.recordId !== null) return door.look(ctx, spec, request.recordId)
    for (const [property, value] of handles(spec, request)) {
      const found = await door.find(ctx, spec, property, value)
      if (found) return found
    }
    return { row: null, mark: null }
  }
  return {
    name,
    kind: spec.kind,
    stream: spec.stream,
    fields,
    guard: name === 'create' ? 'compare' : (spec.guard ?? door.guard),
    idempotency: 'journal',
    needs: [door.needs(spec, name)],
    undo,
    calls,
    look,
    async perform(ctx, request, standing) {
      const planned = calls(ctx.config, request, standing)
      const moved = movedSince(standing, await look(ctx, request), door.noun)
      return moved ?? send(door, spec, ctx, request, planned, standing)
    },
  }
}

function bodyOf<Config>(door: EntityDoor<Config>, spec: WritableSpec, request: ActionRequest): Body {
  const body: Body = {}
  const at = (field: string) => {
    const property = spec.fields[field]
    if (property === undefined) throw cannot(`${spec.stream} has no property for ${field}.`)
    return property
  }
  for (const field of Object.keys(request.fields))
    body[at(field)] = door.literal(spec, field, at(field), wordOf(request, field))
  for (const [field, id] of Object.entries(request.references))
    body[at(field)] = door.literal(spec, field, at(field), id)
  for (const [platform, id] of Object.entries(request.refs)) {
    const property = spec.refs[platform]
    if (property === undefined)
      throw cannot(
        `No property of ${spec.stream} is configured for ids of ${platform}.`,
        `Add ${platform} to the refs of ${spec.stream} in the configuration.`,
      )
    body[property] = id
  }
  if (request.action === 'create' && spec.key !== null) body[spec.key] = request.key
  return body
}

/** By which properties what we made is known again. */
function handles(spec: WritableSpec, request: ActionRequest): [property: string, value: string][] {
  const found: [string, string][] = spec.key === null ? [] : [[spec.key, request.key]]
  for (const [platform, id] of Object.entries(request.refs))
    if (spec.refs[platform]) found.push([spec.refs[platform], id])
  if (found.length > 0) return found
  throw cannot(
    `What is made in ${spec.stream} needs an id by which it is known again, and none of the configured ones is known for it.`,
    `Name a property for our key of ${spec.stream} in the configuration.`,
  )
}

async function send<Config>(
  door: EntityDoor<Config>,
  spec: WritableSpec,
  ctx: ConnectorContext<Config>,
  request: ActionRequest,
  planned: PlannedCall[],
  { mark, known }: Standing,
): Promise<ActionOutcome> {
  let made: string | null = request.recordId
  for (const [n, call] of planned.entries()) {
    const reply = await door.send(ctx, spec, call, request.recordId === null ? null : mark, known)
    const before = n === 0 ? '' : ` (after ${n} of ${planned.length} calls were made)`
    if (reply.status === 409 || reply.status === 412) return { status: 'conflict', reason: door.reason(reply) + before }
    if (reply.status === 404) return { status: 'conflict', reason: `the ${door.noun} is gone${before}` }
    if (reply.status >= 400) return { status: 'refused', reason: door.reason(reply) + before }
    made ??= door.madeId(reply, spec)
  }
  if (made !== null) return { status: 'done', recordId: made }
  throw new ConnectorError('schema', `The platform did not say the id of the ${door.noun} that it made.`)
}

/** A number keeps its digits, or is refused. */
export function numberOf(text: string): number {
  const plain = (t: string) =>
    t
      .replace(/^(-?)0+(?=\d)/, '$1')
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, '')
  if (plain(String(Number(text))) !== plain(text))
    throw cannot(`${text} cannot be written as a number without losing digits.`)
  return Number(text)
}

export const typeOf = (spec: { kind: string }, field: string) => fieldOf(spec.kind, field).type
