/** Lives: what findings and alerts of a check would have gone through, kept in memory while the past is replayed. */
import type { StoredFinding } from '../../store/facts/findings.ts'
import { fingerprint } from '../issues.ts'
import type { Settled } from '../settle.ts'

/** One span during which a finding was open. Epoch ms; `to` null: still open at the end. */
export interface OpenSpan {
  from: number
  to: number | null
}

/** A finding as the replay saw it. */
export interface Life {
  /** As it was seen last. */
  finding: StoredFinding
  opened: OpenSpan[]
  /** Was it ever in flight, or undecided? */
  inFlight: boolean
  undecided: boolean
}

/** An alert: an issue that had no open finding gets one. */
export interface Alert {
  at: number
  fingerprint: string
  title: string
}

export class Lives {
  readonly all = new Map<string, Life>()
  readonly alerts: Alert[] = []
  readonly #openByIssue = new Map<string, Set<string>>()
  readonly #issueOf = new Map<string, string>()

  unresolved(): StoredFinding[] {
    return [...this.all.values()].flatMap(({ finding }) => (finding.state === 'resolved' ? [] : [finding]))
  }

  get(id: string): StoredFinding | undefined {
    return this.all.get(id)?.finding
  }

  /** Takes what one look settled. `hashes`: entity and customer ids → 64-bit hashes. */
  take(settled: Settled, at: number, hashes: ReadonlyMap<string, string>): void {
    for (const f of settled.findings) {
      const known = this.all.get(f.id)
      const finding: StoredFinding = {
        ...f,
        since: f.since ?? null,
        issue: fingerprint(f),
        eid: hashes.get(f.entity_id) ?? known?.finding.eid ?? '0',
        customer_eid: hashes.get(f.customer_entity_id) ?? known?.finding.customer_eid ?? '0',
      }
      const life = known ?? { finding, opened: [], inFlight: false, undecided: false }
      if (!known) this.all.set(f.id, life)
      life.finding = finding
      life.inFlight ||= finding.state === 'in_flight'
      life.undecided ||= finding.state === 'undecided'
      const span = life.opened.at(-1)
      const isOpen = finding.state === 'open'
      if (isOpen && (!span || span.to !== null)) life.opened.push({ from: at, to: null })
      if (!isOpen && span?.to === null) span.to = at
      this.#fold(finding, isOpen, at)
    }
  }

  #fold(finding: StoredFinding, isOpen: boolean, at: number): void {
    const before = this.#issueOf.get(finding.id)
    if (before !== undefined && (before !== finding.issue || !isOpen)) {
      this.#openByIssue.get(before)?.delete(finding.id)
      this.#issueOf.delete(finding.id)
    }
    if (!isOpen) return
    let members = this.#openByIssue.get(finding.issue)
    if (!members) this.#openByIssue.set(finding.issue, (members = new Set()))
    if (members.size === 0) this.alerts.push({ at, fingerprint: finding.issue, title: finding.title })
    members.add(finding.id)
    this.#issueOf.set(finding.id, finding.issue)
  }
}
