/** Coverage over HTTP: which facts are compared by which checks, and how many records lie where nothing is. */
import { Hono } from 'hono'
import { describeRoute, resolver } from 'hono-openapi'
import { z } from 'zod'
import { kindOf } from '../../model/kinds.ts'
import { coverage, watching } from '../check/coverage.ts'
import type { Runtime } from '../runtime.ts'
import { sharedRecords } from '../store/facts/shared-records.ts'
import { requires, type GuardEnv } from './guard.ts'
import { platformView } from './views.ts'

const platform = z.object({ name: z.string(), title: z.string(), mark: z.string() })
const coverageSchema = z
  .array(
    z.object({
      kind: z.string(),
      title: z.string(),
      pairs: z.array(
        z.object({
          owner: platform,
          follower: platform,
          records: z.number().int().describe('Held by both: what a gap leaves unseen.'),
        }),
      ),
      facts: z.array(
        z.object({
          field: z.string().nullable().describe('Null: that the record exists at all.'),
          label: z.string(),
          pairs: z.array(z.number().int()).describe('Which of the pairs above must agree on it.'),
          checks: z.array(z.string()).describe('Empty: a gap.'),
        }),
      ),
      watching: z
        .array(z.string())
        .describe('Checks that read the kind and compare nothing between owner and follower.'),
    }),
  )
  .meta({ id: 'Coverage' })

export function coverageRoutes({ ctx }: Runtime) {
  return new Hono<GuardEnv>().get(
    '/',
    describeRoute({
      summary: 'What is compared between owners and followers, by which checks, and what is not',
      tags: ['checks'],
      responses: {
        200: { description: 'By kind.', content: { 'application/json': { schema: resolver(coverageSchema) } } },
      },
    }),
    requires('view'),
    async (c) => {
      const facts = coverage(ctx)
      const kinds = [...new Set(facts.map((f) => f.kind))]
      const held = await Promise.all(kinds.map((kind) => sharedRecords(ctx.facts, kind)))
      return c.json(
        kinds.map((kind, k) => {
          const own = facts.filter((f) => f.kind === kind)
          const pairs = [...new Map(own.flatMap((f) => f.pairs).map((p) => [`${p.owner}>${p.follower}`, p])).values()]
          const both = (p: (typeof pairs)[number]) =>
            held[k]!.filter((h) => h.platforms.includes(p.owner) && h.platforms.includes(p.follower)).reduce(
              (n, h) => n + h.n,
              0,
            )
          const at = new Map(pairs.map((p, n) => [`${p.owner}>${p.follower}`, n]))
          const definition = kindOf(kind)
          return {
            kind,
            title: definition.title,
            pairs: pairs.map((p) => ({
              owner: platformView(p.owner, ctx)!,
              follower: platformView(p.follower, ctx)!,
              records: both(p),
            })),
            facts: own.map((f) => ({
              field: f.field,
              label: definition.fields.find((x) => x.name === f.field)?.label ?? 'That it exists',
              pairs: f.pairs.map((p) => at.get(`${p.owner}>${p.follower}`)!),
              checks: f.checks,
            })),
            watching: watching(ctx, kind),
          }
        }),
      )
    },
  )
}
