/** Burn rates: an edge that spends its error budget too fast. Told once when an alarm begins, again only after it ended. */
import type { Severity } from '../../model/verdict.ts'
import type { Context } from '../context.ts'
import { inTurn } from '../store/turns.ts'
import { knownNow } from './known.ts'
import { subjectWith, type Subject } from './subject.ts'
import { tell } from './tell.ts'

/** What the measure stage says of one edge (server/measure/sla): both windows agree, and low volume never alarms. */
export interface EdgeBurns {
  kind: string
  part: string
  owner: string
  follower: string
  burns: readonly {
    name: 'fast' | 'slow' | 'long'
    long: string
    short: string | null
    changes: number
    bad: number
    rate: number | null
    alarm: boolean
  }[]
}

const SEVERITY: Record<EdgeBurns['burns'][number]['name'], Severity> = {
  fast: 'critical',
  slow: 'high',
  long: 'medium',
}

export function noticeBurns(ctx: Context, edges: readonly EdgeBurns[]): Promise<number> {
  return inTurn(ctx.control, 'alert', () =>
    Promise.resolve(
      ctx.control.transaction(() => {
        const known = knownNow(ctx)
        let told = 0
        for (const edge of edges) {
          // The fastest alarm speaks for the slower ones.
          const worst = edge.burns.find((b) => b.alarm)
          const ref = `burn/${edge.owner}>${edge.follower}/${edge.kind}/${edge.part}`
          const before = ctx.control.alertStanding(ref)
          const was = (before?.['alarm'] as string | null | undefined) ?? null
          const is = worst?.name ?? null
          if (is === was) continue
          ctx.control.setAlertStanding(ref, { alarm: is })
          // Ending, or becoming slower, is no news.
          if (worst === undefined || (was !== null && ORDER.indexOf(was) < ORDER.indexOf(worst.name))) continue
          tell(ctx, known, 'burn_rate', subjectOf(ctx, ref, edge, worst))
          told++
        }
        return told
      }),
    ),
  )
}

const ORDER = ['fast', 'slow', 'long']

function subjectOf(ctx: Context, ref: string, edge: EdgeBurns, burn: EdgeBurns['burns'][number]): Subject {
  return subjectWith({
    kind: 'burn',
    ref,
    title: `${edge.owner} → ${edge.follower}`,
    category: 'deadline',
    recordKind: edge.kind,
    field: edge.part,
    from: edge.owner,
    to: [edge.follower],
    severity: SEVERITY[burn.name],
    findings: burn.bad,
    environments: [...new Set([edge.owner, edge.follower].flatMap((p) => ctx.config.platforms[p]?.environment ?? []))],
    more: {
      rate: burn.rate === null ? null : burn.rate.toFixed(1),
      long: burn.long,
      short: burn.short,
      bad: burn.bad,
      changes: burn.changes,
      edge: `${edge.owner}/${edge.follower}/${edge.kind}/${edge.part}`,
    },
  })
}
