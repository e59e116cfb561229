/** The propagation waterfall: when the owner changed, when the window ended, when followers changed or that they never did. */
import type { Finding } from '../api.ts'

export interface Hop {
  says: string
  at: string | null
  /** Share of the axis, 0 to 100. */
  from: number
  to: number
  is: 'change' | 'late' | 'waiting' | 'missing' | 'read'
  /** In words, also for the table. */
  detail: string
}

export interface Waterfall {
  hops: Hop[]
  /** The end of the service window on the axis; null without one. */
  sla: number | null
  start: string
  end: string
}

/** Null when no platform says when the value changed there: then there is no way to draw. */
export function waterfallOf(finding: Finding, now: number): Waterfall | null {
  const owner = finding.values.find((v) => v.stands === 'owner')
  const start = owner?.changed_at ?? null
  if (!owner || start === null) return null
  const begin = Date.parse(start)
  const due = finding.due_at === null ? null : Date.parse(finding.due_at)
  const followers = finding.values.filter(
    (v) => v !== owner && (v.at_fault || (v.stands === 'follower' && v.state !== 'cannot_hold')),
  )
  const reads = finding.values.flatMap((v) => (v.observed_at ? [Date.parse(v.observed_at)] : []))
  const close = finding.resolved_at ? Date.parse(finding.resolved_at) : now
  const last = Math.max(
    close,
    begin + 1,
    ...reads.filter((r) => r <= close),
    due === null ? 0 : Math.min(due, close + (close - begin)),
  )
  // Most of the axis belongs to the window: a difference of months must not squeeze it to a line.
  const scale = axis(begin, due !== null && due > begin ? due : null, last)

  const hops: Hop[] = [
    {
      says: `${owner.platform.title} changed`,
      at: start,
      from: 0,
      to: 1,
      is: 'change',
      detail: owner.changed_by ? `by ${owner.changed_by}` : 'the owner',
    },
  ]
  for (const v of followers) {
    const changed = v.changed_at === null ? null : Date.parse(v.changed_at)
    const title = v.platform.title
    if (changed !== null && changed >= begin && !v.at_fault) {
      const late = due !== null && changed > due
      hops.push({
        says: `${title} followed`,
        at: v.changed_at,
        from: 0,
        to: scale(changed),
        is: late ? 'late' : 'change',
        detail: late ? 'after the window' : 'within the window',
      })
    } else if (v.at_fault && finding.state !== 'resolved') {
      const waiting = finding.state === 'in_flight'
      const wrong = changed !== null && changed >= begin ? 'changed, and still differs' : 'never changed since'
      const missing =
        v.state === 'missing' || v.state === 'deleted'
          ? `${v.state === 'deleted' ? 'deleted there' : 'no record there'}`
          : wrong
      hops.push({
        says: `${title} should follow`,
        at: null,
        from: 0,
        to: scale(close),
        is: waiting ? 'waiting' : 'missing',
        detail: waiting ? 'still within its window' : missing,
      })
    } else if (v.at_fault) {
      hops.push({
        says: `${title} was put right`,
        at: finding.resolved_at,
        from: 0,
        to: scale(close),
        is: 'late',
        detail: 'seen by a later look',
      })
    } else {
      hops.push({
        says: `${title} agrees`,
        at: v.changed_at,
        from: 0,
        to: 1,
        is: 'change',
        detail: changed === null ? 'when it changed is not known' : 'unchanged since before',
      })
    }
  }
  for (const v of followers.filter((f) => f.observed_at && f.at_fault)) {
    const at = Math.min(Math.max(Date.parse(v.observed_at!), begin), last)
    hops.push({
      says: `${v.platform.title} last read`,
      at: v.observed_at,
      from: Math.max(0, scale(at) - 1),
      to: scale(at),
      is: 'read',
      detail: 'what this verdict rests on',
    })
  }
  return { hops, sla: due === null || due < begin ? null : scale(due), start, end: new Date(last).toISOString() }
}

/** Straight where the window takes at least a quarter of the axis; otherwise the window keeps a quarter. */
function axis(begin: number, due: number | null, last: number): (at: number) => number {
  const span = Math.max(1, last - begin)
  const share = due === null ? 1 : (due - begin) / span
  return (at) => {
    const x = Math.min(Math.max(at, begin), last) - begin
    if (due === null || share >= 0.25 || share <= 0) return (100 * x) / span
    const window = due - begin
    return x <= window ? (25 * x) / window : 25 + (75 * (x - window)) / Math.max(1, span - window)
  }
}
