/** Customers: found and listed with what is open about them, and one of them seen from all sides. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { kindOf } from '../../model/kinds.ts'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { customersAtRisk, documentsOf, pageOfCustomers } from '../store/facts/customers.ts'
import { findings } from '../store/facts/findings.ts'
import { issueFacts } from '../store/facts/issues.ts'
import { entityAt } from '../store/facts/past/entity.ts'
import { hashesOf } from '../store/facts/past/masks.ts'
import { customerSchema, customerViews, platform, weightsOf } from './customer-views.ts'
import { comparedFields, ownersOf } from './entity-owners.ts'
import { stateSchema, stateView } from './entity-views.ts'
import { requires, type GuardEnv } from './guard.ts'
import { customerPage } from './lists/customers.ts'
import { invalid } from './problem.ts'
import { findingSchema, findingView, issueSchema, issueView, platformView } from './views.ts'

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
          q: z.string().trim().max(500).optional().describe('Words, ids, or the search grammar.'),
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
          const offset = offsetOf(after)
          const { entities, total } = await customerPage(ctx, q, offset, limit)
          const more = offset + entities.length
          return c.json({
            customers: await customerViews(ctx, entities),
            shown: 'found' as const,
            total,
            next: more < total ? String(more) : null,
            ...common,
          })
        }
        if (show === 'all') {
          const page = await pageOfCustomers(ctx.facts, after ?? '', limit)
          return c.json({
            customers: await customerViews(ctx, page),
            shown: 'all' as const,
            total: null,
            next: page.length === limit ? page.at(-1)! : null,
            ...common,
          })
        }
        const offset = offsetOf(after)
        const { entities, total } = await customersAtRisk(ctx.facts, weightsOf(ctx), offset, limit)
        const more = offset + entities.length
        return c.json({
          customers: await customerViews(ctx, entities),
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
          customerViews(ctx, [entity]),
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
}

/** @throws PlumblineError('schema') for a place that we did not hand out */
function offsetOf(after: string | undefined): number {
  const offset = Number(after ?? '0')
  if (Number.isSafeInteger(offset) && offset >= 0) return offset
  throw new PlumblineError('schema', 'after: is not one of ours.', { remedy: 'Start from the first page.' })
}
