/** Readings: what the figures of one measuring are made from, each asked of the stores once and only if a figure wants it. */
import type { Context } from '../../context.ts'
import { iso } from '../../clock.ts'
import type { RunRecord } from '../../store/control/control.ts'
import type { Facts } from '../../store/facts/facts.ts'
import {
  createdRecords,
  duplicateRecords,
  liveRecords,
  mismatched,
  newDuplicates,
  openGroups,
  recoveries,
  unreadRows,
  type OpenGroup,
} from '../../store/facts/kpi-findings.ts'
import { deliverySums, lagSums, type LagSums } from '../../store/facts/kpi-lag.ts'
import * as kept from '../../store/facts/kpi-records.ts'
import { openExposure } from '../../store/facts/exposure.ts'
import { issueFacts } from '../../store/facts/issues.ts'
import { acceptedIssues } from '../exposure/acceptances.ts'
import { exposureDays } from '../exposure/moves.ts'
import { decideAsk } from '../sla/standing.ts'
import { PERIODS, type Period } from './kpi.ts'

export type KpiContext = Pick<Context, 'config' | 'control' | 'facts' | 'landscape'>

/** Older than this an open finding is aged. */
export const AGED_MS = 7 * 86_400_000

/** Runs read at a time. */
const RUNS_PAGE = 1_000

export type Readings = ReturnType<typeof readings>

export function readings(ctx: KpiContext, asOf: number) {
  const { facts, control, landscape } = ctx
  const known = new Map<string, unknown>()
  const once = <T>(name: string, read: () => T): T => {
    if (!known.has(name)) known.set(name, read())
    return known.get(name) as T
  }
  const began = (period: Period) => asOf - PERIODS[period]
  const from = (period: Period) => iso(began(period))
  const to = iso(asOf)

  return {
    ctx,
    asOf,
    from,
    to,
    /** Calendar day, some days from the instant of measuring. */
    day: (days: number) => iso(asOf + days * 86_400_000).slice(0, 10),
    /** The last full month, `2026-10`. */
    month() {
      const at = new Date(asOf)
      return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - 1, 1)).toISOString().slice(0, 7)
    },
    platforms: Object.keys(ctx.config.platforms),
    /** True if any platform keeps the kind. */
    keeps: (kind: string) => control.streams().some((s) => s.kind === kind),
    /** Platforms that speak for a field, in order, for records in a state. */
    order: (kind: string, field: string, state: string | null = null) =>
      landscape.owners(kind, field, { state, scope: {} }),
    lag: (period: Period): Promise<LagSums[]> =>
      once(`lag ${period}`, () =>
        lagSums(facts, { from: began(period), to: asOf, complete: decideAsk(ctx, asOf).complete }),
      ),
    deliveries: (period: Period) => once(`deliveries ${period}`, () => deliverySums(facts, from(period), to)),
    open: (): Promise<OpenGroup[]> => once('open', () => openGroups(facts, iso(asOf - AGED_MS))),
    live: () => once('live', () => liveRecords(facts)),
    duplicates: () => once('duplicates', () => duplicateRecords(facts)),
    newDuplicates: (kind: string, period: Period) => newDuplicates(facts, kind, from(period)),
    created: (kind: string, period: Period) => createdRecords(facts, kind, from(period)),
    recoveries: (period: Period) => recoveries(facts, from(period), to),
    unread: () => unreadRows(facts),
    mismatched: (kind: string) => mismatched(facts, kind),
    cases: (asked: kept.Asked, period: Period) => once('cases', () => kept.caseFigures(facts, asked, from(period), to)),
    /** Counts over the present records; see store/facts/kpi-records.ts. */
    records: bound(facts),
    /** Runs of collecting that began in the period and have ended. */
    runs: (period: Period) => once(`runs ${period}`, () => endedRuns(ctx, began(period), asOf)),
    replays: (period: Period) => control.replaysSent(began(period), asOf),
    streams: () => control.streams(),
    exposure: () => once('exposure', () => openExposure(facts, [...acceptedIssues(control, asOf)])),
    moves: (period: Period) => once(`moves ${period}`, () => exposureDays(ctx, began(period), asOf)),
    /** Decisions that people made about issues, by the platform at fault of the issue. */
    async decisions(period: Period): Promise<{ name: string; n: number }[]> {
      const made = control.decisionsMade(began(period), asOf)
      const at = new Map(
        (
          await issueFacts(
            facts,
            made.map((d) => d.issue),
          )
        ).map((i) => [i.number, i.platform ?? '']),
      )
      return made.map((d) => ({ name: at.get(d.issue) ?? '', n: d.n }))
    },
    /** In the reporting currency by the rates of the day of measuring; null where a rate is missing. */
    convert: (amount: string, currency: string) => landscape.convert(amount, currency, to),
    reportingCurrency: landscape.reportingCurrency,
  }
}

type Bound<F> = F extends (facts: Facts, ...rest: infer Rest) => infer Answer ? (...rest: Rest) => Answer : never

/** The queries over records, with the facts already given. */
function bound(facts: Facts): { [Name in keyof typeof kept]: Bound<(typeof kept)[Name]> } {
  const all = Object.entries(kept).map(([name, query]) => [
    name,
    (...rest: unknown[]) => (query as (...all: unknown[]) => unknown)(facts, ...rest),
  ])
  return Object.fromEntries(all) as ReturnType<typeof bound>
}

/** Page by page, newest first; two runs of one instant may fall on a border, so each is counted by its id. */
function endedRuns({ control }: KpiContext, from: number, to: number): RunRecord[] {
  const found = new Map<string, RunRecord>()
  for (let before = to + 1; ;) {
    const page = control.runs({ stage: 'collect', limit: RUNS_PAGE, before })
    const last = page.at(-1)
    const fresh = page.filter((r) => !found.has(r.id))
    for (const run of fresh) if (run.startedAt >= from) found.set(run.id, run)
    if (!last || page.length < RUNS_PAGE || last.startedAt < from || fresh.length === 0) break
    before = last.startedAt + 1
  }
  return [...found.values()].filter((r) => r.outcome !== 'running')
}
