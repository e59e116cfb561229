/** Stripe customers → canonical customers. Stripe keeps no lifecycle of a customer, so there is no status. */
import { currencyOf } from '../money.ts'
import type { Fields, StripeObject } from '../object.ts'
import { asObject, idOf, listOf, opened, record, textOf } from '../object.ts'
import type { ObjectStream } from './stream.ts'

export const ADDRESS: Record<string, string> = {
  line1: 'line1',
  line2: 'line2',
  city: 'city',
  region: 'state',
  postal_code: 'postal_code',
  country: 'country',
}

export const customers: ObjectStream = {
  name: 'customers',
  kind: 'customer',
  source: 'Customer',
  holds: [
    'name',
    'legal_name',
    'email',
    'phone',
    'tax_id',
    'currency',
    'tax_exempt',
    'language',
    ...Object.keys(ADDRESS).flatMap((part) => [`bill_to.${part}`, `ship_to.${part}`]),
  ],
  deletes: 'tombstone',
  path: () => '/v1/customers',
  expand: () => ['tax_ids'],
  byCreated: true,
  events: [
    'customer.created',
    'customer.updated',
    'customer.deleted',
    'customer.tax_id.created',
    'customer.tax_id.updated',
    'customer.tax_id.deleted',
  ],
  // Tax ids are objects of their own that point to their customer.
  subject: (object, type) => (type.startsWith('customer.tax_id') ? idOf(object['customer']) : idOf(object)),
  gone: () => 'customer.deleted',
  permission: 'rak_customer_read',
  map(row, ctx) {
    const customer = opened(row, ['customer'], ctx.config)
    if (customer['deleted'] === true) return record(customer, 'customer', {}, ctx)
    const fields: Fields = {}
    for (const name of ['name', 'email', 'phone'])
      if (customer[name] !== undefined) fields[name] = textOf(customer[name])
    if (customer['business_name'] !== undefined) fields['legal_name'] = textOf(customer['business_name'])
    if (customer['currency'] !== undefined)
      fields['currency'] = customer['currency'] === null ? null : currencyOf(customer['currency'])
    if (Array.isArray(customer['preferred_locales'])) fields['language'] = textOf(customer['preferred_locales'][0])
    address(fields, 'bill_to', customer['address'])
    if (customer['shipping'] !== undefined)
      address(fields, 'ship_to', asObject(customer['shipping'])?.['address'] ?? null)
    taxes(fields, customer)
    return record(customer, 'customer', fields, ctx)
  },
}

function address(fields: Fields, name: string, value: unknown): void {
  if (value === undefined) return
  const parts = asObject(value)
  for (const [part, key] of Object.entries(ADDRESS)) fields[`${name}.${part}`] = textOf(parts?.[key])
}

function taxes(fields: Fields, customer: StripeObject): void {
  // `reverse` charges no tax here but is no exemption either: left out, so that it is never compared.
  const exempt = customer['tax_exempt']
  if (exempt === null) fields['tax_exempt'] = null
  else if (exempt === 'none' || exempt === 'exempt') fields['tax_exempt'] = exempt === 'exempt' ? 'true' : 'false'
  if (customer['tax_ids'] === undefined) return
  const ids = listOf(customer['tax_ids'])
  const verified = ids.find((id) => asObject(id['verification'])?.['status'] === 'verified')
  fields['tax_id'] = textOf((verified ?? ids[0])?.['value'])
}
