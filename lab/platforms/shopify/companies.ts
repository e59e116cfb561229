/** Companies of the simulated shop: the company, its one location with addresses and terms, and the people who buy for it. */
import type { SimRecord } from '../../platform.ts'
import type { Given } from './nodes.ts'
import { pageOf } from './pages.ts'
import { ERP, gidOf, idIn, isCompany, KEPT_KEY } from './plans.ts'
import type { Arguments, Node } from './run.ts'

/** Where a record keeps which of its people speaks for the company; else it is the first. */
export const MAIN_CONTACT = '~main_contact'

export const externalIdOf = ({ refs, fields }: Pick<SimRecord, 'refs' | 'fields'>): string | null =>
  refs[ERP] ?? fields[KEPT_KEY] ?? null

export function companyOf({ record, around }: Given): Partial<Node> {
  return {
    name: record.fields['name'] ?? '',
    externalId: externalIdOf(record),
    mainContact: mainContactOf(record, around.state.records('contact')),
    locations: (given: Arguments) => pageOf([locationOf(record)], given, (node) => String(node['id'])),
  }
}

function mainContactOf(company: SimRecord, contacts: readonly SimRecord[]): Node | null {
  const people = contacts
    .filter(({ fields, deletedAt }) => deletedAt === undefined && fields['customer'] === company.id)
    .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  const main = people.find(({ id }) => id === company.fields[MAIN_CONTACT]) ?? people[0]
  if (!main) return null
  const { email = null, name = null } = main.fields
  const customer = { __typename: 'Customer', id: gidOf('contact', main.id), email, displayName: name ?? '' }
  return { __typename: 'CompanyContact', id: `gid://shopify/CompanyContact/${main.id}`, isMainContact: true, customer }
}

const PARTS = {
  address1: 'line1',
  address2: 'line2',
  city: 'city',
  province: 'region',
  zip: 'postal_code',
  countryCode: 'country',
}

function locationOf({ id, fields }: SimRecord): Node {
  const addressOf = (group: string): Node | null => {
    const parts = Object.entries(PARTS).map(([member, part]) => [member, fields[`${group}.${part}`] ?? null] as const)
    if (parts.every(([, value]) => value === null)) return null
    return { __typename: 'CompanyAddress', ...Object.fromEntries(parts) }
  }
  const terms = termsOf(fields['payment_terms'] ?? null)
  return {
    __typename: 'CompanyLocation',
    id: `gid://shopify/CompanyLocation/${idIn(id)}`,
    phone: fields['phone'] ?? null,
    currency: fields['currency'] ?? null,
    taxSettings: { __typename: 'CompanyLocationTaxSettings', taxRegistrationId: fields['tax_id'] ?? null },
    buyerExperienceConfiguration: {
      __typename: 'BuyerExperienceConfiguration',
      paymentTermsTemplate: terms === null ? null : { __typename: 'PaymentTermsTemplate', name: terms },
    },
    billingAddress: addressOf('bill_to'),
    shippingAddress: addressOf('ship_to'),
  }
}

/** Shopify has templates for days after the order and for at once; what else was agreed it cannot say. */
function termsOf(terms: string | null): string | null {
  if (terms === 'due_on_receipt') return 'Due on receipt'
  const days = /^net_(\d+)$/.exec(terms ?? '')?.[1]
  return days === undefined ? null : `Net ${days}`
}

/** The companies that a person buys for. */
export const profilesOf = ({ fields: { customer } }: SimRecord): Node[] =>
  isCompany(customer)
    ? [
        {
          __typename: 'CompanyContact',
          company: { __typename: 'Company', id: customer, legacyResourceId: idIn(customer) },
        },
      ]
    : []

/** Who buys: a person, or a company; then who ordered for it is not kept. */
export function boughtBy(buyer: Node | null): { customer: Node | null; purchasingEntity: Node | null } {
  if (buyer?.__typename !== 'Company') return { customer: buyer, purchasingEntity: buyer }
  return { customer: null, purchasingEntity: { __typename: 'PurchasingCompany', company: buyer } }
}
