/** Levels in SQL: at which level of its comparator a pair of rows `l` and `r` stands, for each field. */
import { COMPARATORS, LEVEL_BITS, type ComparatorName } from '../../../model/linkage/comparators.ts'
import type { LinkField } from './spec.ts'

interface Sides {
  l: string
  r: string
  /** Share of the words' weight that both have: of all of it, and of the side with less. */
  shared: string
  ofLess: string
}

/** One condition a level but the last, best first; the first that holds counts. */
const TELLS: Record<ComparatorName, (s: Sides) => readonly string[]> = {
  company: ({ l, r, shared, ofLess }) => [
    `${l} = ${r}`,
    `${shared} >= 0.999 or (${ofLess} >= 0.999 and ${shared} >= 0.6)`,
    `jaroWinklerSimilarity(${l}, ${r}) >= 0.93 or ${shared} >= 0.75`,
    `jaroWinklerSimilarity(${l}, ${r}) >= 0.86 or ${shared} >= 0.4 or ${ofLess} >= 0.9`,
  ],
  word: ({ l, r }) => [
    `${l} = ${r}`,
    `jaroWinklerSimilarity(${l}, ${r}) >= 0.92`,
    `jaroWinklerSimilarity(${l}, ${r}) >= 0.82`,
  ],
  words: ({ l, r, shared }) => [`${l} = ${r}`, `${shared} >= 0.8`, `${shared} >= 0.5`, `${shared} >= 0.25`],
  place: ({ l, r }) => [`${l} = ${r}`, `jaroWinklerSimilarity(${l}, ${r}) >= 0.88`],
  code: ({ l, r }) => [`${l} = ${r}`, `damerauLevenshteinDistance(${l}, ${r}) <= 1`],
  postal: ({ l, r }) => [`${l} = ${r}`, `left(${l}, 3) = left(${r}, 3)`],
  phone: ({ l, r }) => [
    `${l} = ${r}`,
    `length(${l}) >= 7 and length(${r}) >= 7 and right(${l}, 7) = right(${r}, 7)`,
    `damerauLevenshteinDistance(${l}, ${r}) <= 1`,
  ],
  email: ({ l, r }) => [
    `${l} = ${r}`,
    `substringIndex(${l}, '@', 1) = substringIndex(${r}, '@', 1)`,
    `substringIndex(${l}, '@', -1) = substringIndex(${r}, '@', -1)`,
  ],
  domain: ({ l, r }) => [`${l} = ${r}`, `substringIndex(${l}, '.', 1) = substringIndex(${r}, '.', 1)`],
  date: ({ l, r }) => [`${l} = ${r}`, `damerauLevenshteinDistance(${l}, ${r}) <= 1`, `left(${l}, 4) = left(${r}, 4)`],
  amount: ({ l, r }) => {
    const [a, b] = [`toFloat64OrZero(${l})`, `toFloat64OrZero(${r})`]
    const off = `abs(${a} - ${b}) / greatest(abs(${a}), abs(${b}), 1e-9)`
    return [`${l} = ${r}`, `${off} <= 0.1`, `${off} <= 0.34`]
  },
  exact: ({ l, r }) => [`${l} = ${r}`],
}

/** The level of one field of the pair (l, r): 0 where a side has no value. */
export function levelSql({ name, compare }: LinkField): string {
  const [l, r] = [`l.f_${name}`, `r.f_${name}`]
  const both = `arraySum((t, b) -> if(has(r.t_${name}, t), b, 0), l.t_${name}, l.b_${name})`
  const [lSum, rSum] = [`l.s_${name}`, `r.s_${name}`]
  const conditions = TELLS[compare]({
    l,
    r,
    shared: `2 * ${both} / greatest(${lSum} + ${rSum}, 1e-6)`,
    ofLess: `${both} / greatest(least(${lSum}, ${rSum}), 1e-6)`,
  })
  const branches = conditions.map((c, i) => `${c}, ${i + 1}`)
  return `multiIf(${l} = '' or ${r} = '', 0, ${branches.join(', ')}, ${COMPARATORS[compare].length})`
}

/** All levels of the pair in one number. */
export function patternSql(fields: readonly LinkField[]): string {
  return fields.map((f, i) => `bitShiftLeft(toUInt64(${levelSql(f)}), ${LEVEL_BITS * i})`).join(' + ')
}
