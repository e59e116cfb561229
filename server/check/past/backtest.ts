/** Back-test: what a check would have found over a span of the past, in figures, and beside the version that is live. */
import { add, format, type Decimal } from '../../../model/decimal.ts'
import { iso } from '../../clock.ts'
import type { Context } from '../../context.ts'
import type { Check } from '../contract.ts'
import type { Life, Lives } from './life.ts'
import { replay, type Replayed } from './replay.ts'

export interface BacktestWish {
  /** The new or changed check. */
  check: Check
  /** The version to hold it against; null: there is none. */
  live: Check | null
  /** Epoch ms. */
  from: number
  to: number
  instantsMax?: number
  progress?: (done: number, of: number, at: number) => void
}

/** What one version of a check did over the span. What was in flight or undecided throughout is no finding. */
export interface Figures {
  /** Times that a finding opened, and findings that did. */
  fired: number
  findings: number
  customers: number
  /** Issues that had no open finding and got one: each is an alert. */
  alerts: number
  /** Currency → sum of the amounts at risk of its findings, decimal text; each finding once. */
  money: Record<string, string>
  /** Findings of which no amount is known. */
  without_amount: number
  still_open: number
  /** Spans that ended without anybody having been told, and how long they took, seconds. */
  healed: number
  healed_median_s: number | null
  healed_p90_s: number | null
  /** Differences that agreed before their window ended, and those that nobody could decide. */
  only_in_flight: number
  only_undecided: number
}

export interface BacktestFinding {
  id: string
  title: string
  entity_id: string
  customer_entity_id: string
  platform: string | null
  amount: string | null
  currency: string | null
  opened_at: string
  /** Null: still open at the end. */
  closed_at: string | null
  times: number
}

export interface BacktestDay {
  day: string
  opened: number
  alerts: number
  live_opened: number | null
  live_alerts: number | null
}

export interface Backtest {
  check: string
  title: string
  version: string
  live_version: string | null
  from: string
  to: string
  instants: number
  /** Null: it stopped at every instant at which something moved; else what came and went within so many seconds was not seen. */
  cell_s: number | null
  /** Grid on which time alone was looked at, seconds; null for checks that time alone does not change. */
  grid_s: number | null
  took_ms: number
  figures: Figures
  live: Figures | null
  /** Against the live version: findings and alerts that are new, gone, and the same. */
  compared: { added: number; removed: number; same: number; alerts_added: number; alerts_removed: number } | null
  /** The first of each list, largest amount first. */
  findings: BacktestFinding[]
  added: BacktestFinding[]
  removed: BacktestFinding[]
  days: BacktestDay[]
}

const LISTED = 50

/** @throws PlumblineError config for a check of which no past is kept; whatever aborts `ctx.signal` */
export async function backtest(ctx: Context, wish: BacktestWish): Promise<Backtest> {
  const started = ctx.clock.now()
  const { check, live } = wish
  const { from, to, instantsMax, progress } = wish
  // One id for both: the same difference is then the same finding.
  const versions = live ? [check, { ...live, id: check.id }] : [check]
  const replayed = await replay(ctx, {
    checks: versions,
    from,
    to,
    ...(instantsMax !== undefined && { instantsMax }),
    ...(progress && { progress }),
  })
  return { ...summary(wish, replayed), took_ms: ctx.clock.now() - started }
}

function summary({ check, live, from, to }: BacktestWish, replayed: Replayed): Omit<Backtest, 'took_ms'> {
  const [mine, theirs] = replayed.lives as [Lives, Lives | undefined]
  const own = fired(mine)
  const other = theirs ? fired(theirs) : null
  const added = other && [...own.values()].filter((l) => !other.has(l.finding.id))
  const removed = other && [...other.values()].filter((l) => !own.has(l.finding.id))
  return {
    check: check.id,
    title: check.title,
    version: check.version,
    live_version: live?.version ?? null,
    from: iso(from),
    to: iso(to),
    instants: replayed.instants,
    cell_s: replayed.cellMs === null ? null : replayed.cellMs / 1000,
    grid_s: replayed.gridMs === null ? null : replayed.gridMs / 1000,
    figures: figures(mine),
    live: theirs ? figures(theirs) : null,
    compared: other && {
      added: added!.length,
      removed: removed!.length,
      same: own.size - added!.length,
      ...alertsAgainst(mine, theirs!),
    },
    findings: listed([...own.values()]),
    added: listed(added ?? []),
    removed: listed(removed ?? []),
    days: days(from, to, mine, theirs),
  }
}

const fired = (lives: Lives): Map<string, Life> => new Map([...lives.all].filter(([, life]) => life.opened.length > 0))

function figures(lives: Lives): Figures {
  const own = [...fired(lives).values()]
  const spans = own.flatMap((l) => l.opened)
  const healed = spans.flatMap((s) => (s.to === null ? [] : [(s.to - s.from) / 1000])).sort((a, b) => a - b)
  const money = new Map<string, Decimal>()
  for (const { finding: f } of own)
    if (f.amount_at_risk !== null && f.currency !== null)
      money.set(f.currency, add(money.get(f.currency) ?? '0', f.amount_at_risk))
  const rest = [...lives.all.values()].filter((l) => l.opened.length === 0)
  return {
    fired: spans.length,
    findings: own.length,
    customers: new Set(own.map((l) => l.finding.customer_entity_id).filter((id) => id !== '')).size,
    alerts: lives.alerts.length,
    money: Object.fromEntries([...money].sort().map(([currency, sum]) => [currency, format(sum)])),
    without_amount: own.filter((l) => l.finding.amount_at_risk === null).length,
    still_open: spans.filter((s) => s.to === null).length,
    healed: healed.length,
    healed_median_s: at(healed, 0.5),
    healed_p90_s: at(healed, 0.9),
    only_in_flight: rest.filter((l) => l.inFlight && !l.undecided).length,
    only_undecided: rest.filter((l) => l.undecided).length,
  }
}

const at = (sorted: readonly number[], share: number): number | null =>
  sorted.length === 0 ? null : sorted[Math.floor((sorted.length - 1) * share)]!

/** Alerts by issue: what one version would have told more often than the other. */
function alertsAgainst(mine: Lives, theirs: Lives): { alerts_added: number; alerts_removed: number } {
  const count = (lives: Lives) => {
    const n = new Map<string, number>()
    for (const a of lives.alerts) n.set(a.fingerprint, (n.get(a.fingerprint) ?? 0) + 1)
    return n
  }
  const [own, other] = [count(mine), count(theirs)]
  const more = (a: Map<string, number>, b: Map<string, number>) =>
    [...a].reduce((sum, [issue, n]) => sum + Math.max(0, n - (b.get(issue) ?? 0)), 0)
  return { alerts_added: more(own, other), alerts_removed: more(other, own) }
}

function listed(lives: readonly Life[]): BacktestFinding[] {
  const worth = (l: Life) => Number(l.finding.amount_at_risk ?? -1)
  return [...lives]
    .sort(
      (a, b) => worth(b) - worth(a) || a.opened[0]!.from - b.opened[0]!.from || (a.finding.id < b.finding.id ? -1 : 1),
    )
    .slice(0, LISTED)
    .map(({ finding: f, opened }) => ({
      id: f.id,
      title: f.title,
      entity_id: f.entity_id,
      customer_entity_id: f.customer_entity_id,
      platform: f.platform,
      amount: f.amount_at_risk,
      currency: f.currency,
      opened_at: iso(opened[0]!.from),
      closed_at: opened.at(-1)!.to === null ? null : iso(opened.at(-1)!.to!),
      times: opened.length,
    }))
}

const DAY = 86_400_000

/** What opened on each day (UTC); what was open when the span began counts on its first. */
function days(from: number, to: number, mine: Lives, theirs: Lives | undefined): BacktestDay[] {
  const day = (ms: number) => iso(ms).slice(0, 10)
  const all: BacktestDay[] = []
  for (let d = Math.floor(from / DAY) * DAY; d <= to; d += DAY) {
    const key = day(d)
    const opened = (lives: Lives) =>
      [...lives.all.values()].reduce((n, l) => n + l.opened.filter((s) => day(s.from) === key).length, 0)
    const alerts = (lives: Lives) => lives.alerts.filter((a) => day(a.at) === key).length
    all.push({
      day: key,
      opened: opened(mine),
      alerts: alerts(mine),
      live_opened: theirs ? opened(theirs) : null,
      live_alerts: theirs ? alerts(theirs) : null,
    })
  }
  return all
}
