/** Customers: found and listed with what is open about them, and one of them seen from all sides. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { kindOf } from '../../model/kinds.ts'
import { SEVERITIES } from '../../model/verdict.ts'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { customerNames } from '../store/facts/customer-names.ts'
import {
  customerFindings,
  customerRows,
  customersAtRisk,
  documentsOf,
  pageOfCustomers,
  searchCustomers,
} from '../store/facts/customers.ts'
import { findings } from '../store/facts/findings.ts'
import { issueFacts } from '../store/facts/issues.ts'
import { entityAt } from '../store/facts/past/entity.ts'
import { hashesOf } from '../store/facts/past/masks.ts'
import { comparedFields, ownersOf } from './entity-owners.ts'
import { stateSchema, stateView } from './entity-views.ts'
import { exposureSchema, exposureView } from './exposure-view.ts'
import { requires, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'
import { findingSchema, findingView, issueSchema, issueView, platformView } from './views.ts'

const platform = z.object({ name: z.string(), title: z.string(), mark: z.string() })
const customerSchema = z
  .object({
    entity_id: z.string(),
    name: z.string().nullable(),
    records: z.array(z.object({ platform, record_id: z.string(), state: z.string().nullable() })),
    health: z.string().nullable().describe('As the platform of customer success says.'),
    readiness: z.string().nullable().describe('Renewal readiness, likewise.'),
    open: z.number().int(),
    in_flight: z.number().int(),
    undecided: z.number().int(),
    worst: z.enum(SEVERITIES).nullable(),
    exposure: exposureSchema,
    next_step: z.string(),
  })
  .meta({ id: 'Customer' })
const pageSchema = z
  .object({
    customers: z.array(customerSchema),
    shown: z.enum(['found', 'at_risk', 'all']),
    total: z.number().int().nullable().describe('Null where it is not counted.'),
    next: z.string().nullable(),
    as_of: z.string(),
    reporting_currency: z.string(),
  })
  .meta({ id: 'CustomerPage' })
const documentSchema = z
  .object({
    kind: z.string(),
    kind_title: z.string(),
    entity_id: z.string(),
    number: z.string().nullable(),
    state: z.string().nullable(),
    amount: z.string().nullable(),
    currency: z.string().nullable(),
    changed_at: z.string().nullable(),
    platforms: z.array(platform),
    open: z.number().int().describe('Open findings about it.'),
  })
  .meta({ id: 'CustomerDocument' })
const detailSchema = z
  .object({
    customer: customerSchema,
    state: stateSchema,
    documents: z.array(documentSchema),
    issues: z.array(issueSchema),
    findings: z.array(findingSchema),
    findings_total: z.number().int(),
  })
  .meta({ id: 'Customer360' })
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

/** Findings of one customer that are read, and shown. */
const FINDINGS_MAX = 2_000
const FINDINGS_SHOWN = 100

export function customerRoutes({ ctx }: Runtime) {
  const owners = ctx.landscape.owners('customer', 'name', { state: null, scope: {} })

  async function views(entities: readonly string[]): Promise<z.output<typeof customerSchema>[]> {
    const [names, rows, open] = await Promise.all([
      customerNames(ctx.facts, entities, owners),
      customerRows(ctx.facts, entities),
      customerFindings(ctx.facts, entities),
    ])
    return entities.map((entity_id) => {
      const row = rows.get(entity_id)
      const f = open.get(entity_id)
      const severity = SEVERITIES.find((s) => s === f?.worst) ?? null
      return {
        entity_id,
        name: names.get(entity_id) ?? null,
        records: (row?.records ?? []).map((r) => ({ ...r, platform: platformView(r.platform, ctx)! })),
        health: row?.health ?? null,
        readiness: row?.readiness ?? null,
        open: f?.open ?? 0,
        in_flight: f?.in_flight ?? 0,
        undecided: f?.undecided ?? 0,
        worst: severity,
        exposure: exposureOf(f),
        next_step: nextStep(f, row?.records.length ?? 0),
      }
    })
  }

  /** Open findings of which no amount is known are worth an unknown sum, not none. */
  function exposureOf(f: { open: number; amounts: Record<string, string> } | undefined) {
    const exposure = exposureView(f?.amounts ?? {}, ctx)
    return f?.open && Object.keys(f.amounts).length === 0 ? { ...exposure, known: null } : exposure
  }

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Customers: found by name, any id, e-mail or domain; else those with something open, most money first',
        tags: ['customers'],
        responses: json(pageSchema, 'Customers.'),
      }),
      requires('view'),
      validator(
        'query',
        z.object({
          q: z.string().trim().max(200).optional(),
          show: z.enum(['at_risk', 'all']).default('at_risk'),
          after: z.string().max(200).optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
        invalid,
      ),
      async (c) => {
        const { q, show, after, limit } = c.req.valid('query')
        const common = { as_of: iso(ctx.clock.now()), reporting_currency: ctx.landscape.reportingCurrency }
        if (q) {
          const found = await searchCustomers(ctx.facts, q)
          return c.json({
            customers: await views(found.slice(0, limit)),
            shown: 'found' as const,
            total: found.length,
            next: null,
            ...common,
          })
        }
        if (show === 'all') {
          const page = await pageOfCustomers(ctx.facts, after ?? '', limit)
          return c.json({
            customers: await views(page),
            shown: 'all' as const,
            total: null,
            next: page.length === limit ? page.at(-1)! : null,
            ...common,
          })
        }
        const offset = Number(after ?? '0')
        if (!Number.isSafeInteger(offset) || offset < 0)
          throw new PlumblineError('schema', 'after: is not one of ours.', { remedy: 'Start from the first page.' })
        const { entities, total } = await customersAtRisk(ctx.facts, rates(), offset, limit)
        const more = offset + entities.length
        return c.json({
          customers: await views(entities),
          shown: 'at_risk' as const,
          total,
          next: more < total ? String(more) : null,
          ...common,
        })
      },
    )
    .get(
      '/:entity',
      describeRoute({
        summary: 'One customer: records per platform, documents, and what is open',
        tags: ['customers'],
        responses: json(detailSchema, 'The customer.'),
      }),
      requires('view'),
      async (c) => {
        const entity = c.req.param('entity') ?? ''
        const now = ctx.clock.now()
        const past = await entityAt(ctx.facts, entity, now)
        if (past.kind !== 'customer')
          throw new PlumblineError(
            'not_found',
            `${entity} is a ${kindOf(past.kind).title.toLowerCase()}, not a customer.`,
            {
              remedy: `GET /v1/entities/${entity}/at tells its state.`,
            },
          )
        const hash = (await hashesOf(ctx.facts, [entity])).get(entity)!
        const [[customer], documents, own] = await Promise.all([
          views([entity]),
          documentsOf(ctx.facts, entity),
          findings(ctx.facts, { customers: [hash], states: ['open', 'undecided', 'in_flight'] }, FINDINGS_MAX),
        ])
        const numbers = [...new Set(own.map((f) => Number(f.issue.replace(/^I-/, ''))))].filter((n) => n > 0)
        const issues = await issueFacts(ctx.facts, numbers)
        const worked = new Map(ctx.control.issues(numbers).map((i) => [i.number, i]))
        return c.json({
          customer: customer!,
          state: stateView(past, now, ownersOf(ctx, 'customer'), comparedFields('customer'), ctx),
          documents: documents.map(({ last_changed, ...d }) => ({
            ...d,
            changed_at: last_changed === null ? null : `${last_changed.replace(' ', 'T')}Z`,
            kind_title: kindOf(d.kind).title,
            platforms: d.platforms.map((p) => platformView(p, ctx)!),
            open: own.filter((f) => f.entity_id === d.entity_id && f.state === 'open').length,
          })),
          issues: issues.map((i) => issueView(i, worked.get(i.number) ?? null, ctx, now)),
          findings: own.slice(0, FINDINGS_SHOWN).map((f) => findingView(f, ctx)),
          findings_total: own.length,
        })
      },
    )

  /** What a unit of each currency is worth in the reporting currency, for the order of a list alone. */
  function rates(): Record<string, number> {
    const today = iso(ctx.clock.now())
    const codes = new Set([
      ctx.landscape.reportingCurrency,
      ...ctx.config.money.rates.flatMap((r) => Object.keys(r.rates)),
    ])
    return Object.fromEntries([...codes].map((code) => [code, Number(ctx.landscape.convert('1', code, today) ?? 0)]))
  }
}

function nextStep(f: { open: number; in_flight: number; undecided: number } | undefined, records: number): string {
  if (f?.open) return f.open === 1 ? 'Look at what differs' : `Look at the ${f.open} things that differ`
  if (f?.undecided) return 'Restore the connector that cannot be read'
  if (f?.in_flight) return 'Wait: changes are within their window'
  return records > 1 ? 'Nothing: its platforms agree' : 'Nothing to compare: one platform knows it'
}
