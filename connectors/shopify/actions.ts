/**
 * What a shop can be told to do. Its objects have no versions: they are read and compared right before a write; metafields
 * carry the digest of what was seen, and Shopify itself refuses to write over something newer.
 */
import { fieldOf } from '../../model/kinds.ts'
import type { Action, ActionName, ActionOutcome, ActionRequest, PlannedCall, Standing } from '../action.ts'
import { ConnectorError } from '../contract.ts'
import { cannot, markOf, movedSince, onlyKnown, wordOf } from '../mark.ts'
import type { Ctx } from './ask.ts'
import { dataOf } from './ask.ts'
import type { Meaning, ShopifyConfig } from './config.ts'
import { refusalOf } from './dialect.ts'
import { alreadyMade, handleOf } from './found.ts'
import { holdCalls, holdsOf, releaseCalls } from './holds.ts'
import { answerOf, calling, filled, metafieldInput } from './mutations.ts'
import type { ObjectSpec } from './objects.ts'
import { specsOf } from './objects.ts'
import { isMetafield, metafieldOf } from './paths.ts'
import { oneRow } from './stream.ts'
import { gidOf, idOf } from './values.ts'

type Made = Action<ShopifyConfig>
type Input = Record<string, unknown>

/** Fields of an object that its own mutation takes, by the path that is read; `name` of a customer is two. */
const INPUTS: Partial<Record<ObjectSpec['name'], Record<string, string>>> = {
  customers: { displayName: 'name', email: 'email', phone: 'phone', locale: 'locale', taxExempt: 'taxExempt' },
  companies: { name: 'name', externalId: 'externalId' },
  orders: { email: 'email', poNumber: 'poNumber' },
  variants: { price: 'price', barcode: 'barcode', sku: 'sku' },
}
/** Objects that carry metafields. */
const OWNERS = ['customers', 'companies', 'variants', 'draft_orders', 'orders']

interface Write {
  spec: ObjectSpec
  name: ActionName
  fields: readonly string[]
  undo: ActionName | null
  needs: readonly string[]
  calls(config: ShopifyConfig, request: ActionRequest, standing: Standing): PlannedCall[]
}

export function shopifyActions(meaning: Meaning): readonly Made[] {
  return specsOf(meaning).flatMap(writesOf).map(actionOf)
}

const isWritable = (spec: ObjectSpec, path: unknown) =>
  typeof path === 'string' &&
  ((isMetafield(path) && OWNERS.includes(spec.name)) || INPUTS[spec.name]?.[path] !== undefined)

const pathOf = (spec: ObjectSpec, field: string) => (field === 'state' ? spec.status : spec.fields[field])

function writesOf(spec: ObjectSpec): Write[] {
  const found: Write[] = []
  const needs = spec.scopes.map((scope) => scope.replace('read_', 'write_'))
  const add = (write: Omit<Write, 'spec' | 'needs'>, more: readonly string[] = needs) =>
    found.push({ spec, needs: more, ...write })
  const fields = [...Object.keys(spec.fields), 'state'].filter((field) => isWritable(spec, pathOf(spec, field)))
  const put: Write['calls'] = (config, request, standing) => updates(spec, config, request, standing)
  if (fields.length > 0) add({ name: 'set_fields', fields, undo: 'set_fields', calls: put })
  if (Object.values(spec.refs).some((path) => isWritable(spec, path)))
    add({ name: 'attach_ref', fields: [], undo: 'attach_ref', calls: put })
  if (spec.name === 'customers' || spec.name === 'companies')
    add({ name: 'create', fields, undo: null, calls: (config, request) => [creation(spec, config, request)] })
  if (spec.name === 'orders') {
    const holding = ['write_merchant_managed_fulfillment_orders']
    add({ name: 'cancel', fields: [], undo: null, calls: (config, request) => [cancellation(config, request)] })
    add({ name: 'hold', fields: [], undo: 'release', calls: holdCalls }, holding)
    add({ name: 'release', fields: [], undo: 'hold', calls: releaseCalls }, holding)
  }
  if (spec.name === 'subscription_contracts')
    for (const [name, undo, mutation] of [
      ['cancel', null, 'subscriptionContractCancel'],
      ['hold', 'release', 'subscriptionContractPause'],
      ['release', 'hold', 'subscriptionContractActivate'],
    ] as const)
      add({ name, fields: [], undo, calls: (c, r) => [calling(c, mutation, { subscriptionContractId: gid(spec, r) })] })
  return found
}

const gid = (spec: ObjectSpec, request: ActionRequest) => gidOf(spec.type, request.recordId!)

function cancellation(config: ShopifyConfig, request: ActionRequest): PlannedCall {
  const { cancel_reason = 'OTHER', refund = false, restock = true, notify_customer = false } = config.write ?? {}
  const orderId = gidOf('Order', request.recordId!)
  return calling(config, 'orderCancel', {
    orderId,
    reason: cancel_reason,
    refund,
    restock,
    notifyCustomer: notify_customer,
  })
}

/** Values by the path that they are written to: fields, references and ids of others alike. */
function valuesOf(spec: ObjectSpec, request: ActionRequest): [path: string, field: string, value: string | null][] {
  const own = Object.keys(request.fields).map((field) => [pathOf(spec, field), field, wordOf(request, field)] as const)
  const others = Object.entries(request.references).map(([field, id]) => [pathOf(spec, field), field, id] as const)
  const refs = Object.entries(request.refs).map(([platform, id]) => {
    if (!isWritable(spec, spec.refs[platform]))
      throw cannot(
        `No metafield of ${spec.name} is configured for ids of ${platform}.`,
        `Add ${platform} to config.objects.${spec.name}.refs.`,
      )
    return [spec.refs[platform], platform, id] as const
  })
  return [...own, ...others, ...refs].map(([path, field, value]) => [path as string, field, value])
}

/** Input of an object's own mutation. */
function inputOf(spec: ObjectSpec, request: ActionRequest): Input {
  const input: Input = {}
  for (const [path, field, value] of valuesOf(spec, request)) {
    const member = INPUTS[spec.name]?.[path]
    if (member === undefined) continue
    if (spec.name === 'customers' && member === 'name') Object.assign(input, nameParts(value))
    else if (member === 'sku') input['inventoryItem'] = { sku: value }
    else
      input[member] = field !== 'state' && spec.fields[field] === path && isFlag(spec, field) ? value === 'true' : value
  }
  return input
}

const isFlag = (spec: ObjectSpec, field: string) => fieldOf(spec.kind, field).type === 'bool'

function nameParts(name: string | null) {
  const parts = (name ?? '').trim().split(/\s+/)
  return { firstName: parts.slice(0, -1).join(' '), lastName: parts.at(-1) ?? '' }
}

function updates(spec: ObjectSpec, config: ShopifyConfig, request: ActionRequest, standing: Standing): PlannedCall[] {
  const id = gid(spec, request)
  const input = inputOf(spec, request)
  const metafields = valuesOf(spec, request)
    .filter(([path]) => isMetafield(path))
    .map(([path, field, value]) => metafieldInput(path, filled(request, field, value), id, standing))
  const calls: PlannedCall[] = []
  if (Object.keys(input).length > 0) calls.push(update(spec, config, id, input, standing))
  // First what Shopify guards by itself: if that is refused, nothing else was written.
  if (metafields.length > 0) calls.unshift(calling(config, 'metafieldsSet', { metafields }))
  return calls
}

function update(spec: ObjectSpec, config: ShopifyConfig, id: string, input: Input, { row }: Standing): PlannedCall {
  if (spec.name === 'companies') return calling(config, 'companyUpdate', { companyId: id, input })
  if (spec.name === 'orders') return calling(config, 'orderUpdate', { input: { id, ...input } })
  if (spec.name === 'customers') return calling(config, 'customerUpdate', { input: { id, ...input } })
  const product = (row?.value as { product?: { id?: unknown } } | undefined)?.product?.id
  if (typeof product !== 'string') throw cannot('The product of the variant is not known.')
  return calling(config, 'productVariantsBulkUpdate', { productId: product, variants: [{ id, ...input }] })
}

function creation(spec: ObjectSpec, config: ShopifyConfig, request: ActionRequest): PlannedCall {
  const handle = handleOf(spec, request)
  const input = Object.fromEntries(Object.entries(inputOf(spec, request)).filter(([, value]) => value !== null))
  if (spec.name === 'companies') {
    if (valuesOf(spec, request).some(([path]) => isMetafield(path)))
      throw cannot('A new company cannot be given metafields.', 'Attach them in a second step.')
    return calling(config, 'companyCreate', { input: { company: { ...input, externalId: handle.value } } })
  }
  const given = valuesOf(spec, request).filter(([path, , value]) => isMetafield(path) && value !== null)
  const all = new Map(given.map(([path, , value]) => [path, value]))
  if (handle.path !== null) all.set(handle.path, handle.value)
  const metafields = [...all].map(([path, value]) => ({ ...metafieldOf(path), value }))
  return calling(config, 'customerCreate', { input: { ...input, metafields } })
}

function actionOf({ spec, name, fields, undo, needs, calls }: Write): Made {
  const planned: Made['calls'] = (config, request, standing) => {
    onlyKnown(request, fields, fields)
    const made = calls(config, request, standing)
    if (made.length === 0) throw cannot(`${name} of ${spec.kind} has nothing to write.`)
    return made
  }
  const look: Made['look'] = async (ctx, request) => {
    const row =
      request.recordId === null ? await alreadyMade(spec, ctx, request) : await oneRow(spec, ctx, request.recordId)
    const holding = spec.name === 'orders' && (name === 'hold' || name === 'release') && row !== null
    const known = holding ? await holdsOf(ctx, gid(spec, request)) : null
    return { row, mark: row && markOf([row.value, known]), ...(known && { known }) }
  }
  return {
    name,
    kind: spec.kind,
    stream: spec.name,
    fields,
    guard: 'compare',
    idempotency: name === 'create' ? 'upsert' : 'journal',
    needs,
    undo,
    calls: planned,
    look,
    async perform(ctx, request, standing) {
      const all = planned(ctx.config, request, standing)
      const moved = movedSince(standing, await look(ctx, request), 'object')
      if (moved) return moved
      let made: string | null = request.recordId
      for (const [n, call] of all.entries()) {
        const { refused, id } = await send(ctx, call)
        if (refused)
          return n === 0 ? refused : { ...refused, reason: `${refused.reason} (${n} of ${all.length} calls were made)` }
        made ??= idOf(id)
      }
      if (made !== null) return { status: 'done', recordId: made }
      throw new ConnectorError('schema', 'Shopify did not say the id of what it made.')
    },
  }
}

type Refused = Exclude<ActionOutcome, { status: 'done' }>

async function send(ctx: Ctx, call: PlannedCall): Promise<{ refused: Refused | null; id: string | null }> {
  let reply
  try {
    reply = await ctx.http.request({
      method: call.method,
      url: call.path,
      json: call.body,
      once: true,
      priority: 'verify',
    })
  } catch (error) {
    const reason = refusalOf(error)
    if (reason !== null) return { refused: { status: 'refused', reason }, id: null }
    throw error
  }
  const answer = answerOf(dataOf(reply))
  if (!answer) throw new ConnectorError('schema', 'Shopify did not say what became of the change.')
  const [first] = answer.userErrors
  if (!first) return { refused: null, id: answer.id }
  const reason = answer.userErrors
    .map(({ message }) => message)
    .join('; ')
    .slice(0, 300)
  const stale = first.code === 'STALE_OBJECT' || first.code === 'INVALID_COMPARE_DIGEST'
  return { refused: { status: stale ? 'conflict' : 'refused', reason }, id: null }
}
