/** Products: their name and whether they are still sold. */
import type { ActionRequest } from '../../action.ts'
import { cannot } from '../../mark.ts'
import type { StripeConfig } from '../config.ts'
import { minorOf } from '../money.ts'
import { products } from '../streams/products.ts'
import type { Form, WriteSpec } from '../writing.ts'
import { form, inMetadata, metadata } from '../writing.ts'

const NEEDS = ['rak_product_write']
const one = (config: StripeConfig, request: ActionRequest) =>
  `${products.path(config)}/${encodeURIComponent(request.recordId ?? '')}`

export const productActions: readonly WriteSpec[] = [
  {
    name: 'set_fields',
    stream: products,
    fields: ['name', 'state'],
    needs: NEEDS,
    undo: 'set_fields',
    calls(config, request) {
      if (config.products === 'price' && request.fields['name'] !== undefined)
        throw cannot('A price has no name of its own at Stripe; rename its product there.')
      return [
        {
          method: 'POST',
          path: one(config, request),
          body: { ...parameters(config, request), ...metadata(config, request) },
        },
      ]
    },
  },
  {
    name: 'create',
    stream: products,
    fields: ['name', 'price', 'currency'],
    needs: NEEDS,
    undo: 'cancel',
    calls(config, request) {
      const { name, price, currency } = request.fields
      if (config.products === 'price')
        throw cannot('Prices are made at Stripe by hand: interval and tax behaviour are a decision.')
      if (!name) throw cannot('A product at Stripe needs a name.')
      const priced =
        price && currency
          ? form({
              'default_price_data[currency]': currency.toLowerCase(),
              'default_price_data[unit_amount_decimal]': minorOf(price, currency, config),
            })
          : {}
      return [
        {
          method: 'POST',
          path: products.path(config),
          body: { ...form({ name }), ...priced, ...metadata(config, request) },
        },
      ]
    },
  },
  {
    name: 'cancel',
    stream: products,
    needs: NEEDS,
    undo: 'set_fields',
    calls: (config, request) => [{ method: 'POST', path: one(config, request), body: { active: 'false' } }],
  },
]

function parameters(config: StripeConfig, request: ActionRequest): Form {
  const own = (field: string) => (inMetadata(config, 'product', field) ? undefined : request.fields[field])
  const state = own('state')
  if (state !== undefined && state !== 'active' && state !== 'retired')
    throw cannot('A product at Stripe is active or retired.')
  return form({ name: own('name') ?? undefined, active: state === undefined ? undefined : state === 'active' })
}
