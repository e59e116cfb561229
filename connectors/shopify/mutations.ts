/** Mutations: the text of each, the payload in which it answers, and the errors that it reports with status 200. */
import type { ActionRequest, PlannedCall, Standing } from '../action.ts'
import { cannot } from '../mark.ts'
import { endpoint } from './ask.ts'
import type { ShopifyConfig } from './config.ts'
import { aliasOf, metafieldOf } from './paths.ts'
import { valueAt } from './paths.ts'

export const MUTATIONS = {
  customerCreate:
    'mutation Create($input: CustomerInput!) { done: customerCreate(input: $input) { customer { id } userErrors { field message } } }',
  customerUpdate:
    'mutation Update($input: CustomerInput!) { done: customerUpdate(input: $input) { customer { id } userErrors { field message } } }',
  companyCreate:
    'mutation Create($input: CompanyCreateInput!) { done: companyCreate(input: $input) { company { id } userErrors { code field message } } }',
  companyUpdate:
    'mutation Update($companyId: ID!, $input: CompanyInput!) { done: companyUpdate(companyId: $companyId, input: $input) { company { id } userErrors { code field message } } }',
  orderUpdate:
    'mutation Update($input: OrderInput!) { done: orderUpdate(input: $input) { order { id } userErrors { field message } } }',
  productVariantsBulkUpdate:
    'mutation Update($productId: ID!, $variants: [ProductVariantsBulkInput!]!) { done: productVariantsBulkUpdate(productId: $productId, variants: $variants) { productVariants { id } userErrors { code field message } } }',
  metafieldsSet:
    'mutation SetMetafields($metafields: [MetafieldsSetInput!]!) { done: metafieldsSet(metafields: $metafields) { metafields { id } userErrors { code field message } } }',
  orderCancel:
    'mutation Cancel($orderId: ID!, $reason: OrderCancelReason!, $refund: Boolean!, $restock: Boolean!, $notifyCustomer: Boolean) { done: orderCancel(orderId: $orderId, reason: $reason, refund: $refund, restock: $restock, notifyCustomer: $notifyCustomer) { job { id } userErrors: orderCancelUserErrors { code field message } } }',
  fulfillmentOrderHold:
    'mutation Hold($id: ID!, $fulfillmentHold: FulfillmentOrderHoldInput!) { done: fulfillmentOrderHold(id: $id, fulfillmentHold: $fulfillmentHold) { fulfillmentHold { id } userErrors { code field message } } }',
  fulfillmentOrderReleaseHold:
    'mutation Release($id: ID!, $holdIds: [ID!]) { done: fulfillmentOrderReleaseHold(id: $id, holdIds: $holdIds) { fulfillmentOrder { id } userErrors { code field message } } }',
  subscriptionContractPause:
    'mutation Pause($subscriptionContractId: ID!) { done: subscriptionContractPause(subscriptionContractId: $subscriptionContractId) { contract { id } userErrors { code field message } } }',
  subscriptionContractActivate:
    'mutation Activate($subscriptionContractId: ID!) { done: subscriptionContractActivate(subscriptionContractId: $subscriptionContractId) { contract { id } userErrors { code field message } } }',
  subscriptionContractCancel:
    'mutation Cancel($subscriptionContractId: ID!) { done: subscriptionContractCancel(subscriptionContractId: $subscriptionContractId) { contract { id } userErrors { code field message } } }',
} as const
export type MutationName = keyof typeof MUTATIONS

export const calling = (config: ShopifyConfig, name: MutationName, variables: object): PlannedCall => ({
  method: 'POST',
  path: endpoint(config),
  body: { query: MUTATIONS[name], variables },
})

/** A metafield with the digest of what was seen: Shopify refuses to write it over something newer. */
export function metafieldInput(path: string, value: string, ownerId: string, { row }: Standing) {
  const field = metafieldOf(path)
  const digest = valueAt(row?.value, `${aliasOf(field)}.compareDigest`)
  return { ownerId, ...field, value, compareDigest: typeof digest === 'string' ? digest : null }
}

export interface Answer {
  userErrors: { code?: string | null; field?: string[] | null; message: string }[]
  /** Global id of what was made; null where the answer names none. */
  id: string | null
}

/** Null: the answer names neither errors nor what was done. */
export function answerOf(data: Record<string, unknown>): Answer | null {
  const done = data['done'] as Record<string, unknown> | null | undefined
  if (!done || !Array.isArray(done['userErrors'])) return null
  const made = (done['customer'] ?? done['company']) as { id?: unknown } | null | undefined
  return { userErrors: done['userErrors'] as Answer['userErrors'], id: typeof made?.id === 'string' ? made.id : null }
}

/** What an empty text means to Shopify: metafields cannot be empty, they are deleted. */
export function filled(request: ActionRequest, field: string, value: string | null): string {
  if (value !== null && value !== '') return value
  throw cannot(`${field} of a ${request.kind} stands in a metafield, which cannot be emptied by a plan.`)
}
