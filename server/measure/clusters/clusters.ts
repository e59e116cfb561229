/** Clusters of causes as people and the API ask for them: folded, with the edges that broke at once and what may have set them off. */
import { BEFORE_MS, triggersOf, type Trigger } from '../../../model/trigger.ts'
import { iso } from '../../clock.ts'
import type { Context } from '../../context.ts'
import { clusterCustomers, clusters, type Cluster, type ClusterAsk } from '../../store/facts/clusters.ts'
import type { IssueTerm } from '../../store/facts/issue-list.ts'
import { breaksOf, type EdgeBreak } from './breaks.ts'
import { happenings } from './happenings.ts'

/** Differences that begin further apart than this did not begin together, milliseconds. */
export const GAP_MS = 6 * 3_600_000
/** Fewer that begin together are no event. */
const LEAST = 3
const HELD_MS = 30 * 86_400_000

export interface Caused extends Cluster {
  triggers: Trigger[]
  /** Id of the break of its whole edge that it is part of. */
  part_of: string | null
}

export interface Broke extends EdgeBreak {
  findings: number
  customers: number
  triggers: Trigger[]
}

export interface Causes {
  /** Open findings that the filter lets through: all of them lie in one cluster each. */
  findings: number
  clusters: Caused[]
  breaks: Broke[]
}

type Ctx = Pick<Context, 'facts' | 'control' | 'clock'>

export function askOf({ clock }: Pick<Context, 'clock'>, terms?: readonly IssueTerm[], gapMs = GAP_MS): ClusterAsk {
  return { heldSince: iso(clock.now() - HELD_MS), gapMs, least: LEAST, ...(terms && { terms }) }
}

export async function causes(ctx: Ctx, ask: ClusterAsk): Promise<Causes> {
  const found = await clusters(ctx.facts, ask)
  const bursts = found.filter((c) => c.burst)
  const begun = bursts.flatMap((c) => [Date.parse(c.first_onset_at), Date.parse(c.first_seen_at)])
  const around = begun.length
    ? await happenings(ctx, Math.min(...begun) - BEFORE_MS, Math.max(...begun) + BEFORE_MS)
    : []
  const triggers = (c: Cluster) =>
    c.burst
      ? triggersOf({ ...c, onset: Date.parse(c.first_onset_at), noticed: Date.parse(c.first_seen_at) }, around)
      : []
  const breaks = breaksOf(found)
  const partOf = new Map(breaks.flatMap((b) => b.parts.map((id) => [id, b.id] as const)))
  const caused = found.map((c) => ({ ...c, triggers: triggers(c), part_of: partOf.get(c.id) ?? null }))
  const byId = new Map(caused.map((c) => [c.id, c]))
  return {
    findings: found.reduce((n, c) => n + c.findings, 0),
    clusters: caused,
    breaks: await Promise.all(
      breaks.map(async (b): Promise<Broke> => {
        const parts = b.parts.map((id) => byId.get(id)!)
        return {
          ...b,
          findings: parts.reduce((n, c) => n + c.findings, 0),
          customers: await clusterCustomers(ctx.facts, { ...ask, ids: b.parts }),
          triggers: shared(parts),
        }
      }),
    ),
  }
}

/** What set most of the parts off comes first; it is as sure as for the surest of them. */
function shared(parts: readonly Caused[]): Trigger[] {
  const votes = new Map<string, { trigger: Trigger; n: number }>()
  for (const t of parts.flatMap((p) => p.triggers)) {
    const key = [t.at, t.what, t.platform, t.says].join('\n')
    const have = votes.get(key)
    votes.set(key, { trigger: have?.trigger.sure === 'likely' ? have.trigger : t, n: (have?.n ?? 0) + 1 })
  }
  return [...votes.values()]
    .sort((a, b) => b.n - a.n || b.trigger.at - a.trigger.at)
    .slice(0, 3)
    .map((v) => v.trigger)
}

/** The clusters that an id means: one, or the parts of a break. Empty where there is none any more. */
export async function clustersNamed(ctx: Ctx, ask: ClusterAsk, id: string): Promise<Cluster[]> {
  if (!id.startsWith('edge-')) return await clusters(ctx.facts, { ...ask, ids: [id] })
  const all = await clusters(ctx.facts, ask)
  const parts = new Set(breaksOf(all).find((b) => b.id === id)?.parts ?? [])
  return all.filter((c) => parts.has(c.id))
}
