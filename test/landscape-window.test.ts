/** When a window ends: working time in its zone, without holidays and maintenance, through every change of clocks. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildCalendar } from '../server/config/calendar.ts'
import type { CalendarConfig } from '../server/config/schema.ts'
import { everyRole, landscape, roles } from './world/small-landscape.ts'

const full = everyRole()
const HOUR = 3_600_000
const utc = (text: string) => Date.parse(text)

describe('the end of a window', () => {
  const office: CalendarConfig = {
    timezone: 'Europe/Zurich',
    hours: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map((d) => [d, ['08:00-12:00', '13:00-17:00']])),
    holidays: ['2026-12-25'],
    maintenance: [{ from: '2026-11-24T09:00:00+01:00', to: '2026-11-24T11:00:00+01:00' }],
  }
  const end = (from: string, hours: number, calendar = office) =>
    new Date(buildCalendar(calendar).windowEnd(utc(from), hours * HOUR)).toISOString()

  it('without a calendar is the start plus the window', () => {
    expect(full.windowEnd(full.edge('customer', 'credit_hold', 'erp', 'crm'), 1000)).toBe(301_000)
  })

  it('by the edge’s calendar goes into the landscape', () => {
    const l = landscape({
      platforms: roles('crm', 'erp'),
      calendars: { office },
      edges: [{ fields: ['customer'], calendar: 'office', window: '4h' }],
    })
    expect(l.windowEnd(l.edge('customer', 'name', 'crm', 'erp'), utc('2026-11-20T15:00:00Z'))).toBe(
      utc('2026-11-23T10:00:00Z'),
    )
  })

  it.each([
    ['within a morning', '2026-11-20T08:00:00Z', 2, '2026-11-20T10:00:00.000Z'],
    ['over lunch', '2026-11-20T10:00:00Z', 2, '2026-11-20T13:00:00.000Z'],
    ['exactly to the end of the day', '2026-11-20T15:00:00Z', 1, '2026-11-20T16:00:00.000Z'],
    ['over a weekend', '2026-11-20T15:00:00Z', 2, '2026-11-23T08:00:00.000Z'],
    ['from a Sunday', '2026-11-22T10:00:00Z', 1, '2026-11-23T08:00:00.000Z'],
    ['over a holiday', '2026-12-24T15:00:00Z', 2, '2026-12-28T08:00:00.000Z'],
    ['around maintenance', '2026-11-24T07:00:00Z', 2, '2026-11-24T11:00:00.000Z'],
    ['from within maintenance', '2026-11-24T08:30:00Z', 1, '2026-11-24T11:00:00.000Z'],
    ['of nothing', '2026-11-22T10:00:00Z', 0, '2026-11-22T10:00:00.000Z'],
  ])('%s', (_, from, hours, expected) => {
    expect(end(from, hours)).toBe(expected)
  })

  it('counts the hour that comes twice twice, and the one that is left out not at all', () => {
    const night: CalendarConfig = { timezone: 'Europe/Zurich', hours: { sun: ['00:00-06:00'] } }
    expect(end('2026-10-24T22:00:00Z', 7, night)).toBe('2026-10-25T05:00:00.000Z')
    expect(end('2027-03-27T23:00:00Z', 5, night)).toBe('2027-03-28T04:00:00.000Z')
    const skipped: CalendarConfig = { timezone: 'Europe/Zurich', hours: { sun: ['02:00-03:00', '04:00-05:00'] } }
    expect(end('2027-03-27T23:00:00Z', 1, skipped)).toBe('2027-03-28T03:00:00.000Z')
  })

  it('does not count an hour twice where clocks go back over midnight', () => {
    const always: CalendarConfig = {
      timezone: 'America/Havana',
      hours: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((d) => [d, ['00:00-24:00']])),
    }
    expect(end('2026-10-30T12:00:00Z', 96, always)).toBe('2026-11-03T12:00:00.000Z')
  })

  const calendars: CalendarConfig[] = [
    office,
    { timezone: 'America/New_York', hours: { mon: ['09:00-17:30'], wed: ['00:00-24:00'], sun: ['01:00-03:00'] } },
    { timezone: 'Australia/Lord_Howe' },
    {
      timezone: 'Asia/Kathmandu',
      hours: { fri: ['22:00-24:00'], sat: ['00:00-02:00'] },
      maintenance: [{ from: '2026-11-20T00:00:00Z', to: '2026-12-20T00:00:00Z' }],
    },
  ]
  const instants = fc.integer({ min: utc('2026-03-01T00:00:00Z'), max: utc('2027-04-01T00:00:00Z') })
  const windows = fc.integer({ min: 0, max: 60 * HOUR })

  it.each(calendars.map((c) => [c.timezone, c] as const))(
    'is monotone, additive and never early (%s)',
    (_, calendar) => {
      const { windowEnd } = buildCalendar(calendar)
      fc.assert(
        fc.property(
          instants,
          fc.integer({ min: 0, max: 10 * 24 * HOUR }),
          windows,
          windows,
          (from, later, window, more) => {
            const end = windowEnd(from, window)
            expect(end).toBeGreaterThanOrEqual(from + window)
            expect(windowEnd(from + later, window)).toBeGreaterThanOrEqual(end)
            expect(windowEnd(from, window + more)).toBeGreaterThanOrEqual(end)
            // The rest of a window, counted from where a part of it ended, ends where the whole does.
            expect(windowEnd(end, more)).toBe(more === 0 ? end : windowEnd(from, window + more))
          },
        ),
        { numRuns: 300 },
      )
    },
  )

  it('is plain addition where every hour counts, in any zone', () => {
    const { windowEnd } = buildCalendar({ timezone: 'America/Havana' })
    fc.assert(
      fc.property(instants, windows, (from, window) => void expect(windowEnd(from, window)).toBe(from + window)),
      { numRuns: 300 },
    )
  })
})
