/**
 * The shipped ownership matrix: for every field of every kind, which role of platform speaks for it. It is data;
 * `server/config/ownership.ts` applies it, and a configuration overrides it line by line.
 *
 * How to read a line. `owners` are roles in order: the first whose platform holds a value speaks, an empty value has
 * no voice. `byState` replaces `owners` while the record is in that lifecycle state: that is how a hand-over is
 * written. `otherwise` speaks only in companies that have no platform of any of the owners' roles (or none that
 * keeps this kind): a company without an ERP still wants its CRM and its billing to agree. A record that is outside
 * of the owners' scopes has no owner and gets no verdict.
 * A configuration that names owners has said everything: nothing of the shipped line is added to it.
 *
 * Which line speaks. The most specific: a field (`customer.tax_id`) before a group of fields (`customer.bill_to.*`)
 * before a kind (`customer`). Fields that have no line belong to the owner of their kind, and so does the record's
 * `existence`.
 *
 * Everybody else. Every other platform that holds the field is a *follower*: it must agree within the window, so one
 * check covers all platforms that hold the field, whether or not somebody thought of that pair. Owners further down
 * the list are followers while an earlier one speaks. Exceptions are written in the line (`advisory`) or in a
 * configuration (`advisory`, `gated`, `foreign`, `absent`; or `followers`, after which everybody not named is
 * advisory). A platform that cannot hold the field, keeps no records of the kind or does not cover the record is
 * `absent`.
 */

export interface OwnershipRule {
  /** `kind`, `kind.field`, `kind.group.*`. */
  fields: readonly string[]
  owners: readonly string[]
  byState?: Readonly<Record<string, readonly string[]>>
  otherwise?: readonly string[]
  /** Roles whose copy may differ: a difference there is information. */
  advisory?: readonly string[]
  /**
   * Where roles alone do not tell. issuer: whoever issues the invoices of the record's legal entity (`owners` unless
   * configured). contract: billing where it keeps entitlements, else whichever platform keeps contracts, `owners`
   * first; nobody where there is none. document: the owner of the document that a line belongs to.
   */
  found?: 'issuer' | 'contract' | 'document'
  /** For people: why it is so. */
  why: string
}

const fields = (kind: string, ...names: string[]) => names.map((name) => `${kind}.${name}`)

export const OWNERSHIP: readonly OwnershipRule[] = [
  {
    fields: fields(
      'customer',
      ...['legal_name', 'tax_id', 'registration_number', 'bill_to.*', 'currency', 'payment_terms'],
      ...['credit_limit', 'credit_hold', 'tax_exempt', 'legal_entity'],
    ),
    owners: ['erp', 'mdm'],
    otherwise: ['billing', 'crm'],
    why: 'The legal and financial profile is kept where invoices are answered for.',
  },
  {
    fields: fields('customer', 'domain', 'owner', 'segment', 'type'),
    owners: ['crm'],
    otherwise: ['mdm', 'erp', 'billing'],
    advisory: ['erp', 'billing'],
    why: 'Sales keeps the account; the ledgers sort customers their own way.',
  },
  {
    fields: fields('customer', 'parent'),
    owners: ['crm'],
    otherwise: ['mdm', 'erp', 'billing'],
    advisory: ['billing'],
    why: 'Sales keeps the account tree; the ERP consolidates along it.',
  },
  {
    fields: fields('customer', 'name', 'email', 'phone', 'language'),
    owners: ['crm'],
    otherwise: ['mdm', 'erp', 'billing'],
    advisory: ['billing'],
    why: 'Billing writes to its own recipient, who may rightly be somebody else.',
  },
  {
    fields: ['customer.ship_to.*'],
    owners: ['commerce', 'erp'],
    otherwise: ['crm'],
    why: 'The customer states the delivery address with the order.',
  },
  {
    fields: fields('customer', 'health_score', 'renewal_readiness'),
    owners: ['success'],
    why: 'Customer success computes them.',
  },
  {
    fields: ['customer.state'],
    // Unknown and closed: a lead that was closed never reached the ERP, so the CRM speaks where the ERP is silent.
    owners: ['erp', 'crm'],
    byState: { lead: ['crm'], prospect: ['crm'], customer: ['erp'], churned: ['erp'] },
    otherwise: ['crm', 'mdm', 'billing', 'erp'],
    why: 'Sales decides up to prospect; from the first order on the ERP knows who is a customer.',
  },
  {
    fields: ['customer'],
    owners: ['crm', 'erp', 'mdm'],
    otherwise: ['billing'],
    why: 'An account begins in the CRM.',
  },
  {
    fields: ['contact'],
    owners: ['crm'],
    otherwise: ['mdm', 'success', 'support'],
    why: 'People belong to the account.',
  },
  { fields: ['opportunity', 'quote'], owners: ['crm', 'cpq'], why: 'A deal is sales’ own until it is ordered.' },
  {
    fields: ['order'],
    // Unknown and cancelled: a draft that was cancelled never reached the ERP.
    owners: ['erp', 'crm'],
    byState: { draft: ['crm'], pending_approval: ['crm'], booked: ['erp'], blocked: ['erp'], fulfilled: ['erp'] },
    otherwise: ['crm', 'commerce', 'billing', 'erp'],
    why: 'Booking hands the order over: amount, currency and state from then on are the ERP’s and the CRM follows.',
  },
  { fields: ['order.block_reason'], owners: ['erp'], why: 'Blocks are set where credit and delivery are checked.' },
  { fields: ['shipment'], owners: ['erp'], otherwise: ['commerce'], why: 'Goods leave where stock is kept.' },
  { fields: ['contract'], owners: ['crm', 'cpq'], otherwise: ['erp', 'billing', 'psa'], why: 'Sales signs.' },
  {
    fields: ['subscription'],
    owners: ['billing'],
    otherwise: ['erp', 'commerce', 'crm'],
    why: 'What is charged is what runs.',
  },
  {
    fields: ['invoice', 'payment', 'posting'],
    owners: ['erp'],
    otherwise: ['billing', 'commerce'],
    found: 'issuer',
    why: 'Whoever issues the invoice owns it with its payments and postings; the ERP unless said otherwise.',
  },
  {
    fields: ['credit'],
    owners: ['billing'],
    byState: { requested: ['support', 'billing'] },
    otherwise: ['erp', 'commerce'],
    why: 'Support asks for a credit; once approved it is billing’s.',
  },
  {
    fields: ['entitlement'],
    owners: ['erp', 'crm', 'cpq'],
    found: 'contract',
    why: 'Service follows what was sold: billing where it keeps entitlements, else the contract.',
  },
  { fields: ['case'], owners: ['support'], otherwise: ['crm'], why: 'Support works it.' },
  { fields: ['tenant'], owners: ['provisioning'], why: 'It exists where it is switched on.' },
  { fields: ['onboarding'], owners: ['psa', 'success'], otherwise: ['crm'], why: 'The project is run there.' },
  { fields: ['renewal'], owners: ['crm'], otherwise: ['success', 'billing'], why: 'A renewal is a deal.' },
  {
    fields: ['product'],
    owners: ['erp'],
    otherwise: ['mdm', 'cpq', 'billing', 'commerce', 'crm'],
    why: 'Material masters and price lists are the ERP’s.',
  },
  {
    fields: ['line'],
    owners: ['erp', 'billing', 'crm', 'cpq'],
    found: 'document',
    why: 'A line belongs to its document.',
  },
]
