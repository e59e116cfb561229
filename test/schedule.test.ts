import { describe, expect, it } from 'vitest'
import { instantOf, nextSlot, slotsBetween } from '../server/schedule/slots.ts'

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

describe('a report’s schedule over twenty years', () => {
  /** Twice a month what the clocks of a zone are ahead: zones that are alike all year follow one rule from now on. */
  const rule = (zone: string) =>
    Array.from({ length: 24 }, (_, n) => Date.UTC(2026, n >> 1, n % 2 ? 15 : 1))
      .map((shown) => instantOf(shown, zone) - shown)
      .join()
  /** One zone for every rule that any zone of the world follows; ALL_ZONES takes them all, for a minute and a half. */
  const everywhere = Intl.supportedValuesOf('timeZone')
  const zones = process.env['ALL_ZONES'] ? everywhere : [...new Map(everywhere.map((z) => [rule(z), z])).values()]
  const [from, until] = [at('2026-01-01T00:00:00Z'), at('2046-01-01T00:00:00Z')]
  const local = new Map<string, Intl.DateTimeFormat>()
  /** The local day of an instant, as a person there would write it. */
  const dayOf = (ms: number, zone: string) => {
    let format = local.get(zone)
    if (!format) local.set(zone, (format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' })))
    return format.format(ms)
  }

  it('has exactly one slot in every month of every zone, at the hour in which clocks are changed', () => {
    for (const zone of zones) {
      const slots = slotsBetween('30 2 1 * *', zone, from - 1, until, 1000)
      const days = slots.map((s) => dayOf(s, zone))
      expect(new Set(days.map((d) => d.slice(0, 7))).size, zone).toBe(days.length)
      expect(days.length, zone).toBeGreaterThanOrEqual(239)
      expect(
        days.every((d) => d.endsWith('-01')),
        zone,
      ).toBe(true)
    }
  }, 120_000)

  it('has exactly one slot in every week and on every day of the zones whose clocks change, without a gap', () => {
    const changing = zones.filter((zone) => new Set(rule(zone).split(',')).size > 1)
    expect(changing.length).toBeGreaterThan(20)
    for (const zone of ['Europe/Zurich', 'America/Santiago', 'Australia/Lord_Howe', 'Africa/Casablanca']) {
      const weeks = slotsBetween('30 2 * * sun', zone, from - 1, until, 2000)
      expect(new Set(weeks.map((s) => dayOf(s, zone))).size, zone).toBe(weeks.length)
      weeks.slice(1).forEach((s, n) => expect(Math.round((s - weeks[n]!) / 86_400_000), zone).toBe(7))
    }
    // Every zone with two offsets, around each change of its year: one slot a local day.
    for (const zone of changing) {
      const days = slotsBetween('30 2 * * *', zone, from - 1, at('2027-01-01T00:00:00Z'), 400).map((s) =>
        dayOf(s, zone),
      )
      expect(new Set(days).size, zone).toBe(days.length)
      expect(days.length, zone).toBeGreaterThanOrEqual(365)
    }
  }, 120_000)
})
