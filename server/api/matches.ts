/** Matches: what of orders, invoices and money is matched, what may belong together, what stands alone; and what a person says about it. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { carryOut, confirm, reject } from '../check/match/decide.ts'
import { alone, matchCheck, matchChecks, suggestions, sums, type MatchCheck } from '../check/match/standing.ts'
import { hangsOn, partsOf } from '../check/kinds/match-params.ts'
import type { MatchSums } from '../check/kinds/match-list.ts'
import { iso } from '../clock.ts'
import type { Runtime } from '../runtime.ts'
import type { MatchRow } from '../store/control/control.ts'
import { findingCounts } from '../store/facts/findings.ts'
import { lastRev } from '../store/facts/touched.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import {
  checkSchema,
  decisionSchema,
  decisionView,
  decode,
  detailSchema,
  memberSchema,
  pageSchema,
  pageView,
  suggestionView,
  sumsView,
} from './match-views.ts'
import { invalid } from './problem.ts'

const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

const LIMIT = 50
const reason = z.string().trim().min(3).max(1000).describe('Why, in a sentence.')

export function matchRoutes({ ctx, live }: Runtime) {
  /** Sums as of a revision: the list is asked for more often than records move. */
  const known = new Map<string, { rev: string; sums: MatchSums[] }>()
  async function sumsOf(check: MatchCheck, rev: string): Promise<MatchSums[]> {
    const before = known.get(check.id)
    if (before?.rev === rev) return before.sums
    const found = await sums(ctx, check)
    known.set(check.id, { rev, sums: found })
    return found
  }
  async function view(check: MatchCheck, rev: string, open: number) {
    const kinds = (n: 0 | 1) => [
      ...new Set(
        partsOf(check.params)
          .filter((x) => x.side === n)
          .map((x) => x.of),
      ),
    ]
    return {
      id: check.id,
      title: check.title,
      severity: check.severity,
      owner: check.owner,
      left: kinds(0),
      right: kinds(1),
      confirmable: hangsOn(check.params) === 'entity',
      open,
      sums: (await sumsOf(check, rev)).map(sumsView),
    }
  }
  const openOf = async () => {
    const counts = await findingCounts(ctx.facts)
    return (id: string) => counts.find((c) => c.check === id && c.state === 'open')?.n ?? 0
  }
  const checkOf = (c: { req: { param(name: string): string | undefined } }) =>
    matchCheck(ctx.checks, `${c.req.param('family')}/${c.req.param('id')}`)
  const actor = (c: { get(name: 'caller'): Caller }) => c.get('caller').user.email || 'command line'
  const page = async (check: MatchCheck, wish: Parameters<typeof alone>[2]) =>
    pageView(await alone(ctx, check, wish), wish.limit)
  const decided = (row: MatchRow) => {
    live.publish({ type: 'checked', at: iso(ctx.clock.now()), opened: 0, resolved: 0, open: 0 })
    return decisionView(row)
  }

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Match checks with their sums by currency',
        tags: ['matches'],
        responses: json(z.array(checkSchema), 'Match checks.'),
      }),
      requires('view'),
      async (c) => {
        await carryOut(ctx)
        const [rev, open] = [await lastRev(ctx.facts), await openOf()]
        const found: z.output<typeof checkSchema>[] = []
        for (const check of matchChecks(ctx.checks)) found.push(await view(check, rev, open(check.id)))
        return c.json(found)
      },
    )
    .get(
      '/:family/:id',
      describeRoute({
        summary: 'One match check: sums, suggestions, unmatched records of both sides, decisions',
        tags: ['matches'],
        responses: json(detailSchema, 'The check.'),
      }),
      requires('view'),
      async (c) => {
        const check = checkOf(c)
        const open = await openOf()
        return c.json({
          ...(await view(check, await lastRev(ctx.facts), open(check.id))),
          suggested: (await suggestions(ctx, check)).slice(0, LIMIT).map(suggestionView),
          unmatched: {
            left: await page(check, { side: 'left', limit: LIMIT }),
            right: await page(check, { side: 'right', limit: LIMIT }),
          },
          decisions: ctx.control.matches({ check: check.id }).reverse().slice(0, LIMIT).map(decisionView),
        })
      },
    )
    .get(
      '/:family/:id/unmatched',
      describeRoute({
        summary: 'Records that stand alone, largest first',
        tags: ['matches'],
        responses: json(pageSchema, 'A page.'),
      }),
      requires('view'),
      validator(
        'query',
        z.object({
          side: z.enum(['left', 'right']),
          currency: z.string().max(3).optional(),
          cursor: z.string().max(300).optional(),
          limit: z.coerce.number().int().min(1).max(500).default(LIMIT),
        }),
        invalid,
      ),
      async (c) => {
        const { side, currency, cursor, limit } = c.req.valid('query')
        return c.json(
          await page(checkOf(c), { side, currency, limit, after: cursor === undefined ? undefined : decode(cursor) }),
        )
      },
    )
    .post(
      '/:family/:id/confirm',
      describeRoute({
        summary: 'Confirm that records belong together',
        tags: ['matches'],
        responses: json(decisionSchema, 'The decision.'),
      }),
      requires('operate'),
      validator(
        'json',
        z.strictObject({
          members: z.array(memberSchema).min(2).max(200),
          reason,
          let_pass: z
            .boolean()
            .default(false)
            .describe('Confirm although the sums differ; the difference is let pass, and not more.'),
        }),
        invalid,
      ),
      async (c) => {
        const { members, reason: why, let_pass: letPass } = c.req.valid('json')
        return c.json(decided(await confirm(ctx, checkOf(c), { members, reason: why, actor: actor(c), letPass })))
      },
    )
    .post(
      '/:family/:id/reject',
      describeRoute({
        summary: 'Reject a suggestion, or undo a confirmed match',
        tags: ['matches'],
        responses: json(decisionSchema, 'The decision.'),
      }),
      requires('operate'),
      validator('json', z.strictObject({ members: z.array(memberSchema).min(2).max(200), reason }), invalid),
      async (c) => {
        const { members, reason: why } = c.req.valid('json')
        return c.json(decided(await reject(ctx, checkOf(c), { members, reason: why, actor: actor(c) })))
      },
    )
}
