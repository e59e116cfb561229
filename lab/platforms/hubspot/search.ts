/** The search of the simulated account: groups of filters, one order, and no page beyond 10,000 hits. */
import type { Shown } from './rows.ts'

interface Filter {
  propertyName: string
  operator: string
  value?: string
}
interface Search {
  filterGroups: { filters: Filter[] }[]
  sorts: { propertyName: string; direction?: string }[]
  properties: string[]
  limit: number
  after: string
}

export class BadSearch extends Error {}

const REACH = 10_000
const PAGE = 200

/** @throws BadSearch in the vendor's words */
export function found(rows: readonly Shown[], asked: Search): { total: number; page: Shown[]; after: string | null } {
  for (const key of ['filterGroups', 'sorts', 'properties', 'limit', 'after'] as const)
    if (asked[key] === undefined) throw new BadSearch(`Some required fields were not set: [${key}]`)
  if (!(asked.limit >= 1 && asked.limit <= PAGE))
    throw new BadSearch(`The limit ${asked.limit} is not in the range 1 to ${PAGE}`)
  if (asked.sorts.length > 1) throw new BadSearch('Only one sort is allowed')
  const from = Number(asked.after || 0)
  if (from + asked.limit > REACH) throw new BadSearch(`Cannot read beyond ${REACH} results`)
  const groups = asked.filterGroups
  const hits = rows.filter((row) => groups.length === 0 || groups.some((g) => g.filters.every((f) => meets(row, f))))
  const by = asked.sorts[0]?.propertyName
  const sign = asked.sorts[0]?.direction === 'DESCENDING' ? -1 : 1
  if (by !== undefined) hits.sort((a, b) => sign * compare(a.properties[by] ?? '', b.properties[by] ?? ''))
  const page = hits.slice(from, from + asked.limit)
  const end = from + page.length
  return { total: hits.length, page, after: end < hits.length ? String(end) : null }
}

function meets(row: Shown, { propertyName, operator, value = '' }: Filter): boolean {
  const have = row.properties[propertyName]
  if (have === null || have === undefined) return false
  const by = compare(have, value)
  switch (operator) {
    case 'EQ':
      return by === 0
    case 'GT':
      return by > 0
    case 'GTE':
      return by >= 0
    case 'LT':
      return by < 0
    case 'LTE':
      return by <= 0
    default:
      throw new BadSearch(`Operator ${operator} is not supported`)
  }
}

/** Stamps are compared with epoch milliseconds, numbers as numbers, everything else as text. */
function compare(a: string, b: string): number {
  const [x, y] = [comparable(a), comparable(b)]
  if (typeof x === 'number' && typeof y === 'number') return x - y
  return a < b ? -1 : a > b ? 1 : 0
}

function comparable(text: string): number | string {
  if (/^\d+$/.test(text)) return Number(text)
  return /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : text
}
