/** Ownership: the matrix as it is in force, line by line: who speaks for a field, who must follow, how soon, and who said so. */
import { Hono } from 'hono'
import { describeRoute, resolver } from 'hono-openapi'
import { z } from 'zod'
import { kindOf, KINDS } from '../../model/kinds.ts'
import { OWNERSHIP } from '../../model/ownership.ts'
import type { Field } from '../../model/fields.ts'
import type { Kind } from '../../model/kind.ts'
import { pattern } from '../config/pattern.ts'
import type { Context } from '../context.ts'
import type { Runtime } from '../runtime.ts'
import { requires, type GuardEnv } from './guard.ts'

const owner = z.object({ platform: z.string(), title: z.string() })
const standingSchema = z.object({
  platform: z.string(),
  title: z.string(),
  standing: z.enum(['follower', 'advisory', 'gated', 'foreign']),
  window_ms: z.number().nullable().describe('Longest allowed propagation time of working time; null: not followed.'),
  calendar: z.string().nullable(),
})
const lineSchema = z
  .object({
    kind: z.string(),
    fields: z.array(z.string()).describe('Fields with the same owners, followers and windows.'),
    owners: z.array(owner).describe('In order: the first with a value speaks.'),
    by_state: z
      .array(z.object({ state: z.string(), owners: z.array(owner) }))
      .describe('Lifecycle states in which somebody else speaks, with the platforms in order.'),
    others: z.array(standingSchema),
    said_by: z.enum(['shipped', 'configuration', 'platform']).describe('Which matrix the line comes from.'),
    why: z.string().nullable().describe('Why the shipped line is as it is.'),
    trouble: z.string().nullable().describe('What is wrong with it; null: nothing.'),
  })
  .meta({ id: 'OwnershipLine' })
type Line = z.output<typeof lineSchema>

export function ownershipRoutes({ ctx }: Runtime) {
  return new Hono<GuardEnv>().get(
    '/',
    describeRoute({
      summary: 'The ownership matrix in force',
      tags: ['ownership'],
      responses: {
        200: {
          description: 'Lines by kind; kinds that no platform keeps are left out.',
          content: { 'application/json': { schema: resolver(z.array(lineSchema)) } },
        },
      },
    }),
    requires('view'),
    (c) => c.json(matrix(ctx)),
  )
}

/** Fields that stand alike share a line: a person reads twenty lines, not two hundred. */
export function matrix(ctx: Context): Line[] {
  const lines = new Map<string, Line>()
  for (const kind of KINDS) {
    if (!ctx.landscape.platforms.some((p) => ctx.landscape.keeps(p.name, kind.name))) continue
    for (const field of [null, ...kind.fields]) {
      const line = lineOf(ctx, kind, field)
      const key = JSON.stringify({ ...line, fields: [] })
      const same = lines.get(key)
      if (same) same.fields.push(...line.fields)
      else lines.set(key, line)
    }
  }
  return [...lines.values()]
}

/** `field` null: that the record exists at all. */
function lineOf({ landscape, config }: Context, kind: Kind, field: Field | null): Line {
  const name = field?.name ?? 'existence'
  const at = { state: null, scope: {} }
  const named = (platform: string) => ({ platform, title: landscape.platform(platform).title })
  const owners = landscape.owners(kind.name, name, at)
  const first = owners[0]
  const others = landscape.platforms.flatMap((p): Line['others'] => {
    if (first === undefined || p.name === first) return []
    const standing = landscape.standing(kind.name, name, p.name, first, at)
    if (standing === 'owner' || standing === 'absent') return []
    const edge = landscape.edge(kind.name, name, first, p.name)
    const followed = standing === 'follower'
    return [
      {
        platform: p.name,
        title: p.title,
        standing,
        window_ms: followed ? edge.windowMs : null,
        calendar: followed ? edge.calendar : null,
      },
    ]
  })
  const byState = kind.states.flatMap((state) => {
    const there = landscape.owners(kind.name, name, { state, scope: {} })
    return there.join() === owners.join() ? [] : [{ state, owners: there.map(named) }]
  })
  const said = saidBy(config, kind.name, name)
  return {
    kind: kind.name,
    fields: [name],
    owners: owners.map(named),
    by_state: byState,
    others,
    said_by: said,
    why: said === 'shipped' ? (shippedWhy(kind.name, name) ?? null) : null,
    trouble: troubleOf(kind.name, owners, byState, others.length),
  }
}

function saidBy({ ownership, platforms }: Context['config'], kind: string, field: string): Line['said_by'] {
  const fits = (text: string) => pattern(text).matches(kind, field)
  if (Object.keys(ownership).some(fits)) return 'configuration'
  return Object.values(platforms).some((p) => p.owns?.some(fits)) ? 'platform' : 'shipped'
}

/** The most specific shipped line decides, as in server/config/ownership.ts. */
function shippedWhy(kind: string, field: string): string | undefined {
  const fitting = OWNERSHIP.flatMap((rule) => rule.fields.map((text) => ({ rule, pattern: pattern(text) })))
    .filter((l) => l.pattern.matches(kind, field))
    .sort((a, b) => b.pattern.specificity - a.pattern.specificity)
  return fitting[0]?.rule.why
}

function troubleOf(kind: string, owners: readonly string[], byState: Line['by_state'], others: number): string | null {
  if (owners.length === 0 && byState.every((s) => s.owners.length === 0))
    return `Nobody owns it: no platform has the role that speaks for a ${kindOf(kind).title.toLowerCase()}. It is never compared.`
  const silent = byState.filter((s) => s.owners.length === 0).map((s) => s.state)
  if (silent.length > 0) return `Nobody owns it while the state is ${silent.join(' or ')}.`
  return owners.length === 1 && others === 0 ? 'Only one platform keeps it: there is nothing to compare it with.' : null
}
