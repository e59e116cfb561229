/** Clusters over HTTP: the few causes that open findings fold into, what may have set them off, and one action on the cause. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { AMOUNT_BASES } from '../../model/exposure.ts'
import { patternWords } from '../../model/pattern.ts'
import type { Trigger } from '../../model/trigger.ts'
import { CATEGORIES, CAUSES, SEVERITIES } from '../../model/verdict.ts'
import { durationMs } from '../config/duration.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import { askOf, causes, clustersNamed, type Broke, type Caused } from '../measure/clusters/clusters.ts'
import type { Runtime } from '../runtime.ts'
import { clusterFindings } from '../store/facts/clusters.ts'
import { byIds } from '../store/facts/reached-findings.ts'
import { exposureSchema, exposureView } from './exposure-view.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'
import { parseSearch } from './search.ts'
import { findingSchema, findingView, platformView } from './views.ts'

const platform = z.object({ name: z.string(), title: z.string(), mark: z.string() })
const instant = z.string().describe('ISO 8601, UTC.')
const trigger = z.object({
  at: instant,
  what: z.string().describe('Type of the event, or `configured` for a change of our own configuration.'),
  platform: platform.nullable(),
  by: z.string().nullable(),
  says: z.string(),
  event: z.string().nullable().describe('Id of the recorded event.'),
  sure: z.enum(['likely', 'possible']),
  because: z.string(),
})
const clusterSchema = z
  .object({
    id: z.string(),
    owner_platform: platform.nullable(),
    platform: platform.nullable().describe('The platform at fault.'),
    kind: z.string(),
    field: z.string().nullable(),
    category: z.enum(CATEGORIES),
    cause: z.enum(CAUSES),
    pattern: z.string(),
    pattern_says: z.string(),
    checks: z.array(z.string()),
    severity: z.enum(SEVERITIES),
    findings: z.number().int(),
    share: z.number().describe('Of all open findings that the filter lets through.'),
    customers: z.number().int(),
    money: z.record(z.enum(AMOUNT_BASES), exposureSchema),
    unpriced: z.number().int(),
    burst: z.boolean().describe('They began together; else they come one by one.'),
    first_onset_at: instant,
    last_onset_at: instant,
    first_seen_at: instant,
    last_seen_at: instant,
    issues: z.array(z.number().int()),
    sample: z.object({
      id: z.string(),
      title: z.string(),
      expected: z.string().nullable(),
      actual: z.string().nullable(),
    }),
    part_of: z.string().nullable().describe('Id of the break of the whole edge that it is part of.'),
    triggers: z.array(trigger),
  })
  .meta({ id: 'Cluster' })
const breakSchema = z
  .object({
    id: z.string(),
    owner_platform: platform.nullable(),
    platform: platform.nullable(),
    first_onset_at: instant,
    findings: z.number().int(),
    share: z.number(),
    customers: z.number().int(),
    about: z.array(z.string()),
    parts: z.array(z.string()).describe('Ids of its clusters.'),
    triggers: z.array(trigger),
  })
  .meta({ id: 'EdgeBreak' })
const listSchema = z
  .object({
    as_of: instant,
    query: z.string(),
    gap: z.string(),
    currency: z.string().describe('Of the converted sums.'),
    findings: z.number().int().describe('Open findings that the filter lets through.'),
    total: z.number().int().describe('Clusters in all.'),
    clusters: z.array(clusterSchema),
    breaks: z.array(breakSchema).describe('Edges of which many fields or kinds broke at once.'),
  })
  .meta({ id: 'Clusters' })
const membersSchema = z
  .object({ findings: z.array(findingSchema), next: z.string().nullable() })
  .meta({ id: 'ClusterMembers' })

const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})
/** How far apart two differences may begin and still have begun together. */
export const gap = z
  .string()
  .refine(
    (text) => (durationMs(text) ?? 0) >= 60_000 && durationMs(text)! <= 30 * 86_400_000,
    'Write 1m to 30d, as in 6h.',
  )
  .default('6h')

export function clusterRoutes({ ctx }: Runtime) {
  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'The causes that open findings fold into, largest first',
        tags: ['causes'],
        responses: json(listSchema, 'Clusters, and edges that broke at once.'),
      }),
      requires('view'),
      validator(
        'query',
        z.object({
          q: z.string().max(500).default('is:open'),
          gap,
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        invalid,
      ),
      async (c) => {
        const { q, gap, limit } = c.req.valid('query')
        const now = ctx.clock.now()
        const me = (c.get('caller') as Caller).user.email
        const terms = parseSearch(q, { worked: ctx.control.workedIssues(), me, now })
        const found = await causes(ctx, askOf(ctx, terms, durationMs(gap)!))
        const share = (n: number) => (found.findings === 0 ? 0 : n / found.findings)
        return c.json({
          as_of: iso(now),
          query: q,
          gap,
          currency: ctx.landscape.reportingCurrency,
          findings: found.findings,
          total: found.clusters.length,
          clusters: found.clusters.slice(0, limit).map((k) => clusterView(k, share(k.findings), ctx)),
          breaks: found.breaks.map((b) => breakView(b, share(b.findings), ctx)),
        })
      },
    )
    .get(
      '/:id/findings',
      describeRoute({
        summary: 'The findings of a cluster or of a break, by page',
        tags: ['causes'],
        responses: json(membersSchema, 'A page of findings.'),
      }),
      requires('view'),
      validator(
        'query',
        z.object({
          gap,
          after: z.string().max(100).default(''),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        invalid,
      ),
      async (c) => {
        const { gap, after, limit } = c.req.valid('query')
        const ask = askOf(ctx, undefined, durationMs(gap)!)
        const named = await lookUpClusters(ctx, c.req.param('id')!, durationMs(gap)!)
        const ids = await clusterFindings(ctx.facts, { ...ask, ids: named.map((k) => k.id) }, after, limit + 1)
        const page = await byIds(ctx.facts, ids.slice(0, limit))
        page.sort((a, b) => (a.id < b.id ? -1 : 1))
        return c.json({
          findings: page.map((f) => findingView(f, ctx)),
          next: ids.length > limit ? ids[limit - 1]! : null,
        })
      },
    )
}

/** The clusters that an id means. @throws PlumblineError('not_found') where there is none any more */
export async function lookUpClusters(ctx: Context, id: string, gapMs: number) {
  const named = /^(?:edge-)?[0-9a-f]{16}$/.test(id) ? await clustersNamed(ctx, askOf(ctx, undefined, gapMs), id) : []
  if (named.length === 0)
    throw new PlumblineError('not_found', `There is no cause ${id} with an open finding.`, {
      remedy: 'Its findings may have been resolved, or new ones belong to it; read the list again.',
    })
  return named
}

function triggerView(t: Trigger, ctx: Context): z.output<typeof trigger> {
  return { ...t, at: iso(t.at), platform: platformView(t.platform, ctx) }
}

function clusterView(k: Caused, share: number, ctx: Context): z.output<typeof clusterSchema> {
  const { amounts, ...rest } = k
  return {
    ...rest,
    owner_platform: platformView(k.owner_platform, ctx),
    platform: platformView(k.platform, ctx),
    pattern_says: patternWords(k.pattern),
    share,
    money: { confirmed: exposureView(amounts.confirmed, ctx), estimated: exposureView(amounts.estimated, ctx) },
    triggers: k.triggers.map((t) => triggerView(t, ctx)),
  }
}

function breakView(b: Broke, share: number, ctx: Context): z.output<typeof breakSchema> {
  return {
    ...b,
    owner_platform: platformView(b.owner_platform, ctx),
    platform: platformView(b.platform, ctx),
    share,
    triggers: b.triggers.map((t) => triggerView(t, ctx)),
  }
}
