/** A preview: what a check would say of the records as they are, with examples of what differs, waits and agrees. */
import { z } from 'zod'
import { kindFor } from '../check/look.ts'
import type { Check } from '../check/contract.ts'
import { trial, trialGround } from '../check/trial.ts'
import type { Context } from '../context.ts'
import { customerNames } from '../store/facts/customer-names.ts'
import { entitiesBeside } from '../store/facts/entities-beside.ts'
import type { Observation } from '../../model/verdict.ts'

const SHOWN = 20
const row = z.object({
  id: z.string(),
  title: z.string(),
  customer: z.string().nullable(),
  customer_entity_id: z.string(),
  platform: z.string().nullable(),
  expected: z.string().nullable(),
  actual: z.string().nullable(),
  says: z.string().nullable().describe('The first piece of evidence.'),
})
export const previewSchema = z
  .object({
    version: z.string(),
    took_ms: z.number(),
    counts: z.object({ differ: z.number().int(), in_flight: z.number().int(), undecided: z.number().int() }),
    differ: z.array(row),
    waiting: z.array(row).describe('In flight, or not to be decided now.'),
    agree: z
      .array(z.object({ entity_id: z.string(), platforms: z.array(z.string()) }))
      .describe('Records of its kind, on two platforms or more, of which it says nothing.'),
    kind: z.string().nullable(),
  })
  .meta({ id: 'CheckPreview' })

export async function previewOf(ctx: Context, check: Check): Promise<z.output<typeof previewSchema>> {
  const started = ctx.clock.now()
  const seen = [...(await trial(ctx, check, await trialGround(ctx)))]
  const differ = seen.filter(([, o]) => o.verdict === 'drift' || o.verdict === 'unmapped')
  const waiting = seen.filter(([, o]) => o.verdict === 'in_flight' || o.verdict === 'undecided')
  const shown = [...differ.slice(0, SHOWN), ...waiting.slice(0, SHOWN)]
  const owners = ctx.landscape.owners('customer', 'name', { state: null, scope: {} })
  const ids = shown.map(([, o]) => o.customer_entity_id).filter((e) => e !== '')
  const names = await customerNames(ctx.facts, ids, owners)
  const value = (of: Record<string, string | null>) => Object.values(of)[0] ?? null
  const view = ([id, o]: [string, Observation]) => ({
    ...{ id, title: o.title, customer_entity_id: o.customer_entity_id, platform: o.platform },
    ...{ customer: names.get(o.customer_entity_id) ?? null, says: o.evidence[0]?.says ?? null },
    ...{ expected: value(o.expected), actual: value(o.actual) },
  })
  const [kind] = kindFor(check).reads(check)
  const of = (verdict: Observation['verdict']) => seen.filter(([, o]) => o.verdict === verdict).length
  return {
    version: check.version,
    counts: { differ: differ.length, in_flight: of('in_flight'), undecided: of('undecided') },
    differ: differ.slice(0, SHOWN).map(view),
    waiting: waiting.slice(0, SHOWN).map(view),
    agree:
      kind === undefined
        ? []
        : await entitiesBeside(
            ctx.facts,
            kind,
            seen.map(([, o]) => o.entity_id),
            SHOWN,
          ),
    kind: kind ?? null,
    took_ms: ctx.clock.now() - started,
  }
}
