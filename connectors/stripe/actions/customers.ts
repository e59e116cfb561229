/** Customers: everything but their currency, which Stripe takes from the first invoice. */
import type { ActionRequest, PlannedCall, Standing } from '../../action.ts'
import { cannot } from '../../mark.ts'
import type { StripeConfig } from '../config.ts'
import { writing } from '../config.ts'
import { asObject, idOf, listOf, textOf } from '../object.ts'
import { ADDRESS, customers } from '../streams/customers.ts'
import { taxIdType } from '../tax-ids.ts'
import type { Form, WriteSpec } from '../writing.ts'
import { form, inMetadata, metadata } from '../writing.ts'

const PATH = '/v1/customers'
const GROUPS: Record<string, string> = { bill_to: 'address', ship_to: 'shipping[address]' }
const addressed = Object.keys(GROUPS).flatMap((group) => Object.keys(ADDRESS).map((part) => `${group}.${part}`))
const FIELDS = ['name', 'email', 'phone', 'tax_id', 'tax_exempt', 'language', ...addressed]

export const customerActions: readonly WriteSpec[] = [
  {
    name: 'set_fields',
    stream: customers,
    fields: FIELDS,
    needs: ['rak_customer_write'],
    undo: 'set_fields',
    calls(config, request, standing) {
      const path = `${PATH}/${encodeURIComponent(request.recordId ?? '')}`
      const body = { ...parameters(config, request, standing), ...metadata(config, request) }
      return [
        ...(Object.keys(body).length > 0 ? [{ method: 'POST' as const, path, body }] : []),
        ...(request.fields['tax_id'] !== undefined ? taxIds(config, request, standing, path) : []),
      ]
    },
  },
  {
    name: 'create',
    stream: customers,
    fields: FIELDS,
    needs: ['rak_customer_write'],
    undo: null,
    calls(config, request, standing) {
      const value = request.fields['tax_id']
      const tax = value
        ? { 'tax_id_data[0][type]': typeOf(config, value, request, standing), 'tax_id_data[0][value]': value }
        : {}
      const body = { ...parameters(config, request, standing), ...tax, ...metadata(config, request) }
      // Stripe takes an empty text for "empty it": of an object that is new there is nothing to empty.
      return [
        { method: 'POST', path: PATH, body: Object.fromEntries(Object.entries(body).filter(([, v]) => v !== '')) },
      ]
    },
  },
]

function parameters(config: StripeConfig, request: ActionRequest, standing: Standing): Form {
  const { fields } = request
  const own = (field: string) => (inMetadata(config, 'customer', field) ? undefined : fields[field])
  const exempt = own('tax_exempt')
  const language = own('language')
  if (language === null) throw cannot('Stripe cannot empty the language of a customer.')
  const out = form({
    name: own('name'),
    email: own('email'),
    phone: own('phone'),
    tax_exempt: exempt === undefined || exempt === null ? exempt : exempt === 'true' ? 'exempt' : 'none',
    'preferred_locales[0]': language,
  })
  for (const [group, parameter] of Object.entries(GROUPS))
    for (const [part, key] of Object.entries(ADDRESS))
      Object.assign(out, form({ [`${parameter}[${key}]`]: own(`${group}.${part}`) }))
  // A delivery address has a name of its own, which is due whenever anything of it is written.
  if (Object.keys(out).some((name) => name.startsWith('shipping'))) {
    const now = asObject(standing.row?.value)
    const name = textOf(asObject(now?.['shipping'])?.['name']) ?? fields['name'] ?? textOf(now?.['name'])
    if (name === null || name === undefined)
      throw cannot('A delivery address at Stripe needs the name of the customer.')
    out['shipping[name]'] = name
  }
  return out
}

/** Tax ids are objects of their own: the new one is added first, so that at no time there is none. */
function taxIds(config: StripeConfig, request: ActionRequest, standing: Standing, path: string): PlannedCall[] {
  const value = request.fields['tax_id'] ?? null
  const present = listOf(asObject(standing.row?.value)?.['tax_ids'])
  const add =
    value !== null && !present.some((id) => id['value'] === value)
      ? [
          {
            method: 'POST' as const,
            path: `${path}/tax_ids`,
            body: { type: typeOf(config, value, request, standing), value },
          },
        ]
      : []
  const old = present.filter((id) => id['value'] !== value).flatMap((id) => idOf(id) ?? [])
  return [
    ...add,
    ...old.map((id) => ({ method: 'DELETE' as const, path: `${path}/tax_ids/${encodeURIComponent(id)}`, body: null })),
  ]
}

function typeOf(config: StripeConfig, value: string, request: ActionRequest, standing: Standing): string {
  const there = asObject(asObject(standing.row?.value)?.['address'])?.['country']
  return taxIdType(value, request.fields['bill_to.country'] ?? textOf(there), writing(config).tax_id_types)
}
