/** Trace sides: what a platform's record said of a field over time, in the words that the rules of causes go by. */
import type { Side, Step } from './cause-facts.ts'
import type { EntityPast, Version } from './past.ts'
import { recordsAt } from './past.ts'

/** The record that speaks for a platform at an instant: the live one, of several the first. */
export function spokenAt(past: EntityPast, platform: string, at: number): Version | null {
  const own = recordsAt(past, at).filter((r) => r.version.platform === platform)
  return (own.find((r) => !r.version.deleted) ?? own[0])?.version ?? null
}

/** Values that a field of a record had up to an instant; for a record as a whole its versions. */
export function stepsOf(
  past: EntityPast,
  record: Version,
  field: string | null,
  at: number,
): (Step & { version: Version })[] {
  const steps: (Step & { version: Version })[] = []
  for (const v of past.versions) {
    if (v.platform !== record.platform || v.record_id !== record.record_id || v.observedAt > at) continue
    const said = field === null ? null : v.fields[field]
    const key = field === null ? (v.deleted ? 'deleted' : 'there') : (said?.key ?? null)
    const last = steps.at(-1)
    if (last && last.key === key) continue
    const first = last === undefined
    // A change that we saw is no later than when we saw it; of the first version only its own stamp tells.
    const when = v.changedAt ?? (first ? null : v.observedAt)
    steps.push({ key, value: said?.value ?? null, at: when, by: v.changedBy, first, version: v })
  }
  return steps
}

export function sideOf(past: EntityPast, record: Version, field: string, at: number, title: string): Side {
  const said = record.fields[field]
  return {
    platform: record.platform,
    title,
    value: said?.value ?? null,
    key: said?.key ?? null,
    raw: null,
    recordChangedAt: record.changedAt,
    changedBy: record.changedBy,
    trail: stepsOf(past, record, field, at).map(({ version: _, ...step }) => step),
  }
}
