/** States that are in no single word of Shopify: read out of several fields. */
import type { Source } from './values.ts'

type Node = Record<string, unknown>

/** A condition on one field. */
export const is = (member: string, ...words: string[]) => {
  return (node: unknown) => words.includes(String((node as Node)[member]))
}

const ORDERS: Record<string, string> = {
  UNFULFILLED: 'booked',
  PARTIALLY_FULFILLED: 'booked',
  PENDING_FULFILLMENT: 'booked',
  OPEN: 'booked',
  IN_PROGRESS: 'booked',
  SCHEDULED: 'booked',
  REQUEST_DECLINED: 'booked',
  RESTOCKED: 'booked',
  ON_HOLD: 'blocked',
  FULFILLED: 'fulfilled',
}

export const orderState: Source = {
  from: ['cancelledAt', 'displayFulfillmentStatus'],
  read: (node) => {
    const { cancelledAt, displayFulfillmentStatus } = node as Node
    return typeof cancelledAt === 'string' ? 'cancelled' : ORDERS[String(displayFulfillmentStatus)]
  },
}

const PAYMENTS: Record<string, string> = {
  SUCCESS: 'succeeded',
  FAILURE: 'failed',
  ERROR: 'failed',
  PENDING: 'pending',
  AWAITING_RESPONSE: 'pending',
  UNKNOWN: 'pending',
}

export const paymentState: Source = {
  from: ['status', 'order.displayFinancialStatus'],
  read: (node) => {
    const { status, order } = node as { status?: unknown; order?: Node }
    const settled = PAYMENTS[String(status)]
    return settled === 'succeeded' && order?.['displayFinancialStatus'] === 'REFUNDED' ? 'refunded' : settled
  },
}

export const shipmentState: Source = {
  from: ['status', 'displayStatus'],
  read: (node) => {
    const { status, displayStatus } = node as Node
    if (displayStatus === 'DELIVERED' || displayStatus === 'PICKED_UP') return 'delivered'
    return status === 'SUCCESS' ? 'shipped' : 'pending'
  },
}

const HELD = 'fulfillmentOrders(first: 5).nodes'
/** Why fulfilment is held: the note of whoever did it, else the reason. */
export const heldBecause: Source = {
  from: [`${HELD}.0.fulfillmentHolds.0.displayReason`, `${HELD}.0.fulfillmentHolds.0.reasonNotes`],
  read(node) {
    const { nodes } = ((node as { fulfillmentOrders?: unknown }).fulfillmentOrders ?? {}) as {
      nodes?: { fulfillmentHolds?: { displayReason?: string; reasonNotes?: string | null }[] }[]
    }
    if (nodes === undefined) return undefined
    const hold = nodes.flatMap((one) => one.fulfillmentHolds ?? [])[0]
    return hold ? (hold.reasonNotes ?? hold.displayReason ?? null) : null
  },
}
