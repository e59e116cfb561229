/**
 * Exceptions whose events their source forgets soon: told once for each trouble, while they can still be sent again. The desk
 * marks them (`warnedAt`); here it is decided who is told.
 */
import type { Severity } from '../../model/verdict.ts'
import type { Context } from '../context.ts'
import type { ExceptionRow } from '../store/control/exceptions.ts'
import { inTurn } from '../store/turns.ts'
import { knownNow } from './known.ts'
import type { Subject } from './subject.ts'
import { tell } from './tell.ts'

const AT_ONCE = 100_000

/** Says how many troubles were told of. */
export function noticeClosing(ctx: Context): Promise<number> {
  return inTurn(ctx.control, 'alert', () =>
    Promise.resolve(
      ctx.control.transaction(() => {
        const now = ctx.clock.now()
        const groups = new Map<string, ExceptionRow[]>()
        for (const e of ctx.control.exceptions({ states: ['open', 'retrying'], limit: AT_ONCE })) {
          if (e.warnedAt === null || e.replayUntil === null || e.replayUntil <= now) continue
          const group = groups.get(e.fingerprint)
          if (group) group.push(e)
          else groups.set(e.fingerprint, [e])
        }
        const known = knownNow(ctx)
        let told = 0
        for (const [fingerprint, group] of groups) {
          const ref = `exceptions/${fingerprint}`
          const newest = Math.max(...group.map((e) => e.id))
          // Told again only when others of the same trouble come to their end.
          if (Number(ctx.control.alertStanding(ref)?.['newest'] ?? 0) >= newest) continue
          ctx.control.setAlertStanding(ref, { newest })
          tell(ctx, known, 'recoverability_ending', subjectOf(ctx, ref, group))
          told++
        }
        return told
      }),
    ),
  )
}

const SEVERITY: Record<ExceptionRow['priority'], Severity> = {
  low: 'low',
  medium: 'medium',
  high: 'high',
  critical: 'critical',
}
const ORDER = ['low', 'medium', 'high', 'critical'] as const

function subjectOf(ctx: Context, ref: string, group: readonly ExceptionRow[]): Subject {
  const [first] = group
  const { platform, target, kind, reason, ownerTeam } = first!
  const worst = ORDER.findLast((p) => group.some((e) => e.priority === p))!
  const platforms = [platform, target].filter((p) => p !== null)
  return {
    ...{
      kind: 'exceptions',
      ref,
      title: reason,
      check: null,
      category: null,
      cause: null,
      recordKind: kind,
      field: null,
    },
    ...{ from: platform, to: target === null ? [] : [target], severity: SEVERITY[worst], findings: group.length },
    ...{ customers: new Set(group.flatMap((e) => e.entityId ?? [])).size, amounts: {}, estimated: {}, money: null },
    ...{ legalEntities: [], team: ownerTeam, assignee: first!.ownerPerson },
    environments: [...new Set(platforms.flatMap((p) => ctx.config.platforms[p]?.environment ?? []))],
    ...{ since: null, dueAt: null, resolvedAt: null, snoozedUntil: null, acceptedUntil: null },
    more: { until: Math.min(...group.map((e) => e.replayUntil!)), fingerprint: first!.fingerprint },
  }
}
