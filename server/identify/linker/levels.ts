/** Levels in SQL: at which level of its comparator a pair of rows `l` and `r` stands, for each field. */
import { COMPARATORS, LEVEL_BITS, type ComparatorName } from '../../../model/linkage/comparators.ts'
import { isWorded, type LinkField } from './spec.ts'
import { rarityOf } from './words.ts'

interface Sides {
  l: string
  r: string
  /** Share of the words' weight that both have: of all of it, and of the side with less. */
  shared: string
  ofLess: string
  /** Likeness by Jaro and Winkler, 0 where it certainly stays below `least` or `unless` holds. */
  alike(least: number, unless?: string): string
  /** Whether one insertion, deletion, substitution or swap makes one of the other. */
  oneOff: string
}

/** One condition a level but the last, best first; the first that holds counts. */
const TELLS: Record<ComparatorName, (s: Sides) => readonly string[]> = {
  company: ({ l, r, shared, ofLess, alike }) => {
    const likeness = alike(0.86, `${shared} >= 0.75`)
    return [
      `${l} = ${r}`,
      `bitOr(${shared} >= 0.999, bitAnd(${ofLess} >= 0.999, ${shared} >= 0.6))`,
      `bitOr(${shared} >= 0.75, ${likeness} >= 0.93)`,
      `bitOr(bitOr(${shared} >= 0.4, ${ofLess} >= 0.9), ${likeness} >= 0.86)`,
    ]
  },
  word: ({ l, r, alike }) => {
    const likeness = alike(0.82)
    return [`${l} = ${r}`, `${likeness} >= 0.92`, `${likeness} >= 0.82`]
  },
  words: ({ l, r, shared }) => [`${l} = ${r}`, `${shared} >= 0.8`, `${shared} >= 0.5`, `${shared} >= 0.25`],
  place: ({ l, r, alike }) => [`${l} = ${r}`, `${alike(0.88)} >= 0.88`],
  code: ({ l, r, oneOff }) => [`${l} = ${r}`, oneOff],
  postal: ({ l, r }) => [`${l} = ${r}`, `left(${l}, 3) = left(${r}, 3)`],
  phone: ({ l, r, oneOff }) => [
    `${l} = ${r}`,
    `bitAnd(bitAnd(length(${l}) >= 7, length(${r}) >= 7), right(${l}, 7) = right(${r}, 7))`,
    oneOff,
  ],
  email: ({ l, r }) => [
    `${l} = ${r}`,
    `substringIndex(${l}, '@', 1) = substringIndex(${r}, '@', 1)`,
    `substringIndex(${l}, '@', -1) = substringIndex(${r}, '@', -1)`,
  ],
  domain: ({ l, r }) => [`${l} = ${r}`, `substringIndex(${l}, '.', 1) = substringIndex(${r}, '.', 1)`],
  date: ({ l, r, oneOff }) => [`${l} = ${r}`, oneOff, `left(${l}, 4) = left(${r}, 4)`],
  amount: ({ l, r }) => {
    const [a, b] = [`toFloat64OrZero(${l})`, `toFloat64OrZero(${r})`]
    const off = `abs(${a} - ${b}) / greatest(abs(${a}), abs(${b}), 1e-9)`
    return [`${l} = ${r}`, `${off} <= 0.1`, `${off} <= 0.34`]
  },
  exact: ({ l, r }) => [`${l} = ${r}`],
}

/** Comparators that spell; for their fields every record carries a signature of its letters. */
const SPELLED: ReadonlySet<ComparatorName> = new Set<ComparatorName>([
  'company',
  'word',
  'place',
  'code',
  'phone',
  'date',
])
export const isSpelled = (field: Pick<LinkField, 'compare'>) => SPELLED.has(field.compare)

/**
 * Signature of a text: the first two of every letter, by their last five bits, are a bit each. So what two texts have in
 * common, and by how many letters they differ, is known before they are spelled.
 */
export function signatureSql(value: string): string {
  const bit = `bitShiftLeft(toUInt64(1), bitOr(bitShiftLeft(bitAnd(toUInt8(ascii(c)), 31), 1), k = 2))`
  return `arrayReduce('groupBitOr', arrayMap((c, k) -> if(k > 2, toUInt64(0), ${bit}), splitByString('', ${value}), arrayEnumerateUniq(splitByString('', ${value}))))`
}

/**
 * No text is more like another than its letters allow: Jaro counts at most the letters that both have, and Winkler
 * rewards a common beginning of four letters at most.
 */
function likenessAtMost(l: string, r: string, lSign: string, rSign: string): string {
  const beyond = (text: string, sign: string) => `(length(${text}) - bitCount(${sign}))`
  const common = `(bitCount(bitAnd(${lSign}, ${rSign})) + least(${beyond(l, lSign)}, ${beyond(r, rSign)}))`
  const jaro = `(${common} / greatest(1, length(${l})) + ${common} / greatest(1, length(${r})) + 1) / 3`
  return `if(ascii(${l}) = ascii(${r}), 0.6 * ${jaro} + 0.4, ${jaro})`
}

/** Rounding may not lose what stands exactly at a bound. */
const ROUNDING = 1e-6

export interface Told {
  /** Named expressions that the level is made of, each over those before it. */
  given: string[]
  level: string
}

/**
 * The level of one field of the pair (l, r): 0 where a side has no value. Everything cheap is worked out for every pair:
 * choosing rows for each condition would cost more than it saves.
 */
export function levelSql({ name, compare }: LinkField): Told {
  const [l, r] = [`l.f_${name}`, `r.f_${name}`]
  const [lSign, rSign] = [`l.g_${name}`, `r.g_${name}`]
  const given: string[] = []
  const named = (what: string, sql: string) => {
    given.push(`${sql} as ${what}_${name}`)
    return `${what}_${name}`
  }
  const worded = isWorded({ compare })
  const both = worded ? named('both', rarityOf(`arrayIntersect(l.c_${name}, r.c_${name})`)) : ''
  const [lSum, rSum] = [`l.s_${name}`, `r.s_${name}`]
  const conditions = TELLS[compare]({
    l,
    r,
    shared: worded ? named('shared', `2 * ${both} / greatest(${lSum} + ${rSum}, 1e-6)`) : '',
    ofLess: worded ? named('of_less', `${both} / greatest(least(${lSum}, ${rSum}), 1e-6)`) : '',
    alike: (least, unless = '0') =>
      named(
        'alike',
        `if(${l} != ${r} and not (${unless}) and ${likenessAtMost(l, r, lSign, rSign)} >= ${least - ROUNDING}, jaroWinklerSimilarity(${l}, ${r}), 0)`,
      ),
    // One step moves two bits of the signature at most.
    oneOff: `if(bitHammingDistance(${lSign}, ${rSign}) <= 2 and abs(toInt64(length(${l})) - toInt64(length(${r}))) <= 1, damerauLevenshteinDistance(${l}, ${r}) <= 1, 0)`,
  })
  const reached = conditions.reduce<string[]>((all, c, i) => {
    all.push(named(`reached_${i + 1}`, i === 0 ? c : `bitOr(${all[i - 1]!}, ${c})`))
    return all
  }, [])
  return { given, level: `if(${l} = '' or ${r} = '', 0, ${[COMPARATORS[compare].length, ...reached].join(' - ')})` }
}

/** All levels of the pair in one number. */
export function patternSql(fields: readonly LinkField[]): { given: string[]; pattern: string } {
  const told = fields.map(levelSql)
  return {
    given: told.flatMap((t) => t.given),
    pattern: told.map((t, i) => `bitShiftLeft(toUInt64(${t.level}), ${LEVEL_BITS * i})`).join(' + '),
  }
}
