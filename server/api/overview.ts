/** Overview: how wrong is our customer data now, what does it cost, is it getting better, can this page be believed? */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { KINDS } from '../../model/kinds.ts'
import { looking } from '../check/off.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import type { Runtime } from '../runtime.ts'
import { transitionsOverTime } from '../store/facts/finding-events.ts'
import { issuePage } from '../store/facts/issue-list.ts'
import { customersVerified, openByPair, openFigures, windowsKept } from '../store/facts/overview.ts'
import { connectorSchema, connectorView } from './connector-view.ts'
import { exposureSchema, exposureView } from './exposure-view.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { quarantineCounts } from '../store/facts/quarantine.ts'
import { invalid } from './problem.ts'
import { parseSearch } from './search.ts'
import { issueSchema, issueView, platformView } from './views.ts'

const RANGES = { '24h': 86_400_000, '7d': 7 * 86_400_000, '30d': 30 * 86_400_000, '12w': 84 * 86_400_000 } as const
const DAY = 86_400_000
export const SLA_DAYS = 30
/** Share of changes that must arrive within their window. */
export const SLA_TARGET = 0.99
const VERIFIED_WITHIN_MS = DAY
const NEEDS_YOU = 8
/** Steps of the trend, whatever the range. */
const STEPS = 24

const platform = z.object({ name: z.string(), title: z.string(), mark: z.string() })
const overviewSchema = z
  .object({
    as_of: z.string(),
    range: z.enum(['24h', '7d', '30d', '12w']),
    complete_through: z.string().nullable().describe('Everything up to here is surely read, over all platforms.'),
    stale: z
      .array(z.object({ platform, since: z.string().nullable(), says: z.string() }))
      .describe('Platforms that cannot be verified now.'),
    drift: z.object({
      open: z.number(),
      in_flight: z.number(),
      undecided: z.number(),
      critical: z.number(),
      high: z.number(),
      opened: z.number(),
      resolved: z.number(),
      customers: z.number(),
    }),
    money: z.object({
      currency: z.string(),
      confirmed: exposureSchema.describe('Both sides are known.'),
      estimated: exposureSchema.describe('A rate times a time; never added to what is confirmed.'),
      unpriced: z.number(),
    }),
    sla: z.object({ days: z.number(), target: z.number(), kept: z.number(), missed: z.number() }),
    confidence: z.object({ customers: z.number(), verified: z.number(), fresh: z.number(), platforms: z.number() }),
    pairs: z.array(
      z.object({
        owner: platform,
        follower: platform,
        checked: z.boolean(),
        findings: z.number(),
        money: z.string().nullable().describe('Confirmed, in the reporting currency.'),
        money_estimated: z.string().nullable(),
        median_age_seconds: z.number(),
      }),
    ),
    trend: z.array(z.object({ at: z.string(), opened: z.number(), resolved: z.number(), open: z.number() })),
    needs_you: z.array(issueSchema),
    connectors: z.array(connectorSchema),
    checks: z.object({
      /** Those that look in every round. */
      total: z.number(),
      /** Switched off by an administrator: what they would find is not known. */
      off: z.number(),
      /** Of the total, how many have looked at least once: the others cannot have found anything. */
      looked: z.number(),
      failing: z.array(z.string()),
      last_run_at: z.string().nullable(),
    }),
  })
  .meta({ id: 'Overview' })

export function overviewRoutes({ ctx, budgetOf }: Runtime) {
  return new Hono<GuardEnv>().get(
    '/',
    describeRoute({
      summary: 'The first screen',
      tags: ['overview'],
      responses: {
        200: { description: 'Overview.', content: { 'application/json': { schema: resolver(overviewSchema) } } },
      },
    }),
    requires('view'),
    validator('query', z.object({ range: z.enum(['24h', '7d', '30d', '12w']).default('7d') }), invalid),
    async (c) => {
      const { range } = c.req.valid('query')
      const now = ctx.clock.now()
      const quarantined = await quarantineCounts(ctx.facts)
      const connectors = Object.keys(ctx.config.platforms).map((name) =>
        connectorView(
          name,
          ctx,
          budgetOf(name),
          quarantined.filter((q) => q.platform === name).reduce((n, q) => n + q.n, 0),
        ),
      )
      const stale = connectors.filter(
        (k) =>
          k.freshness.state === 'bad' ||
          k.freshness.state === 'unknown' ||
          (k.complete_through !== null && Date.parse(k.complete_through) < now - VERIFIED_WITHIN_MS),
      )
      const [figures, pairs, sla, verified, trend, top] = await Promise.all([
        openFigures(ctx.facts),
        openByPair(ctx.facts, iso(now)),
        windowsKept(ctx.facts, iso(now - SLA_DAYS * DAY)),
        customersVerified(
          ctx.facts,
          stale.map((k) => k.platform.name),
        ),
        trendOf(ctx, now, RANGES[range]),
        issuePage(ctx.facts, {
          terms: parseSearch('is:open', {
            worked: ctx.control.workedIssues(),
            me: (c.get('caller') as Caller).user.email,
            now,
          }),
          sort: 'attention',
          after: null,
          limit: NEEDS_YOU,
        }),
      ])
      const rows = new Map(ctx.control.issues(top.issues.map((i) => i.number)).map((r) => [r.number, r]))
      // Middleware tells of what others hold: it has no records of its own to be complete.
      const through = connectors.filter((k) => k.role !== 'middleware').map((k) => k.complete_through)
      const states = ctx.control.checkStates()
      const onNow = looking(ctx, ctx.checks)
      return c.json({
        as_of: iso(now),
        range,
        complete_through: through.length && through.every((t) => t !== null) ? through.sort()[0]! : null,
        stale: stale.map((k) => ({ platform: k.platform, since: k.complete_through, says: k.freshness.says })),
        drift: {
          open: figures.open,
          in_flight: figures.inFlight,
          undecided: figures.undecided,
          critical: figures.bySeverity.critical,
          high: figures.bySeverity.high,
          opened: trend.reduce((n, t) => n + t.opened, 0),
          resolved: trend.reduce((n, t) => n + t.resolved, 0),
          customers: figures.customers,
        },
        money: {
          currency: ctx.landscape.reportingCurrency,
          confirmed: exposureView(figures.amounts.confirmed, ctx),
          estimated: exposureView(figures.amounts.estimated, ctx),
          unpriced: figures.unpriced,
        },
        sla: { days: SLA_DAYS, target: SLA_TARGET, ...sla },
        confidence: { ...verified, fresh: connectors.length - stale.length, platforms: connectors.length },
        pairs: pairView(pairs, ctx, iso(now)),
        trend: withOpen(trend, figures.open),
        needs_you: top.issues.map((i) => issueView(i, rows.get(i.number) ?? null, ctx, now)),
        connectors,
        checks: {
          total: onNow.length,
          off: ctx.checks.length - onNow.length,
          looked: states.filter((s) => s.lastRunAt !== null && onNow.some((k) => k.id === s.check)).length,
          failing: states.filter((s) => s.lastError).map((s) => s.check),
          last_run_at: states.length ? iso(Math.max(...states.map((s) => s.lastRunAt ?? 0))) : null,
        },
      })
    },
  )
}

async function trendOf(
  ctx: Context,
  now: number,
  rangeMs: number,
): Promise<{ at: string; opened: number; resolved: number }[]> {
  const step = rangeMs / STEPS
  const from = Math.floor((now - rangeMs) / step) * step
  const rows = await transitionsOverTime(ctx.facts, { from: iso(from), to: iso(now + 1), stepSeconds: step / 1000 })
  const points: { at: string; opened: number; resolved: number }[] = []
  for (let at = from; at <= now; at += step) points.push({ at: iso(at), opened: 0, resolved: 0 })
  for (const row of rows) {
    const point = points[Math.floor((Date.parse(row.at) - from) / step)]
    if (point && row.to_state === 'open') point.opened += row.n
    if (point && row.to_state === 'resolved') point.resolved += row.n
  }
  return points
}

/** Walks back from what is open now: each step's opened and resolved tell what was open before it. */
function withOpen<T extends { opened: number; resolved: number }>(
  trend: T[],
  openNow: number,
): (T & { open: number })[] {
  let open = openNow
  return trend
    .toReversed()
    .map((point) => {
      const at = { ...point, open: Math.max(0, open) }
      open -= point.opened - point.resolved
      return at
    })
    .toReversed()
}

/** Every owner and follower that some field ties together; the rest of the grid is not checked. */
function pairView(found: Awaited<ReturnType<typeof openByPair>>, ctx: Context, on: string) {
  const names = ctx.landscape.platforms.map((p) => p.name)
  const tied = new Set<string>()
  const nowhere = { state: null, scope: {} }
  for (const kind of KINDS) {
    for (const field of kind.fields) {
      const owner = ctx.landscape.owners(kind.name, field.name, nowhere)[0]
      if (!owner) continue
      for (const p of names)
        if (p !== owner && ctx.landscape.standing(kind.name, field.name, p, owner, nowhere) === 'follower')
          tied.add(`${owner}>${p}`)
    }
  }
  // Middleware keeps no records: there is nothing of it to compare.
  const compared = names.filter(
    (name) =>
      [...tied].some((pair) => pair.split('>').includes(name)) ||
      found.some((f) => f.owner === name || f.follower === name),
  )
  return compared.flatMap((owner) =>
    compared
      .filter((follower) => follower !== owner)
      .map((follower) => {
        const f = found.find((x) => x.owner === owner && x.follower === follower)
        return {
          owner: platformView(owner, ctx)!,
          follower: platformView(follower, ctx)!,
          checked: f !== undefined || tied.has(`${owner}>${follower}`),
          findings: f?.findings ?? 0,
          money: f ? exposureView(f.amounts.confirmed, ctx, on).known : null,
          money_estimated: f ? exposureView(f.amounts.estimated, ctx, on).known : null,
          median_age_seconds: f?.medianAge ?? 0,
        }
      }),
  )
}
