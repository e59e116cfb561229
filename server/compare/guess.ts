/** Guess: which kind a file holds and which canonical field each column means, by names and by values, with the reason. */
import type { Field } from '../../model/fields.ts'
import { kindOf } from '../../model/kinds.ts'
import type { ColumnProfile } from './profile.ts'
import { FIELD_WORDS, KIND_WORDS, squeezed } from './synonyms.ts'

export interface Guess {
  /** Canonical name → column. */
  columns: Record<string, string>
  /** Canonical name → why, in words. */
  reasons: Record<string, string>
  /** Columns that mean nothing that can be compared. */
  left: string[]
}

export interface Other {
  platform: string
  /** Every id of the other platform's records of the kind, as far as sampled. */
  ids: ReadonlySet<string>
}

/** @param file name without its folder */
export function guessKind(file: string, columns: readonly ColumnProfile[]): string {
  const stem = squeezed(file.replace(/\.[a-z]+$/i, ''))
  const names = new Set(columns.map((c) => squeezed(c.column)))
  let best = { kind: 'customer', score: 0.5 }
  for (const [kind, words] of Object.entries(KIND_WORDS)) {
    const score =
      (words.file.some((w) => stem.includes(w)) ? 2 : 0) + words.column.filter((w) => names.has(w)).length * 1.2
    if (score > best.score) best = { kind, score }
  }
  return best.kind
}

interface Bid {
  target: string
  column: string
  score: number
  reason: string
}

/** Types whose values must look the part: a name alone is not believed. */
const MUST_LOOK: ReadonlySet<Field['type']> = new Set<Field['type']>([
  'email',
  'domain',
  'country',
  'currency',
  'date',
  'money',
  'number',
  'bool',
])
/** Types that values alone give away. */
const TELLING: ReadonlySet<Field['type']> = new Set<Field['type']>(['email', 'domain', 'currency', 'country'])

const lookOf = (type: Field['type']): keyof ColumnProfile['looks'] =>
  type === 'number' ? 'money' : type === 'instant' ? 'date' : type

/** @param fixed canonical name → column that the caller has decided; '' leaves the column out */
export function guessColumns(
  kind: string,
  columns: readonly ColumnProfile[],
  fixed: Readonly<Record<string, string>> = {},
  others: readonly Other[] = [],
): Guess {
  const bids: Bid[] = []
  const targets: { name: string; field: Field | null }[] = [
    { name: 'record_id', field: null },
    ...['status', 'created_at', 'changed_at', 'deleted'].map((name) => ({ name, field: null })),
    ...kindOf(kind)
      .fields.filter((f) => f.name !== 'state')
      .map((field) => ({ name: field.name, field })),
  ]
  for (const profile of columns)
    for (const { name, field } of targets) {
      const bid = bidFor(profile, name, field, columns)
      if (bid) bids.push({ ...bid, target: name, column: profile.column })
    }
  for (const profile of columns) bids.push(...crossBids(profile, others))
  bids.sort((a, b) => b.score - a.score || a.target.localeCompare(b.target))
  const found: Record<string, string> = { ...fixed }
  const reasons: Record<string, string> = Object.fromEntries(Object.keys(fixed).map((t) => [t, 'given']))
  const taken = new Set(Object.values(fixed))
  for (const { target, column, reason } of bids) {
    if (found[target] !== undefined || taken.has(column)) continue
    found[target] = column
    reasons[target] = reason
    taken.add(column)
  }
  if (found['record_id'] === undefined) idByValues(columns, found, reasons, taken)
  return { columns: found, reasons, left: columns.map((c) => c.column).filter((c) => !taken.has(c)) }
}

/** `Record ID - Company` and `Kunden-Nr. (SAP)` mean what their beginning says. */
function nameScore(column: string, target: string): { score: number; word: string } {
  const name = squeezed(column)
  const own = squeezed(target)
  if (name === own) return { score: 1, word: column }
  const words = FIELD_WORDS[target] ?? []
  const at = words.indexOf(name)
  // Earlier words of the list are the more usual ones.
  if (at >= 0) return { score: 0.95 - at * 0.004, word: column }
  const part = words.find((w) => w.length >= 5 && (name.startsWith(w) || name.endsWith(w)))
  return part ? { score: 0.6, word: column } : { score: 0, word: '' }
}

function bidFor(
  profile: ColumnProfile,
  target: string,
  field: Field | null,
  all: readonly ColumnProfile[],
): Pick<Bid, 'score' | 'reason'> | null {
  const { score, word } = nameScore(profile.column, target)
  if (target === 'record_id') {
    if (score === 0 || profile.filled < profile.rows || profile.distinct < profile.filled) return null
    // The first column is where an export puts its own id.
    return {
      score: score + (all[0] === profile ? 0.06 : 0),
      reason: `it is called “${word}” and every value is different`,
    }
  }
  if (!field) {
    if (score < 0.9) return null
    if (target.endsWith('_at') && profile.filled > 0 && (profile.looks.date ?? 0) < 0.8) return null
    return { score: score - 0.05, reason: `it is called “${word}”` }
  }
  const look = profile.looks[lookOf(field.type)] ?? 0
  if (score > 0) {
    if (MUST_LOOK.has(field.type) && profile.filled > 0 && look < 0.7) return null
    if (field.type === 'phone' && profile.filled > 0 && look < 0.5) return null
    if (field.type === 'name' && (profile.looks.date ?? 0) > 0.9) return null
    return {
      score: score + look * 0.03,
      reason: `it is called “${word}”${look >= 0.7 ? ` and holds ${plainType(field)}` : ''}`,
    }
  }
  // Without a name that means something, only values that nothing else looks like are believed.
  if (!TELLING.has(field.type) || look < 0.9 || profile.filled < 3) return null
  if (field.type === 'country' && field.name !== 'bill_to.country') return null
  return { score: 0.4 + look * 0.1, reason: `its values are ${plainType(field)}` }
}

const plainType = (field: Field): string =>
  ({
    email: 'mail addresses',
    domain: 'web domains',
    phone: 'telephone numbers',
    country: 'countries',
    currency: 'currencies',
    tax_id: 'tax ids',
    money: 'amounts',
    number: 'numbers',
    date: 'dates',
    instant: 'dates',
  })[field.type as string] ?? field.label.toLowerCase()

/** A column whose values are ids of the other file is a cross reference. */
function crossBids(profile: ColumnProfile, others: readonly Other[]): Bid[] {
  if (profile.filled === 0) return []
  return others.flatMap(({ platform, ids }) => {
    const hits = [...profile.values].filter((v) => ids.has(v)).length
    const share = hits / profile.distinct
    // A few small numbers meet by chance; an id is mostly different from row to row.
    if (hits < 2 || share < 0.5 || profile.distinct < profile.filled * 0.9) return []
    const named = squeezed(profile.column).includes(squeezed(platform))
    // Plain counting numbers meet in any two files: then the name must speak for it.
    const counting = [...profile.values].every((v) => /^\d{1,5}$/.test(v))
    if (counting && !named && !/extern|fremd|ref|cross|legacy|alt/i.test(profile.column)) return []
    return [
      {
        target: `refs.${platform}`,
        column: profile.column,
        score: 0.9 + share * 0.1,
        reason: `${hits} of its values are ids of ${platform}`,
      },
    ]
  })
}

function idByValues(
  columns: readonly ColumnProfile[],
  found: Record<string, string>,
  reasons: Record<string, string>,
  taken: Set<string>,
): void {
  const unique = columns.filter((c) => c.rows > 0 && c.distinct === c.rows)
  const plain = (c: ColumnProfile) => (c.looks.date ?? 0) < 0.5 && !c.sample.some((v) => /[.,]\d\d$/.test(v))
  // A number that is different everywhere is the id as well; else any column that could be one.
  const own =
    unique.find((c) => c.column === found['number'] || c.column === found['code'] || c.column === found['sku']) ??
    unique.find((c) => !taken.has(c.column) && plain(c)) ??
    unique.find((c) => c.column === found['customer'])
  if (!own) return
  found['record_id'] = own.column
  reasons['record_id'] = 'every value is there and different'
  taken.add(own.column)
}
