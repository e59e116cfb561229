/** Acceptances: when a person let the differences of an issue pass. Pure over what the control store remembers. */
import type { Activity, ControlStore } from '../../store/control/control.ts'

/** Epoch ms; `to` is when it ended or will end. */
export interface Acceptance {
  issue: number
  from: number
  to: number
}

/** Spans without overlap, by issue and time: a new acceptance goes on where the old one was. */
export function spansOf(activity: readonly Activity[]): Acceptance[] {
  const spans: Acceptance[] = []
  const open = new Map<number, Acceptance>()
  for (const { issue, at, what, detail } of [...activity].sort((a, b) => a.at - b.at)) {
    const present = open.get(issue)
    const runs = present !== undefined && present.to > at
    if (what === 'accepted') {
      const until = typeof detail['until'] === 'string' ? Date.parse(detail['until']) : Infinity
      if (runs) present.to = until
      else {
        const span = { issue, from: at, to: until }
        spans.push(span)
        open.set(issue, span)
      }
    } else if (what === 'reopened' && detail['of'] !== 'snooze' && runs) present.to = at
  }
  return spans.filter((s) => s.to > s.from).sort((a, b) => a.issue - b.issue || a.from - b.from)
}

export const acceptances = (control: Pick<ControlStore, 'acceptances'>): Acceptance[] => spansOf(control.acceptances())

/** Issues whose differences are let pass at an instant. */
export function acceptedIssues(control: Pick<ControlStore, 'acceptances'>, at: number): Set<number> {
  return new Set(
    acceptances(control)
      .filter((a) => a.from <= at && at < a.to)
      .map((a) => a.issue),
  )
}
