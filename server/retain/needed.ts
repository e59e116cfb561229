/** Still needed: what neither age nor a rule removes, gathered from both stores before anything is counted or removed. */
import type { Context } from '../context.ts'
import { heldAlong, unresolvedIssues, type Needed } from '../store/facts/retained/needed.ts'

export interface StillNeeded {
  /** Everything is under legal hold. */
  everything: boolean
  facts: Needed
  /** Entities whose payloads stay. */
  entities: readonly string[]
  /** Issues of which messages and reports stay: held, or not resolved. */
  issues: ReadonlySet<number>
  /** What the audit trail still has to answer for, as it names it. */
  objects: readonly string[]
}

export async function stillNeeded({
  control,
  facts,
  clock,
}: Pick<Context, 'control' | 'facts' | 'clock'>): Promise<StillNeeded> {
  const holds = control.legalHolds({ standing: true })
  const work = control.atWork(clock.now())
  const customers = holds.filter((h) => h.scope === 'customer').map((h) => h.subject)
  const held = holds.filter((h) => h.scope === 'issue').map((h) => Number(h.subject.slice(2)))
  const needed: Needed = { ...work, customers, issues: held }
  const along = await heldAlong(facts, needed)
  const issues = new Set([...along.issues, ...work.issues, ...(await unresolvedIssues(facts))])
  return {
    everything: holds.some((h) => h.scope === 'everything'),
    facts: { ...needed, issues: [...held, ...work.issues] },
    entities: [...along.entities, ...work.entities],
    issues,
    objects: [...work.objects, ...[...issues].map((n) => `I-${n}`), ...along.entities.map((e) => `customer ${e}`)],
  }
}
