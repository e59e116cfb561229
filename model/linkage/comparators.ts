/**
 * Comparators: in which ways two values of one field can agree, from "the same" down to "different".
 *
 * Each way is a level. Level 0 means that one side has no value and says nothing at all; the last level always means
 * "different". How a level is told inside the database is written in server/identify/linker/levels.ts.
 */

export type ComparatorName =
  | 'company' // a company's name: words in any order, rare words count more than common ones
  | 'word' // a given name, a surname
  | 'words' // a longer text: an address line, the title of a product
  | 'place' // a city
  | 'code' // an identifier: a tax id, a number in a register
  | 'postal'
  | 'phone'
  | 'email'
  | 'domain'
  | 'date' // ISO text; a swapped or mistyped digit is close
  | 'amount' // a number; near counts
  | 'exact'

export interface Level {
  name: string
  /** Ends the sentence "The names are …". */
  says: string
  /**
   * Chance that two records of one thing stand at this level, and that two records of two things do, before anything
   * was estimated from data: what a first look goes by.
   */
  m: number
  u: number
}

const level = (name: string, says: string, m: number, u: number): Level => ({ name, says, m, u })

/** Levels of every comparator, best first; a pattern counts them from 1. */
export const COMPARATORS: Readonly<Record<ComparatorName, readonly Level[]>> = {
  company: [
    level('same', 'the same', 0.6, 0.0005),
    level('same_words', 'the same words in another order or with a small addition', 0.18, 0.0005),
    level('close', 'spelled almost alike', 0.12, 0.002),
    level('similar', 'similar', 0.06, 0.03),
    level('different', 'different', 0.04, 0.967),
  ],
  word: [
    level('same', 'the same', 0.8, 0.005),
    level('close', 'spelled almost alike', 0.08, 0.003),
    level('similar', 'similar', 0.04, 0.02),
    level('different', 'different', 0.08, 0.972),
  ],
  words: [
    level('same', 'the same', 0.55, 0.0005),
    level('most', 'the same in nearly every telling word', 0.15, 0.001),
    level('half', 'the same in half of the telling words', 0.12, 0.005),
    level('some', 'the same in some telling words', 0.08, 0.03),
    level('different', 'different', 0.1, 0.9635),
  ],
  place: [
    level('same', 'the same', 0.85, 0.03),
    level('close', 'spelled almost alike', 0.06, 0.005),
    level('different', 'different', 0.09, 0.965),
  ],
  code: [
    level('same', 'the same', 0.9, 0.0001),
    level('one_off', 'off by one character', 0.04, 0.0005),
    level('different', 'different', 0.06, 0.9994),
  ],
  postal: [
    level('same', 'the same', 0.82, 0.004),
    level('area', 'in one area', 0.06, 0.03),
    level('different', 'different', 0.12, 0.966),
  ],
  phone: [
    level('same', 'the same', 0.7, 0.0002),
    level('end', 'the same in the last seven digits', 0.06, 0.0002),
    level('one_off', 'off by one digit', 0.03, 0.0003),
    level('different', 'different', 0.21, 0.9993),
  ],
  email: [
    level('same', 'the same', 0.55, 0.0001),
    level('local', 'the same before the @', 0.08, 0.002),
    level('domain', 'at one domain', 0.22, 0.0005),
    level('different', 'different', 0.15, 0.9974),
  ],
  domain: [
    level('same', 'the same', 0.85, 0.0004),
    level('label', 'the same but for the ending', 0.04, 0.0005),
    level('different', 'different', 0.11, 0.9991),
  ],
  date: [
    level('same', 'the same', 0.85, 0.0005),
    level('one_off', 'off by one digit, or with two swapped', 0.08, 0.005),
    level('year', 'in one year', 0.03, 0.02),
    level('different', 'different', 0.04, 0.9745),
  ],
  amount: [
    level('same', 'the same', 0.5, 0.005),
    level('near', 'within a tenth', 0.2, 0.05),
    level('far', 'within a third', 0.1, 0.12),
    level('different', 'different', 0.2, 0.825),
  ],
  exact: [level('same', 'the same', 0.9, 0.1), level('different', 'different', 0.1, 0.9)],
}

/** Bits that a level takes in a pattern: seven levels at most. */
export const LEVEL_BITS = 3

/** Fields that a pattern can hold: it must fit a whole number of JavaScript. */
export const FIELDS_MAX = 17

/** The level (0: a value is missing) of one field in a pattern. */
export function levelOf(pattern: number, field: number): number {
  return Math.floor(pattern / 2 ** (LEVEL_BITS * field)) % 2 ** LEVEL_BITS
}

/** The pattern of these levels, first field first. */
export function patternOf(levels: readonly number[]): number {
  return levels.reduce((sum, l, i) => sum + l * 2 ** (LEVEL_BITS * i), 0)
}
