/** Shipment: a delivery of an order. */
import { defineKind } from '../kind.ts'

export default defineKind('shipment', {
  title: 'Shipment',
  plural: 'shipments',
  about: 'A delivery of an order.',
  states: ['pending', 'shipped', 'delivered', 'returned'],
  ended: ['delivered', 'returned'],
  transitions: [
    { from: 'pending', to: 'shipped', requires: ['shipped_at'] },
    { from: 'shipped', to: 'delivered', requires: ['delivered_at'] },
    { from: 'shipped', to: 'returned' },
    { from: 'delivered', to: 'returned' },
  ],
  businessKey: 'number',
  fields: {
    order: { type: 'reference', about: 'The order it delivers.', to: ['order'] },
    number: { type: 'code', about: 'The shipment number that people quote.' },
    shipped_at: { type: 'instant', about: 'When it left.' },
    delivered_at: { type: 'instant', about: 'When it arrived.' },
  },
})
