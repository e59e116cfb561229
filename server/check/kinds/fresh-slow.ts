/** Slow: an edge on which changes take longer than it has taught us to expect, though no window is broken yet. */
import { hasKind, kindOf } from '../../../model/kinds.ts'
import type { Observation } from '../../../model/verdict.ts'
import type { Pace } from '../../store/control/paces.ts'
import type { JudgeContext } from '../contract.ts'
import { titleOf } from '../timing.ts'

/** What all findings about edges share. */
type Shared = Omit<Observation, 'key' | 'scope' | 'cause' | 'actual' | 'evidence' | 'since' | 'title'>

/** Recent changes that are needed before anything is said, and different records among them. */
const CHANGES_LEAST = 20
const RECORDS_LEAST = 5
/** Days over which the band was learned. */
const DAYS_LEAST = 7
/** Share of recent changes above the band of nine in ten: by chance it happens once in a hundred thousand times. */
const SHARE = 0.5

/** True if half of the recent changes took longer than nine of ten do as a rule, and the middle one `times` as long. */
export function isSlow({ learned, recent }: Pick<Pace, 'learned' | 'recent'>, times: number): boolean {
  return (
    recent.changes >= CHANGES_LEAST &&
    recent.entities >= RECORDS_LEAST &&
    learned.days >= DAYS_LEAST &&
    recent.slow >= SHARE * recent.changes &&
    recent.times >= times
  )
}

export function slowEdges(
  p: { slower: number; of?: readonly string[] | undefined },
  shared: (platform: string, kind: string) => Shared,
  ctx: Pick<JudgeContext, 'landscape' | 'paces'>,
): Observation[] {
  const known = (name: string) => ctx.landscape.platforms.some((x) => x.name === name)
  return ctx
    .paces()
    .filter((pace) => known(pace.owner) && known(pace.follower) && (p.of?.includes(pace.kind) ?? true))
    .filter((pace) => isSlow(pace, p.slower))
    .map(({ kind, part, owner, follower, learned, recent, windowMs }): Observation => {
      const [from, to] = [titleOf(ctx, owner), titleOf(ctx, follower)]
      const what = hasKind(kind) ? kindOf(kind).title : kind
      return {
        ...shared(follower, kind),
        key: `slow|${kind}|${part}|${owner}|${follower}`,
        scope: { part },
        owner_platform: owner,
        cause: 'unknown',
        expected: { [follower]: seconds(learned.p50) },
        actual: { [follower]: seconds(recent.p50) },
        evidence: [
          {
            says: `${recent.slow} of the ${recent.changes} changes of the last day took longer than nine of ten did in the ${learned.days} days before (${seconds(learned.p90)}); the middle one took ${seconds(recent.p50)} instead of ${seconds(learned.p50)}.`,
            strength: 'strong',
            disproved_by: 'A mass change that was announced, after which the usual pace returns.',
          },
          { says: `Each has ${seconds(windowMs / 1000)}.`, strength: 'supporting' },
        ],
        since: recent.from,
        title: `${what}: changes take longer from ${from} to ${to} than usual`,
      }
    })
}

/** `45s`, `12m`, `3h`: whole units, so that the same pace reads the same. */
function seconds(n: number): string {
  if (n < 120) return `${Math.round(n)}s`
  if (n < 7200) return `${Math.round(n / 60)}m`
  return `${Math.round(n / 3600)}h`
}
