/** Periods: what keeps each accounting period of each legal entity from being closed. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { compare, format } from '../../model/decimal.ts'
import { BLOCKS, periods, type Period, type PeriodDocuments } from '../../model/period-close.ts'
import { speaksFor } from '../../model/whereabouts.ts'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { documentsByPeriod, findingsByPeriod, type DocumentsOfPeriod } from '../store/facts/periods.ts'
import { requires, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

const amounts = z.record(z.string(), z.string()).describe('Currency → decimal text; currencies are never added.')
const blockerSchema = z
  .object({ block: z.enum(BLOCKS), says: z.string(), count: z.number().int(), amounts, check: z.string().nullable() })
  .meta({ id: 'PeriodBlocker' })
const periodSchema = z
  .object({
    period: z.string().describe('Month, as 2026-11.'),
    legal_entity: z.string().describe('Empty where nobody says which of our companies it is.'),
    state: z
      .enum(['ready', 'blocked', 'waiting', 'running'])
      .describe(
        'waiting: nothing is wrong, and not everything was read or has arrived. running: the period is not over.',
      ),
    ends_at: z.string(),
    documents: z.number().int(),
    blockers: z.array(blockerSchema),
  })
  .meta({ id: 'Period' })
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

/** Kinds whose streams must have been read through the end of a period. */
const CLOSING = ['invoice', 'payment', 'credit', 'posting']

export function periodRoutes({ ctx }: Runtime) {
  async function found(from: string): Promise<Period[]> {
    const { landscape, facts, control, clock } = ctx
    const owners = landscape.owners('invoice', 'existence', { state: null, scope: {} })
    const order = [...new Set([...owners, ...landscape.platforms.map((p) => p.name)])]
    const documents = await documentsByPeriod(facts, from, order)
    const titles = new Map(ctx.checks.map((c) => [c.id, c.title]))
    const findings = (await findingsByPeriod(facts, from)).map((f) => ({
      ...f,
      title: titles.get(f.check) ?? f.title,
      findings: Number(f.findings),
      amounts: clean(f.amounts),
    }))
    const known = new Map<string, { period: string; legal_entity: string; documents: number }>()
    for (const d of documents) {
      const key = `${d.period} ${d.legal_entity}`
      const before = known.get(key)
      known.set(key, {
        period: d.period,
        legal_entity: d.legal_entity,
        documents: (before?.documents ?? 0) + Number(d.documents),
      })
    }
    for (const f of findings)
      if (!known.has(`${f.period} ${f.legal_entity}`))
        known.set(`${f.period} ${f.legal_entity}`, { period: f.period, legal_entity: f.legal_entity, documents: 0 })
    return periods({
      findings,
      documents: documents.flatMap(undone),
      streams: control
        .streams()
        .filter((s) => CLOSING.includes(s.kind))
        .map(({ platform, kind, completeThrough }) => ({ platform, kind, completeThrough })),
      known: [...known.values()],
      speaks: (name, entity) => {
        const platform = landscape.platforms.find((p) => p.name === name)
        return platform !== undefined && speaksFor(platform, entity === '' ? {} : { legal_entity: entity })
      },
      now: clock.now(),
    })
  }
  const view = (p: Period): z.output<typeof periodSchema> => ({
    period: p.period,
    legal_entity: p.legal_entity,
    state: p.state,
    ends_at: iso(p.endsAt),
    documents: p.documents,
    blockers: p.blockers,
  })

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Periods and what blocks closing them',
        tags: ['periods'],
        responses: json(z.array(periodSchema), 'Newest first.'),
      }),
      requires('view'),
      validator('query', z.object({ months: z.coerce.number().int().min(1).max(60).default(6) }), invalid),
      async (c) => {
        const now = new Date(ctx.clock.now())
        const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - c.req.valid('query').months + 1, 1))
          .toISOString()
          .slice(0, 7)
        return c.json((await found(from)).map(view))
      },
    )
    .get(
      '/:period',
      describeRoute({
        summary: 'One period, by legal entity',
        tags: ['periods'],
        responses: json(z.array(periodSchema), 'The legal entities of the period.'),
      }),
      requires('view'),
      async (c) => {
        const period = c.req.param('period')
        if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(period))
          throw new PlumblineError('schema', `"${period}" is no month.`, { remedy: 'Write it as 2026-11.' })
        const all = (await found(period)).filter((p) => p.period === period)
        if (all.length === 0)
          throw new PlumblineError('not_found', `Nothing is known of ${period}.`, {
            remedy: 'GET /v1/periods lists the periods that have documents.',
          })
        return c.json(all.map(view))
      },
    )
}

function undone(d: DocumentsOfPeriod): PeriodDocuments[] {
  const base = { period: d.period, legal_entity: d.legal_entity, kind: d.kind }
  return [
    { ...base, what: 'draft' as const, documents: Number(d.drafts), amounts: clean(d.draft_amounts) },
    { ...base, what: 'unposted' as const, documents: Number(d.unposted), amounts: clean(d.unposted_amounts) },
  ].filter((x) => x.documents > 0)
}

/** Without currencies of which nothing is known or nothing is left. */
function clean(all: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(all)
      .filter(([currency, value]) => currency !== '' && compare(value, '0') !== 0)
      .map(([currency, value]) => [currency, format(value)]),
  )
}
