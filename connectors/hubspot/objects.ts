/** HubSpot's objects in canonical words: which kind each one is and where every canonical field comes from. */
import type { HubspotConfig, ObjectConfig } from './config.ts'

/** Where a canonical field comes from: one property, a constant, or several properties read together. */
export type Source =
  string | { constant: string } | { from: readonly string[]; read(properties: Properties): string | null }
export type Properties = Record<string, string | null | undefined>

/** A reference that is an association; `type` is the number that counts first. */
export interface Link {
  to: string
  type: number
}

export interface ObjectSpec {
  object: string
  kind: string
  /** Number of the object in addresses of the screens. */
  number: string | null
  stamp: string
  fields: Record<string, Source>
  links: Record<string, Link>
  refs: Record<string, string>
  status: string | null
  key: string | null
  readOnly: readonly string[]
  /** Granular scope without its verb. */
  scope: string
}

type Shipped = Pick<ObjectSpec, 'kind' | 'fields' | 'number' | 'scope'> & {
  links?: Record<string, Link>
  status?: string
  stamp?: string
  readOnly?: readonly string[]
  byDefault: boolean
}

/** Sums up the two parts of a person's name. */
const fullName: Source = {
  from: ['firstname', 'lastname'],
  read: (p) => [p['firstname'], p['lastname']].filter(Boolean).join(' ') || null,
}

const SHIPPED: Record<string, Shipped> = {
  companies: {
    kind: 'customer',
    number: '0-2',
    scope: 'crm.objects.companies',
    byDefault: true,
    status: 'lifecyclestage',
    fields: {
      name: 'name',
      domain: 'domain',
      phone: 'phone',
      parent: 'hs_parent_company_id',
      type: 'type',
      segment: 'industry',
      'bill_to.line1': 'address',
      'bill_to.line2': 'address2',
      'bill_to.city': 'city',
      'bill_to.region': 'state',
      'bill_to.postal_code': 'zip',
      'bill_to.country': 'country',
    },
    readOnly: ['hs_parent_company_id'],
  },
  contacts: {
    kind: 'contact',
    number: '0-1',
    scope: 'crm.objects.contacts',
    byDefault: true,
    stamp: 'lastmodifieddate',
    fields: { name: fullName, email: 'email', phone: 'phone' },
    links: { customer: { to: 'companies', type: 1 } },
  },
  products: {
    kind: 'product',
    number: '0-7',
    scope: 'e-commerce',
    byDefault: true,
    fields: { sku: 'hs_sku', name: 'name', price: 'price', category: 'hs_product_type' },
  },
  deals: {
    kind: 'opportunity',
    number: '0-3',
    scope: 'crm.objects.deals',
    byDefault: true,
    status: 'dealstage',
    fields: {
      name: 'dealname',
      amount: 'amount',
      currency: 'deal_currency_code',
      close_date: 'closedate',
      // Stages are the company's own words, one set for each pipeline; HubSpot itself says what they mean.
      state: {
        from: ['hs_is_closed', 'hs_is_closed_won'],
        read: (p) => (p['hs_is_closed_won'] === 'true' ? 'won' : p['hs_is_closed'] === 'true' ? 'lost' : 'open'),
      },
    },
    links: { customer: { to: 'companies', type: 5 } },
  },
  quotes: {
    kind: 'quote',
    number: '0-14',
    scope: 'crm.objects.quotes',
    byDefault: true,
    status: 'hs_status',
    fields: {
      number: 'hs_quote_number',
      amount: 'hs_quote_amount',
      currency: 'hs_currency',
      valid_until: 'hs_expiration_date',
    },
    readOnly: ['hs_quote_number', 'hs_quote_amount'],
    links: { customer: { to: 'companies', type: 71 }, opportunity: { to: 'deals', type: 64 } },
  },
  line_items: {
    kind: 'line',
    number: '0-8',
    scope: 'crm.objects.line_items',
    byDefault: true,
    fields: {
      document_kind: { constant: 'quote' },
      product: 'hs_product_id',
      quantity: 'quantity',
      unit_price: 'price',
      amount: 'amount',
      currency: 'hs_line_item_currency_code',
      period_start: 'hs_recurring_billing_start_date',
    },
    readOnly: ['amount'],
    links: { document: { to: 'quotes', type: 68 } },
  },
  tickets: {
    kind: 'case',
    number: '0-5',
    scope: 'tickets',
    byDefault: true,
    status: 'hs_pipeline_stage',
    fields: {
      number: 'hs_object_id',
      priority: 'hs_ticket_priority',
      opened_at: 'createdate',
      resolved_at: 'closed_date',
    },
    readOnly: ['createdate', 'closed_date'],
    links: { customer: { to: 'companies', type: 26 } },
  },
  orders: {
    kind: 'order',
    number: '0-123',
    scope: 'crm.objects.orders',
    byDefault: false,
    status: 'hs_pipeline_stage',
    fields: {
      number: 'hs_order_name',
      amount: 'hs_subtotal_price',
      tax: 'hs_tax',
      currency: 'hs_currency_code',
      ordered_at: 'hs_external_created_date',
    },
    links: { customer: { to: 'companies', type: 509 } },
  },
  invoices: {
    kind: 'invoice',
    number: '0-53',
    scope: 'crm.objects.invoices',
    byDefault: false,
    status: 'hs_invoice_status',
    fields: {
      number: 'hs_number',
      total: 'hs_amount_billed',
      amount_due: 'hs_balance_due',
      currency: 'hs_currency',
      issued_on: 'hs_invoice_date',
      due_on: 'hs_due_date',
    },
    readOnly: ['hs_number', 'hs_amount_billed', 'hs_balance_due'],
    links: { customer: { to: 'companies', type: 179 } },
  },
}

export const DEFAULT_OBJECTS = Object.keys(SHIPPED).filter((name) => SHIPPED[name]!.byDefault)

const NOTHING: ObjectConfig = { fields: {}, refs: {}, associations: {}, read_only: [] }
/** Computed by HubSpot on every object. */
const COMPUTED = ['hs_object_id', 'hs_lastmodifieddate', 'lastmodifieddate', 'hs_createdate', 'hs_merged_object_ids']

/** The objects of one configuration in reading order. `missing`: custom objects whose kind nobody named. */
export function objectsOf(config: Pick<HubspotConfig, 'objects' | 'skip'>): { specs: ObjectSpec[]; missing: string[] } {
  const names = [...new Set([...DEFAULT_OBJECTS, ...Object.keys(config.objects)])].filter(
    (name) => !config.skip.includes(name),
  )
  const missing: string[] = []
  const specs = names.flatMap((object) => {
    const own = config.objects[object] ?? NOTHING
    const known = SHIPPED[object]
    const kind = own.kind ?? known?.kind
    if (kind === undefined) {
      missing.push(object)
      return []
    }
    // A kind of its own makes the shipped fields meaningless.
    const shipped = known?.kind === kind ? known : undefined
    const fields = { ...shipped?.fields, ...own.fields }
    // What the account keeps in a property of its own is no association any more.
    const links = Object.entries({ ...shipped?.links, ...own.associations }).filter(([field]) => !(field in own.fields))
    return {
      object,
      kind,
      number: known?.number ?? (/^\d-/.test(object) ? object : null),
      stamp: known?.stamp ?? 'hs_lastmodifieddate',
      fields,
      links: Object.fromEntries(links),
      refs: own.refs,
      status: own.status ?? shipped?.status ?? null,
      key: own.key ?? null,
      readOnly: [...COMPUTED, ...(shipped?.readOnly ?? []), ...own.read_only],
      scope: known?.scope ?? 'crm.objects.custom',
    }
  })
  return { specs, missing }
}

/** Every property that a source reads. */
export function propertiesOf(source: Source): readonly string[] {
  if (typeof source === 'string') return [source]
  return 'constant' in source ? [] : source.from
}

/** Every property that is asked for. */
export function wanted(spec: ObjectSpec): string[] {
  const named = [...Object.values(spec.fields).flatMap(propertiesOf), ...Object.values(spec.refs)]
  const own = [spec.stamp, 'hs_object_id', 'hs_merged_object_ids', 'hs_updated_by_user_id', spec.status, spec.key]
  return [...new Set([...own, ...named])].filter((name): name is string => name !== null)
}
