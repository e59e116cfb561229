/** Records of the simulated environment as items of resources, and back. */
import { createHash } from 'node:crypto'
import { fieldOf } from '../../../model/kinds.ts'
import type { PlatformState, SimRecord, SimWrite } from '../../platform.ts'
import { Digits } from '../../wire.ts'
import { KEY, keyOf, PLANS, refAttribute, REFERRED, UNIT } from './resources.ts'

export type Item = Record<string, unknown>

const KEPT_KEY = '~key'

export function describedAttributes(kind: string): string[] {
  const { key, id, attributes, status, unit } = PLANS[kind]!
  const own = Object.values(attributes).filter((name) => name !== 'totals')
  const kept = [key, id, ...own, status?.attribute ?? '', unit ?? '', 'CreationDate', 'LastUpdateDate', 'LastUpdatedBy']
  return [...new Set([...kept, ...REFERRED.map(refAttribute), KEY])].filter(Boolean)
}

export function etagOf(record: SimRecord): string {
  const hash = createHash('md5').update(JSON.stringify([record.changedAt, record.fields, record.state, record.refs]))
  return `"${hash.digest('hex').toUpperCase()}"`
}

export function itemOf(record: SimRecord): Item {
  const plan = PLANS[record.kind]!
  const stamp = (ms: number) => new Date(ms).toISOString().replace('Z', '+00:00')
  const out: Item = { [plan.key]: new Digits(keyOf(record.id)) }
  if (plan.id !== plan.key) out[plan.id] = record.id
  for (const [field, attribute] of Object.entries(plan.attributes)) {
    const value = written(record.kind, field, record.fields[field] ?? null)
    if (attribute === 'totals') out['totals'] = totalsOf(value)
    else out[attribute] = value
  }
  for (const platform of REFERRED) out[refAttribute(platform)] = record.refs[platform] ?? null
  out[KEY] = record.fields[KEPT_KEY] ?? null
  if (plan.unit) out[plan.unit] = UNIT
  if (plan.status) {
    const word = record.state === null ? null : (plan.status.words[record.state] ?? record.state)
    out[plan.status.attribute] = record.oddStatus ?? word
    if (record.kind === 'invoice' && record.state === 'paid') out['InvoiceBalanceAmount'] = new Digits('0')
  }
  return {
    ...out,
    CreationDate: stamp(record.createdAt),
    LastUpdateDate: stamp(record.changedAt),
    LastUpdatedBy: record.changedBy,
  }
}

function totalsOf(amount: unknown) {
  const total = (TotalCode: string, TotalAmount: unknown) => ({ TotalCode, TotalAmount, PrimaryFlag: true })
  const items =
    amount === null ? [] : [total('QP_TOTAL_LIST_PRICE', new Digits('0')), total('QP_TOTAL_NET_PRICE', amount)]
  return { items, count: items.length, hasMore: false }
}

function written(kind: string, field: string, text: string | null): unknown {
  if (text === null) return null
  const { type } = fieldOf(kind, field)
  if (type === 'date') return text.slice(0, 10)
  if (type === 'money' && /^-?\d+(\.\d+)?$/.test(text)) return new Digits(kind === 'credit' ? `-${text}` : text)
  return text
}

export class Invalid extends Error {}

type Change = Omit<SimWrite, 'by'> & { fields: Record<string, string | null>; refs: Record<string, string | null> }

export function changeOf(state: PlatformState, kind: string, body: Item): Change {
  const plan = PLANS[kind]!
  const change: Change = { fields: {}, refs: {} }
  for (const [attribute, value] of Object.entries(body)) {
    const text = value === null || value === '' ? null : String(value)
    const platform = REFERRED.find((name) => refAttribute(name) === attribute)
    const field = Object.keys(plan.attributes).find((name) => plan.attributes[name] === attribute)
    if (platform) change.refs[platform] = text
    else if (attribute === KEY) change.fields[KEPT_KEY] = text
    else if (field === undefined) throw new Invalid(`The attribute ${attribute} in the request payload isn't valid.`)
    else {
      const { type, to } = fieldOf(kind, field)
      const target = type === 'reference' ? to?.find((name) => PLANS[name]) : undefined
      if (target && text !== null && !state.record(target, text))
        throw new Invalid(`The value ${text} of the attribute ${attribute} isn't valid.`)
      change.fields[field] = text
    }
  }
  return change
}
