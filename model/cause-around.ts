/**
 * Causes that lie around a change: a platform that was down while it was to travel, a new release, key, mapping or schema
 * just before. Evidence of why a change did not arrive, from recorded landscape events. Pure, like model/cause.ts.
 */
import type { RecordedEvent } from './event.ts'
import type { Cause, Evidence } from './verdict.ts'

/** What is known of the landscape around a change. */
export interface Around {
  /** Recorded landscape events, of any platform, in any order. */
  happened: readonly RecordedEvent[]
  /** Platforms that carry changes for others. */
  carriers: readonly string[]
}

export const NOTHING_AROUND: Around = { happened: [], carriers: [] }

/** A change on its way; `at`: when it was to travel, epoch ms. */
export interface Way {
  from: string
  to: string
  at: number | null
}

/** A time in which a platform could not be reached; epoch ms. `until` null: nobody told of the end. */
export interface Downtime {
  platform: string
  what: 'outage' | 'maintenance'
  from: number
  until: number | null
}

/** An outage of which nobody tells the end counts for so long. */
const FORGOTTEN_MS = 24 * 3_600_000
/** What was sent so shortly before a platform went down may not have come through. */
const UNDERWAY_MS = 5 * 60_000
/** A release, a key or a mapping so shortly before the change may have to do with it. */
const SHORTLY_MS = 24 * 3_600_000
/** A downtime that began longer ago explains nothing any more. */
const DOWNTIME_MAX_MS = 31 * 24 * 3_600_000

/** Causes that a platform that cannot be reached explains, and those that something new explains. */
const BY_DOWNTIME: ReadonlySet<Cause> = new Set(['never_sent', 'not_acknowledged', 'not_applied', 'unknown'])
const BY_CHANGE: Partial<Record<RecordedEvent['type'], ReadonlySet<Cause>>> = {
  key_rotated: new Set(['never_sent', 'not_acknowledged', 'not_applied']),
  deployed: new Set(['never_sent', 'not_applied', 'stale_event', 'rounding', 'time_zone', 'currency', 'unknown']),
  mapping_changed: new Set(['not_applied', 'rounding', 'time_zone', 'currency', 'unknown']),
  schema_changed: new Set(['never_sent', 'not_applied', 'unknown']),
}
const WORDS: Partial<Record<RecordedEvent['type'], string>> = {
  key_rotated: 'a key was rotated',
  deployed: 'a release was deployed',
  mapping_changed: 'a mapping was changed',
  schema_changed: 'the schema was changed',
}

/** Beginnings and ends put together, by platform; an end that nobody began says nothing. */
export function downtimes(events: readonly RecordedEvent[]): Downtime[] {
  const found: Downtime[] = []
  const open = new Map<string, Downtime>()
  for (const e of [...events].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.id < b.id ? -1 : 1))) {
    const [, what, edge] = /^(outage|maintenance)_(began|ended)$/.exec(e.type) ?? []
    const platform = e.to_platform ?? e.reported_by
    if (what === undefined) continue
    const key = `${platform} ${what}`
    const known = open.get(key)
    const at = Date.parse(e.at)
    if (edge === 'ended') {
      if (known) known.until = at
      open.delete(key)
    } else if (!known) {
      const down: Downtime = { platform, what: what as Downtime['what'], from: at, until: null }
      found.push(down)
      open.set(key, down)
    }
  }
  return found
}

/** The downtime that a change met: of where it goes before who carries it before where it comes from. */
export function downOn(way: Way, { happened, carriers }: Around): Downtime | null {
  const { at } = way
  if (at === null) return null
  const order = [way.to, ...carriers, way.from]
  const met = downtimes(happened).filter(
    (d) =>
      order.includes(d.platform) &&
      d.from <= at + UNDERWAY_MS &&
      (d.until ?? d.from + FORGOTTEN_MS) > at &&
      at - d.from < DOWNTIME_MAX_MS,
  )
  return met.sort((a, b) => order.indexOf(a.platform) - order.indexOf(b.platform) || b.from - a.from)[0] ?? null
}

/** What around the change speaks for its cause. */
export function evidenceAround(cause: Cause, way: Way, around: Around, titleOf: (name: string) => string): Evidence[] {
  const found: Evidence[] = []
  const down = BY_DOWNTIME.has(cause) ? downOn(way, around) : null
  if (down)
    found.push({
      says: `${spell(down, titleOf)}, and the change of ${iso(way.at!)} was to travel then.`,
      strength: 'supporting',
      disproved_by: `A change that ${titleOf(down.platform)} took or sent in that time.`,
      for: 'cause',
    })
  const news = latestBefore(cause, way, around)
  if (news)
    found.push({
      says: `${titleOf(news.to_platform ?? news.reported_by)}: ${WORDS[news.type]} at ${news.at}${news.release ? ` (${news.release})` : ''}, not long before.`,
      strength: 'weak',
      disproved_by: 'Changes of the same sort that arrived since.',
      for: 'cause',
    })
  return found
}

export function spell(down: Downtime, titleOf: (name: string) => string): string {
  const was = down.what === 'outage' ? 'was down' : 'was under maintenance'
  return `${titleOf(down.platform)} ${was} from ${iso(down.from)}${down.until === null ? '' : ` to ${iso(down.until)}`}`
}

function latestBefore(cause: Cause, { from, to, at }: Way, { happened, carriers }: Around): RecordedEvent | null {
  if (at === null) return null
  const concerned = new Set([from, to, ...carriers])
  const before = happened.filter((e) => {
    const told = Date.parse(e.at)
    return (
      BY_CHANGE[e.type]?.has(cause) === true &&
      concerned.has(e.to_platform ?? e.reported_by) &&
      told <= at &&
      at - told <= SHORTLY_MS
    )
  })
  return before.sort((a, b) => (a.at < b.at ? 1 : -1))[0] ?? null
}

const iso = (ms: number) => new Date(ms).toISOString()
