/** A time zone: which instant a wall clock means, the same on every machine. */

const HOUR = 3_600_000
const DAY = 24 * HOUR
const UTC = /^(utc|etc\/utc|gmt|etc\/gmt|z|zulu)$/i
/** Days remembered per zone: ten years, several times over. */
const DAYS_MAX = 20_000

interface Zone {
  format: Intl.DateTimeFormat
  /** Day number → offset if it holds all day, else null. */
  days: Map<number, number | null>
}

const zones = new Map<string, Zone>()

/** @throws RangeError if there is no such zone; the configuration is validated before. */
function zoneOf(name: string): Zone {
  let zone = zones.get(name)
  if (!zone) {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    zone = { format, days: new Map() }
    zones.set(name, zone)
  }
  return zone
}

function exactOffset(zone: Zone, at: number): number {
  const part: Record<string, string> = {}
  for (const p of zone.format.formatToParts(at)) part[p.type] = p.value
  const local = Date.UTC(
    Number(part['year']),
    Number(part['month']) - 1,
    Number(part['day']),
    Number(part['hour']),
    Number(part['minute']),
    Number(part['second']),
  )
  return local - Math.floor(at / 1000) * 1000
}

/** Milliseconds that the zone's clocks are ahead of UTC at an instant. */
export function offsetAt(name: string, at: number): number {
  if (UTC.test(name)) return 0
  const zone = zoneOf(name)
  const day = Math.floor(at / DAY)
  let offset = zone.days.get(day)
  if (offset === undefined) {
    const start = exactOffset(zone, day * DAY)
    offset = start === exactOffset(zone, (day + 1) * DAY) ? start : null
    if (zone.days.size >= DAYS_MAX) zone.days.clear()
    zone.days.set(day, offset)
  }
  return offset ?? exactOffset(zone, at)
}

/**
 * The instant that a wall clock shows as `local` (its digits read as if they were UTC). A time that occurs
 * twice is the earlier one; a time that is skipped is as much later as the clocks were moved.
 */
export function instantOf(name: string, local: number): number {
  if (UTC.test(name)) return local
  const before = offsetAt(name, local - DAY)
  const after = offsetAt(name, local + DAY)
  if (before === after) return local - before
  const early = local - Math.max(before, after)
  const late = local - Math.min(before, after)
  for (const at of [early, late]) if (at + offsetAt(name, at) === local) return at
  return local - before
}
