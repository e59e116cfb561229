/** The link model: weights add up, estimation finds the truth that made the data, and order does not matter. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COMPARATORS, levelOf, patternOf, type ComparatorName } from '../model/linkage/comparators.ts'
import { estimate, type Counted, type Counts } from '../model/linkage/estimate.ts'
import {
  judgePair,
  patternBits,
  priorBits,
  probabilityOf,
  rarityBits,
  RARITY_MAX,
  shippedModel,
  weightOf,
} from '../model/linkage/weights.ts'

const FIELDS = [
  { name: 'name', compare: 'word' as ComparatorName },
  { name: 'birth', compare: 'date' as ComparatorName },
  { name: 'city', compare: 'place' as ComparatorName },
  { name: 'id', compare: 'code' as ComparatorName },
]
const levels = fc.tuple(...FIELDS.map((f) => fc.integer({ min: 0, max: COMPARATORS[f.compare].length })))

describe('comparators', () => {
  it('have chances that add up to one, and put agreement before difference', () => {
    for (const [name, list] of Object.entries(COMPARATORS)) {
      expect(
        list.reduce((sum, l) => sum + l.m, 0),
        name,
      ).toBeCloseTo(1, 9)
      expect(
        list.reduce((sum, l) => sum + l.u, 0),
        name,
      ).toBeCloseTo(1, 9)
      expect(list[0]!.m / list[0]!.u, name).toBeGreaterThan(1)
      expect(list.at(-1)!.m / list.at(-1)!.u, name).toBeLessThan(1)
    }
  })
})

describe('weights', () => {
  it('keep every level of a pattern', () => {
    fc.assert(
      fc.property(levels, (given) => {
        const pattern = patternOf(given)
        expect(given.map((_, i) => levelOf(pattern, i))).toEqual(given)
      }),
    )
  })

  it('add up to the verdict, and a missing value weighs nothing', () => {
    const model = shippedModel(FIELDS, 0.001)
    fc.assert(
      fc.property(
        levels,
        fc.array(fc.option(fc.double({ min: 1e-6, max: 1, noNaN: true })), { minLength: 4, maxLength: 4 }),
        (given, frequencies) => {
          const judged = judgePair(model, patternOf(given), frequencies)
          const sum = judged.evidence.reduce((total, e) => total + e.weight + e.rarity, judged.prior)
          expect(judged.bits).toBeCloseTo(sum, 9)
          expect(judged.probability).toBeCloseTo(probabilityOf(sum), 12)
          judged.evidence.forEach((e, i) => {
            if (given[i] === 0) expect(e).toMatchObject({ weight: 0, rarity: 0, level: 'missing' })
            expect(Math.abs(e.rarity)).toBeLessThanOrEqual(RARITY_MAX)
          })
        },
      ),
    )
  })

  it('count a rare shared value for more than a common one', () => {
    const [field] = shippedModel(FIELDS, 0.001).fields
    fc.assert(
      fc.property(
        fc.double({ min: 1e-5, max: 0.9, noNaN: true }),
        fc.double({ min: 1.01, max: 10, noNaN: true }),
        (rare, times) => {
          expect(rarityBits(field!, rare)).toBeGreaterThanOrEqual(rarityBits(field!, Math.min(1, rare * times)))
        },
      ),
    )
    expect(weightOf(field!, 1) + rarityBits(field!, field!.u[0]!)).toBeCloseTo(weightOf(field!, 1), 9)
  })

  it('turn a prior into bits and back', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 0.5, noNaN: true }), (p) => {
        expect(probabilityOf(priorBits(p))).toBeCloseTo(p, 9)
      }),
    )
  })
})

/** Counts exactly as a known truth would make them: no luck of the draw in between. */
function world(m: number[][], u: number[][], prior: number, pairs: number): Counts {
  const all = (chances: number[][]): { pattern: number; p: number }[] =>
    chances
      .reduce<{ levels: number[]; p: number }[]>(
        (list, of) => list.flatMap((x) => of.map((p, l) => ({ levels: [...x.levels, l + 1], p: x.p * p }))),
        [{ levels: [], p: 1 }],
      )
      .map((x) => ({ pattern: patternOf(x.levels), p: x.p }))
  const [same, different] = [all(m), all(u)]
  const mixed = (keep: (pattern: number) => boolean): Counted[] =>
    same
      .map(({ pattern, p }, i) => ({ pattern, n: pairs * (prior * p + (1 - prior) * different[i]!.p) }))
      .filter((c) => keep(c.pattern))
  const rule = (field: number) => ({
    rule: `same ${field}`,
    fixed: [field],
    patterns: mixed((p) => levelOf(p, field) === 1),
  })
  return {
    fields: FIELDS,
    random: mixed(() => true),
    sameByChance: FIELDS.map(() => null),
    rules: [rule(1), rule(3)],
    found: mixed((p) => levelOf(p, 1) === 1 || levelOf(p, 3) === 1),
    pairs,
  }
}

describe('estimation', () => {
  const M = [
    [0.75, 0.12, 0.05, 0.08],
    [0.9, 0.05, 0.02, 0.03],
    [0.7, 0.1, 0.2],
    [0.95, 0.03, 0.02],
  ]
  const U = [
    [0.01, 0.005, 0.02, 0.965],
    [0.002, 0.01, 0.03, 0.958],
    [0.05, 0.01, 0.94],
    [0.0005, 0.001, 0.9985],
  ]

  it('finds the chances and the prior that made the data', () => {
    const { model, rounds } = estimate(world(M, U, 0.0005, 50_000_000), 'v')
    model.fields.forEach((f, i) => {
      f.m.forEach((x, l) => expect(x, `m ${f.name} ${l}`).toBeCloseTo(M[i]![l]!, 1))
      f.u.forEach((x, l) => expect(x, `u ${f.name} ${l}`).toBeCloseTo(U[i]![l]!, 2))
    })
    expect(model.prior / 0.0005).toBeGreaterThan(0.8)
    expect(model.prior / 0.0005).toBeLessThan(1.25)
    expect(rounds.every((r) => r.settled)).toBe(true)
  })

  it('is the same in whatever order the patterns come, and gives chances that add up to one', () => {
    const counts = world(M, U, 0.001, 1_000_000)
    const turned = {
      ...counts,
      random: counts.random.toReversed(),
      found: counts.found.toReversed(),
      rules: counts.rules.map((r) => ({ ...r, patterns: r.patterns.toReversed() })),
    }
    const [a, b] = [estimate(counts, 'v').model, estimate(turned, 'v').model]
    a.fields.forEach((f, i) => {
      f.m.forEach((x, l) => expect(x).toBeCloseTo(b.fields[i]!.m[l]!, 6))
      expect(f.m.reduce((s, x) => s + x, 0)).toBeCloseTo(1, 9)
      expect(f.u.reduce((s, x) => s + x, 0)).toBeCloseTo(1, 9)
    })
    expect(patternBits(a, patternOf([1, 1, 1, 1]))).toBeGreaterThan(patternBits(a, patternOf([4, 4, 3, 3])))
  })

  it('stays whole when there is nothing to learn from', () => {
    const nothing = { fields: FIELDS, random: [], sameByChance: FIELDS.map(() => 0), rules: [], found: [], pairs: 0 }
    const { model } = estimate(nothing, 'v')
    for (const f of model.fields) for (const x of [...f.m, ...f.u]) expect(Number.isFinite(x) && x > 0).toBe(true)
    expect(model.prior).toBeGreaterThan(0)
  })
})
