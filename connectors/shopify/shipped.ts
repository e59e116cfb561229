/** What is shipped of every object: kind, list, scopes, and the fields that mean the same in every shop. */
import type { ObjectName } from './config.ts'
import type { ObjectSpec } from './objects.ts'
import { heldBecause, is, orderState, paymentState, shipmentState } from './states.ts'
import type { Source } from './values.ts'
import { amountAt, firstOf, intervalAt, netOf, referenceTo, sumOf, timesOf, worded } from './values.ts'

export type Shipped = Partial<ObjectSpec> & Pick<ObjectSpec, 'kind' | 'type' | 'list' | 'fields' | 'scopes'>

const address = (group: string, at: string, names: Record<string, string>) =>
  Object.fromEntries(Object.entries(names).map(([part, name]) => [`${group}.${part}`, `${at}.${name}`]))
const MAILING = {
  line1: 'address1',
  line2: 'address2',
  city: 'city',
  region: 'province',
  postal_code: 'zip',
  country: 'countryCodeV2',
}
const COMPANY = { ...MAILING, country: 'countryCode' }
const LOCATION = 'locations(first: 1).nodes.0'

/** @param people who a Shopify customer is; @param firms whether companies are read */
export function shipped(people: 'customer' | 'contact', firms: boolean, holds: boolean): Record<ObjectName, Shipped> {
  const company = 'purchasingEntity.PurchasingCompany.company.id'
  const paths = [...(firms ? [company] : []), ...(people === 'customer' ? ['customer.id'] : [])]
  const customer: Record<string, Source> = paths.length > 0 ? { customer: firstOf(...paths) } : {}
  const buyer = (of: string): Record<string, Source> =>
    paths.length > 0 ? { customer: firstOf(...paths.map((path) => `${of}.${path}`)) } : {}
  const line = (document: string, at: string, quantity: string, price: string): Record<string, Source> => ({
    document_kind: { from: [], read: () => document },
    document: referenceTo(`${at}.id`),
    product: referenceTo('variant.id'),
    quantity,
    unit_price: amountAt(price),
    amount: timesOf(amountAt(price), quantity),
    currency: `${at}.currencyCode`,
  })
  const orders = { list: 'orders', listType: 'Order', sort: 'UPDATED_AT', scopes: ['read_orders'] } as const
  const drafts = {
    list: 'draftOrders',
    listType: 'DraftOrder',
    sort: 'UPDATED_AT',
    scopes: ['read_draft_orders'],
  } as const
  return {
    customers: {
      kind: people,
      type: 'Customer',
      list: 'customers',
      sort: 'UPDATED_AT',
      count: { field: 'customersCount', filtered: true },
      scopes: ['read_customers'],
      subject: 'CUSTOMER',
      screen: 'customers',
      fields:
        people === 'contact'
          ? {
              name: 'displayName',
              email: 'email',
              phone: 'phone',
              ...(firms && { customer: referenceTo('companyContactProfiles.0.company.id') }),
            }
          : {
              name: 'displayName',
              email: 'email',
              phone: 'phone',
              language: 'locale',
              tax_exempt: 'taxExempt',
              ...address('ship_to', 'defaultAddress', MAILING),
            },
    },
    companies: {
      kind: 'customer',
      type: 'Company',
      list: 'companies',
      sort: 'UPDATED_AT',
      count: { field: 'companiesCount', filtered: false },
      scopes: ['read_companies'],
      subject: 'COMPANY',
      screen: 'companies',
      fields: {
        name: 'name',
        email: 'mainContact.customer.email',
        phone: `${LOCATION}.phone`,
        currency: `${LOCATION}.currency`,
        tax_id: `${LOCATION}.taxSettings.taxRegistrationId`,
        payment_terms: `${LOCATION}.buyerExperienceConfiguration.paymentTermsTemplate.name`,
        ...address('bill_to', `${LOCATION}.billingAddress`, COMPANY),
        ...address('ship_to', `${LOCATION}.shippingAddress`, COMPANY),
      },
    },
    variants: {
      kind: 'product',
      type: 'ProductVariant',
      list: 'productVariants',
      count: { field: 'productVariantsCount', filtered: false },
      scopes: ['read_products'],
      subject: 'PRODUCT_VARIANT',
      fields: {
        sku: 'sku',
        code: 'barcode',
        name: 'displayName',
        category: 'product.productType',
        price: 'price',
      },
      status: 'product.status',
      state: worded('product.status', { ACTIVE: 'active', ARCHIVED: 'retired' }),
    },
    draft_orders: {
      ...drafts,
      kind: 'quote',
      type: 'DraftOrder',
      subject: 'DRAFT_ORDER',
      screen: 'draft_orders',
      fields: {
        ...customer,
        number: 'name',
        amount: netOf('totalPriceSet', 'totalTaxSet'),
        currency: 'currencyCode',
        accepted_at: 'completedAt',
      },
      status: 'status',
      state: worded('status', { OPEN: 'draft', INVOICE_SENT: 'approved', COMPLETED: 'accepted' }),
    },
    draft_lines: {
      ...drafts,
      kind: 'line',
      type: 'DraftOrderLineItem',
      within: { member: 'lineItems', most: 30, paged: true, as: 'draft' },
      single: false,
      stamp: 'draft.updatedAt',
      created: 'draft.createdAt',
      fields: line('quote', 'draft', 'quantity', 'approximateDiscountedUnitPriceSet'),
    },
    orders: {
      ...orders,
      kind: 'order',
      type: 'Order',
      count: { field: 'ordersCount', filtered: true },
      scopes: ['read_orders', ...(holds ? ['read_merchant_managed_fulfillment_orders'] : [])],
      subject: 'ORDER',
      screen: 'orders',
      fields: {
        ...customer,
        number: 'name',
        amount: netOf('currentTotalPriceSet', 'currentTotalTaxSet'),
        tax: amountAt('currentTotalTaxSet'),
        currency: 'currencyCode',
        ordered_at: 'processedAt',
        ...(holds && { block_reason: heldBecause }),
      },
      status: 'displayFulfillmentStatus',
      state: orderState,
    },
    lines: {
      ...orders,
      kind: 'line',
      type: 'LineItem',
      within: { member: 'lineItems', most: 30, paged: true, as: 'order' },
      single: false,
      stamp: 'order.updatedAt',
      created: 'order.createdAt',
      fields: line('order', 'order', 'currentQuantity', 'discountedUnitPriceAfterAllDiscountsSet'),
    },
    transactions: {
      ...orders,
      kind: 'payment',
      type: 'OrderTransaction',
      within: { member: 'transactions', most: 20, paged: false, as: 'order' },
      // A pending one settles without a stamp of its own.
      stamp: 'order.updatedAt',
      fields: {
        ...buyer('order'),
        amount: amountAt('amountSet'),
        currency: 'amountSet.shopMoney.currencyCode',
        received_at: 'processedAt',
        method: 'formattedGateway',
        failure_reason: 'errorCode',
      },
      status: 'status',
      state: paymentState,
      // Authorisations and voids move no money, refunds are credits.
      shown: is('kind', 'SALE', 'CAPTURE'),
    },
    refunds: {
      ...orders,
      kind: 'credit',
      type: 'Refund',
      within: { member: 'refunds', most: 20, paged: false, as: 'order' },
      stamp: 'updatedAt',
      fields: {
        ...buyer('order'),
        amount: amountAt('totalRefundedSet'),
        currency: 'totalRefundedSet.shopMoney.currencyCode',
        reason: 'note',
        posted_at: 'createdAt',
      },
      state: { from: [], read: () => 'posted' },
    },
    fulfillments: {
      ...orders,
      kind: 'shipment',
      type: 'Fulfillment',
      within: { member: 'fulfillments', most: 20, paged: false, as: 'order' },
      fields: {
        order: referenceTo('order.id'),
        number: 'name',
        shipped_at: 'createdAt',
        delivered_at: 'deliveredAt',
      },
      status: 'displayStatus',
      state: shipmentState,
      gone: is('status', 'CANCELLED'),
    },
    subscription_contracts: {
      kind: 'subscription',
      type: 'SubscriptionContract',
      list: 'subscriptionContracts',
      scopes: ['read_own_subscription_contracts'],
      fields: {
        ...(people === 'customer' && { customer: referenceTo('customer.id') }),
        order: referenceTo('originOrder.id'),
        product: referenceTo('lines(first: 20).nodes.0.variantId'),
        quantity: 'lines(first: 20).nodes.0.quantity',
        amount: sumOf('lines(first: 20).nodes', 'lineDiscountedPrice.amount', 'lines(first: 20).pageInfo.hasNextPage'),
        currency: 'currencyCode',
        interval: intervalAt('billingPolicy'),
        started_on: 'createdAt',
        renews_on: 'nextBillingDate',
      },
      status: 'status',
      state: worded('status', {
        ACTIVE: 'active',
        PAUSED: 'paused',
        CANCELLED: 'cancelled',
        EXPIRED: 'expired',
        FAILED: 'past_due',
      }),
    },
  }
}
