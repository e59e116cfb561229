/** Timeline: what each platform's record of one entity said of its fields, and since when, from the stored versions. */
import type { FieldIs, VersionRow } from '../../store/facts/lag-history.ts'

/** One thing that a field said, until the next step. Instants are epoch ms. */
export interface Step {
  at: number
  /** Since when is told by the platform's own stamp; without it `at` is when we saw it. */
  trusted: boolean
  seq: string
  /** Of the first version that we know: the value may be older. */
  first: boolean
  is: FieldIs
  value: string | null
  key: string | null
  currency: string | null
  /** Coarseness of the stamp. */
  resolutionMs: number
}

/** The record that speaks for one platform. */
export interface Holder {
  platform: string
  record_id: string
  role: string | null
  legal_entity: string | null
  region: string | null
  brand: string | null
  bornAt: number
  /** The platform's own stamp of its making; null: it does not say. */
  createdAt: number | null
  /** The first version that we have is the one that it was made with. */
  pristine: boolean
  firstSeq: string
  /** When it was deleted, if it still is. */
  endedAt: number | null
  /** Position of the field → its steps, oldest first. */
  steps: ReadonlyMap<number, readonly Step[]>
}

export interface EntityHistory {
  eid: string
  entity_id: string
  customer_entity_id: string
  customerScope: VersionRow['customer_scope']
  holders: readonly Holder[]
}

const RESOLUTION_MS: Record<string, number> = { ms: 1, s: 1000, min: 60_000 }

/** A stamp further in the future than this is no stamp: the platform's clock is wrong, or it is a planned date. */
const FUTURE_MS = 60_000

/** Roles that make a record one part of a party rather than the party itself. */
const PARTS = new Set(['bill_to', 'ship_to'])

/** Versions of one entity, sorted by platform, record and order of seeing. */
export function entityHistory(rows: readonly VersionRow[]): EntityHistory {
  const records = new Map<string, VersionRow[]>()
  for (const row of rows) {
    const key = `${row.platform}\n${row.record_id}`
    const known = records.get(key)
    if (known) known.push(row)
    else records.set(key, [row])
  }
  const best = new Map<string, Holder>()
  for (const versions of records.values()) {
    const holder = holderOf(versions)
    const other = best.get(holder.platform)
    if (!other || speaksBefore(holder, other)) best.set(holder.platform, holder)
  }
  const { eid, entity_id, customer_entity_id, customer_scope } = rows[0]!
  return { eid, entity_id, customer_entity_id, customerScope: customer_scope, holders: [...best.values()] }
}

/** Of several records on one platform: the party before its addresses, one that lives, the oldest, the smallest id. */
function speaksBefore(a: Holder, b: Holder): boolean {
  const part = (h: Holder) => Number(h.role !== null && PARTS.has(h.role))
  const dead = (h: Holder) => Number(h.endedAt !== null)
  const order = part(a) - part(b) || dead(a) - dead(b) || a.bornAt - b.bornAt
  return order === 0 ? a.record_id < b.record_id : order < 0
}

function holderOf(versions: readonly VersionRow[]): Holder {
  const times = timesOf(versions)
  const steps = new Map<number, Step[]>()
  let endedAt: number | null = null
  const { created_at } = versions[0]!
  const bornAt = created_at === null ? times[0]!.at : Math.min(times[0]!.at, Date.parse(created_at))
  versions.forEach((version, n) => {
    const { at, trusted } = times[n]!
    if (version.deleted === 1) endedAt ??= at
    else endedAt = null
    version.fields.forEach((field, i) => {
      const step: Step = {
        at: n === 0 ? bornAt : at,
        trusted,
        seq: version.seq,
        first: n === 0,
        is: version.states[i]!,
        value: version.values[i] ?? null,
        key: version.keys[i] ?? null,
        currency: version.currencies[i] ?? null,
        resolutionMs: RESOLUTION_MS[version.stamp] ?? 0,
      }
      const known = steps.get(field)
      if (!known) steps.set(field, [step])
      else if (saysAnother(known.at(-1)!, step)) known.push(step)
    })
  })
  const { platform, record_id, role, legal_entity, region, brand, changed_at, seq } = versions[0]!
  const createdAt = created_at === null ? null : Date.parse(created_at)
  const pristine = createdAt !== null && changed_at !== null && Date.parse(changed_at) - createdAt <= STANDS_MS
  const born = { bornAt, createdAt, pristine, firstSeq: seq, endedAt }
  return { platform, record_id, role, legal_entity, region, brand, ...born, steps }
}

interface Time {
  at: number
  trusted: boolean
}

/** When each version came to be, never going backwards: by its stamp where that tells, else no later than when we saw it. */
function timesOf(versions: readonly VersionRow[]): Time[] {
  let reached = -Infinity
  const times = versions.map((version, n): Time => {
    const at = stampOf(version, versions[n - 1] ?? null)
    if (at === null) return { at: Math.max(reached, Date.parse(version.observed_at)), trusted: false }
    reached = Math.max(reached, at)
    return { at: reached, trusted: true }
  })
  // What carries no good stamp was there before the next version at the latest.
  for (let n = times.length - 2; n >= 0; n--) times[n]!.at = Math.min(times[n]!.at, times[n + 1]!.at)
  return times
}

/** The platform's own stamp, or null where it says nothing about this version. */
function stampOf(version: VersionRow, before: VersionRow | null): number | null {
  const seen = Date.parse(version.observed_at)
  const at = version.changed_at === null ? null : Date.parse(version.changed_at)
  if (at === null || !(version.stamp in RESOLUTION_MS) || at > seen + FUTURE_MS) return null
  if (before?.changed_at == null) return at
  const previous = Date.parse(before.changed_at)
  // An older event that came after a newer one: when it took hold is not told.
  if (at < previous) return null
  // Another content under the same stamp, long after we saw the first: the platform does not stamp this kind of change.
  const stood = Date.parse(before.observed_at)
  return at === previous && stood < seen && stood > at + STANDS_MS ? null : at
}

/** Several writes may share one stamp, but not when we saw the first of them this long after it. */
const STANDS_MS = 60_000

function saysAnother(a: Step, b: Step): boolean {
  if (a.is !== b.is) return true
  return a.key === null && b.key === null ? a.value !== b.value : a.key !== b.key
}

/** What the field said at an instant; null before the record existed or after it was deleted. */
export function stepAt(holder: Holder, field: number, at: number): Step | null {
  if (at < holder.bornAt || (holder.endedAt !== null && at >= holder.endedAt)) return null
  const steps = holder.steps.get(field) ?? []
  let found: Step | null = null
  for (const step of steps) {
    if (step.at > at) break
    found = step
  }
  return found
}
