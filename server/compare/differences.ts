/** Differences: what two or more platforms say about the same things, field by field. Pure. */
import { equalFields } from '../../model/compare.ts'
import { abs, add, format, subtract } from '../../model/decimal.ts'
import type { Field } from '../../model/fields.ts'
import { kindOf } from '../../model/kinds.ts'
import { onlySpelling } from './spelling.ts'
import type { SideRow } from '../store/facts/side-by-side.ts'

/** `spelling`: a difference that no reader would call one; shown, and not counted. */
export type RowState = 'differs' | 'only' | 'several' | 'spelling'

/** One line of the report. */
export interface Line {
  kind: string
  state: RowState
  /** What a person knows the thing by. */
  name: string
  /** Platform → its records. */
  records: Record<string, string[]>
  /** How its records were found to be one thing. */
  linked: string
  /** Canonical name of the field that differs; null where the whole thing is missing or there several times. */
  field: string | null
  /** Platform → value; null: nothing is written there. */
  values: Record<string, string | null>
  note: string
}

export interface KindSummary {
  kind: string
  /** Platform → records. */
  records: Record<string, number>
  /** Things that every platform of the kind has, and those of them without a difference. */
  matched: number
  same: number
  differing: number
  /** Platform → things that it alone has. */
  only: Record<string, number>
  /** Things of which one platform has several records. */
  several: number
  /** Field → things that differ in it, most first. */
  fields: { field: string; label: string; differing: number; compared: number }[]
  /** Currency ('' where none is written) → sum of the differences of amounts, and sums of what one platform alone has. */
  money: { currency: string; differing: string; only: Record<string, string> }[]
  /** Fields that could not be compared, and why. */
  left: { field: string; label: string; why: string }[]
}

export interface Comparison {
  kinds: KindSummary[]
  lines: Line[]
}

/** @param held platform → canonical fields that its file has a column for */
export function differences(
  kind: string,
  rows: readonly SideRow[],
  held: Readonly<Record<string, readonly string[]>>,
): { summary: KindSummary; lines: Line[] } {
  const platforms = Object.keys(held)
  const things = new Map<string, SideRow[]>()
  for (const row of rows) {
    const of = things.get(row.entity_id)
    if (of) of.push(row)
    else things.set(row.entity_id, [row])
  }
  const fields = kindOf(kind).fields.filter((f) => platforms.filter((p) => held[p]!.includes(f.name)).length > 1)
  const summary: KindSummary = {
    kind,
    records: Object.fromEntries(platforms.map((p) => [p, rows.filter((r) => r.platform === p).length])),
    matched: 0,
    same: 0,
    differing: 0,
    only: Object.fromEntries(platforms.map((p) => [p, 0])),
    several: 0,
    fields: [],
    money: [],
    left: [],
  }
  const counts = new Map(fields.map((f) => [f.name, { differing: 0, compared: 0, unread: 0 }]))
  const money = new Map<string, { differing: string; only: Record<string, string> }>()
  const lines: Line[] = []
  for (const members of things.values()) {
    const by = new Map<string, SideRow[]>()
    for (const m of members) by.set(m.platform, [...(by.get(m.platform) ?? []), m])
    const base = {
      kind,
      name: nameOf(members),
      records: Object.fromEntries([...by].map(([p, list]) => [p, list.map((r) => r.record_id).sort()])),
      linked: linkedBy(members),
    }
    const crowded = [...by].filter(([, list]) => list.length > 1)
    if (crowded.length > 0) {
      summary.several++
      const note = crowded.map(([p, list]) => `${p} has ${list.length} records of it`).join('; ')
      lines.push({ ...base, state: 'several', field: null, values: {}, note })
    }
    const missing = platforms.filter((p) => !by.has(p))
    if (missing.length > 0) {
      if (by.size === 1) {
        const [alone] = by.keys()
        summary.only[alone!] = summary.only[alone!]! + 1
        addWorth(kind, alone!, members[0]!, money)
      }
      lines.push({ ...base, state: 'only', field: null, values: {}, note: `not in ${missing.join(', ')}` })
    }
    if (by.size < 2) continue
    if (missing.length === 0) summary.matched++
    const found = fields.flatMap((f) => differs(f, by, held, counts.get(f.name)!, money) ?? [])
    for (const d of found) lines.push({ ...base, ...d })
    if (found.some((d) => d.state === 'differs')) summary.differing++
    else if (missing.length === 0) summary.same++
  }
  summary.fields = fields
    .map((f) => ({ field: f.name, label: f.label, ...counts.get(f.name)! }))
    .filter((f) => f.compared > 0)
    .map(({ unread: _, ...f }) => f)
    .sort((a, b) => b.differing - a.differing)
  summary.left = fields.flatMap((f) => {
    const { unread } = counts.get(f.name)!
    return unread > 0
      ? [
          {
            field: f.name,
            label: f.label,
            why:
              unread === 1
                ? 'one value is written in a word or code that is not understood'
                : `${unread} values are written in words or codes that are not understood`,
          },
        ]
      : []
  })
  summary.money = [...money]
    .map(([currency, m]) => ({ currency, ...m }))
    .sort((a, b) => a.currency.localeCompare(b.currency))
  return { summary, lines }
}

type Money = Map<string, { differing: string; only: Record<string, string> }>

const sumOf = (a: string | undefined, b: string) => format(add(a ?? '0', b))

function moneyIn(money: Money, currency: string) {
  const known = money.get(currency) ?? { differing: '0', only: {} }
  money.set(currency, known)
  return known
}

/** A document that one platform alone has counts with what it is worth. */
function addWorth(kind: string, platform: string, row: SideRow, money: Money): void {
  const { worth } = kindOf(kind)
  const value = worth ? row.values[worth] : undefined
  if (value === undefined) return
  const { only } = moneyIn(money, row.values['currency'] ?? '')
  only[platform] = sumOf(only[platform], value)
}

/** Of several records on one platform the first that has a value speaks. */
const speaker = (list: readonly SideRow[], field: string) => list.find((r) => r.values[field] !== undefined) ?? list[0]!

function differs(
  field: Field,
  by: ReadonlyMap<string, SideRow[]>,
  held: Readonly<Record<string, readonly string[]>>,
  count: { differing: number; compared: number; unread: number },
  money: Money,
): Pick<Line, 'state' | 'field' | 'values' | 'note'> | null {
  const sides = [...by]
    .filter(([p]) => held[p]!.includes(field.name))
    .map(([p, list]) => ({ p, row: speaker(list, field.name) }))
  if (sides.length < 2) return null
  if (sides.some(({ row }) => row.unread.includes(field.name))) {
    count.unread++
    return null
  }
  const values = Object.fromEntries(sides.map(({ p, row }) => [p, shown(row, field)]))
  // A flag that is not set is often not written.
  if (field.type === 'bool' && sides.every(({ row }) => (row.values[field.name] ?? 'false') === 'false')) return null
  const written = sides.filter(({ row }) => row.values[field.name] !== undefined)
  if (written.length === 0) return null
  if (field.type === 'reference' && written.some(({ row }) => row.references[field.name] === undefined)) return null
  count.compared++
  const notes: string[] = []
  if (written.length < sides.length)
    notes.push(
      `empty in ${sides
        .filter((s) => !written.includes(s))
        .map((s) => s.p)
        .join(', ')}`,
    )
  const [first, ...rest] = written
  let state: RowState = written.length < sides.length ? 'differs' : 'spelling'
  for (const other of rest) {
    const verdict = equalFields(field, side(first!.row, other.row, field), side(other.row, first!.row, field))
    if (verdict.equal) continue
    const spelled =
      verdict.why === 'legal_form' ||
      (WORDED.has(field.type) && onlySpelling(first!.row.values[field.name]!, other.row.values[field.name]!))
    notes.push(spelled ? 'only spelled otherwise' : (WHY[verdict.why ?? ''] ?? ''))
    if (!spelled) state = 'differs'
    if (field.type === 'money') addGap(first!.row, other.row, field, money)
  }
  if (notes.length === 0) return null
  if (state === 'differs') count.differing++
  return { state, field: field.name, values, note: [...new Set(notes.filter(Boolean))].join('; ') }
}

const WORDED: ReadonlySet<Field['type']> = new Set<Field['type']>(['name', 'legal_name', 'text'])

const WHY: Record<string, string> = {
  rounding: 'rounded',
  time_zone: 'a day or hours apart, as between time zones',
  currency: 'in two currencies',
}

function shown(row: SideRow, field: Field): string | null {
  const value = row.values[field.name]
  if (value === undefined) return null
  if (field.type !== 'money') return row.raw[field.name] ?? value
  const currency = field.currency === undefined ? undefined : row.values[field.currency]
  return currency ? `${value} ${currency}` : value
}

function side(row: SideRow, other: SideRow, field: Field) {
  const reference = field.type === 'reference'
  const currency =
    field.currency === undefined ? null : (row.values[field.currency] ?? other.values[field.currency] ?? 'EUR')
  return {
    value: (reference ? row.references[field.name] : row.values[field.name]) ?? '',
    key: reference ? null : (row.keys[field.name] ?? null),
    raw: row.raw[field.name] ?? null,
    currency,
  }
}

function addGap(a: SideRow, b: SideRow, field: Field, money: Money): void {
  const currency = field.currency === undefined ? '' : (a.values[field.currency] ?? b.values[field.currency] ?? '')
  const other = field.currency === undefined ? '' : (b.values[field.currency] ?? currency)
  // Amounts in two currencies have no difference.
  if (other !== currency) return
  const entry = moneyIn(money, currency)
  entry.differing = sumOf(entry.differing, format(abs(subtract(a.values[field.name]!, b.values[field.name]!))))
}

function nameOf(members: readonly SideRow[]): string {
  for (const field of ['name', 'legal_name', 'number', 'code', 'email', 'domain'])
    for (const m of members) if (m.values[field]) return m.values[field]
  return members[0]!.record_id
}

const RULES: Record<string, string> = {
  refs: 'cross reference',
  merged: 'merged',
  decided: 'similar in several fields',
}

function linkedBy(members: readonly SideRow[]): string {
  if (members.length < 2) return ''
  const rules = members.map((m) => m.rule).filter((r) => r !== 'alone')
  const of = (r: string) =>
    r.startsWith('key:') ? `same ${r.slice(4).replaceAll('_', ' ').replaceAll('+', ' and ')}` : (RULES[r] ?? r)
  return [...new Set(rules.map(of))].join(', ')
}
