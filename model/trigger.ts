/**
 * Trigger: what happened shortly before differences began, and how likely it set them off. Pure. A coincidence in time is
 * no proof: nothing here is ever called certain, and every answer says what speaks for it.
 */
import type { Cause } from './verdict.ts'

/** Something that happened in the landscape or in the product's own configuration. */
export interface Happening {
  /** Epoch ms. */
  at: number
  /** Type of a landscape event, or `configured` for a change of our own configuration. */
  what: string
  /** Platform that it is about; null: all of them. */
  platform: string | null
  /** Who told of it. */
  by: string | null
  says: string
  /** Id of the recorded event, where it is one. */
  event: string | null
}

export interface Begun {
  owner_platform: string | null
  platform: string | null
  cause: Cause
  pattern: string
  /** When the first difference began, and when it was noticed: epoch ms. */
  onset: number
  noticed: number
  findings: number
}

export interface Trigger extends Happening {
  sure: 'likely' | 'possible'
  /** What speaks for it, in words. */
  because: string
}

/** Longest time from a happening to what it set off, and how much a clock may be wrong. */
export const BEFORE_MS = 6 * 3_600_000
const SKEW_MS = 5 * 60_000
/** As close as this is hardly chance. */
const CLOSE_MS = 3_600_000
const SHOWN = 3

/** Kinds of happening that explain a cause or pattern by what they do. */
const EXPLAINS: Record<string, (b: Begun) => boolean> = {
  mapping_changed: ({ cause, pattern }) =>
    cause === 'unmapped_code' || /^(pair|constant|times|truncated|prefix|suffix|empty|filled)/.test(pattern),
  deployed: ({ pattern }) => pattern !== 'none',
  schema_changed: ({ cause, pattern }) =>
    cause === 'invalid_value' || /^(empty|truncated|constant|garbled)/.test(pattern),
  key_rotated: ({ cause }) => DELIVERY.has(cause),
  outage_began: ({ cause }) => DELIVERY.has(cause),
  maintenance_began: ({ cause }) => DELIVERY.has(cause),
  outage_ended: ({ cause }) => cause === 'stale_event' || cause === 'duplicate_created' || cause === 'overwritten',
  configured: () => true,
}
const DELIVERY: ReadonlySet<Cause> = new Set<Cause>([
  'never_sent',
  'not_acknowledged',
  'not_applied',
  'stale_stream',
  'incomplete_stream',
])

/** The likeliest first, three at most. */
export function triggersOf(begun: Begun, happenings: readonly Happening[]): Trigger[] {
  const found = happenings.flatMap((h) => {
    // A change of our own configuration makes us see what was there before: it is held against the noticing.
    const lag = (h.what === 'configured' ? begun.noticed : begun.onset) - h.at
    if (lag < -SKEW_MS || lag > BEFORE_MS) return []
    const at =
      h.platform === null
        ? 'all'
        : h.platform === begun.platform
          ? 'fault'
          : h.platform === begun.owner_platform
            ? 'owner'
            : 'other'
    if (at === 'other') return []
    const explains = EXPLAINS[h.what]?.(begun) ?? false
    const close = lag <= CLOSE_MS
    const reasons = [
      `${close ? 'it happened within an hour before' : 'it happened a few hours before'}`,
      ...(at === 'fault'
        ? ['at the platform at fault']
        : at === 'owner'
          ? ['at the platform that owns the value']
          : []),
      ...(explains ? ['and such a change does this'] : []),
    ]
    const trigger: Trigger = { ...h, sure: close && explains ? 'likely' : 'possible', because: reasons.join(' ') }
    return [{ trigger, weight: (explains ? 4 : 0) + (close ? 2 : 0) + (at === 'fault' ? 1 : 0), lag: Math.abs(lag) }]
  })
  return found
    .sort((a, b) => b.weight - a.weight || a.lag - b.lag)
    .slice(0, SHOWN)
    .map((f) => f.trigger)
}
