/** Product: what we sell: SKU, plan and service category. */
import { defineKind } from '../kind.ts'

export default defineKind('product', {
  title: 'Product',
  plural: 'products',
  about: 'What we sell: SKU, plan and service category.',
  states: ['active', 'retired'],
  ended: ['retired'],
  transitions: [
    { from: 'active', to: 'retired' },
    { from: 'retired', to: 'active' },
  ],
  businessKey: 'code',
  worth: 'price',
  fields: {
    code: { type: 'code', about: 'Product code.' },
    sku: { type: 'code', about: 'Stock-keeping unit.' },
    plan_code: { type: 'code', about: 'Plan code in billing.' },
    name: { type: 'text', about: 'Name.' },
    category: { type: 'text', about: 'Service category.' },
    price: { type: 'money', about: 'List price, net of tax.' },
    currency: { type: 'currency', about: 'Currency of every amount on this record.' },
  },
})
