/** Homes by role: every list asks for something that exists, and every figure is somebody's. */
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { READERS } from '../server/measure/kpi/kpi.ts'
import { FAMILIES } from '../server/measure/kpi/table.ts'
import { parseSearch } from '../server/api/search.ts'
import { shippedChecks } from '../server/check/read.ts'
import { KINDS } from '../model/kinds.ts'
import { CATEGORIES } from '../model/verdict.ts'
import { HOMES } from '../ui/show/homes.ts'
import { figureWords, moveOf, spark } from '../ui/show/figures.ts'
import type { Kpi } from '../ui/api.ts'

const CHECKS = readdirSync(shippedChecks(), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replaceAll('\\', '/').slice(0, -'.yaml'.length))
const lists = HOMES.flatMap((h) => h.cards.flatMap((c) => (c.is === 'issues' ? [[h.as, c.title, c.q] as const] : [])))

describe('homes', () => {
  it.each(lists)('%s: “%s” asks for checks, kinds and categories that exist', (_, __, q) => {
    const terms = parseSearch(q, { worked: [], me: 'a@b.example', now: 0 })
    const known: Record<string, readonly string[]> = {
      check: CHECKS,
      kind: KINDS.map((k) => k.name),
      category: CATEGORIES,
      field: KINDS.flatMap((k) => k.fields.map((f) => f.name)),
    }
    for (const term of terms)
      if (known[term.key]) expect(term.values.filter((v) => !known[term.key]!.includes(v))).toEqual([])
  })

  it('shows every key figure to somebody, and the figures of no reader that does not exist', () => {
    const shown = HOMES.flatMap((h) => h.readers)
    expect(shown.filter((r) => !(READERS as readonly string[]).includes(r))).toEqual([])
    const readers = new Set(FAMILIES.flatMap((f) => f.kpis.map((k) => k.reader)))
    expect([...readers].filter((r) => !shown.includes(r))).toEqual([])
  })
})

describe('figures in words', () => {
  const kpi = (unit: Kpi['unit'], now: string | null, before: string | null, better: Kpi['better'] = 'lower') =>
    ({
      unit,
      better,
      period: '30 days',
      currency: 'EUR',
      current: { value: now, n: 1, why: '', measured_at: '' },
      previous: before === null ? null : { value: before, n: 1, why: '', measured_at: '' },
    }) as Kpi

  it('says unknown as a word, never as 0', () => {
    expect(figureWords(kpi('count', null, null), null)).toBe('not known')
    expect(figureWords(kpi('share', '0', null), '0')).toBe('0%')
  })
  it('tells direction by the arrow and good or bad by the mood', () => {
    expect(moveOf(kpi('count', '5', '7'))).toMatchObject({
      mood: 'fine',
      says: expect.stringMatching(/^▼ the 30 days before: 7/),
    })
    expect(moveOf(kpi('count', '9', '7'))!.mood).toBe('late')
    expect(moveOf(kpi('count', '9', '7', 'higher'))!.mood).toBe('fine')
    expect(moveOf(kpi('count', '9', '7', 'neither'))!.mood).toBe('quiet')
    expect(moveOf(kpi('count', '7', '7'))!.mood).toBe('quiet')
    expect(moveOf(kpi('count', '7', null))).toBeNull()
  })
  it('draws a line only through what is known', () => {
    expect(spark([{ value: '1' }])).toBe('')
    expect(spark([{ value: '1' }, { value: null }, { value: '3' }])).toBe('M0.0 22.0L100.0 2.0')
  })
})
