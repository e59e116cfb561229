/** A time zone: what its clocks show at an instant, and which instant they mean; the same on every machine. */

const DAY = 86_400_000
const UTC = /^(utc|etc\/utc|gmt|etc\/gmt|z|zulu)$/i

/** So much time is looked at together, day by day, and remembered. */
const SPAN = 128 * DAY
/** And so much before it, so that the change of clocks just behind an instant is known with it. */
const BEHIND = 3 * DAY
/** Spans remembered per zone: far more than the years of any company. */
const SPANS_MAX = 5_000

/** From this instant on the clocks are so far ahead of UTC. */
interface Rule {
  from: number
  offset: number
}

interface Zone {
  format: Intl.DateTimeFormat
  /** Number of a span → its rules, oldest first. */
  spans: Map<number, readonly Rule[]>
}

/** Null: UTC under one of its names. */
const zones = new Map<string, Zone | null>()

/** @throws RangeError if there is no such zone; the configuration is validated before. */
function zoneOf(name: string): Zone | null {
  let zone = zones.get(name)
  if (zone === undefined) {
    zone = UTC.test(name)
      ? null
      : { format: new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' }), spans: new Map() }
    zones.set(name, zone)
  }
  return zone
}

/** Asks the platform: exact, and a thousand times slower than remembering. */
function askedOffset(zone: Zone, at: number): number {
  const said = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(zone.format.format(at))!
  const seconds = Number(said[2] ?? 0) * 3600 + Number(said[3] ?? 0) * 60 + Number(said[4] ?? 0)
  return (said[1] === '-' ? -seconds : seconds) * 1000
}

function looked(zone: Zone, span: number): Rule[] {
  const begin = span * SPAN - BEHIND
  const rules: Rule[] = [{ from: begin, offset: askedOffset(zone, begin) }]
  for (let day = begin + DAY; day <= (span + 1) * SPAN; day += DAY) {
    const offset = askedOffset(zone, day)
    while (rules.at(-1)!.offset !== offset) rules.push(changeIn(zone, Math.max(rules.at(-1)!.from, day - DAY), day))
  }
  return rules
}

/** The first second within (low, high] at which the clocks are not set as at `low`. */
function changeIn(zone: Zone, low: number, high: number): Rule {
  const before = askedOffset(zone, low)
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000
    if (askedOffset(zone, middle) === before) low = middle
    else high = middle
  }
  return { from: high, offset: askedOffset(zone, high) }
}

function ruleAt(zone: Zone, at: number): Rule {
  const span = Math.floor(at / SPAN)
  let rules = zone.spans.get(span)
  if (!rules) {
    if (zone.spans.size >= SPANS_MAX) zone.spans.clear()
    zone.spans.set(span, (rules = looked(zone, span)))
  }
  let n = rules.length - 1
  while (n > 0 && rules[n]!.from > at) n--
  return rules[n]!
}

/** Milliseconds that the zone's clocks are ahead of UTC at an instant. */
export function offsetAt(name: string, at: number): number {
  const zone = zoneOf(name)
  return zone === null ? 0 : ruleAt(zone, at).offset
}

/** What the clocks show at an instant, its digits read as if they were UTC. */
export function shownAt(name: string, at: number): number {
  return at + offsetAt(name, at)
}

/**
 * The instant that a clock shows as `local` (its digits read as if they were UTC). A time that occurs
 * twice is the earlier one; a time that is skipped is as much later as the clocks were moved.
 */
export function instantOf(name: string, local: number): number {
  const before = offsetAt(name, local - DAY)
  const after = offsetAt(name, local + DAY)
  if (before === after) return local - before
  const early = local - Math.max(before, after)
  const late = local - Math.min(before, after)
  for (const at of [early, late]) if (shownAt(name, at) === local) return at
  return local - before
}

/** The first instant at which the clocks show `local`, or have just jumped over it: when something due then is due. */
export function reachedAt(name: string, local: number): number {
  const at = instantOf(name, local)
  const zone = zoneOf(name)
  if (zone === null) return at
  const rule = ruleAt(zone, at)
  return at + rule.offset === local ? at : rule.from
}
