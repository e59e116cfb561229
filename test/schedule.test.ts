import { describe, expect, it } from 'vitest'
import { offsetAt } from '../model/zone.ts'
import { nextSlot, slotsBetween } from '../server/schedule/slots.ts'
import { alike, clocksOf, dueOf, PLANS } from './world/zones.ts'

const at = (text: string) => Date.parse(text)
const show = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())

describe('slots of a schedule', () => {
  it('runs once after the gap on the day the clocks go forward', () => {
    // Zurich, 28 March 2027: 02:30 does not exist; the clocks jump from 02:00 to 03:00 at 01:00 UTC.
    expect(show(nextSlot('30 2 * * *', 'Europe/Zurich', at('2027-03-27T12:00:00Z')))).toBe('2027-03-28T01:00:00.000Z')
    expect(show(nextSlot('30 2 * * *', 'Europe/Zurich', at('2027-03-28T01:00:00Z')))).toBe('2027-03-29T00:30:00.000Z')
  })

  it('runs once on the day an hour comes twice, at the first of the two', () => {
    // Zurich, 31 October 2027: 02:30 exists at 00:30 UTC and at 01:30 UTC.
    expect(show(nextSlot('30 2 * * *', 'Europe/Zurich', at('2027-10-30T12:00:00Z')))).toBe('2027-10-31T00:30:00.000Z')
    expect(show(nextSlot('30 2 * * *', 'Europe/Zurich', at('2027-10-31T00:30:00Z')))).toBe('2027-11-01T01:30:00.000Z')
  })

  it('follows real time through both changes when it runs every hour', () => {
    for (const day of ['2027-03-28', '2027-10-31']) {
      const slots = slotsBetween('*/5 * * * *', 'Europe/Zurich', at(`${day}T00:00:00Z`), at(`${day}T04:00:00Z`))
      expect(slots).toHaveLength(48)
      for (let n = 1; n < slots.length; n++) expect(slots[n]! - slots[n - 1]!).toBe(300_000)
    }
  })

  it('handles zones whose offset is not whole hours, also where the change is half an hour', () => {
    expect(show(nextSlot('0 9 * * *', 'Asia/Kathmandu', at('2026-11-20T00:00:00Z')))).toBe('2026-11-20T03:15:00.000Z')
    expect(
      slotsBetween('15 2 * * *', 'Australia/Lord_Howe', at('2026-01-01T00:00:00Z'), at('2027-01-01T00:00:00Z')).length,
    ).toBe(365)
  })

  it('gives one slot a day over ten years in zones that change their clocks', () => {
    for (const zone of ['Europe/Berlin', 'America/New_York', 'America/Santiago', 'Africa/Casablanca', 'UTC']) {
      const slots = slotsBetween('30 2 * * *', zone, at('2020-01-01T00:00:00Z') - 1, at('2022-01-01T00:00:00Z') - 1)
      expect(slots.length, zone).toBe(731)
      expect(new Set(slots).size).toBe(731)
    }
  })

  it('knows weekdays, months, lists, ranges, names and that 30 February never comes', () => {
    expect(show(nextSlot('0 8 * * mon', 'UTC', at('2026-11-20T12:00:00Z')))).toBe('2026-11-23T08:00:00.000Z')
    expect(show(nextSlot('0 0 29 feb *', 'UTC', at('2026-11-20T12:00:00Z')))).toBe('2028-02-29T00:00:00.000Z')
    expect(show(nextSlot('0 6 1,15 * *', 'UTC', at('2026-11-02T12:00:00Z')))).toBe('2026-11-15T06:00:00.000Z')
    expect(nextSlot('0 0 30 2 *', 'UTC', at('2026-11-20T12:00:00Z'))).toBeNull()
    expect(() => nextSlot('61 * * * *', 'UTC', 0)).toThrow('not valid')
  })
})

describe('a schedule in every time zone of the world', () => {
  const [from, until] = [at('2026-01-01T00:00:00Z'), at('2029-01-01T00:00:00Z')]
  const all = Intl.supportedValuesOf('timeZone').map((zone) => clocksOf(zone, from, until))
  const kinds = alike(all)

  it('has clocks that stand as the platform says', () => {
    expect(kinds.length).toBeGreaterThan(50)
    for (const { zone, first, changes } of all) {
      expect(offsetAt(zone, from), zone).toBe(first)
      for (const c of changes) {
        expect(offsetAt(zone, c.at - 1), zone).toBe(c.from)
        expect(offsetAt(zone, c.at), zone).toBe(c.to)
      }
    }
  })

  it('has each slot at the instant that a second way of working it out gives, and no other', () => {
    for (const [clocks] of kinds)
      for (const plan of PLANS)
        expect(slotsBetween(plan.cron, clocks!.zone, from, until - 1, 2_000), `${clocks!.zone} ${plan.cron}`).toEqual(
          dueOf(clocks!, plan, from, until),
        )
  })

  it('leaves out a day that the zone left out', () => {
    // Samoa went from 29 to 31 December 2011.
    const slots = slotsBetween('30 2 * * *', 'Pacific/Apia', at('2011-12-28T00:00:00Z'), at('2011-12-31T23:00:00Z'))
    expect(slots.map(show)).toEqual([
      '2011-12-28T12:30:00.000Z',
      '2011-12-29T12:30:00.000Z',
      '2011-12-30T12:30:00.000Z',
      '2011-12-31T12:30:00.000Z',
    ])
  })
})
