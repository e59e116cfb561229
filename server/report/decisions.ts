/** What needs a decision: at most three sentences, the ones that nobody but a person can settle. */
import type { Line } from './content.ts'
import type { ReportData } from './data.ts'
import type { Told } from './parts.ts'
import { shortRisk } from './parts.ts'

const MOST = 3

/** In the order in which they matter; finance hears of its periods first. */
export function decisionsOf(data: ReportData, t: Told): Line[] {
  const { w, f } = t
  const stale = data.standing.stale.map((s): Line => {
    const waiting = data.undecided.find((u) => u.platform === s.title)?.findings ?? 0
    return {
      text: w.decideStale(
        s.title,
        s.since === null ? null : f.time(Date.parse(s.since)),
        s.error,
        waiting === 0 ? null : w.findings(f.count(waiting), waiting),
      ),
      href: `/connectors/${encodeURIComponent(s.platform)}`,
    }
  })
  const checks = data.failingChecks.map((c): Line => ({ text: w.decideUnknownCheck(c.title), href: `/checks/${c.id}` }))
  const regressed = data.issues.lines
    .filter((i) => i.state === 'regressed')
    .map((i): Line => ({ text: w.decideRegressed(`I-${i.number}`, i.title), href: issueHref(i.number) }))
  const unowned = data.issues.lines
    .filter((i) => (i.severity === 'critical' || i.severity === 'high') && !i.assigned && i.state !== 'regressed')
    .map((i): Line => ({
      text: w.decideUnowned(
        `I-${i.number}`,
        i.title,
        w.severity[i.severity] ?? i.severity,
        shortRisk(i.money, data, t),
      ),
      href: issueHref(i.number),
    }))
  const ending = data.ending.map((e): Line => ({
    text: w.decideEnding(`I-${e.number}`, e.title, f.day(Date.parse(e.until))),
    href: issueHref(e.number),
  }))
  const periods = data.periods
    .filter((p) => p.state === 'blocked')
    .map((p): Line => ({
      text: w.decidePeriod(
        p.period,
        p.legal_entity === '' ? '' : ` (${p.legal_entity})`,
        p.blockers.length,
        f.count(p.blockers.length),
      ),
      href: `/matching?tab=periods&period=${p.period}`,
    }))
  const first = data.audience === 'finance' ? periods : []
  // One of each before a second of any: three dead platforms must not hide what came back.
  return dealt([first, stale, checks, regressed, unowned, ending]).slice(0, MOST)
}

export const issueHref = (number: number) => `/issues/I-${number}`

function dealt<T>(piles: readonly (readonly T[])[]): T[] {
  const most = Math.max(0, ...piles.map((p) => p.length))
  return Array.from({ length: most }, (_, n) => piles.flatMap((p) => (n < p.length ? [p[n]!] : []))).flat()
}
