/**
 * Estimation: the weights of a link model from counted patterns, by expectation and maximisation. Pure.
 *
 * `u` comes from pairs drawn at random, nearly all of which are two things; the few that are one are taken out again.
 * `m` comes from pairs that share a block, rule by rule: within a rule, its own fields agree by construction and say
 * nothing, so each rule teaches only the other fields, and every field learns from the rules that leave it free. The
 * prior is what makes the pairs found add up among all pairs there are.
 */
import { COMPARATORS, levelOf } from './comparators.ts'
import {
  CHANCE_MIN,
  patternBits,
  priorBits,
  probabilityOf,
  type ComparedField,
  type FieldWeights,
  type LinkModel,
} from './weights.ts'

export interface Counted {
  pattern: number
  n: number
}

export interface RulePatterns {
  rule: string
  /** Indexes of the fields that the rule makes agree. */
  fixed: readonly number[]
  patterns: readonly Counted[]
}

export interface Counts {
  fields: readonly ComparedField[]
  /** Patterns of pairs drawn at random. */
  random: readonly Counted[]
  /**
   * Chance that two random records share exactly one value, per field, where it is known from all values; null: take
   * it from the sample. A sample sees no agreement in a field of which every value is rare.
   */
  sameByChance: readonly (number | null)[]
  rules: readonly RulePatterns[]
  /** Each pair that any rule found, once. */
  found: readonly Counted[]
  /** All pairs that could be one thing. */
  pairs: number
}

export interface Estimated {
  model: LinkModel
  /** Rounds that each rule took, and whether it came to rest. */
  rounds: { rule: string; rounds: number; settled: boolean; share: number }[]
}

const ROUNDS_MAX = 200
const SETTLED = 1e-5
/** Passes over `u`, `m` and the prior together. */
const PASSES = 4

/** Shares of the levels of one field among pairs; pairs without a value on both sides say nothing. */
function shares(patterns: readonly Counted[], field: number, levels: number, weight: (c: Counted) => number): number[] {
  const sums = new Array<number>(levels).fill(0)
  for (const c of patterns) {
    const level = levelOf(c.pattern, field)
    if (level > 0) sums[level - 1]! += weight(c)
  }
  const total = sums.reduce((a, b) => a + b, 0)
  return total === 0 ? [] : sums.map((s) => s / total)
}

const normal = (values: readonly number[]) => {
  const floored = values.map((v) => Math.max(CHANCE_MIN, v))
  const total = floored.reduce((a, b) => a + b, 0)
  return floored.map((v) => v / total)
}

/** `u` of a field: shares among random pairs, without the part that the true pairs contribute. */
function chances(counts: Counts, field: number, m: readonly number[], prior: number): number[] {
  const { compare } = counts.fields[field]!
  const levels = COMPARATORS[compare]
  const seen = shares(counts.random, field, levels.length, (c) => c.n)
  if (seen.length === 0) return levels.map((l) => l.u)
  const same = counts.sameByChance[field]
  const raw = seen.map((s, i) => (i === 0 && same !== null && same !== undefined ? same : s))
  return normal(raw.map((s, i) => (s - prior * m[i]!) / (1 - prior)))
}

/** EM over the pairs of one rule: its own share of true pairs and the `m` of the fields it leaves free. */
function learn(rule: RulePatterns, fields: readonly FieldWeights[]) {
  const free = fields.map((_, i) => i).filter((i) => !rule.fixed.includes(i))
  let m = fields.map((f) => [...f.m])
  let share = 0.1
  let rounds = 0
  let settled = false
  const bits = (pattern: number) =>
    free.reduce((sum, i) => {
      const level = levelOf(pattern, i)
      return level === 0 ? sum : sum + Math.log2(m[i]![level - 1]! / fields[i]!.u[level - 1]!)
    }, priorBits(share))
  while (rounds < ROUNDS_MAX && !settled) {
    rounds++
    const posterior = new Map(rule.patterns.map((c) => [c.pattern, probabilityOf(bits(c.pattern))]))
    const expected = rule.patterns.reduce((sum, c) => sum + c.n * posterior.get(c.pattern)!, 0)
    const all = rule.patterns.reduce((sum, c) => sum + c.n, 0)
    const next = m.map((values, i) => {
      if (!free.includes(i)) return values
      const found = shares(rule.patterns, i, values.length, (c) => c.n * posterior.get(c.pattern)!)
      return found.length ? normal(found) : values
    })
    settled = Math.max(...next.flatMap((values, i) => values.map((v, l) => Math.abs(v - m[i]![l]!)))) < SETTLED
    share = Math.min(0.999, Math.max(CHANCE_MIN, expected / Math.max(1, all)))
    m = next
  }
  const expected = share * rule.patterns.reduce((sum, c) => sum + c.n, 0)
  return { m, free, share, rounds, settled, expected }
}

/** Chance that two random records are one thing: the pairs expected among those found, over all pairs. */
function priorOf(model: LinkModel, found: readonly Counted[], pairs: number): number {
  let prior = model.prior
  for (let round = 0; round < 30; round++) {
    const start = priorBits(prior)
    const expected = found.reduce((sum, c) => sum + c.n * probabilityOf(start + patternBits(model, c.pattern)), 0)
    const next = Math.min(0.5, Math.max(1e-12, expected / Math.max(1, pairs)))
    if (Math.abs(next - prior) < prior * 1e-4) return next
    prior = next
  }
  return prior
}

/** Estimates the whole model. Deterministic; a level that no pair stands at keeps a chance of nearly nothing. */
export function estimate(counts: Counts, version: string): Estimated {
  let prior = Math.min(0.01, 1 / Math.max(100, Math.sqrt(counts.pairs)))
  let fields: FieldWeights[] = counts.fields.map(({ name, compare }) => {
    const m = COMPARATORS[compare].map((l) => l.m)
    return { name, compare, m, u: COMPARATORS[compare].map((l) => l.u) }
  })
  let rounds: Estimated['rounds'] = []
  for (let pass = 0; pass < PASSES; pass++) {
    fields = fields.map((f, i) => ({ ...f, u: chances(counts, i, f.m, prior) }))
    const learned = counts.rules
      .filter((r) => r.patterns.length > 0)
      .map((r) => ({ rule: r.rule, ...learn(r, fields) }))
    rounds = learned.map(({ rule, rounds, settled, share }) => ({ rule, rounds, settled, share }))
    fields = fields.map((f, i) => {
      const teachers = learned.filter((l) => l.free.includes(i) && l.expected > 0)
      const total = teachers.reduce((sum, t) => sum + t.expected, 0)
      if (total === 0) return f
      return {
        ...f,
        m: normal(f.m.map((_, l) => teachers.reduce((sum, t) => sum + t.expected * t.m[i]![l]!, 0) / total)),
      }
    })
    prior = priorOf({ version, prior, fields }, counts.found, counts.pairs)
  }
  return { model: { version, prior, fields }, rounds }
}
