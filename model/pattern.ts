/**
 * Pattern: how a wrong value differs from the right one. Pure, shared by server and dashboard; stored with every finding
 * as a short code, so that ten thousand differences can be told apart by the few ways in which they came about.
 *
 * A code is a name, or a name and a detail after a colon: `truncated:40`, `prefix:CUST-`, `pair:paid>open`. What can only
 * be seen over many findings (one value for everybody, the same two values again and again) is said when they are folded.
 */
import { abs, compare, divide, format, parse, subtract, type Decimal } from './decimal.ts'
import type { FieldTypeName } from './fields.ts'

/** Types with few possible values: which two differ is the pattern. */
const FEW: ReadonlySet<string> = new Set(['enum', 'bool', 'country', 'currency', 'language', 'payment_terms'])
const AMOUNTS: ReadonlySet<string> = new Set(['money', 'number'])

/** Longest detail that a code carries, and shortest text that is thought cut off. */
const DETAIL_MAX = 24
const CUT_MIN = 8

export interface Differing {
  /** Type of the field; null where the finding is about no field. */
  type: FieldTypeName | null
  /** What the owner holds and what the platform at fault holds. */
  expected: string | null
  actual: string | null
  /** Personal data: no part of a value goes into the code. */
  personal?: boolean
}

/** The first of these that fits, in the order in which they say most. */
export function patternOf({ type, expected, actual, personal = false }: Differing): string {
  if (type === null) return 'none'
  if (blank(actual)) return blank(expected) ? 'none' : 'empty'
  if (blank(expected)) return 'filled'
  const e = expected!.trim()
  const a = actual!.trim()
  if (FEW.has(type)) return `pair:${short(e)}>${short(a)}`
  if (AMOUNTS.has(type)) return amounts(e, a)
  if (type === 'date' || type === 'instant') return times(e, a)
  const said = texts(e, a)
  return personal && !said.startsWith('truncated:') ? said.replace(/:.*$/s, ':') : said
}

const blank = (text: string | null) => text === null || text.trim() === ''
const short = (text: string) => (text.length > DETAIL_MAX ? `${text.slice(0, DETAIL_MAX)}…` : text)

function amounts(expected: string, actual: string): string {
  const [e, a] = [parse(expected), parse(actual)]
  if (!e || !a) return texts(expected, actual)
  if (e.units !== 0n && a.units !== 0n) {
    for (const factor of ['10', '100', '1000', '0.1', '0.01', '0.001', '-1'])
      if (compare(divide(a, e, 9), factor) === 0) return factor === '-1' ? 'sign' : `times:${factor}`
    if (rounded(e, a)) return 'rounding'
  }
  if (a.units === 0n) return 'zero'
  return 'other'
}

/** Less than one unit of the last digit that the coarser of both has. */
function rounded(e: Decimal, a: Decimal): boolean {
  const coarser = Math.min(decimalsOf(e), decimalsOf(a))
  const finer = Math.max(decimalsOf(e), decimalsOf(a))
  const gap = abs(subtract(e, a))
  if (compare(gap, '0.05') <= 0) return true
  return finer > coarser && compare(gap, coarser === 0 ? '1' : `0.${'0'.repeat(coarser - 1)}1`) < 0
}

const decimalsOf = (d: Decimal) => (format(d).split('.')[1] ?? '').length

const HOUR = 3_600_000
const DAY = 24 * HOUR

function times(expected: string, actual: string): string {
  if (/^\d{4}(-\d\d)?$/.test(expected) || /^\d{4}(-\d\d)?$/.test(actual)) return texts(expected, actual)
  const gap = Date.parse(actual) - Date.parse(expected)
  if (Number.isNaN(gap)) return texts(expected, actual)
  const sign = gap < 0 ? '-' : '+'
  if (Math.abs(gap) === DAY) return `day:${sign}1`
  if (swapped(expected, actual)) return 'day_and_month'
  if (Math.abs(gap) >= 365 * DAY && Math.abs(gap) <= 366 * DAY && expected.slice(5, 10) === actual.slice(5, 10))
    return `year:${sign}1`
  if (gap % (HOUR / 2) === 0 && Math.abs(gap) <= 14 * HOUR && gap !== 0) return `hours:${sign}${Math.abs(gap) / HOUR}`
  if (Math.abs(gap) < 1000) return 'rounding'
  return 'other'
}

function swapped(expected: string, actual: string): boolean {
  const [e, a] = [/^(\d{4})-(\d\d)-(\d\d)/.exec(expected), /^(\d{4})-(\d\d)-(\d\d)/.exec(actual)]
  return e !== null && a !== null && e[1] === a[1] && e[2] === a[3] && e[3] === a[2] && e[2] !== e[3]
}

function texts(e: string, a: string): string {
  if (plain(e) === plain(a)) return 'case_spacing'
  if (ascii(e) === ascii(a)) return 'accents'
  if (a.length >= CUT_MIN && e.length > a.length && e.startsWith(a)) return `truncated:${a.length}`
  if (a.length > e.length && a.endsWith(e) && a.length - e.length <= DETAIL_MAX)
    return `prefix:${a.slice(0, a.length - e.length).trim()}`
  if (a.length > e.length && a.startsWith(e) && a.length - e.length <= DETAIL_MAX)
    return `suffix:${a.slice(e.length).trim()}`
  if (e.length > a.length && e.endsWith(a) && a.length > 0 && e.length - a.length <= DETAIL_MAX)
    return `prefix_lost:${e.slice(0, e.length - a.length).trim()}`
  if (e.length > a.length && e.startsWith(a)) return `suffix_lost:${short(e.slice(a.length).trim())}`
  if (zeros(e) === zeros(a)) return 'leading_zeros'
  if (garbled(a) && !garbled(e)) return 'garbled'
  return 'other'
}

const plain = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s\p{P}]+/gu, '')
const ascii = (text: string) =>
  plain(text)
    .replaceAll('ß', 'ss')
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ø', 'o')
    .replaceAll('æ', 'ae')
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
const zeros = (text: string) => text.replace(/^0+(?=\d)/, '')
/** UTF-8 read as something else leaves these behind. */
const garbled = (text: string) => /Ã.|â€|\uFFFD|&[a-z]+;|&#\d+;/u.test(text)

const WORDS: Record<string, string> = {
  none: 'no value to compare',
  empty: 'left empty',
  filled: 'filled where the owner has nothing',
  case_spacing: 'only case, spaces or punctuation differ',
  accents: 'only accents or umlauts differ',
  rounding: 'differs by rounding',
  zero: 'zero instead of the amount',
  sign: 'the sign is turned round',
  day_and_month: 'day and month are swapped',
  leading_zeros: 'leading zeros are lost or added',
  garbled: 'characters are garbled',
  other: 'no common pattern',
}

/** A pattern in words for people. */
export function patternWords(code: string): string {
  const at = code.indexOf(':')
  const [name, detail] = at < 0 ? [code, ''] : [code.slice(0, at), code.slice(at + 1)]
  switch (name) {
    case 'pair': {
      const [from, to] = detail.split('>')
      if (!from && !to) return 'the same two values again and again'
      return `${from || 'empty'} is held as ${to || 'empty'}`
    }
    case 'times':
      return `the amount is multiplied by ${detail}`
    case 'truncated':
      return `cut off after ${detail} characters`
    case 'prefix':
      return detail === '' ? 'something is put in front' : `“${detail}” is put in front`
    case 'suffix':
      return detail === '' ? 'something is put behind' : `“${detail}” is put behind`
    case 'prefix_lost':
      return `“${detail}” in front is lost`
    case 'suffix_lost':
      return `“${detail}” at the end is lost`
    case 'day':
      return `${detail.startsWith('-') ? 'one day early' : 'one day late'}`
    case 'year':
      return `${detail.startsWith('-') ? 'one year early' : 'one year late'}`
    case 'hours':
      return `shifted by ${detail} hours`
    case 'constant':
      return detail === '' ? 'everybody has the same value' : `everybody has “${detail}”`
    default:
      return WORDS[name!] ?? name!.replaceAll('_', ' ')
  }
}
