/** Quiet hours and hours on call: over clock changes, past midnight, on single days, and in zones that skip a day. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { endOfHours, nextHours } from '../server/alert/hours.ts'

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
const at = (text: string) => Date.parse(text)
const NIGHT = [{ hours: '22:00-07:00' }]

describe('hours', () => {
  test('end when the wall clock says so, also over clock changes', () => {
    expect(iso(endOfHours(NIGHT, 'Europe/Zurich', at('2026-11-20T22:30:00Z')))).toBe('2026-11-21T06:00:00.000Z')
    // Clocks forward on 29 March 2026: an hour less.
    expect(iso(endOfHours(NIGHT, 'Europe/Zurich', at('2026-03-28T21:00:00Z')))).toBe('2026-03-29T05:00:00.000Z')
    // Back on 25 October 2026: an hour more.
    expect(iso(endOfHours(NIGHT, 'Europe/Zurich', at('2026-10-24T20:00:00Z')))).toBe('2026-10-25T06:00:00.000Z')
    // An end that the clocks jump over is reached when they have jumped.
    expect(iso(endOfHours([{ hours: '01:00-02:30' }], 'Europe/Zurich', at('2026-03-29T00:30:00Z')))).toBe(
      '2026-03-29T01:00:00.000Z',
    )
    expect(endOfHours(NIGHT, 'Europe/Zurich', at('2026-11-20T12:00:00Z'))).toBeNull()
  })

  test('that touch are one, and days count from where they begin', () => {
    const weekend = [{ days: ['sat', 'sun'] as const, hours: '00:00-24:00' }, ...NIGHT]
    expect(iso(endOfHours(weekend, 'UTC', at('2026-11-20T23:00:00Z')))).toBe('2026-11-23T07:00:00.000Z')
    const friday = [{ days: ['fri'] as const, hours: '22:00-06:00' }]
    expect(iso(endOfHours(friday, 'UTC', at('2026-11-21T03:00:00Z')))).toBe('2026-11-21T06:00:00.000Z')
    expect(iso(nextHours(friday, 'UTC', at('2026-11-21T06:00:00Z')))).toBe('2026-11-27T22:00:00.000Z')
    expect(nextHours([], 'UTC', 0)).toBeNull()
  })

  test('that never end hold nothing for ever', () => {
    const always = [{ hours: '00:00-24:00' }]
    const now = at('2026-11-20T12:00:00Z')
    expect(endOfHours(always, 'UTC', now)! - now).toBe(8 * 86_400_000)
  })

  test('come every night exactly once, in any zone, at any time of twenty years', () => {
    const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
    const instant = fc.integer({ min: Date.UTC(2010, 0, 1), max: Date.UTC(2030, 0, 1) })
    fc.assert(
      fc.property(zone, instant, (name, now) => {
        const begins = nextHours(NIGHT, name, now)!
        const ends = endOfHours(NIGHT, name, begins)!
        // The night itself, or what is left of it: never more than a night with a clock change in it.
        expect(ends).toBeGreaterThan(begins)
        expect(ends - begins).toBeLessThanOrEqual(11 * 3_600_000)
        expect(begins - now).toBeLessThanOrEqual(40 * 3_600_000)
        expect(endOfHours(NIGHT, name, ends)).toBeNull()
        expect(nextHours(NIGHT, name, ends)!).toBeGreaterThan(ends)
      }),
      { numRuns: 2_000 },
    )
  })
})
