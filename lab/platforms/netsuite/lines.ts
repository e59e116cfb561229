/** Lines of the simulated account's tables: one record of the company as each table shows it. */
import { offsetAt } from '../../../model/zone.ts'
import { add, format, subtract } from '../../../model/decimal.ts'
import type { SimRecord } from '../../platform.ts'
import { PLANS, referenceColumns, shapeOf, TERMS, TIMEZONE, writerColumn } from './account.ts'
import type { Cell, Line } from './cells.ts'
import { Moment, Shown } from './cells.ts'

/** A small list whose members get their ids in the order in which they are first met. */
export interface List {
  of(name: string | null | undefined): string | null
  entries(): Iterable<[name: string, id: string]>
}
export interface Lists {
  currency: List
  term: List
  subsidiary: List
}

/** Wall clock of the account at an instant. */
export function wall(ms: number): Moment {
  return new Moment(new Date(ms + offsetAt(TIMEZONE, ms)).toISOString().slice(0, 19).replace('T', ' '))
}

/** A record that was never written: shows which columns a table has. */
export const BLANK: SimRecord = {
  id: '',
  kind: '',
  fields: {},
  state: null,
  refs: {},
  createdAt: 0,
  changedAt: 0,
  visibleAt: 0,
  changedBy: '',
}

export function documentLine(lists: Lists, kind: string, record: SimRecord): Line {
  const plan = PLANS[kind]!
  const { number, customer, currency, ...f } = record.fields
  // Money received and given back stands on the other side of the ledger.
  const side = (text: string | null | undefined) =>
    kind === 'payment' || kind === 'credit' ? negated(text ?? null) : (text ?? null)
  return {
    ...common(kind, record),
    createddate: wall(record.createdAt),
    type: new Shown(plan.type!, plan.record),
    status: record.oddStatus ?? plan.status![record.state ?? '']?.word ?? null,
    tranid: number ?? null,
    entity: customer ?? null,
    currency: lists.currency.of(currency),
    foreigntotal: kind === 'order' ? gross(f['amount'], f['tax']) : side(f['total'] ?? f['amount']),
    trandate: dayOf(f['issued_on'] ?? f['ordered_at'] ?? f['received_at'] ?? f['posted_at'] ?? null),
    duedate: dayOf(f['due_on'] ?? null),
    foreignamountunpaid: f['amount_due'] ?? null,
    closedate: dayOf(f['paid_at'] ?? null),
    memo: f['reason'] ?? null,
    paymentmethod: f['method'] ? new Shown('1', f['method']) : null,
    opportunity: null,
    voided: record.state === 'void' ? 'T' : 'F',
    lastmodifiedby: new Shown('3', record.changedBy),
    postingperiod: null,
    posting: 'T',
  }
}

/** The header as a line of its own, and the tax on another. */
export function detailLines(lists: Lists, record: SimRecord): Line[] {
  const main: Line = {
    transaction: record.id,
    id: '0',
    uniquekey: `${record.id}0`,
    mainline: 'T',
    taxline: 'F',
    createdfrom: record.fields['order'] ?? null,
    subsidiary: lists.subsidiary.of(record.fields['legal_entity']),
    item: null,
    quantity: null,
    rate: null,
    foreignamount: null,
  }
  const tax = record.fields['tax'] ?? null
  if (tax === null) return [main]
  const own = { id: '9', uniquekey: `${record.id}9`, mainline: 'F', taxline: 'T', createdfrom: null }
  return [main, { ...main, ...own, foreignamount: negated(tax) }]
}

export function linkLines(kind: string, record: SimRecord): Line[] {
  const invoice = record.fields['invoice']
  if (!invoice) return []
  return [
    {
      previousdoc: invoice,
      previoustype: 'CustInvc',
      nextdoc: record.id,
      nexttype: PLANS[kind]!.type!,
      linktype: 'Payment',
    },
  ]
}

export function customerLine(lists: Lists, kind: string, record: SimRecord): Line {
  const f = record.fields
  const status = PLANS['customer']!.status![record.state ?? '']
  const word = record.oddStatus ?? status?.word
  const terms = f['payment_terms']
  const entity = f['legal_entity']
  return {
    ...common(kind, record),
    datecreated: wall(record.createdAt),
    companyname: f['name'] ?? null,
    altname: f['name'] ?? null,
    email: f['email'] ?? null,
    phone: f['phone'] ?? null,
    url: f['domain'] ?? null,
    vatregnumber: f['tax_id'] ?? null,
    // The top of a hierarchy names itself.
    parent: f['parent'] ?? record.id,
    category: null,
    salesrep: null,
    currency: lists.currency.of(f['currency']),
    terms: lists.term.of(terms && (TERMS[terms] ?? terms)),
    creditlimit: f['credit_limit'] ?? null,
    oncredithold: flag(f['credit_hold']),
    language: f['language'] ?? null,
    subsidiary: entity ? new Shown(lists.subsidiary.of(entity)!, entity) : null,
    isinactive: status?.mark === 'isinactive' ? 'T' : 'F',
    entitystatus: word ? new Shown('13', word) : null,
    defaultbillingaddress: addressKey(record.id, 'bill_to'),
    defaultshippingaddress: addressKey(record.id, 'ship_to'),
  }
}

export function contactLine(kind: string, record: SimRecord): Line {
  const f = record.fields
  return {
    ...common(kind, record),
    datecreated: wall(record.createdAt),
    company: f['customer'] ?? null,
    firstname: null,
    lastname: null,
    entityid: f['name'] ?? null,
    email: f['email'] ?? null,
    phone: f['phone'] ?? null,
    isinactive: record.state === 'inactive' ? 'T' : 'F',
  }
}

export function itemLine(kind: string, record: SimRecord): Line {
  const f = record.fields
  return {
    ...common(kind, record),
    createddate: wall(record.createdAt),
    itemid: f['code'] ?? null,
    displayname: f['name'] ?? null,
    upccode: f['sku'] ?? null,
    class: f['category'] ? new Shown('1', f['category']) : null,
    isinactive: record.state === 'retired' ? 'T' : 'F',
  }
}

export function contractLine(kind: string, record: SimRecord): Line {
  const { lastmodifieddate, ...rest } = common(kind, record)
  const word = record.oddStatus ?? PLANS['contract']!.status![record.state ?? '']?.word ?? null
  const status = word === null ? null : new Shown('1', word)
  const stamps = { lastmodified: lastmodifieddate!, created: wall(record.createdAt) }
  return { ...rest, ...stamps, isinactive: 'F', custrecord_contract_status: status }
}

const ADDRESS_PARTS: Record<string, string> = {
  addr1: 'line1',
  addr2: 'line2',
  city: 'city',
  state: 'region',
  zip: 'postal_code',
  country: 'country',
}

export const addressKey = (id: string, group: string) => `${id}${group === 'bill_to' ? 1 : 2}`

export function addressLine(record: SimRecord, group: string): Line {
  const parts = Object.entries(ADDRESS_PARTS).map(([column, part]) => [
    column,
    record.fields[`${group}.${part}`] ?? null,
  ])
  return { nkey: addressKey(record.id, group), ...(Object.fromEntries(parts) as Line) }
}

/** Columns that every record has: key, stamp, references, custom fields and check-boxes. */
function common(kind: string, record: SimRecord): Line {
  const plan = PLANS[kind]!
  const line: Line = { id: record.id, lastmodifieddate: wall(record.changedAt) }
  for (const [platform, column] of Object.entries(referenceColumns(kind))) line[column] = record.refs[platform] ?? null
  for (const [field, column] of Object.entries(plan.custom))
    line[column] = customCell(kind, field, record.fields[field] ?? null)
  const set = record.oddStatus === undefined ? plan.status?.[record.state ?? '']?.mark : undefined
  for (const { mark } of Object.values(plan.status ?? {}))
    if (mark && mark !== 'isinactive') line[mark] = mark === set ? 'T' : 'F'
  const writer = writerColumn(kind)
  if (writer) line[writer] = record.changedBy
  return line
}

function customCell(kind: string, field: string, value: string | null): Cell {
  if (value === null || value === '') return null
  const shape = shapeOf(kind, field)
  if (shape === 'moment') return Number.isNaN(Date.parse(value)) ? value : wall(Date.parse(value))
  if (shape === 'day') return dayOf(value)
  return shape === 'flag' ? flag(value) : value
}

function flag(value: string | null | undefined): Cell {
  return value === 'true' ? 'T' : value === 'false' ? 'F' : (value ?? null)
}

const isDecimal = (text: string) => /^-?\d+(\.\d+)?$/.test(text)

function negated(text: string | null): string | null {
  return text === null || !isDecimal(text) ? text : format(subtract('0', text))
}

function gross(net: string | null | undefined, tax: string | null | undefined): string | null {
  if (!net || !isDecimal(net)) return net ?? null
  return format(add(net, tax && isDecimal(tax) ? tax : '0'))
}

/** A calendar day stays as it is; an instant is the day that it falls on in the account's zone. */
function dayOf(value: string | null): Cell {
  if (value === null || value === '') return null
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return new Moment(`${value} 00:00:00`)
  if (Number.isNaN(Date.parse(value))) return value
  return new Moment(`${wall(Date.parse(value)).text.slice(0, 10)} 00:00:00`)
}
