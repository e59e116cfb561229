/** Rows of the company of CSV files: what goes wrong in each, and which check must say so. */
import type { Finding } from '../../model/verdict.ts'

/** What goes wrong → in which row → which check must say so; `is`: what more must be so. */
export interface Expected {
  what: string
  /** `platform/kind id`; without an id the finding is about the whole stream. */
  row: string
  check: string
  is?: Partial<Pick<Finding, 'verdict' | 'cause' | 'field' | 'category' | 'platform' | 'state'>>
}
export const EXPECTED: readonly Expected[] = [
  {
    what: 'Processed without error, and the terms differ',
    row: 'erp/customer E10',
    check: 'customer-master/legal-profile',
    is: { field: 'payment_terms', platform: 'crm' },
  },
  {
    what: 'A customer that the ERP never got',
    row: 'crm/customer C11',
    check: 'existence/customer',
    is: { platform: 'erp', category: 'missing' },
  },
  {
    what: 'An invoice that the CRM does not show',
    row: 'erp/invoice EI12',
    check: 'existence/invoice',
    is: { platform: 'crm', category: 'missing' },
  },
  { what: 'One account entered twice', row: 'crm/customer C13b', check: 'duplicates/customer' },
  { what: 'One order entered twice', row: 'crm/order CO14b', check: 'duplicates/order' },
  { what: 'One invoice entered twice', row: 'crm/invoice CI15b', check: 'duplicates/invoice-number' },
  { what: 'One entitlement entered twice', row: 'support/entitlement SE16b', check: 'duplicates/entitlement' },
  { what: 'A contract of another value', row: 'erp/contract EC17', check: 'renewal/contract', is: { field: 'value' } },
  {
    what: 'A billing contact with another mail address',
    row: 'support/contact SK18',
    check: 'customer-master/contact',
    is: { field: 'email' },
  },
  { what: 'Another tax id', row: 'crm/customer C19', check: 'customer-master/legal-profile', is: { field: 'tax_id' } },
  {
    what: 'Another address',
    row: 'crm/customer C20',
    check: 'customer-master/legal-profile',
    is: { field: 'bill_to.city' },
  },
  {
    what: 'An invoice that is paid in the ERP and open in the CRM',
    row: 'crm/invoice CI21',
    check: 'invoice-payment/invoice-status',
    is: { field: 'state' },
  },
  {
    what: 'A stale entitlement of a cancelled subscription',
    row: 'support/entitlement SE22',
    check: 'deadlines/cancelled-entitlement-ended',
  },
  {
    what: 'Service without any contract',
    row: 'support/entitlement SE23',
    check: 'entitlement/service-without-contract',
  },
  {
    what: 'A contract that is over and still billed',
    row: 'billing/subscription BS24',
    check: 'renewal/contract-over-still-billing',
  },
  {
    what: 'A contract that is over and still counts as active',
    row: 'crm/contract CC24',
    check: 'lifecycle/contract-past-its-end',
  },
  {
    what: 'Stale contract dates before the renewal',
    row: 'erp/contract EC25',
    check: 'renewal/contract',
    is: { field: 'ends_on' },
  },
  {
    what: 'Product catalogues that do not match',
    row: 'billing/product prod_1',
    check: 'data-quality/product',
    is: { field: 'sku' },
  },
  {
    what: 'A status word that nobody maps',
    row: 'crm/invoice CI26',
    check: 'invoice-payment/invoice-status',
    is: { verdict: 'unmapped' },
  },
  {
    what: 'A credit that the ledger never got',
    row: 'billing/credit BK27',
    check: 'existence/credit',
    is: { platform: 'erp' },
  },
  { what: 'A credit that nobody posted', row: 'billing/credit BK27', check: 'invoice-payment/credit-not-posted' },
  {
    what: 'A customer that has left, but not for the CRM',
    row: 'crm/customer C28',
    check: 'customer-master/lifecycle',
  },
  { what: 'Two subsidiaries without their parent', row: 'erp/customer E30', check: 'structure/account-tree' },
  {
    what: 'A parent that the ERP does not know',
    row: 'erp/customer E31',
    check: 'customer-master/profile',
    is: { field: 'parent' },
  },
  {
    what: 'An invoice of another legal entity than its order',
    row: 'erp/invoice EI32',
    check: 'structure/invoice-legal-entity',
  },
  {
    what: 'Two platforms overwrite each other',
    row: 'crm/customer C40',
    check: 'authority/taking-turns',
    is: { cause: 'overwritten' },
  },
  {
    what: 'An older event applied last',
    row: 'crm/customer C41',
    check: 'customer-master/legal-profile',
    is: { cause: 'stale_event' },
  },
  { what: 'An order blocked by a credit hold', row: 'erp/order EO35', check: 'order-to-cash/order-blocked' },
  {
    what: 'A customer without tax id and legal entity',
    row: 'erp/customer E36',
    check: 'data-quality/country-rules',
    is: { field: 'tax_id' },
  },
  { what: 'A customer without legal entity', row: 'erp/customer E36', check: 'data-quality/customer-fields' },
  { what: 'An order that waits for approval', row: 'crm/order CO37', check: 'order-to-cash/stuck-in-approval' },
  {
    what: 'A renewal held up by an overdue invoice',
    row: 'crm/renewal RN38',
    check: 'renewal/blocked-by-overdue-invoice',
  },
  { what: 'A pending amendment', row: 'billing/subscription BS39', check: 'invoice-payment/amendment-pending' },
  { what: 'A customer creation that failed', row: 'crm/opportunity OP42', check: 'deadlines/won-customer-in-erp' },
  { what: 'An order booked before its approval', row: 'erp/order EO43', check: 'order-to-cash/booked-before-approval' },
  {
    what: 'A customer on credit hold that is still served',
    row: 'erp/customer E44',
    check: 'entitlement/credit-hold-ignored',
  },
  {
    what: 'A workspace of a customer on credit hold',
    row: 'provisioning/tenant T44',
    check: 'deadlines/held-customer-tenant',
  },
  {
    what: 'A credit hold that support does not know ten minutes later',
    row: 'support/customer S45',
    check: 'customer-master/credit-hold',
    is: { platform: 'support' },
  },
  {
    what: 'An expansion of a customer whose invoice is overdue',
    row: 'crm/opportunity OP46',
    check: 'renewal/overdue-while-expanding',
  },
  { what: 'An onboarding behind its day', row: 'crm/onboarding ON47', check: 'entitlement/onboarding-late' },
  { what: 'A disputed invoice', row: 'erp/invoice EI48', check: 'invoice-payment/disputed' },
  {
    what: 'A change of a subscription that never arrived',
    row: 'crm/subscription CS49',
    check: 'invoice-payment/subscription-charge',
    is: { field: 'quantity' },
  },
  {
    what: 'A subscription without a workspace',
    row: 'billing/subscription BS50',
    check: 'deadlines/tenant-active',
    is: { platform: 'provisioning' },
  },
  {
    what: 'A subscription without an entitlement',
    row: 'billing/subscription BS51',
    check: 'deadlines/entitlement-active',
    is: { platform: 'support' },
  },
  {
    what: 'A workspace stuck in provisioning',
    row: 'provisioning/tenant T52',
    check: 'lifecycle/tenant-in-provisioning',
  },
  { what: 'A paid invoice that became a draft again', row: 'erp/invoice EI53', check: 'lifecycle/billing-moves' },
  {
    what: 'A customer that became a prospect again',
    row: 'crm/customer C58',
    check: 'lifecycle/customer-moves',
  },
  { what: 'An offer accepted without an approval', row: 'crm/quote Q59', check: 'lifecycle/deal-moves' },
  { what: 'A fulfilled order that is booked again', row: 'erp/order EO60', check: 'lifecycle/order-moves' },
  {
    what: 'A term that ended and was neither renewed nor lost',
    row: 'crm/renewal RN61',
    check: 'lifecycle/renewal-past-its-day',
  },
  {
    what: 'A closed account whose workspace runs on',
    row: 'erp/customer E62',
    check: 'deadlines/left-customer-tenant',
  },
  { what: 'An invoice before its customer', row: 'erp/invoice EI54', check: 'lifecycle/invoice-before-customer' },
  { what: 'Another order amount', row: 'crm/order CO55', check: 'order-to-cash/order-amount', is: { field: 'amount' } },
  {
    what: 'A reference to nobody',
    row: 'crm/invoice CI56',
    check: 'data-quality/broken-references',
    is: { cause: 'broken_reference' },
  },
  {
    what: 'A prospect that is likely a customer',
    row: 'crm/customer C57b',
    check: 'duplicates/likely-customer',
    is: { verdict: 'undecided' },
  },
  {
    what: 'A column that a source dropped',
    row: 'provisioning/tenant',
    check: 'collecting/schema',
    is: { field: 'plan', category: 'quality' },
  },
  {
    what: 'A file that nobody has delivered for days',
    row: 'support/case',
    check: 'collecting/streams',
    is: { cause: 'stale_stream' },
  },
]
