/** Outcomes: whether a fix held is read from the next looks of the checks, never from the write itself. What held teaches. */
import type { Context } from '../context.ts'
import { findings, type StoredFinding } from '../store/facts/findings.ts'
import type { FixOutcomeRow } from '../store/control/remedy-rows.ts'

type Settling = Pick<Context, 'control' | 'facts' | 'clock'>

/** How long a fix that held may still turn out not to have. */
const WATCHED_MS = 30 * 86_400_000
const AT_ONCE = 5_000

export interface Settled {
  held: number
  failed: number
}

/** After a look: which fixes closed their finding, which did not, and which came undone since. */
export async function settleOutcomes({ control, facts, clock }: Settling): Promise<Settled> {
  const now = clock.now()
  const waiting = control.fixOutcomes({ outcome: 'waiting', limit: AT_ONCE })
  const held = control
    .fixOutcomes({ outcome: 'held', limit: AT_ONCE })
    .filter((o) => now - (o.settledAt ?? 0) < WATCHED_MS)
  const ids = [...new Set([...waiting, ...held].map((o) => o.finding))]
  if (ids.length === 0) return { held: 0, failed: 0 }
  const found = new Map((await findings(facts, { ids })).map((f) => [f.id, f]))
  const done: Settled = { held: 0, failed: 0 }
  for (const o of [...waiting, ...held]) {
    const verdict = judge(o, found.get(o.finding))
    if (!verdict || verdict === o.outcome) continue
    control.transaction(() => {
      control.settleFix(o.id, verdict, now)
      control.addActivity({
        issue: o.issue,
        at: now,
        actor: 'plumbline',
        what: verdict === 'held' ? 'fixed' : 'fix_did_not_hold',
        detail: { finding: o.finding, action: o.action, plan: o.plan, applied_at: new Date(o.appliedAt).toISOString() },
      })
    })
    done[verdict === 'held' ? 'held' : 'failed']++
  }
  return done
}

/** Null: no look since has complete evidence. Pure. */
export function judge(
  { outcome, appliedAt, settledAt }: Pick<FixOutcomeRow, 'outcome' | 'appliedAt' | 'settledAt'>,
  finding: Pick<StoredFinding, 'state' | 'last_seen_at' | 'changed_at' | 'resolved_at'> | undefined,
): 'held' | 'did_not_hold' | null {
  if (!finding) return null
  if (outcome === 'held')
    return finding.state === 'open' && Date.parse(finding.changed_at) > (settledAt ?? 0) ? 'did_not_hold' : null
  if (finding.state === 'resolved')
    return finding.resolved_at === null || Date.parse(finding.resolved_at) < appliedAt ? null : 'held'
  // A look after the write that still sees it, with evidence enough to call it open.
  return finding.state === 'open' && Date.parse(finding.last_seen_at) > appliedAt ? 'did_not_hold' : null
}
