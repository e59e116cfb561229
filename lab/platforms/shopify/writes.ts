/** What the simulated shop can be told: mutations answer with status 200, and with errors of their own where they refuse. */
import type { Ledger } from '../../ledger.ts'
import { overtaken } from '../../ledger.ts'
import type { ApiFault, PlatformState, SimRecord, SimWrite } from '../../platform.ts'
import { externalIdOf } from './companies.ts'
import { changeOf, digestOf, metafieldsOf } from './metafields.ts'
import { ERP, gidOf, idIn, KEPT_KEY, KEY, NAMESPACE, isCompany, planOf, PLANS, recordOf } from './plans.ts'
import type { Arguments, Node } from './run.ts'

interface Call {
  path: string
  body: unknown
}
type Input = Record<string, unknown>
type Change = Omit<SimWrite, 'by'> & { fields: Record<string, string | null>; refs: Record<string, string | null> }

const problem = (message: string, code: string | null = null, field: string[] | null = null): Node => ({
  __typename: 'UserError',
  code,
  field,
  message,
})

/** @param companies the shop sells to companies: its customers are their people */
export function mutationsOf(
  state: PlatformState,
  ledger: Ledger,
  call: Call,
  fault: ApiFault | null,
  companies = false,
): Node {
  const people = companies ? 'contact' : 'customer'
  const there = (kind: string, gid: unknown): SimRecord | undefined => {
    const id = isCompany(gid) ? gid : (idIn(gid) ?? '')
    if (String(gid) !== gidOf(kind, id)) return undefined
    overtaken(state, fault, kind, id)
    const record = state.record(kind, id)
    return record && record.deletedAt === undefined ? record : undefined
  }
  const store = (kind: string, id: string | null, change: Omit<SimWrite, 'by'>, key: string | null = null) =>
    ledger.change({ method: 'POST', path: call.path, body: call.body, key, by: 'plumbline' }, kind, id, change)
  const refused = (...userErrors: Node[]): Node => ({
    __typename: 'Payload',
    customer: null,
    company: null,
    order: null,
    contract: null,
    job: null,
    metafields: null,
    productVariants: null,
    fulfillmentHold: null,
    fulfillmentOrder: null,
    userErrors,
    orderCancelUserErrors: userErrors,
  })
  const done = (member: string, id: string): Node => ({ ...refused(), [member]: { __typename: 'Made', id } })
  const missing = (what: string) => refused(problem(`${what} does not exist`, 'INVALID'))

  function customer(input: Input, id: string | null): Node {
    const record = id === null ? null : there(people, id)
    if (record === undefined) return missing('Customer')
    const change = customerChange(input, record)
    if (!change) return refused(problem('Metafield definition does not exist', 'INVALID', ['metafields']))
    if (record === null && !['name', 'email', 'phone'].some((field) => change.fields[field]))
      return refused(problem('A name, phone number, or email address must be present'))
    const taken = (name: string, value: string | null) =>
      value !== null && state.records(people).some((r) => r.deletedAt === undefined && metafieldsOf(r)[name] === value)
    const key = change.fields[KEPT_KEY] ?? null
    if (record === null && taken(`${NAMESPACE}.${KEY}`, key))
      return refused(problem('Value must be unique', 'TAKEN', ['metafields']))
    const made = people === 'contact' ? change : { ...change, state: change.state ?? 'customer' }
    const after = store(people, record?.id ?? null, record === null ? made : change, key)
    return done('customer', gidOf(people, after.id))
  }

  function company(input: Input, id: unknown): Node {
    const record = id === null ? null : there('customer', id)
    if (record === undefined) return missing('Company')
    const { name, externalId = null } = input
    if (record === null ? !name : 'name' in input && !name)
      return refused(problem("Name can't be blank", 'BLANK', ['name']))
    const taken = (r: SimRecord) => r.deletedAt === undefined && r.id !== record?.id && externalIdOf(r) === externalId
    if (externalId !== null && state.records('customer').some(taken))
      return refused(problem('External id has already been taken', 'TAKEN', ['externalId']))
    const kept = 'externalId' in input ? keptId(externalId === null ? null : String(externalId)) : {}
    const after = store(
      'customer',
      record?.id ?? null,
      {
        ...(record === null && { state: 'customer' }),
        fields: { ...('name' in input && { name: String(name) }), ...kept.fields },
        refs: kept.refs ?? {},
      },
      externalId === null ? null : String(externalId),
    )
    return done('company', gidOf('customer', after.id))
  }

  function setMetafields(all: Input[]): Node {
    const [{ ownerId } = {} as Input] = all
    const owner = recordOf(state, ownerId)
    const record = owner && there(owner.kind, ownerId)
    if (!record) return missing('Owner')
    const plan = planOf(record.kind, record.id)
    const change: Change = { fields: {}, refs: {} }
    for (const { namespace, key, value, compareDigest } of all) {
      const now = metafieldsOf(record)[`${String(namespace)}.${String(key)}`] ?? null
      if (compareDigest !== undefined && compareDigest !== (now === null ? null : digestOf(now)))
        return refused(problem('The resource has been updated since it was loaded.', 'STALE_OBJECT'))
      const one = changeOf(plan, namespace, String(key), String(value))
      if (!one) return refused(problem('Type must be one of the supported types', 'INVALID_TYPE'))
      Object.assign(change.fields, one.fields)
      Object.assign(change.refs, one.refs)
      if (one.state !== undefined) change.state = one.state
    }
    store(record.kind, record.id, change)
    return { ...refused(), metafields: [{ __typename: 'Metafield', id: 'gid://shopify/Metafield/1' }] }
  }

  /** One step of a record from states that allow it. */
  function step(
    kind: string,
    id: string | undefined,
    from: readonly string[],
    change: Omit<SimWrite, 'by'>,
    said: Node,
    no: string,
  ): Node {
    const record = id === undefined ? undefined : there(kind, gidOf(kind, id))
    if (!record) return missing(PLANS[kind]!.type)
    if (!from.includes(record.state ?? '')) return refused(problem(no, 'INVALID'))
    store(kind, record.id, change)
    return said
  }
  const contract = (from: string[], to: string) => {
    return ({ subscriptionContractId }: Arguments) =>
      step(
        'subscription',
        idIn(subscriptionContractId),
        from,
        { state: to },
        done('contract', String(subscriptionContractId)),
        'Contract status does not allow this',
      )
  }

  return {
    __typename: 'Mutation',
    customerCreate: ({ input }: Arguments) => customer(input as Input, null),
    customerUpdate: ({ input }: Arguments) => customer(input as Input, String((input as Input)['id'])),
    companyCreate: ({ input }: Arguments) => company((input as { company: Input }).company, null),
    companyUpdate: ({ companyId, input }: Arguments) => company(input as Input, companyId),
    metafieldsSet: ({ metafields }: Arguments) => setMetafields(metafields as Input[]),
    orderUpdate: ({ input }: Arguments) => {
      const record = there('order', (input as Input)['id'])
      if (!record) return missing('Order')
      store('order', record.id, {})
      return done('order', gidOf('order', record.id))
    },
    productVariantsBulkUpdate: ({ variants }: Arguments) => {
      const [variant = {}] = variants as Input[]
      const record = there('product', variant['id'])
      if (!record) return missing('Variant')
      const { price, barcode, inventoryItem } = variant
      const sku = (inventoryItem as Input | undefined)?.['sku']
      const given = Object.entries({ price, code: barcode, sku }).filter(([, value]) => value !== undefined)
      store('product', record.id, {
        fields: Object.fromEntries(given.map(([k, v]) => [k, v === null ? null : String(v)])),
      })
      return { ...refused(), productVariants: [{ __typename: 'ProductVariant', id: gidOf('product', record.id) }] }
    },
    orderCancel: ({ orderId }: Arguments) =>
      step(
        'order',
        idIn(orderId),
        ['draft', 'pending_approval', 'booked', 'blocked'],
        { state: 'cancelled' },
        done('job', 'gid://shopify/Job/1'),
        'Cannot cancel a fulfilled order',
      ),
    fulfillmentOrderHold: ({ id, fulfillmentHold }: Arguments) => {
      const note = (fulfillmentHold as Input)['reasonNotes']
      const change = { state: 'blocked', fields: { block_reason: String(note), '~held': 'plumbline' } }
      return step(
        'order',
        idIn(id),
        ['booked'],
        change,
        done('fulfillmentHold', 'gid://shopify/FulfillmentHold/1'),
        'The fulfillment order is not in an open state',
      )
    },
    fulfillmentOrderReleaseHold: ({ id }: Arguments) => {
      const change = { state: 'booked', fields: { block_reason: null, '~held': null } }
      return step(
        'order',
        idIn(id),
        ['blocked'],
        change,
        done('fulfillmentOrder', String(id)),
        'The fulfillment order is not on hold',
      )
    },
    subscriptionContractPause: contract(['active'], 'paused'),
    subscriptionContractActivate: contract(['paused', 'past_due'], 'active'),
    subscriptionContractCancel: contract(['active', 'paused', 'past_due'], 'cancelled'),
  }
}

/** An external id is that of the ERP, or ours of a company that is made before the ERP knows it. */
const keptId = (value: string | null): Partial<SimWrite> =>
  value?.startsWith('plumbline-') ? { fields: { [KEPT_KEY]: value } } : { refs: { [ERP]: value } }

/** Null: a metafield that has no definition. */
function customerChange(input: Input, record: SimRecord | null): Change | null {
  const change: Change = { fields: {}, refs: {} }
  const text = (value: unknown) => (value === null || value === '' ? null : String(value))
  if ('firstName' in input || 'lastName' in input) {
    const before = (record?.fields['name'] ?? '').split(' ')
    const parts = [input['firstName'] ?? before.slice(0, -1).join(' '), input['lastName'] ?? before.at(-1)]
    change.fields['name'] = parts.filter(Boolean).join(' ') || null
  }
  for (const [member, field] of Object.entries({
    email: 'email',
    phone: 'phone',
    locale: 'language',
    taxExempt: 'tax_exempt',
  }))
    if (member in input) change.fields[field] = text(input[member])
  for (const { namespace, key, value } of (input['metafields'] ?? []) as Input[]) {
    const one = changeOf(PLANS['customer']!, namespace, String(key), String(value))
    if (!one) return null
    Object.assign(change.fields, one.fields)
    Object.assign(change.refs, one.refs)
    if (one.state !== undefined) change.state = one.state
  }
  return change
}
