/** Weights: what each kind of agreement is worth, in bits, and how a pair of records is judged by the sum of them. */
import { COMPARATORS, levelOf, type ComparatorName } from './comparators.ts'

export interface ComparedField {
  name: string
  compare: ComparatorName
  /** A rare value that two records share says more than a common one. */
  termFrequency?: boolean | undefined
}

/** Parameters of the model of Fellegi and Sunter for one kind of record. */
export interface LinkModel {
  /** Changes whenever any number does: stored with every proposal. */
  version: string
  /** Chance that two records picked at random are one thing. */
  prior: number
  /** Parallel to the fields, then to the comparator's levels. */
  fields: readonly FieldWeights[]
}

export interface FieldWeights {
  name: string
  compare: ComparatorName
  m: readonly number[]
  u: readonly number[]
}

/** Nothing is ever quite impossible: no single field may decide alone. */
export const CHANCE_MIN = 1e-6

const clamp = (x: number) => Math.min(1 - CHANCE_MIN, Math.max(CHANCE_MIN, x))

/** Bits for (positive) or against (negative) one thing; a missing value weighs nothing. */
export function weightOf(field: FieldWeights, level: number): number {
  if (level === 0) return 0
  return Math.log2(clamp(field.m[level - 1]!) / clamp(field.u[level - 1]!))
}

/** Most bits that the rarity of a shared value may add, and most that its commonness may take. */
export const RARITY_MAX = 8

/**
 * What the frequency of a shared value adds to "the same": the chance that two things share this value is its own
 * frequency, and not the average that `u` stands for.
 * @param frequency share of the records that have the value, 0 to 1
 */
export function rarityBits(field: FieldWeights, frequency: number): number {
  const bits = Math.log2(clamp(field.u[0]!)) - Math.log2(clamp(frequency))
  return Math.max(-RARITY_MAX, Math.min(RARITY_MAX, bits))
}

/** Sum of the weights of a pattern, without the prior and without rarity. */
export function patternBits(model: LinkModel, pattern: number): number {
  return model.fields.reduce((sum, field, i) => sum + weightOf(field, levelOf(pattern, i)), 0)
}

/** A prior may be far smaller than any chance of a level: among a million records few pairs are one thing. */
const PRIOR_MIN = 1e-15

export function priorBits(prior: number): number {
  const p = Math.min(1 - CHANCE_MIN, Math.max(PRIOR_MIN, prior))
  return Math.log2(p / (1 - p))
}

export function probabilityOf(bits: number): number {
  return bits > 60 ? 1 : bits < -60 ? 0 : 1 / (1 + 2 ** -bits)
}

/** One step of the waterfall from the prior to the verdict. */
export interface Evidence {
  field: string
  /** Name of the level; `missing` where a side has no value. */
  level: string
  says: string
  /** Bits of the level, and what the rarity of the shared value adds. */
  weight: number
  rarity: number
  m: number | null
  u: number | null
}

export interface Judged {
  prior: number
  evidence: Evidence[]
  /** Prior and evidence together. */
  bits: number
  probability: number
}

/**
 * The waterfall of one pair: every piece of evidence with its weight.
 * @param frequencies parallel to the fields: share of the records that have the shared value; null where it does not count
 */
export function judgePair(model: LinkModel, pattern: number, frequencies: readonly (number | null)[]): Judged {
  const prior = priorBits(model.prior)
  const evidence = model.fields.map((field, i): Evidence => {
    const level = levelOf(pattern, i)
    const known = COMPARATORS[field.compare][level - 1]
    const frequency = frequencies[i] ?? null
    return {
      field: field.name,
      level: known?.name ?? 'missing',
      says: known?.says ?? 'not known on both sides',
      weight: weightOf(field, level),
      rarity: level === 1 && frequency !== null ? rarityBits(field, frequency) : 0,
      m: level === 0 ? null : field.m[level - 1]!,
      u: level === 0 ? null : field.u[level - 1]!,
    }
  })
  const bits = evidence.reduce((sum, e) => sum + e.weight + e.rarity, prior)
  return { prior, evidence, bits, probability: probabilityOf(bits) }
}

/** The model before anything was estimated: what the comparators' own figures say. */
export function shippedModel(fields: readonly ComparedField[], prior: number): LinkModel {
  return {
    version: 'shipped-1',
    prior,
    fields: fields.map(({ name, compare }) => ({
      name,
      compare,
      m: COMPARATORS[compare].map((l) => l.m),
      u: COMPARATORS[compare].map((l) => l.u),
    })),
  }
}
