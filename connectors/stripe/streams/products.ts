/** Stripe products with their default price, or prices (by configuration) → canonical products. */
import { currencyOf, major } from '../money.ts'
import type { Fields, StripeObject } from '../object.ts'
import { asObject, idOf, opened, record, textOf } from '../object.ts'
import type { StripeConfig } from '../config.ts'
import type { ObjectStream } from './stream.ts'

export const products: ObjectStream = {
  name: 'products',
  kind: 'product',
  source: 'Product',
  holds: ['state', 'plan_code', 'name', 'price', 'currency'],
  deletes: 'tombstone',
  path: ({ products }) => (products === 'price' ? '/v1/prices' : '/v1/products'),
  expand: ({ products }) => (products === 'price' ? ['product'] : ['default_price']),
  byCreated: true,
  events: ['product.created', 'product.updated', 'product.deleted', 'price.created', 'price.updated', 'price.deleted'],
  // A price belongs to its product. The other way round, a renamed product shows on its prices with the next sweep.
  subject(object, type, { products }) {
    if (products === 'price') return type.startsWith('price.') ? idOf(object) : null
    return type.startsWith('price.') ? idOf(object['product']) : idOf(object)
  },
  gone: ({ products }) => `${products}.deleted`,
  permission: 'rak_product_read',
  map(row, ctx) {
    const item = opened(row, ctx.config.products === 'price' ? ['price'] : ['product'], ctx.config)
    if (item['deleted'] === true) return record(item, 'product', {}, ctx)
    const isPrice = item['object'] === 'price'
    const product = isPrice ? asObject(item['product']) : item
    const price = isPrice ? item : asObject(item['default_price'])
    const fields: Fields = {}
    if (product) fields['name'] = textOf(product['name'])
    if (price) priced(fields, price, ctx.config)
    else if (item['default_price'] === null) Object.assign(fields, { price: null, plan_code: null })
    return record(item, 'product', fields, ctx, status(item))
  },
}

/** Stripe's own words for it in its dashboard; the object only has `active`. */
function status(item: StripeObject): string | null {
  return item['active'] === true ? 'active' : item['active'] === false ? 'archived' : null
}

function priced(fields: Fields, price: StripeObject, config: StripeConfig): void {
  const currency = currencyOf(price['currency'])
  fields['currency'] = currency
  fields['plan_code'] = textOf(price['lookup_key']) ?? idOf(price)
  // Tiered and customer-chosen prices have no single amount; one that contains tax does not say the net price.
  const unit = price['unit_amount_decimal'] ?? price['unit_amount']
  if (unit !== undefined && unit !== null && price['tax_behavior'] !== 'inclusive')
    fields['price'] = major(unit, currency, 'price', config)
}
