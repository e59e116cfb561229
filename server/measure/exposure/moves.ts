/**
 * Exposure over time: what became wrong, what was recovered, and what people wrote off, by day.
 *
 * An accepted difference is written off when it is accepted, or when it appears while its issue is accepted, and comes
 * back when the acceptance ends; what is right again in between was no longer ours to recover. So over any span
 * opened − suspended − recovered − written off is what the open and unaccepted exposure grew by.
 */
import { add, format, subtract } from '../../../model/decimal.ts'
import { iso } from '../../clock.ts'
import type { Context } from '../../context.ts'
import { exposureMoves, exposureSteps, type ExposureMove, type ExposureStep } from '../../store/facts/exposure.ts'
import { acceptances, type Acceptance } from './acceptances.ts'

export interface DayMove extends ExposureMove {
  /** Decimal text; negative where acceptances ended. */
  written_off: string
}

/** Epoch ms, `to` exclusive. */
export async function exposureDays(
  ctx: Pick<Context, 'facts' | 'control'>,
  from: number,
  to: number,
): Promise<DayMove[]> {
  const spans = acceptances(ctx.control)
  const accepted = [...new Set(spans.map((s) => s.issue))]
  const [plain, steps] = await Promise.all([
    exposureMoves(ctx.facts, { from: iso(from), to: iso(to), except: accepted }),
    exposureSteps(ctx.facts, accepted, iso(to)),
  ])
  const moves = plain.map((m): DayMove => ({ ...m, written_off: '0' }))
  return folded([
    ...moves,
    ...acceptedMoves(steps, spans, to)
      .filter((m) => m.at >= from)
      .map(({ move }) => move),
  ])
}

/** Moves of findings whose issue was accepted at some time. Pure. */
export function acceptedMoves(
  steps: readonly ExposureStep[],
  spans: readonly Acceptance[],
  to: number,
): { at: number; move: DayMove }[] {
  const found: { at: number; move: DayMove }[] = []
  const put = (
    step: ExposureStep,
    at: number,
    name: 'opened' | 'recovered' | 'suspended' | 'written_off',
    amount: string,
  ) => {
    const { platform, basis, currency } = step
    const none = { opened: '0', recovered: '0', suspended: '0', written_off: '0' }
    found.push({ at, move: { day: iso(at).slice(0, 10), platform, basis, currency, ...none, [name]: amount } })
  }
  const byFinding = groupBy(steps)
  for (const life of byFinding.values()) {
    const of = spans.filter((s) => s.issue === life[0]!.issue)
    // Of what happens in one instant the finding's own move counts first when it leaves, and last when it comes.
    const comesAccepted = (at: number) => of.some((s) => s.from <= at && at < s.to)
    const leavesAccepted = (at: number) => of.some((s) => s.from < at && at <= s.to)
    life.forEach((step, i) => {
      const at = Date.parse(step.at)
      if (step.opens) {
        put(step, at, 'opened', step.amount)
        if (comesAccepted(at)) put(step, at, 'written_off', step.amount)
        // While it stays open, acceptances that begin write it off and those that end bring it back.
        const next = life.slice(i + 1).find((s) => s.recovers || s.suspends || s.opens)
        const end = next ? Date.parse(next.at) : to
        for (const span of of) {
          if (span.from > at && span.from < end) put(step, span.from, 'written_off', step.amount)
          if (span.to > at && span.to < end) put(step, span.to, 'written_off', format(subtract('0', step.amount)))
        }
      }
      const name = step.recovers ? 'recovered' : step.suspends ? 'suspended' : null
      if (name && !leavesAccepted(at)) put(step, at, name, step.amount)
    })
  }
  return found
}

function groupBy(steps: readonly ExposureStep[]): Map<string, ExposureStep[]> {
  const by = new Map<string, ExposureStep[]>()
  for (const s of steps) {
    const life = by.get(s.id)
    if (life) life.push(s)
    else by.set(s.id, [s])
  }
  return by
}

/** One row a day, platform, basis and currency. */
function folded(moves: readonly DayMove[]): DayMove[] {
  const by = new Map<string, DayMove>()
  for (const m of moves) {
    const key = [m.day, m.platform, m.basis, m.currency].join('\n')
    const have = by.get(key)
    if (!have) by.set(key, { ...m })
    else
      for (const name of ['opened', 'recovered', 'suspended', 'written_off'] as const)
        have[name] = format(add(have[name], m[name]))
  }
  return [...by].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, m]) => m)
}
