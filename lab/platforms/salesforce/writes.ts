/** Writes to the simulated org: its columns read back into the company's words, and the rules that it refuses by. */
import { fieldOf } from '../../../model/kinds.ts'
import type { PlatformState, SimRecord, SimWrite } from '../../platform.ts'
import { KEY_COLUMN, PICKLISTS, PLANS, READ_ONLY, REFERENCES } from './org.ts'
import { described } from './rows.ts'

/** A row that the org does not take. */
export class Refused extends Error {
  readonly status: number
  readonly code: string
  readonly fields: string[]
  constructor(code: string, message: string, fields: string[] = [], status = 400) {
    super(message)
    this.code = code
    this.fields = fields
    this.status = status
  }
}

type Columns = Record<string, unknown>
type Change = Omit<SimWrite, 'by'> & { fields: Record<string, string | null>; refs: Record<string, string | null> }

/** Columns that a new row must have. */
const REQUIRED: Record<string, string[]> = {
  customer: ['Name'],
  contact: ['LastName'],
  product: ['Name'],
  opportunity: ['Name', 'StageName', 'CloseDate'],
  quote: ['Name', 'OpportunityId'],
  contract: ['AccountId'],
  order: ['AccountId', 'EffectiveDate', 'Status'],
}

/** @param record the row that is changed; null: a new one */
export function changeOf(state: PlatformState, kind: string, body: Columns, record: SimRecord | null): Change {
  const plan = PLANS[kind]!
  const known = new Set([
    ...described(kind).map((f) => f.name),
    'FirstName',
    'LastName',
    'ContractTerm',
    'EffectiveDate',
  ])
  const change: Change = { fields: {}, refs: {} }
  if (record === null) {
    const lacking = (REQUIRED[kind] ?? []).filter((name) => body[name] === undefined || body[name] === null)
    if (lacking.length > 0)
      throw new Refused('REQUIRED_FIELD_MISSING', `Required fields are missing: [${lacking.join(', ')}]`, lacking)
  }
  for (const [column, value] of Object.entries(body)) {
    if (!known.has(column))
      throw new Refused('INVALID_FIELD', `No such column '${column}' on sobject of type ${plan.object}`, [column])
    if (READ_ONLY.includes(column) || (READ_ONLY_OF[kind] ?? []).includes(column))
      throw new Refused(
        'INVALID_FIELD_FOR_INSERT_UPDATE',
        `Unable to create/update fields: ${column}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
        [column],
      )
    place(state, kind, column, value, change)
  }
  if (body['ContractTerm'] !== undefined) ends(change, record, Number(body['ContractTerm']))
  if (kind === 'contact' && body['LastName'] !== undefined)
    change.fields['name'] = [body['FirstName'], body['LastName']].filter(Boolean).join(' ')
  return change
}

const READ_ONLY_OF: Record<string, string[]> = {
  order: ['OrderNumber', 'TotalAmount', 'TotalTaxAmount', 'ActivatedDate'],
  contract: ['ContractNumber', 'EndDate'],
  quote: ['QuoteNumber', 'TotalPrice', 'AccountId'],
  contact: ['Name'],
}

function place(state: PlatformState, kind: string, column: string, value: unknown, change: Change): void {
  const plan = PLANS[kind]!
  if (column === plan.status?.column) {
    const found = Object.entries(plan.status.words).find(([, word]) => word === value)
    if (!found)
      throw new Refused(
        'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
        `bad value for restricted picklist field: ${String(value)}`,
        [column],
      )
    change.state = found[0]
    return
  }
  if (kind === 'product' && column === 'IsActive') {
    change.state = value === true ? 'active' : 'retired'
    return
  }
  if (column === KEY_COLUMN) {
    change.fields['~key'] = value === null ? null : String(value)
    return
  }
  const platform = Object.keys(REFERENCES).find((name) => REFERENCES[name] === column)
  if (platform) {
    change.refs[platform] = value === null ? null : String(value)
    return
  }
  for (const field of Object.keys(plan.columns).filter((name) => plan.columns[name] === column)) {
    if (field.endsWith('.line2')) continue
    if (!field.endsWith('.line1')) change.fields[field] = read(state, kind, field, column, value)
    else {
      const [first, ...rest] = value === null ? [null] : String(value).split('\n')
      change.fields[field] = first ?? null
      change.fields[field.replace('line1', 'line2')] = rest.join('\n') || null
    }
  }
}

function read(state: PlatformState, kind: string, field: string, column: string, value: unknown): string | null {
  if (value === null) return null
  const { type, to } = fieldOf(kind, field)
  const text = String(value)
  const bad = (what: string) =>
    new Refused('JSON_PARSER_ERROR', `Cannot deserialize instance of ${what} from VALUE_STRING value ${text}`, [column])
  switch (type) {
    case 'bool':
      if (typeof value !== 'boolean') throw bad('boolean')
      return text
    case 'money':
    case 'number':
      if (!/^-?\d+(\.\d+)?$/.test(text)) throw bad('double')
      return text
    case 'date':
      if (!/^\d{4}-\d\d-\d\d$/.test(text)) throw bad('date')
      return text
    case 'instant':
      if (Number.isNaN(Date.parse(text))) throw bad('datetime')
      return new Date(text).toISOString()
    case 'email':
      if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text))
        throw new Refused('INVALID_EMAIL_ADDRESS', `${column}: invalid email address: ${text}`, [column])
      return text
    case 'reference': {
      const target = to?.find((k) => PLANS[k])
      if (target && !state.record(target, text))
        throw new Refused('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [column])
      return text
    }
    default: {
      const words = PICKLISTS[`${kind}.${field}`]
      if (!words) return text
      const found = Object.entries(words).find(([, word]) => word === text)
      if (!found)
        throw new Refused(
          'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
          `bad value for restricted picklist field: ${text}`,
          [column],
        )
      return found[0]
    }
  }
}

/** The last day of so many months. */
function ends(change: Change, record: SimRecord | null, months: number): void {
  const starts = change.fields['starts_on'] ?? record?.fields['starts_on']
  if (!starts) return
  const end = new Date(`${starts.slice(0, 10)}T00:00:00Z`)
  end.setUTCMonth(end.getUTCMonth() + months)
  end.setUTCDate(end.getUTCDate() - 1)
  change.fields['ends_on'] = end.toISOString().slice(0, 10)
}
