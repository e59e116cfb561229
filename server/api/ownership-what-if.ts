/** What would change: an ownership line with other owners, tried on the records as they are; what would open, close and turn round. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { stringify } from 'yaml'
import { z } from 'zod'
import type { Observation } from '../../model/verdict.ts'
import type { Check } from '../check/contract.ts'
import { kindFor } from '../check/look.ts'
import { trial, trialGround } from '../check/trial.ts'
import { buildLandscape } from '../config/landscape.ts'
import { parsePattern, type Pattern } from '../config/pattern.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { amountsText } from './lists/list.ts'
import { invalid } from './problem.ts'
import { format, sum } from '../../model/decimal.ts'

const SHOWN = 50
const row = z.object({
  id: z.string(),
  title: z.string(),
  check: z.string(),
  customer_entity_id: z.string(),
  platform: z.string().nullable().describe('At fault.'),
  expected: z.string().nullable(),
  actual: z.string().nullable(),
})
const side = z.object({
  open: z.number().int(),
  in_flight: z.number().int(),
  undecided: z.number().int(),
  at_risk: z.string().nullable().describe('In original currencies; null: no amount is known.'),
})
const whatIfSchema = z
  .object({
    fields: z.string(),
    owners: z.array(z.string()).describe('Platforms, in order, as they would speak.'),
    before: side,
    after: side,
    opened: z.array(row),
    opened_total: z.number().int(),
    closed: z.array(row),
    closed_total: z.number().int(),
    checks: z.array(z.string()).describe('Checks that were tried.'),
    left_out: z.array(z.object({ check: z.string(), why: z.string() })),
    yaml: z.string().describe('What to write into plumbline.yaml.'),
    took_ms: z.number(),
  })
  .meta({ id: 'OwnershipWhatIf' })

export function ownershipWhatIf({ ctx }: Runtime) {
  return new Hono<GuardEnv>().post(
    '/what-if',
    describeRoute({
      summary: 'What would change if other platforms owned a field; writes nothing',
      tags: ['ownership'],
      responses: {
        200: { description: 'What would.', content: { 'application/json': { schema: resolver(whatIfSchema) } } },
      },
    }),
    requires('operate'),
    validator(
      'json',
      z.strictObject({
        fields: z.string().max(100).describe('`customer.tax_id`, `customer.bill_to.*`, `customer.existence`.'),
        owners: z.array(z.string().max(63)).min(1).max(20).describe('Platforms or roles, in order.'),
      }),
      invalid,
    ),
    async (c) => {
      const { fields, owners } = c.req.valid('json')
      ctx.control.audit({
        ...{ at: ctx.clock.now(), actor: (c.get('caller') as Caller).user.id, action: 'ownership.tried' },
        ...{ object: fields, detail: { owners } },
      })
      return c.json(await whatIf(ctx, fields, owners))
    },
  )
}

/** @throws PlumblineError schema for a field or owner that does not exist */
export async function whatIf(
  ctx: Context,
  fields: string,
  owners: readonly string[],
): Promise<z.output<typeof whatIfSchema>> {
  const started = ctx.clock.now()
  const pattern = parsePattern(fields)
  if ('wrong' in pattern)
    throw new PlumblineError('schema', `${pattern.wrong}.`, {
      remedy: pattern.suggestion === undefined ? 'Write kind.field.' : `Did you mean "${pattern.suggestion}"?`,
    })
  const strange = owners.find((o) => ctx.landscape.named(o).length === 0)
  if (strange !== undefined)
    throw new PlumblineError('schema', `There is no platform or role "${strange}".`, {
      remedy: `Platforms: ${ctx.landscape.platforms.map((p) => p.name).join(', ')}.`,
    })
  const present = ctx.config.ownership[fields]
  // What else the line says stays: followers, windows and the rest.
  const line = present === undefined || Array.isArray(present) ? [...owners] : { ...present, owners: [...owners] }
  const changed = buildLandscape(
    { ...ctx.config, ownership: { ...ctx.config.ownership, [fields]: line } },
    { keeps: ctx.landscape.keeps },
  )
  const ground = await trialGround(ctx)
  const before = new Map<string, Observation>()
  const after = new Map<string, Observation>()
  const leftOut: { check: string; why: string }[] = []
  const checks = ctx.checks.filter((check) => touches(check, pattern))
  for (const check of checks) {
    try {
      for (const [id, o] of await trial(ctx, check, ground)) before.set(id, o)
      for (const [id, o] of await trial(ctx, check, ground, changed)) after.set(id, o)
    } catch (thrown) {
      if (ctx.signal.aborted) throw thrown
      leftOut.push({ check: check.id, why: thrown instanceof Error ? thrown.message : String(thrown) })
    }
  }
  const opened = [...after].filter(([id, o]) => isOpen(o) && !isOpen(before.get(id)))
  const closed = [...before].filter(([id, o]) => isOpen(o) && !isOpen(after.get(id)))
  return {
    fields,
    owners: owners.flatMap((o) => ctx.landscape.named(o).map((p) => p.name)),
    before: sideOf(before),
    after: sideOf(after),
    opened: opened.slice(0, SHOWN).map(view),
    opened_total: opened.length,
    closed: closed.slice(0, SHOWN).map(view),
    closed_total: closed.length,
    checks: checks.map((k) => k.id),
    left_out: leftOut,
    yaml: stringify({ ownership: { [fields]: line } }, { flowCollectionPadding: true }),
    took_ms: ctx.clock.now() - started,
  }
}

/** Checks whose answer hangs on who owns these facts: those that compare them, and those that read their kind by rules of their own. */
function touches(check: Check, pattern: Pattern): boolean {
  const kind = kindFor(check)
  const compares = kind.compares?.(check)
  if (compares) return compares.some((f) => pattern.matches(f.kind, f.field ?? 'existence'))
  return check.kind !== 'fresh' && kind.reads(check).some((k) => pattern.kind === null || pattern.kind === k)
}

const isOpen = (o: Observation | undefined) => o !== undefined && (o.verdict === 'drift' || o.verdict === 'unmapped')

function sideOf(seen: ReadonlyMap<string, Observation>): z.output<typeof side> {
  const all = [...seen.values()]
  const amounts = new Map<string, string[]>()
  for (const o of all)
    if (isOpen(o) && o.amount_at_risk !== null && o.currency !== null)
      amounts.set(o.currency, [...(amounts.get(o.currency) ?? []), o.amount_at_risk])
  return {
    open: all.filter(isOpen).length,
    in_flight: all.filter((o) => o.verdict === 'in_flight').length,
    undecided: all.filter((o) => o.verdict === 'undecided').length,
    at_risk: amountsText(Object.fromEntries([...amounts].map(([code, list]) => [code, format(sum(list))]))),
  }
}

function view([id, o]: [string, Observation]): z.output<typeof row> {
  const value = (of: Record<string, string | null>) => Object.values(of)[0] ?? null
  return {
    ...{ id, title: o.title, check: o.check, customer_entity_id: o.customer_entity_id, platform: o.platform },
    ...{ expected: value(o.expected), actual: value(o.actual) },
  }
}
