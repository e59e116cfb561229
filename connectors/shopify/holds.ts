/** Holding an order: Shopify holds each of its fulfilment orders by itself, and a hold is taken off by its own id. */
import type { ActionRequest, PlannedCall, Standing } from '../action.ts'
import { cannot } from '../mark.ts'
import type { Ctx } from './ask.ts'
import { ask, connectionOf } from './ask.ts'
import type { ShopifyConfig } from './config.ts'
import { calling } from './mutations.ts'

export const HOLDS_DOCUMENT =
  'query Holds($id: ID!) { node(id: $id) { ... on Order { fulfillmentOrders(first: 50) { nodes { id status fulfillmentHolds { id heldByRequestingApp } } pageInfo { hasNextPage endCursor } } } } }'

const OPEN = ['OPEN', 'IN_PROGRESS', 'SCHEDULED']

/** Fulfilment orders that could be held, and holds of ours: ids side by side, as a standing carries texts. */
export async function holdsOf(ctx: Ctx, order: string): Promise<{ open: string; held: string }> {
  const { data } = await ask(ctx, HOLDS_DOCUMENT, { id: order }, 'verify')
  const list = (data['node'] as Record<string, unknown> | null)?.['fulfillmentOrders']
  const { nodes } = connectionOf(list, 'fulfillmentOrders')
  const all = nodes as {
    id: string
    status: string
    fulfillmentHolds: { id: string; heldByRequestingApp: boolean }[]
  }[]
  return {
    open: all.flatMap(({ id, status }) => (OPEN.includes(status) ? [id] : [])).join(' '),
    held: all
      .flatMap(({ id, fulfillmentHolds }) =>
        // Holds of others are theirs to take off.
        fulfillmentHolds.filter((hold) => hold.heldByRequestingApp).map((hold) => `${id}>${hold.id}`),
      )
      .join(' '),
  }
}

const listIn = (text: string | undefined) => (text ?? '').split(' ').filter(Boolean)

export function holdCalls(config: ShopifyConfig, request: ActionRequest, { known }: Standing): PlannedCall[] {
  const open = listIn(known?.['open'])
  if (open.length === 0) throw cannot('Nothing of the order is left to be held.')
  const fulfillmentHold = { reason: 'OTHER', reasonNotes: 'Held by an approved plan', handle: request.key }
  return open.map((id) => calling(config, 'fulfillmentOrderHold', { id, fulfillmentHold }))
}

export function releaseCalls(config: ShopifyConfig, _request: ActionRequest, { known }: Standing): PlannedCall[] {
  const held = listIn(known?.['held']).map((pair) => pair.split('>') as [string, string])
  if (held.length === 0) throw cannot('Nothing of the order is held by this app.')
  return held.map(([id, hold]) => calling(config, 'fulfillmentOrderReleaseHold', { id, holdIds: [hold] }))
}
