/** Gather: measures everything that a report knows, from the two stores, at one instant. */
import { createHash } from 'node:crypto'
import { iso } from '../clock.ts'
import { planned, type ReportConfig } from '../config/reports-schema.ts'
import type { Context } from '../context.ts'
import type { ArchivedReport } from '../store/control/reports.ts'
import { customerNames } from '../store/facts/customer-names.ts'
import { issueFacts } from '../store/facts/issues.ts'
import {
  reportFigures,
  reportMoves,
  reportPairs,
  reportUndecided,
  reportWindows,
  type ReportMove,
} from '../store/facts/report-figures.ts'
import { titlesIn, type Titles } from '../titles.ts'
import { reportCurrencies, reportIssues, reportRows, type ReportRow } from '../store/facts/report-rows.ts'
import { periodsToClose } from './close.ts'
import type { FindingLine, HealedLine, IssueLine, ReportData, ReportFacts } from './data.ts'
import { HIDDEN, isHidden } from './hide.ts'
import { exposureOf, ratesOn } from './money.ts'
import { riskNow } from './parts.ts'
import { limitsOf, scopeOf, searchOf } from './scope.ts'
import { nextEnd, spanOf } from './span.ts'
import { standing } from './standing.ts'

/** Findings kept with a report; what is beyond is counted and named. */
export const ROWS_MAX = 20_000
/** Lines of each list: 25 together with the periods, or a mail would be clipped. */
const TOP = 10
const LISTED = 7
const HEALED = 3
export interface Asked {
  name: string
  report: ReportConfig
  /** Planned instant, epoch ms; null: now, because somebody asked. */
  slotAt: number | null
  late: boolean
}

export async function gather(ctx: Context, { name, report, slotAt, late }: Asked): Promise<ReportData> {
  const { config, control, facts, landscape, clock } = ctx
  const now = clock.now()
  const zone = report.timezone ?? config.schedules.timezone
  const { period } = planned(report)
  const before = control.reports.last(name, slotAt ?? undefined)
  // By hand it reaches to this very millisecond; a planned one ends where the next begins.
  const span = spanOf(period, zone, slotAt ?? now + 1, before?.to ?? null)
  const when = { from: iso(span.from), to: iso(span.to) }
  const worked = control.workedIssues()
  const accepted = worked.filter((i) => i.acceptedUntil !== null && i.acceptedUntil > now)
  const scope = scopeOf(
    report,
    accepted.map((i) => i.number),
  )
  const currency = landscape.reportingCurrency
  const rates = ratesOn(config.money, await reportCurrencies(facts), iso(now).slice(0, 10))
  const worth = { [currency]: '1', ...Object.fromEntries(rates.map((r) => [r.currency, r.rate])) }
  const [figures, pairs, moves, windows, undecided, issues, rows, top] = await Promise.all([
    reportFigures(facts, scope),
    reportPairs(facts, scope),
    reportMoves(facts, scope, when),
    reportWindows(facts, scope, when),
    reportUndecided(facts, scope),
    reportIssues(facts, scope, when, LISTED),
    reportRows(facts, scope, when, worth, ROWS_MAX + 1),
    reportRows(facts, scope, when, worth, TOP, 'open'),
  ])
  const called = titlesIn(report.language, ctx)
  const named = await names(ctx, report.names ? [...rows, ...top] : [])
  const decided = new Set(control.decisionsMade(span.from, span.to).map((d) => d.issue))
  const healing = moves.filter((m) => m.resolved > 0).sort((a, b) => b.resolved - a.resolved || a.issue - b.issue)
  const ends = nextEnd(period, zone, span.to)
  const ending = accepted.filter((i) => i.acceptedUntil! <= ends).slice(0, LISTED)
  const titles = new Map(
    (await issueFacts(facts, [...healing.slice(0, HEALED).map((m) => m.issue), ...ending.map((i) => i.number)])).map(
      (i) => [i.number, called.issue(i)],
    ),
  )
  const assigned = new Set(worked.filter((i) => i.assigneePerson !== null).map((i) => i.number))
  const periods = await closing(ctx, report, span.month ?? iso(span.from).slice(0, 7))
  const total = (of: 'opened' | 'regressed' | 'resolved') => moves.reduce((n, m) => n + m[of], 0)
  return {
    report: name,
    title: report.title ?? null,
    company: config.company,
    audience: report.audience,
    language: report.language,
    names: report.names,
    period,
    ...when,
    month: span.month,
    timezone: zone,
    asOf: iso(now),
    plannedAt: slotAt === null ? null : iso(slotAt),
    late,
    standing: standing(ctx),
    figures,
    currency,
    money: {
      confirmed: exposureOf(figures.amounts.confirmed, ctx, iso(now)),
      estimated: exposureOf(figures.amounts.estimated, ctx, iso(now)),
    },
    rates,
    windows: { ...windows, target: config.objectives.targets.medium },
    moves: { opened: total('opened'), regressed: total('regressed'), resolved: total('resolved') },
    unaided: healing.filter((m) => !decided.has(m.issue)).reduce((n, m) => n + m.resolved, 0),
    before: before && { id: before.id, to: iso(before.to), facts: before.facts as unknown as ReportFacts },
    pairs: pairs.map((p) => ({ ...p, owner: titleOf(ctx, p.owner), follower: titleOf(ctx, p.follower) })),
    issues: { total: issues.total, lines: issues.issues.map((i) => issueLine(i, ctx, called, assigned, iso(now))) },
    top: top.map((r) => findingLine(r, ctx, called, named, report.names)),
    healed: { total: healing.length, lines: healing.slice(0, HEALED).map((m) => healed(m, titles, decided)) },
    ending: ending.map((i) => ({
      number: i.number,
      title: titles.get(i.number) ?? `I-${i.number}`,
      until: iso(i.acceptedUntil!),
      reason: i.acceptReason ?? '',
    })),
    accepted: accepted.length,
    undecided: undecided.map((u) => ({ ...u, platform: titleOf(ctx, u.platform) })),
    failingChecks: control
      .checkStates()
      .flatMap((s) => (s.lastError ? [{ id: s.check, title: called.check(s.check), error: s.lastError.message }] : [])),
    periods,
    checkTitles: Object.fromEntries(
      periods.flatMap((p) => p.blockers.flatMap((b) => (b.check === null ? [] : [[b.check, called.check(b.check)]]))),
    ),
    filters: limitsOf(scope),
    search: searchOf(scope),
    rows: rows.slice(0, ROWS_MAX).map((r) => shownRow(r, ctx, called, named, report.names)),
    rowsTotal:
      rows.length > ROWS_MAX ? figures.open + figures.inFlight + figures.undecided + total('resolved') : rows.length,
  }
}

/** Months that finance looks at: those of the span, and all later ones. */
async function closing(ctx: Context, report: ReportConfig, from: string) {
  if (report.audience !== 'finance') return []
  const month = planned(report).period === 'period_close'
  const found = await periodsToClose(ctx, from)
  return month ? found.filter((p) => p.period === from) : found
}

/** What the next report compares itself with. The fingerprint covers all that a reader would notice, not the hour. */
export function factsOf(data: ReportData): ReportFacts {
  const noticed = [
    // What was resolved leaves with the span; that it is no longer open is noticed anyway.
    data.rows.filter((r) => r.state !== 'resolved').map((r) => [r.id, r.state, r.amount_at_risk, r.currency]),
    data.figures,
    data.standing.stale.map((s) => s.platform),
    data.ending.map((e) => e.number),
    data.periods.map((p) => [p.period, p.legal_entity, p.state, p.blockers.length]),
  ]
  return {
    open: data.figures.open,
    risk: riskNow(data),
    currency: data.currency,
    kept: data.windows.kept,
    missed: data.windows.missed,
    fixed: data.moves.resolved,
    pairs: Object.fromEntries(data.pairs.map((p) => [`${p.owner}>${p.follower}`, p.findings])),
    fingerprint: createHash('sha256').update(JSON.stringify(noticed)).digest('hex'),
  }
}

/** Facts of an archived report. */
export const factsIn = (entry: Pick<ArchivedReport, 'facts'>) => entry.facts as unknown as ReportFacts

const titleOf = ({ landscape }: Pick<Context, 'landscape'>, name: string): string =>
  landscape.platforms.find((p) => p.name === name)?.title ?? name

function names({ facts, landscape }: Context, rows: readonly ReportRow[]): Promise<Map<string, string>> {
  const speakers = landscape.owners('customer', 'name', { state: null, scope: {} })
  return customerNames(
    facts,
    rows.map((r) => r.customer_entity_id),
    speakers,
  )
}

function issueLine(
  i: Awaited<ReturnType<typeof reportIssues>>['issues'][number],
  ctx: Context,
  called: Titles,
  assigned: ReadonlySet<number>,
  on: string,
): IssueLine {
  return {
    number: i.number,
    title: called.issue(i),
    severity: i.severity,
    state: i.state,
    owner: i.owner_platform === null ? null : titleOf(ctx, i.owner_platform),
    platforms: i.platforms.map((p) => titleOf(ctx, p)),
    findings: i.findings_open,
    customers: i.customers,
    money: exposureOf(i.amounts, ctx, on),
    team: i.owner_team,
    assigned: assigned.has(i.number),
    first_seen_at: i.first_seen_at,
  }
}

const healed = (m: ReportMove, titles: ReadonlyMap<number, string>, decided: ReadonlySet<number>): HealedLine => ({
  number: m.issue,
  title: titles.get(m.issue) ?? `I-${m.issue}`,
  findings: m.resolved,
  decided: decided.has(m.issue),
  recovered: m.recovered,
})

function findingLine(
  r: ReportRow,
  ctx: Context,
  called: Titles,
  named: ReadonlyMap<string, string>,
  open: boolean,
): FindingLine {
  const hide = hides(r, ctx, open)
  const side = (values: Record<string, string | null>, owner: boolean) =>
    Object.entries(values).map(([platform, value]) => ({
      platform: titleOf(ctx, platform),
      value: value !== null && hide ? HIDDEN : value,
      owner,
    }))
  return {
    id: r.id,
    issue: r.issue,
    title: called.issue(r),
    customer: named.get(r.customer_entity_id) ?? null,
    severity: r.severity,
    values: [...side(r.expected, true), ...side(r.actual, false)],
    amount: r.amount_at_risk,
    currency: r.currency,
    estimated: r.amount_basis !== 'confirmed',
    team: r.team,
    since: r.first_seen_at,
  }
}

/** Nothing but issues leaves where names must not. */
const hides = (r: Pick<ReportRow, 'kind' | 'field'>, { config }: Pick<Context, 'config'>, open: boolean): boolean =>
  !open || isHidden(config.alerts.masked, r.kind, r.field)

function shownRow(
  r: ReportRow,
  ctx: Context,
  called: Titles,
  named: ReadonlyMap<string, string>,
  open: boolean,
): ReportRow {
  const hide = hides(r, ctx, open)
  const shown = (values: Record<string, string | null>) =>
    Object.fromEntries(
      Object.entries(values).map(([platform, value]) => [
        titleOf(ctx, platform),
        value !== null && hide ? HIDDEN : value,
      ]),
    )
  return {
    ...r,
    title: called.issue(r),
    expected: shown(r.expected),
    actual: shown(r.actual),
    customer: named.get(r.customer_entity_id) ?? null,
  }
}
