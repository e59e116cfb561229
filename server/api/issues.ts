/** Issues: the list that people work from, and one issue with everything about it. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { guidanceIn } from '../check/runbooks.ts'
import { iso } from '../clock.ts'
import type { Runtime } from '../runtime.ts'
import { findings } from '../store/facts/findings.ts'
import { findingEvents } from '../store/facts/finding-events.ts'
import { FACETS, issueFacets, issuePage, SORTS } from '../store/facts/issue-list.ts'
import { offSchema, offView } from './check-rulings.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { localeFor } from './language.ts'
import { issueNumberOf, lookUpIssue } from './issue-lookup.ts'
import { decodeCursor, encodeCursor } from './paging.ts'
import { invalid } from './problem.ts'
import { parseSearch } from './search.ts'
import { findingSchema, findingView, issueSchema, issueView } from './views.ts'

const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})
const page = z
  .object({
    issues: z.array(issueSchema),
    next: z.string().nullable().describe('Cursor of the next page.'),
    total: z.number().int(),
    query: z.string(),
  })
  .meta({ id: 'IssuePage' })
const facets = z
  .record(z.enum(FACETS), z.array(z.object({ value: z.string(), n: z.number().int() })))
  .meta({ id: 'IssueFacets' })
const activity = z.object({
  at: z.string(),
  actor: z.string(),
  what: z.string(),
  detail: z.record(z.string(), z.unknown()),
})
const detail = z
  .object({
    issue: issueSchema,
    check: z
      .object({
        ...{ id: z.string(), title: z.string(), why: z.string(), fix: z.string(), owner: z.string() },
        off: offSchema,
      })
      .nullable(),
    findings: z.array(findingSchema).describe('The first 100, largest amount first.'),
    activity: z.array(activity),
    history: z.array(
      z.object({
        at: z.string(),
        finding: z.string(),
        from: z.string().nullable(),
        to: z.string(),
        reason: z.string(),
      }),
    ),
  })
  .meta({ id: 'IssueDetail' })

/** Findings shown with an issue at once; the rest come by page. */
const FINDINGS_SHOWN = 100
export function issueRoutes({ ctx }: Runtime) {
  const { facts, control, clock } = ctx
  const search = (q: string, caller: Caller) =>
    parseSearch(q, { worked: control.workedIssues(), me: caller.user.email, now: clock.now() })
  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Issues, filtered, sorted and paged',
        tags: ['issues'],
        responses: json(page, 'A page of issues.'),
      }),
      requires('view'),
      validator(
        'query',
        z.object({
          q: z.string().max(500).default('is:unresolved'),
          sort: z.enum(SORTS).default('attention'),
          cursor: z.string().max(200).optional(),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        invalid,
      ),
      async (c) => {
        const { q, sort, cursor, limit } = c.req.valid('query')
        const result = await issuePage(facts, {
          terms: search(q, c.get('caller')),
          sort,
          after: cursor ? decodeCursor(cursor) : null,
          limit,
        })
        const rows = new Map(control.issues(result.issues.map((i) => i.number)).map((r) => [r.number, r]))
        return c.json({
          issues: result.issues.map((i) => issueView(i, rows.get(i.number) ?? null, ctx, clock.now())),
          next: result.next && encodeCursor(result.next),
          total: result.total,
          query: q,
        })
      },
    )
    .get(
      '/facets',
      describeRoute({
        summary: 'Counts per value of every facet',
        tags: ['issues'],
        responses: json(facets, 'Facets.'),
      }),
      requires('view'),
      validator('query', z.object({ q: z.string().max(500).default('is:unresolved') }), invalid),
      async (c) => c.json(await issueFacets(facts, search(c.req.valid('query').q, c.get('caller')))),
    )
    .get(
      '/:number',
      describeRoute({ summary: 'One issue', tags: ['issues'], responses: json(detail, 'The issue.') }),
      requires('view'),
      async (c) => {
        const { number, issue, row } = await lookUpIssue(ctx, c.req.param('number'))
        const all = await findings(facts, { issues: [number] })
        const order = ['open', 'undecided', 'in_flight', 'resolved']
        all.sort(
          (a, b) =>
            order.indexOf(a.state) - order.indexOf(b.state) ||
            Number(b.amount_at_risk ?? -1) - Number(a.amount_at_risk ?? -1) ||
            (a.id < b.id ? -1 : 1),
        )
        const shown = all.slice(0, FINDINGS_SHOWN)
        const check = ctx.checks.find((k) => k.id === issue.check)
        const history = await findingEvents(
          facts,
          shown.map((f) => f.id),
          500,
        )
        return c.json({
          issue: issueView(issue, row, ctx, clock.now()),
          check: check
            ? {
                ...{ id: check.id, title: check.title, owner: check.owner },
                ...guidanceIn(localeFor(c), check),
                off: offView(
                  ctx,
                  control.checksOff(clock.now()).find((o) => o.id === check.id),
                ),
              }
            : null,
          findings: shown.map((f) => findingView(f, ctx)),
          activity: control
            .activity(number, 100)
            .map((a) => ({ at: iso(a.at), actor: a.actor, what: a.what, detail: a.detail })),
          history: history
            .reverse()
            .map((e) => ({ at: e.at, finding: e.id, from: e.from_state, to: e.to_state, reason: e.reason })),
        })
      },
    )
    .get(
      '/:number/findings',
      describeRoute({
        summary: 'All findings of an issue, by page',
        tags: ['issues'],
        responses: json(
          z.object({ findings: z.array(findingSchema), next: z.string().nullable() }),
          'A page of findings.',
        ),
      }),
      requires('view'),
      validator(
        'query',
        z.object({
          after: z.string().max(100).optional(),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        invalid,
      ),
      async (c) => {
        const { after, limit } = c.req.valid('query')
        const rows = await findings(
          facts,
          { issues: [issueNumberOf(c.req.param('number')!)], ...(after && { after }) },
          limit + 1,
        )
        return c.json({
          findings: rows.slice(0, limit).map((f) => findingView(f, ctx)),
          next: rows.length > limit ? rows[limit - 1]!.id : null,
        })
      },
    )
}
