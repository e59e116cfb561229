/** Records of the simulated system as entities of OData V2 or V4, and back. */
import { createHash } from 'node:crypto'
import { fieldOf } from '../../../model/kinds.ts'
import type { PlatformState, SimRecord, SimWrite } from '../../platform.ts'
import { AREAS, COMPANY_CODE, KEY, partnerOf, PLANS, refProperty, REFERRED, SALES_ORGANIZATION } from './sets.ts'

export type Entity = Record<string, unknown>

const KEPT_KEY = '~key'
const DAY = 86_400_000
const NAME_LINES = [1, 2, 3, 4].map((n) => `OrganizationBPName${n}`)

/** Every property that the system describes for a kind. */
export function describedProperties(kind: string): string[] {
  const plan = PLANS[kind]!
  const own = Object.values(plan.properties).flatMap((path) => (path.startsWith(AREAS) ? [] : [path.split('/')[0]!]))
  const letters = Object.values(plan.states).flatMap((state) => Object.keys(state))
  const stamps =
    plan.stamp === 'LastChangeDate'
      ? ['LastChangeDate', 'LastChangeTime', 'CreationTime', 'IsMarkedForArchiving', 'Customer', ...NAME_LINES]
      : ['LastChangeDateTime']
  const organized = kind === 'customer' || kind === 'product' ? [] : ['SalesOrganization', 'CompanyCode']
  return [
    ...new Set([...plan.keys, ...own, ...letters, ...stamps, 'CreationDate', ...Object.keys(plan.fixed ?? {})]),
    ...organized.filter((name) => !plan.keys.includes(name)),
    ...REFERRED.map(refProperty),
    KEY,
  ]
}

/** Version of a document: its stamp in hundreds of nanoseconds. */
export function etagOf(record: SimRecord): string {
  const hash = createHash('md5')
    .update(JSON.stringify([record.fields, record.state, record.refs]))
    .digest()
  const fine = String(hash.readUInt16BE(0) % 10_000).padStart(4, '0')
  return `W/"datetimeoffset'${encodeURIComponent(new Date(record.changedAt).toISOString().replace('Z', `${fine}Z`))}'"`
}

export function entityOf(record: SimRecord, version: 2 | 4): Entity {
  const plan = PLANS[record.kind]!
  const written = writer(version)
  const out: Entity = Object.fromEntries(plan.keys.map((name, n) => [name, record.id.split('/')[n]]))
  if (record.kind === 'customer') Object.assign(out, { BusinessPartner: partnerOf(record.id), Customer: record.id })
  Object.assign(out, { ...plan.fixed, SalesOrganization: SALES_ORGANIZATION, CompanyCode: COMPANY_CODE })
  const parts: Record<string, Entity> = {}
  for (const [field, path] of Object.entries(plan.properties)) {
    const value = written(record.kind, field, record.fields[field] ?? null)
    const [first, inner] = path.split('/') as [string, string | undefined]
    if (first === AREAS) continue
    if (inner === undefined) out[first] = value
    else (parts[first] ??= {})[inner] = value
  }
  if (record.kind === 'customer') Object.assign(out, linesOf(record.fields['name'] ?? ''))
  for (const platform of REFERRED) out[refProperty(platform)] = record.refs[platform] ?? ''
  out[KEY] = record.fields[KEPT_KEY] ?? ''
  for (const state of Object.values(plan.states)) for (const name of Object.keys(state)) out[name] ??= ''
  if (record.oddStatus !== undefined) out['OverallSDProcessStatus'] = record.oddStatus
  else Object.assign(out, plan.states[record.state ?? ''])
  Object.assign(out, stampsOf(record, version))
  if (version === 4) return { '@odata.etag': etagOf(record), ...out }
  for (const [name, part] of Object.entries(parts)) out[name] = partOf(record, name, part)
  const type = `${plan.service.split('/').at(-1)}.${plan.set}Type`
  const uri = `${plan.service}/${plan.set}('${record.id}')`
  return { __metadata: { uri, type, ...(plan.versioned && { etag: etagOf(record) }) }, ...out }
}

/** The sales areas of a customer: one, or two that disagree. */
export function areasOf(record: SimRecord): Entity[] {
  const area = (Division: string) => ({
    Customer: record.id,
    SalesOrganization: SALES_ORGANIZATION,
    DistributionChannel: '10',
    Division,
    Currency: record.fields['currency'] ?? '',
    CustomerPaymentTerms: record.fields['payment_terms'] ?? '',
  })
  const other = record.fields['~second_currency']
  return other ? [area('00'), { ...area('01'), Currency: other }] : [area('00')]
}

function partOf(record: SimRecord, name: string, part: Entity): Entity {
  if (name === 'to_Customer') return { Customer: record.id, ...part }
  if (name === 'to_Description') return { results: [{ Product: record.id, Language: 'EN', ...part }] }
  const address = { BusinessPartner: partnerOf(record.id), AddressID: record.id.slice(-5), HouseNumber: '', ...part }
  return { results: [address] }
}

function linesOf(name: string): Entity {
  const lines = ['']
  for (const word of name.split(' ')) {
    const longer = `${lines.at(-1)!} ${word}`.trim()
    if (longer.length <= 40) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return Object.fromEntries(NAME_LINES.map((line, n) => [line, lines[n] ?? '']))
}

function stampsOf(record: SimRecord, version: 2 | 4): Entity {
  const day = (ms: number) => (version === 4 ? new Date(ms).toISOString().slice(0, 10) : `/Date(${ms - (ms % DAY)})/`)
  const time = (ms: number) => {
    const [h, m, s] = new Date(ms).toISOString().slice(11, 19).split(':')
    return `PT${h}H${m}M${s}S`
  }
  const { changedAt, createdAt } = record
  if (PLANS[record.kind]!.stamp === 'LastChangeDateTime') {
    const stamp = version === 4 ? new Date(changedAt).toISOString() : `/Date(${changedAt}+0000)/`
    return { CreationDate: day(createdAt), LastChangeDateTime: stamp }
  }
  // What was never changed has no date of it.
  const changed = changedAt > createdAt
  return {
    CreationDate: day(createdAt),
    CreationTime: time(createdAt),
    LastChangeDate: changed ? day(changedAt) : null,
    LastChangeTime: changed ? time(changedAt) : 'PT00H00M00S',
    IsMarkedForArchiving: record.fields['~archived'] === 'true',
  }
}

/** How a value is written; amounts are texts in version 2, payments credits. */
function writer(version: 2 | 4) {
  return (kind: string, field: string, text: string | null): unknown => {
    const { type } = fieldOf(kind, field)
    if (type === 'bool') return text === 'true' ? '01' : ''
    if (type === 'date' || type === 'instant') {
      if (text === null) return null
      return version === 4 ? text.slice(0, 10) : `/Date(${Date.parse(`${text.slice(0, 10)}T00:00:00Z`)})/`
    }
    if (type === 'money' && kind === 'payment' && text !== null) return `-${text}`
    return text ?? ''
  }
}

export class Invalid extends Error {}

type Change = Omit<SimWrite, 'by'> & { fields: Record<string, string | null>; refs: Record<string, string | null> }

/** What a body changes. @param part the navigation whose entity it is for, '' for the entity itself */
export function changeOf(state: PlatformState, kind: string, part: string, body: Entity): Change {
  const plan = PLANS[kind]!
  const change: Change = { fields: {}, refs: {} }
  const lines: string[] = []
  for (const [property, value] of Object.entries(body)) {
    const path = part === '' ? property : `${part}/${property}`
    const text = value === '' || value === null ? null : String(value)
    const platform = REFERRED.find((name) => refProperty(name) === path)
    const field = Object.keys(plan.properties).find((name) => plan.properties[name] === path)
    if (NAME_LINES.includes(path)) lines.push(text ?? '')
    else if (platform) change.refs[platform] = text
    else if (path === KEY) change.fields[KEPT_KEY] = text
    else if (path === 'DeliveryBlockReason') change.state = text === null ? 'booked' : 'blocked'
    else if (field) change.fields[field] = read(state, kind, field, text)
    else if (typeof value === 'object' && value !== null) nested(state, kind, property, value as Entity, change)
    else if (!KNOWN.has(property)) throw new Invalid(`Property ${property} is invalid for entity ${plan.set}.`)
  }
  if (lines.length > 0) change.fields['name'] = lines.join(' ').trim() || null
  return change
}

const KNOWN = new Set(['BusinessPartnerCategory', 'BusinessPartnerGrouping', 'HouseNumber'])

function nested(state: PlatformState, kind: string, part: string, value: Entity, change: Change): void {
  const [first] = (value['results'] as Entity[] | undefined) ?? []
  if (part === 'to_BusinessPartnerRole' || !first) return
  Object.assign(change.fields, changeOf(state, kind, part, first).fields)
}

function read(state: PlatformState, kind: string, field: string, text: string | null): string | null {
  const { type, to } = fieldOf(kind, field)
  if (type === 'bool') return String(text !== null)
  if (text === null) return null
  const ms = /^\/Date\((-?\d+)\)\/$/.exec(text)?.[1]
  if (ms !== undefined) return new Date(Number(ms)).toISOString().slice(0, 10)
  const target = type === 'reference' ? to?.find((name) => PLANS[name]) : undefined
  if (target && !state.record(target, text)) throw new Invalid(`Sold-to party ${text} does not exist.`)
  return text
}
