/**
 * What a tenant can be told to do. Zuora refuses no write over something newer, so that every object is read and compared
 * immediately before; a new account carries an idempotency key, and the id by which it is found again.
 */
import type { Action, ActionName, ActionOutcome, ActionRequest, PlannedCall, Standing } from '../action.ts'
import type { ConnectorContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { cannot, markOf, movedSince, onlyKnown, wordOf } from '../mark.ts'
import type { ZuoraConfig } from './config.ts'
import type { ObjectSpec } from './objects.ts'
import { specsOf } from './objects.ts'
import { oneRow, zoql } from './stream.ts'

type Ctx = ConnectorContext<ZuoraConfig>
type Made = Action<ZuoraConfig>
type Body = Record<string, unknown>

/** Members of an account that a call takes, by the canonical field: what else is read is computed or expanded. */
const ACCOUNT: Record<string, readonly string[]> = {
  name: ['name'],
  owner: ['salesRep'],
  parent: ['parentId'],
  tax_id: ['taxInfo', 'VATId'],
  email: ['billToContact', 'workEmail'],
  phone: ['billToContact', 'workPhone'],
}
const CONTACT: Record<string, string> = {
  line1: 'address1',
  line2: 'address2',
  city: 'city',
  region: 'state',
  postal_code: 'zipCode',
  country: 'country',
}
for (const [group, member] of [
  ['bill_to', 'billToContact'],
  ['ship_to', 'soldToContact'],
] as const)
  for (const [part, name] of Object.entries(CONTACT)) ACCOUNT[`${group}.${part}`] = [member, name]

/** Only in the call that makes an account. */
const CREATED: Record<string, readonly string[]> = { currency: ['currency'], payment_terms: ['paymentTerm'] }

const isCustom = (path: string) => /^\w+__c$/i.test(path)

/** Where a canonical field is written; null: this object cannot be given it. */
function target(spec: ObjectSpec, field: string, making: boolean): readonly string[] | null {
  const own = spec.fields[field]
  if (own?.length === 1 && isCustom(own[0]!)) return own
  if (spec.kind !== 'customer') return null
  return ACCOUNT[field] ?? (making ? (CREATED[field] ?? null) : null)
}

const writable = (spec: ObjectSpec, making: boolean) =>
  [...new Set([...Object.keys(spec.fields), ...spec.derived])].filter((field) => target(spec, field, making) !== null)

interface Write {
  spec: ObjectSpec
  name: ActionName
  fields: readonly string[]
  undo: ActionName | null
  calls(config: ZuoraConfig, request: ActionRequest, standing: Standing): PlannedCall[]
}

export function zuoraActions(config: Pick<ZuoraConfig, 'objects' | 'skip'>): readonly Made[] {
  return specsOf(config).flatMap(writesOf).map(actionOf)
}

function writesOf(spec: ObjectSpec): Write[] {
  const found: Write[] = []
  const at = (r: ActionRequest) => encodeURIComponent(r.recordId!)
  const put = (path: string, body: Body): PlannedCall[] => [{ method: 'PUT', path, body }]
  if (spec.object === 'accounts') {
    const calls: Write['calls'] = (c, r, now) =>
      put(`/v1/accounts/${at(r)}`, withContacts(bodyOf(spec, r, false), c, now))
    found.push({ spec, name: 'set_fields', fields: writable(spec, false), undo: 'set_fields', calls })
    found.push({
      spec,
      name: 'create',
      fields: writable(spec, true),
      undo: null,
      calls: (c, r) => creation(spec, c, r),
    })
    if (hasRefs(spec)) found.push({ spec, name: 'attach_ref', fields: [], undo: 'attach_ref', calls })
  }
  if (spec.object === 'subscriptions') {
    const custom: Write['calls'] = (_c, r) => put(`/v1/subscriptions/${at(r)}/customFields`, bodyOf(spec, r, false))
    const fields = writable(spec, false)
    if (fields.length > 0) found.push({ spec, name: 'set_fields', fields, undo: 'set_fields', calls: custom })
    if (hasRefs(spec)) found.push({ spec, name: 'attach_ref', fields: [], undo: 'attach_ref', calls: custom })
    const step = (name: ActionName, undo: ActionName | null, verb: string, body: (c: ZuoraConfig) => Body) =>
      found.push({ spec, name, fields: [], undo, calls: (c, r) => put(`/v1/subscriptions/${at(r)}/${verb}`, body(c)) })
    // No bill is made on the side: what follows is billing's own work.
    step('cancel', null, 'cancel', (c) => ({
      cancellationPolicy: c.write?.cancellation ?? 'EndOfCurrentTerm',
      invoiceCollect: false,
    }))
    step('hold', 'release', 'suspend', () => ({ suspendPolicy: 'Today', invoiceCollect: false }))
    step('release', 'hold', 'resume', () => ({ resumePolicy: 'Today', extendsTerm: false, invoiceCollect: false }))
  }
  return found
}

const hasRefs = (spec: ObjectSpec) => Object.values(spec.refs).some((path) => refTarget(spec, path))
const refTarget = (spec: ObjectSpec, path: string) =>
  isCustom(path) ? path : spec.object === 'accounts' && path.toLowerCase() === 'crmid' ? 'crmId' : null

function bodyOf(spec: ObjectSpec, request: ActionRequest, making: boolean): Body {
  const body: Body = {}
  const put = (path: readonly string[], value: unknown) => {
    let here = body
    for (const part of path.slice(0, -1)) here = (here[part] ??= {}) as Body
    here[path.at(-1)!] = value
  }
  for (const field of Object.keys(request.fields)) put(target(spec, field, making)!, wordOf(request, field) ?? '')
  for (const [field, id] of Object.entries(request.references)) put(target(spec, field, making)!, id)
  for (const [platform, id] of Object.entries(request.refs)) {
    const name = spec.refs[platform] === undefined ? null : refTarget(spec, spec.refs[platform])
    if (name === null)
      throw cannot(
        `No field of ${spec.object} is configured for ids of ${platform}.`,
        `Add ${platform} to config.objects.${spec.object}.refs, as CrmId or a custom field.`,
      )
    put([name], id)
  }
  return body
}

/** The first id of another platform by which the new account can be found again. */
function handle(spec: ObjectSpec, request: ActionRequest): [member: string, id: string] {
  for (const [platform, id] of Object.entries(request.refs)) {
    const name = spec.refs[platform] === undefined ? null : refTarget(spec, spec.refs[platform])
    if (name !== null) return [name, id]
  }
  throw cannot('A new account needs the id of another platform, and no field is configured for one that is known.')
}

function creation(spec: ObjectSpec, config: ZuoraConfig, request: ActionRequest): PlannedCall[] {
  handle(spec, request)
  const body = withContacts({ billToContact: {}, ...bodyOf(spec, request, true) }, config, { row: null, mark: null })
  for (const member of ['name', 'currency'] as const) if (!body[member]) throw cannot(`A new account needs ${member}.`)
  return [{ method: 'POST', path: '/v1/accounts', body: { ...body, billCycleDay: 1, autoPay: false } }]
}

/** A contact is only taken with its name and country, though nobody asked for them: as they are, else as configured. */
function withContacts(body: Body, { write }: ZuoraConfig, { row }: Standing): Body {
  const out = { ...body }
  for (const [member, read] of [
    ['billToContact', 'billTo'],
    ['soldToContact', 'soldTo'],
  ] as const) {
    if (body[member] === undefined) continue
    const now = ((row?.value as Body | undefined)?.[read] ?? {}) as Body
    const given = body[member] as Body
    const country = given['country'] ?? now['country'] ?? write?.country
    if (!country)
      throw cannot(
        'The contact of an account needs a country, and none is known.',
        'Set config.write.country of this platform.',
      )
    const firstName = now['firstName'] ?? write?.first_name ?? 'Accounts'
    out[member] = { ...given, firstName, lastName: now['lastName'] ?? write?.last_name ?? 'Payable', country }
  }
  return out
}

function actionOf({ spec, name, fields, undo, calls }: Write): Made {
  const planned: Made['calls'] = (config, request, standing) => {
    onlyKnown(request, fields, fields)
    const made = calls(config, request, standing)
    if (made.some(({ body }) => Object.keys(body as Body).length === 0))
      throw cannot(`${name} of ${spec.kind} has nothing to write.`)
    return made
  }
  const look: Made['look'] = async (ctx, request) => {
    const row =
      request.recordId === null ? await already(spec, ctx, request) : await oneRow(spec, ctx, request.recordId)
    return { row, mark: row && markOf(row.value) }
  }
  return {
    name,
    kind: spec.kind,
    stream: spec.object,
    fields,
    guard: 'compare',
    idempotency: name === 'create' ? 'header' : 'journal',
    needs: [name === 'create' ? `create ${spec.object}` : `edit ${spec.object}`],
    undo,
    calls: planned,
    look,
    async perform(ctx, request, standing) {
      const [call] = planned(ctx.config, request, standing)
      const moved = movedSince(standing, await look(ctx, request), 'object')
      if (moved) return moved
      return send(ctx, request, call!)
    },
  }
}

/** Asked by ZOQL, which reads the database itself: the index behind queries may not know of a new account yet. */
async function already(spec: ObjectSpec, ctx: Ctx, request: ActionRequest) {
  const [member, id] = handle(spec, request)
  const quoted = id.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  const column = member === 'crmId' ? 'CrmId' : member
  const { records } = await zoql(ctx, `select Id from Account where ${column} = '${quoted}'`, 'verify')
  const found = records[0]?.['Id']
  if (typeof found !== 'string') return null
  const row = await oneRow(spec, ctx, found)
  if (row) return row
  throw new ConnectorError('upstream', 'The account exists, but queries do not show it yet.', { retryable: true })
}

async function send(ctx: Ctx, request: ActionRequest, call: PlannedCall): Promise<ActionOutcome> {
  const sent = ctx.http.request({
    method: call.method,
    url: call.path,
    json: call.body,
    // Honoured for POST only.
    ...(call.method === 'POST' && { headers: { 'idempotency-key': request.key } }),
    once: true,
    priority: 'verify',
  })
  let accountId: unknown
  try {
    accountId = ((await sent).json() as { accountId?: unknown }).accountId
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    // A refusal has named its reason in Zuora's own words and changed nothing; an unreadable answer has not.
    if ((code === 'schema' || code === 'not_found') && /\[\w+\]/.test(message))
      return { status: 'refused', reason: message.slice(0, 300) }
    throw error
  }
  const id = request.recordId ?? accountId
  if (typeof id === 'string') return { status: 'done', recordId: id }
  throw new ConnectorError('schema', 'Zuora did not say the id of the account that it made.')
}
