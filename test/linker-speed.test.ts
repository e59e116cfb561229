/** What the linker leaves out to be quick changes no answer: bounds hold, cut pairs could not have counted, a share teaches what all would. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillMillion } from '../bench/linkage-million.ts'
import { clear, link, scored, type Scored } from '../server/identify/linker/linker.ts'
import { levelSql, signatureSql } from '../server/identify/linker/levels.ts'
import type { LinkSpec } from '../server/identify/linker/spec.ts'
import { COMPARATORS, type ComparatorName } from '../model/linkage/comparators.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'

let world: FactsWorld
beforeAll(async () => void (world = await factsWorld()))
afterAll(() => world.end())

const RECORDS = 4_000

/** The conditions as they stand in docs/identity.md, without any short cut. */
const PLAIN: Partial<Record<ComparatorName, string>> = {
  word: `multiIf(a = b, 1, jaroWinklerSimilarity(a, b) >= 0.92, 2, jaroWinklerSimilarity(a, b) >= 0.82, 3, 4)`,
  place: `multiIf(a = b, 1, jaroWinklerSimilarity(a, b) >= 0.88, 2, 3)`,
  code: `multiIf(a = b, 1, damerauLevenshteinDistance(a, b) <= 1, 2, 3)`,
  date: `multiIf(a = b, 1, damerauLevenshteinDistance(a, b) <= 1, 2, left(a, 4) = left(b, 4), 3, 4)`,
}

describe('levels', () => {
  it.each(Object.entries(PLAIN))('of %s are those of the plain comparison', async (compare, plain) => {
    const { given, level } = levelSql({ name: 'x', compare: compare as ComparatorName, value: '' })
    // Texts of few letters, and the same with a letter swapped, lost, put in or changed: near and far pairs alike.
    const letter = (salt: number) => `substring('abcdeéß1 2', 1 + cityHash64(n, ${salt}) % 12, 1)`
    const text = `substring(concat(${[1, 2, 3, 4, 5, 6, 7, 8, 9].map(letter).join(', ')}), 1, 1 + cityHash64(n, 10) % 9)`
    const changed = `multiIf(how = 0, concat(left(a, at - 1), substring(a, at + 1, 1), substring(a, at, 1), substring(a, at + 2)),
      how = 1, concat(left(a, at - 1), substring(a, at + 1)), how = 2, concat(left(a, at), ${letter(20)}, substring(a, at + 1)),
      how = 3, concat(left(a, at - 1), ${letter(21)}, substring(a, at + 1)), how = 4, reverse(a), concat(a, ${letter(22)}, ${letter(23)}))`
    const pairs = `select a, ${changed} as b from (
      select number as n, ${text} as a, cityHash64(n, 30) % 6 as how, 1 + cityHash64(n, 31) % 5 as at from numbers(20000))`
    const [row] = await world.facts.query<{ wrong: string; levels: number }>(
      `with ${given.join(', ')}
       select toString(countIf(${level} != plain)) as wrong, uniqExact(plain) as levels from (
         select tuple(a, ${signatureSql('a')})::Tuple(f_x String, g_x UInt64) as l, tuple(b, ${signatureSql('b')})::Tuple(f_x String, g_x UInt64) as r, ${plain} as plain
         from (${pairs}) where a != '' and b != '')`,
    )
    expect(row!.wrong).toBe('0')
    expect(Number(row!.levels)).toBe(COMPARATORS[compare as ComparatorName].length)
  })
})

describe('looking', () => {
  const column = (name: string) => `columns['${name}']`
  const spec = (): LinkSpec => ({
    kind: 'million',
    source: `select platform, record_id, 0 as entity, columns from ${world.facts.database}.million`,
    pairs: 'all',
    fields: [
      { name: 'name', compare: 'company', value: column('name'), termFrequency: true },
      { name: 'tax_id', compare: 'code', value: column('tax_id') },
      { name: 'phone', compare: 'phone', value: column('phone'), termFrequency: true },
      { name: 'postal_code', compare: 'postal', value: column('postal_code') },
      { name: 'city', compare: 'place', value: column('city'), termFrequency: true },
    ],
    rules: [
      { name: 'words', keys: `arraySlice(t_name, 1, 3)`, fixes: [] },
      { name: 'tax id', keys: `[f_tax_id]`, fixes: ['tax_id'] },
      { name: 'phone', keys: `[right(f_phone, 7)]`, fixes: ['phone'] },
      { name: 'postal code', keys: `[f_postal_code]`, fixes: ['postal_code'] },
    ],
  })
  const named = (pairs: readonly Scored[]) =>
    pairs.map((p) => [p.l.record_id, p.r.record_id, p.bits.toFixed(3)].join(' '))

  it('leaves out only pairs that stay below the threshold', async () => {
    const { facts } = world
    await fillMillion(facts, RECORDS)
    const all = await link(facts, spec(), { atLeast: 0 })
    const wanted = await scored(facts, spec(), all.model, 0, RECORDS * 10)
    const cut = await link(facts, spec(), { atLeast: 0, known: all.model })
    expect(named(await scored(facts, spec(), all.model, 0, RECORDS * 10))).toEqual(named(wanted))
    expect(cut.compared).toBeLessThan(all.compared)
    expect(wanted.length).toBeGreaterThan(RECORDS / 4)
    await clear(facts)
  })

  it('learns from a share of the candidates nearly what it learns from all', async () => {
    const { facts } = world
    await fillMillion(facts, RECORDS)
    const all = await link(facts, spec(), { atLeast: 0 })
    const wanted = new Set(
      named(await scored(facts, spec(), all.model, 0, RECORDS * 10)).map((n) => n.split(' ', 2).join(' ')),
    )
    const share = await link(facts, spec(), { atLeast: 0, learnFrom: all.compared / 3 })
    const found = named(await scored(facts, spec(), share.model, 0, RECORDS * 10)).map((n) => n.split(' ', 2).join(' '))
    expect(share.model.version).not.toBe(all.model.version)
    const both = found.filter((n) => wanted.has(n)).length
    expect(both / Math.max(found.length, wanted.size)).toBeGreaterThan(0.97)
    await clear(facts)
  })
})
