/** A Zuora object in canonical words. Names are matched without regard to case, as the API does: its calls spell them differently. */
import { add, compare, format, multiply, parse, type Decimal } from '../../model/decimal.ts'
import type { RawRecord } from '../../model/record.ts'
import type { RawRow } from '../contract.ts'
import { MappingError } from '../contract.ts'
import type { ZuoraConfig } from './config.ts'
import type { ObjectSpec } from './objects.ts'

export type Row = Record<string, unknown>

/** A member that the row does not carry at all, told apart from one that is null. */
const ABSENT = Symbol('absent')

export function mapRow(spec: ObjectSpec, row: RawRow): RawRecord {
  const value = rowOf(row.value)
  const id = idOf(spec, value)
  if (id === null) throw new MappingError(spec.id[0]!, 'the row has no id')
  const fields: Record<string, unknown> = {}
  for (const [field, paths] of Object.entries(spec.fields)) {
    const found = first(value, paths)
    if (found !== ABSENT) fields[field] = plain(found, field)
  }
  for (const field of spec.derived) {
    const found = DERIVED[field]!(value, spec)
    if (found !== undefined) fields[field] = found
  }
  const state = stateOf(spec, value)
  if (state !== undefined) fields['state'] = state
  const refs: Record<string, string | null> = {}
  for (const [platform, path] of Object.entries(spec.refs)) {
    const found = at(value, path)
    if (found !== ABSENT) refs[platform] = textOf(found, path)
  }
  const writer = at(value, 'updatedById')
  return {
    record_id: id,
    status: spec.status ? textOf(first(value, ['status']), 'status') : null,
    refs,
    created_at: stampOf(value, 'createdDate'),
    changed_at: stampOf(value, 'updatedDate'),
    deleted: false,
    ...(typeof writer === 'string' && { changed_by: writer }),
    fields,
  }
}

export function idOf(spec: ObjectSpec, value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null
  const found = first(value as Row, spec.id)
  return typeof found === 'string' && found !== '' ? found : null
}

/** @throws MappingError for a stamp that is no text: what the text says is for the model to read, in the tenant's zone */
function stampOf(value: Row, member: string): string | null {
  const found = at(value, member)
  if (found === ABSENT || found === null || found === '') return null
  if (typeof found !== 'string' || !/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(found))
    throw new MappingError(member, 'the stamp cannot be read as a date and time')
  // Zuora keeps whole seconds and pretends to milliseconds: written without them, they are not read as exact.
  return found.replace(' ', 'T').replace(/\.000(?=Z|[+-]|$)/, '')
}

/** Epoch ms of `updatedDate`; null where it says no offset or nothing: such a row is never a place to go on from. */
export function changedAt(value: unknown): number | null {
  if (typeof value !== 'object' || value === null) return null
  const found = at(value as Row, 'updatedDate')
  if (typeof found !== 'string' || !/(Z|[+-]\d\d:?\d\d)$/.test(found)) return null
  const ms = Date.parse(found)
  return Number.isFinite(ms) ? ms : null
}

/** Older versions of a subscription are rows of their own: what they say is no longer so. */
export function isOldVersion(value: unknown, config: Pick<ZuoraConfig, 'expired_subscriptions'>): boolean {
  if (typeof value !== 'object' || value === null) return false
  const latest = at(value as Row, 'isLatestVersion')
  if (typeof latest === 'boolean') return !latest
  return config.expired_subscriptions === 'old_version' && at(value as Row, 'status') === 'Expired'
}

/** Posted is open until nothing is left to pay: the object has no word for that. */
function stateOf(spec: ObjectSpec, value: Row): string | undefined {
  if (spec.kind !== 'invoice' || at(value, 'status') !== 'Posted') return undefined
  const balance = decimalOf(at(value, 'balance'))
  return balance && compare(balance, '0') === 0 ? 'paid' : undefined
}

const INTERVALS: Record<string, string> = {
  month: 'month',
  quarter: 'quarter',
  annual: 'year',
  week: 'week',
  specific_days: 'day',
}

type Derive = (value: Row, spec: ObjectSpec) => unknown

const DERIVED: Record<string, Derive> = {
  name: (value) => {
    const parts = ['firstName', 'lastName'].map((m) => at(value, m)).filter((p) => p !== ABSENT)
    return parts.length === 0 ? undefined : parts.filter(Boolean).join(' ') || null
  },
  product: (value) => {
    const plans = listOf(value, 'ratePlans')
    return plans?.length === 1 ? plain(first(plans[0]!, ['productRatePlanId']), 'product') : undefined
  },
  quantity: (value) => {
    const charge = onlyCharge(value)
    const found = charge ? at(charge, 'quantity') : ABSENT
    return found === ABSENT || found === null ? undefined : plain(found, 'quantity')
  },
  amount: (value) => {
    const charge = onlyCharge(value)
    const price = charge && decimalOf(at(charge, 'price'))
    if (!charge || !price) return undefined
    const model = String(at(charge, 'chargeModel'))
      .toLowerCase()
      .replace(/[^a-z]/g, '')
    if (model.startsWith('flatfee')) return format(price)
    const quantity = decimalOf(at(charge, 'quantity'))
    return model.startsWith('perunit') && quantity ? format(multiply(price, quantity)) : undefined
  },
  interval: (value) => {
    const charge = onlyCharge(value)
    const period = charge && at(charge, 'billingPeriod')
    return typeof period === 'string' ? (INTERVALS[period.toLowerCase()] ?? period) : undefined
  },
  mrr: (value) => {
    const charges = chargesOf(value)
    if (!charges || charges.length === 0) return undefined
    let total: Decimal | string = '0'
    for (const charge of charges) {
      const mrr = decimalOf(at(charge, 'mrr'))
      if (!mrr) return undefined
      total = add(total, mrr)
    }
    return format(total)
  },
  renews_on: (value) => {
    const end = at(value, 'termEndDate')
    return at(value, 'autoRenew') === true && typeof end === 'string' ? end : undefined
  },
  amendment: (value) => {
    const version = Number(at(value, 'version'))
    const status = at(value, 'status')
    if (!Number.isFinite(version) || typeof status !== 'string') return undefined
    return version > 1 && /^(Draft|Pending)/.test(status) ? 'pending' : 'none'
  },
  failure_reason: (value) =>
    at(value, 'status') === 'Error' ? plain(first(value, ['gatewayResponse']), 'failure_reason') : undefined,
}

/** Charges that come again and again; undefined where they are not all there. */
function chargesOf(value: Row): Row[] | undefined {
  const plans = listOf(value, 'ratePlans')
  const charges = plans?.map((plan) => listOf(plan, 'ratePlanCharges'))
  if (!charges || charges.some((list) => list === undefined)) return undefined
  return charges.flatMap((list) => list!).filter((c) => String(at(c, 'chargeType')).toLowerCase() === 'recurring')
}

function onlyCharge(value: Row): Row | undefined {
  const charges = chargesOf(value)
  return charges?.length === 1 ? charges[0] : undefined
}

export function listOf(value: unknown, member: string): Row[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const found = at(value as Row, member)
  return Array.isArray(found) ? found.filter((one): one is Row => typeof one === 'object' && one !== null) : undefined
}

function first(value: Row, paths: readonly string[]): unknown {
  let found: unknown = ABSENT
  for (const path of paths) {
    const here = at(value, path)
    // An empty one gives way to the next, and counts where there is none.
    if (here !== ABSENT && (found === ABSENT || found === null)) found = here
  }
  return found
}

/** Follows a path; something that is empty makes everything behind it empty, not absent. */
function at(value: Row, path: string): unknown {
  let here: unknown = value
  for (const name of path.split('.')) {
    if (here === null) return null
    if (typeof here !== 'object') return ABSENT
    const key = Object.hasOwn(here as object, name)
      ? name
      : Object.keys(here as object).find((k) => k.toLowerCase() === name.toLowerCase())
    if (key === undefined) return ABSENT
    here = (here as Row)[key]
  }
  return here
}

function decimalOf(value: unknown): Decimal | null {
  return typeof value === 'number' || typeof value === 'string' ? parse(String(value)) : null
}

function plain(found: unknown, name: string): unknown {
  if (found === ABSENT) return undefined
  if (found === null || typeof found === 'string' || typeof found === 'boolean') return found
  if (typeof found === 'number') return String(found)
  throw new MappingError(
    name,
    `the value is ${Array.isArray(found) ? 'a list' : 'an object'}, not a text, number or yes/no`,
  )
}

function textOf(found: unknown, name: string): string | null {
  const text = plain(found, name)
  return text === null || text === undefined || text === '' ? null : String(text)
}

export function rowOf(value: unknown): Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MappingError('row', 'the row is not an object')
  return value as Row
}
