/** Platforms of the laboratory's company: what each keeps, in whose words its ids are written. */
import type { Simulator } from '../platform.ts'

export interface PlatformPlan {
  name: string
  vendor: string
  role: string
  /** Kind → canonical fields it holds. */
  kinds: ReadonlyMap<string, ReadonlySet<string>>
  id(kind: string, n: number): string
  /** True where people type freely (files): values may be spelled in any way that means the same. */
  freeSpelling: boolean
}

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean)
const grouped = (group: string) =>
  words('line1 line2 city region postal_code country').map((part) => `${group}.${part}`)
const BILL_TO = grouped('bill_to').join(' ')
const SHIP_TO = grouped('ship_to').join(' ')
const INVOICE =
  'customer order subscription number total tax amount_due currency issued_on due_on posted_at paid_at legal_entity'
const ORDER = 'customer number amount tax currency ordered_at approved_at block_reason legal_entity'
const PAYMENT = 'customer invoice amount currency received_at method failure_reason'
const CREDIT = 'customer invoice number amount currency reason approved_at posted_at'
const SUBSCRIPTION =
  'customer product number quantity amount currency interval mrr started_on ends_on renews_on auto_renew amendment cancelled_at'
const ENTITLEMENT = 'customer subscription sla_tier quantity starts_on ends_on activated_at'

/** Kinds that the company lives through; a simulator may keep more, they stay empty. */
export const LIVED_KINDS = words(
  'customer contact product opportunity quote contract order subscription invoice payment credit entitlement case tenant renewal',
)

/** What each platform holds when it is read from files, where no vendor sets limits. */
const HOLDS: Record<string, { role: string; kinds: Record<string, string> }> = {
  salesforce: {
    role: 'crm',
    kinds: {
      customer: `name legal_name domain email phone tax_id registration_number parent legal_entity type owner segment ${BILL_TO} ${SHIP_TO} currency payment_terms credit_limit credit_hold language`,
      contact: 'customer name email phone role',
      product: 'code sku name category price currency',
      opportunity: 'customer name amount currency close_date owner',
      quote: 'customer opportunity number amount currency valid_until approved_at accepted_at',
      contract: 'customer number value currency starts_on ends_on signed_at renewal_term',
      order: `${ORDER} quote opportunity`,
      subscription: `${SUBSCRIPTION} order contract`,
      invoice: INVOICE,
      renewal: 'customer subscription amount currency due_on readiness',
    },
  },
  netsuite: {
    role: 'erp',
    kinds: {
      customer: `name legal_name domain email phone tax_id registration_number parent legal_entity role ${BILL_TO} ${SHIP_TO} currency payment_terms credit_limit credit_hold tax_exempt language`,
      product: 'code sku name category price currency',
      order: ORDER,
      invoice: INVOICE,
      payment: PAYMENT,
      credit: CREDIT,
    },
  },
  stripe: {
    role: 'billing',
    kinds: {
      customer: `name legal_name email phone tax_id ${BILL_TO} currency payment_terms credit_hold tax_exempt language`,
      product: 'code plan_code name price currency',
      subscription: `${SUBSCRIPTION} order contract`,
      invoice: INVOICE,
      payment: PAYMENT,
      credit: CREDIT,
      entitlement: ENTITLEMENT,
    },
  },
  zendesk: {
    role: 'support',
    kinds: {
      customer: 'name domain owner segment credit_hold',
      contact: 'customer name email phone role',
      entitlement: ENTITLEMENT,
      case: 'customer number priority sla_tier opened_at escalated_at resolved_at',
    },
  },
  provisioning: {
    role: 'provisioning',
    kinds: {
      customer: 'name domain',
      tenant: 'customer subscription plan seats activated_at',
    },
  },
}

export const DEFAULT_PLATFORMS = Object.keys(HOLDS)

const PREFIX: Record<string, string> = {
  customer: '001',
  contact: '003',
  product: '01t',
  opportunity: '006',
  quote: '0Q0',
  contract: '800',
  order: '801',
  subscription: 'a0S',
  invoice: 'a0I',
  renewal: 'a0R',
}
const STRIPE: Record<string, string> = {
  customer: 'cus',
  product: 'prod',
  subscription: 'sub',
  invoice: 'in',
  payment: 'pi',
  credit: 'cn',
  entitlement: 'ent',
}
const FIRST_NUMBER = ['customer', 'product', 'order', 'invoice', 'payment', 'credit', 'contact', 'entitlement', 'case']

/** Ids in the manner of each vendor, for landscapes that are read from files. */
function plainId(platform: string, kind: string, n: number): string {
  if (platform === 'salesforce') return `${PREFIX[kind] ?? 'a00'}LM${n.toString(36).toUpperCase().padStart(10, '0')}AAA`
  if (platform === 'stripe') return `${STRIPE[kind] ?? kind}_LM${n.toString(36).padStart(8, '0')}`
  if (platform === 'provisioning') return `${kind === 'tenant' ? 'ws' : 'org'}-${String(n + 1).padStart(5, '0')}`
  // Number spaces far apart: a bare id is then unique over all platforms.
  const space = (FIRST_NUMBER.indexOf(kind) + 1) * (platform === 'zendesk' ? 36_000_000_000 : 1_000_000)
  return String(space + n * 3 + 17)
}

/** @throws if the laboratory knows no such platform. */
export function planFor(name: string, simulator?: Simulator): PlatformPlan {
  if (simulator) {
    const kept = (simulator.lived ?? simulator.kinds).filter((kind) => LIVED_KINDS.includes(kind))
    return {
      name,
      vendor: simulator.vendor,
      role: simulator.role,
      kinds: new Map(kept.map((kind) => [kind, new Set(simulator.holds(kind))])),
      id: (kind, n) => simulator.id(kind, n),
      freeSpelling: false,
    }
  }
  const plan = HOLDS[name]
  if (!plan)
    throw new Error(
      `the laboratory has no platform named ${name}; it has ${DEFAULT_PLATFORMS.join(', ')}, and those with a file in lab/platforms`,
    )
  return {
    name,
    vendor: name,
    role: plan.role,
    kinds: new Map(Object.entries(plan.kinds).map(([kind, fields]) => [kind, new Set(words(fields))])),
    id: (kind, n) => plainId(name, kind, n),
    freeSpelling: true,
  }
}
