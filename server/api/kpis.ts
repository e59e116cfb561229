/** Key figures over HTTP: what each means, its value as last measured, what it was before, and its trend. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import { PERIODS, READERS, SPLITS, UNITS, type Kpi } from '../measure/kpi/kpi.ts'
import { FAMILIES, KPIS } from '../measure/kpi/table.ts'
import type { Runtime } from '../runtime.ts'
import { kpiTrend, latestKpis, type KpiPoint, type KpiRow } from '../store/facts/kpis.ts'
import { requires, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'
import { platformView } from './views.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Range of a trend, and hours of one of its steps. */
const RANGES = {
  '24h': { ms: DAY, step: 1 },
  '7d': { ms: 7 * DAY, step: 6 },
  '30d': { ms: 30 * DAY, step: 24 },
  '90d': { ms: 90 * DAY, step: 72 },
} as const
const NAMES = Object.keys(RANGES) as [keyof typeof RANGES]
/** What stood this much earlier may stand in for the value of exactly one period ago. */
const SLACK_MS = 26 * HOUR

const value = z.string().nullable().describe('Decimal text; null: not known.')
const figure = z.object({
  value,
  n: z.number().describe('How many things it rests on.'),
  why: z.string().describe('Why it is not known; empty where it is.'),
  measured_at: z.string().describe('ISO 8601, UTC.'),
})
const kpiSchema = z
  .object({
    id: z.string(),
    family: z.string(),
    answers: z.array(z.number().int()).describe('Numbers of the requirements that it answers.'),
    title: z.string(),
    unit: z.enum(UNITS),
    currency: z.string().nullable().describe('Of money.'),
    definition: z.string(),
    period: z.enum(Object.keys(PERIODS) as [keyof typeof PERIODS]),
    split: z.enum(SPLITS),
    better: z.enum(['higher', 'lower', 'neither']),
    reader: z.enum(READERS),
    current: figure.nullable().describe('Null before the first measuring.'),
    previous: figure
      .nullable()
      .describe('One period earlier; for figures of now, 24 hours earlier. Null where nothing was measured then.'),
    trend: z.array(z.object({ at: z.string(), value })),
    scopes: z.array(figure.extend({ scope: z.string(), title: z.string() })),
  })
  .meta({ id: 'Kpi' })
const detailSchema = kpiSchema
  .extend({ trends: z.array(z.object({ scope: z.string(), trend: z.array(z.object({ at: z.string(), value })) })) })
  .meta({ id: 'KpiDetail' })

const query = z.object({ range: z.enum(NAMES).default('30d') })

export function kpiRoutes({ ctx }: Runtime) {
  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Every key figure with its meaning, value, previous value and trend',
        tags: ['kpis'],
        responses: {
          200: {
            description: 'Key figures.',
            content: { 'application/json': { schema: resolver(z.array(kpiSchema)) } },
          },
        },
      }),
      requires('view'),
      validator('query', query, invalid),
      async (c) => {
        const seen = await look(ctx, c.req.valid('query').range)
        return c.json(KPIS.map((kpi) => view(kpi, seen, ctx)))
      },
    )
    .get(
      '/:id',
      describeRoute({
        summary: 'One key figure, with the trend of each of its parts',
        tags: ['kpis'],
        responses: {
          200: { description: 'The figure.', content: { 'application/json': { schema: resolver(detailSchema) } } },
        },
      }),
      requires('view'),
      validator('query', query, invalid),
      async (c) => {
        const id = c.req.param('id')
        const kpi = KPIS.find((k) => k.id === id)
        if (!kpi)
          throw new PlumblineError('not_found', `There is no key figure ${id}.`, {
            remedy: 'GET /v1/kpis lists them all.',
          })
        const seen = await look(ctx, c.req.valid('query').range, id)
        const scopes = [...new Set(seen.points.filter((p) => p.scope !== '').map((p) => p.scope))]
        return c.json({
          ...view(kpi, seen, ctx),
          trends: scopes.map((scope) => ({ scope, trend: trendOf(seen.points, kpi.id, scope) })),
        })
      },
    )
}

interface Seen {
  now: number
  rows: KpiRow[]
  /** Values of one period earlier, by length of the period. */
  earlier: Map<number, KpiRow[]>
  points: KpiPoint[]
}

/** Rows of an hour are written again until it ends. */
const endOfHour = (at: number) => Math.floor(at / HOUR) * HOUR + HOUR - 1
const lengthOf = (kpi: Kpi) => PERIODS[kpi.period] || DAY

async function look(ctx: Context, range: keyof typeof RANGES, id?: string): Promise<Seen> {
  const now = ctx.clock.now()
  const { ms, step } = RANGES[range]
  const lengths = [...new Set(KPIS.filter((k) => id === undefined || k.id === id).map(lengthOf))]
  const [rows, points, ...earlier] = await Promise.all([
    latestKpis(ctx.facts, iso(now), iso(now - 400 * DAY)),
    kpiTrend(ctx.facts, { from: iso(now - ms), to: iso(now), stepHours: step, ...(id !== undefined && { kpi: id }) }),
    ...lengths.map((length) => latestKpis(ctx.facts, iso(endOfHour(now - length)), iso(now - length - SLACK_MS))),
  ])
  return { now, rows, points, earlier: new Map(lengths.map((length, i) => [length, earlier[i]!])) }
}

function view(kpi: Kpi, { rows, earlier, points }: Seen, ctx: Context): z.output<typeof kpiSchema> {
  const mine = rows.filter((r) => r.kpi === kpi.id)
  const total = mine.find((r) => r.scope === '')
  const before = earlier.get(lengthOf(kpi))?.find((r) => r.kpi === kpi.id && r.scope === '')
  const { id, answers, title, unit, definition, period, split, better, reader } = kpi
  return {
    id,
    family: FAMILIES.find((f) => f.kpis.includes(kpi))!.title,
    answers: [...answers],
    title,
    unit,
    currency: unit === 'money' ? ctx.landscape.reportingCurrency : null,
    definition,
    period,
    split,
    better,
    reader,
    current: total ? figureView(total) : null,
    previous: before ? figureView(before) : null,
    trend: trendOf(points, id, ''),
    scopes: mine
      .filter((r) => r.scope !== '')
      .map((r) => ({ ...figureView(r), scope: r.scope, title: scopeTitle(r.scope, ctx) })),
  }
}

const figureView = ({ value, n, why, measured_at }: KpiRow) => ({ value, n, why, measured_at })

const trendOf = (points: readonly KpiPoint[], kpi: string, scope: string) =>
  points.filter((p) => p.kpi === kpi && p.scope === scope).map(({ at, value }) => ({ at, value }))

/** `edge:erp>crm` → "NetSuite → Salesforce" */
function scopeTitle(scope: string, ctx: Context): string {
  const [split, name = ''] = [scope.slice(0, scope.indexOf(':')), scope.slice(scope.indexOf(':') + 1)]
  if (split === 'legal_entity') return name
  return name
    .split('>')
    .map((platform) => platformView(platform, ctx)!.title)
    .join(' → ')
}
