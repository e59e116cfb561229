/** Suggested matches: what speaks for and against them, and that no record is in two. */
import { describe, expect, it } from 'vitest'
import { SCORE_MIN, suggest, suggestionKey, type Unpaired } from '../model/match-score.ts'

const one = (kind: string, entity_id: string, amount: string, more: Partial<Unpaired> = {}): Unpaired => ({
  kind,
  entity_id,
  customer: 'K1',
  currency: 'EUR',
  amount,
  day: '2026-10-10',
  number: '',
  words: '',
  ...more,
})
const invoice = (id: string, amount: string, more: Partial<Unpaired> = {}) =>
  one('invoice', id, amount, { number: `INV-${id}`, ...more })
const payment = (id: string, amount: string, more: Partial<Unpaired> = {}) => one('payment', id, amount, more)

describe('a suggestion', () => {
  it('pairs the same amount of the same customer, and says why', () => {
    const [found] = suggest([invoice('1001', '119.00'), invoice('1002', '80.00')], [payment('P', '119')])
    expect(found).toMatchObject({
      left: [{ entity_id: '1001' }],
      right: [{ entity_id: 'P' }],
      difference: '0',
      currency: 'EUR',
    })
    expect(found!.score).toBe(90)
    expect(found!.reasons.map((r) => r.says)).toEqual([
      'The amounts are the same.',
      'They belong to the same customer.',
      'They are 0 days apart.',
    ])
  })

  it('finds the invoices that one payment adds up to', () => {
    const [found] = suggest(
      [invoice('1001', '60'), invoice('1002', '40'), invoice('1003', '35')],
      [payment('P', '100.00')],
    )
    expect(found!.left.map((l) => l.entity_id)).toEqual(['1001', '1002'])
  })

  it('finds the payments that one invoice adds up to', () => {
    const [found] = suggest([invoice('1001', '100')], [payment('P1', '60'), payment('P2', '30'), payment('P3', '10')])
    expect(found!.right.map((l) => l.entity_id)).toEqual(['P1', 'P2', 'P3'])
  })

  it('goes by the number in the words of a payment where the customer is another', () => {
    const found = suggest(
      [invoice('1001', '119'), invoice('1002', '119', { customer: 'K3' })],
      [payment('P', '119', { customer: 'K2', words: 'transfer inv 1002' })],
    )
    expect(found.map((s) => s.left[0]!.entity_id)).toEqual(['1002'])
  })

  it.each([
    ['another currency', { currency: 'USD' }],
    ['an amount far off', { amount: '300' }],
    ['another customer and nothing else', { customer: 'K2' }],
  ])('is not made for %s', (_, more) => {
    expect(suggest([invoice('1001', '119')], [payment('P', '119', more)])).toEqual([])
  })

  it('puts no record into two, and gives the better one the record', () => {
    const found = suggest(
      [invoice('1001', '119'), invoice('1002', '119', { day: '2026-08-01' })],
      [payment('P', '119'), payment('Q', '119')],
    )
    expect(found).toHaveLength(2)
    expect(new Set(found.flatMap((s) => [...s.left, ...s.right]).map((u) => u.entity_id)).size).toBe(4)
    expect(found.every((s) => s.score >= SCORE_MIN)).toBe(true)
  })

  it('is not made again once a person rejected it', () => {
    const [found] = suggest([invoice('1001', '119')], [payment('P', '119')])
    expect(suggest([invoice('1001', '119')], [payment('P', '119')], new Set([suggestionKey(found!)]))).toEqual([])
  })
})
