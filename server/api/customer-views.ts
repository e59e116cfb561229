/** Customers as lists show them: who knows each, what is unresolved about it, the money on it, and the next step. */
import { z } from 'zod'
import { SEVERITIES } from '../../model/verdict.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { customerNames } from '../store/facts/customer-names.ts'
import { customerFindings, customerRows } from '../store/facts/customers.ts'
import { exposureSchema, exposureView } from './exposure-view.ts'
import { platformView } from './views.ts'

export const platform = z.object({ name: z.string(), title: z.string(), mark: z.string() })
export const customerSchema = z
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
export type CustomerView = z.output<typeof customerSchema>

/** Views of these customers, in the order given. */
export async function customerViews(ctx: Context, entities: readonly string[]): Promise<CustomerView[]> {
  const owners = ctx.landscape.owners('customer', 'name', { state: null, scope: {} })
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
      exposure: exposureOf(f, ctx),
      next_step: nextStep(f, row?.records.length ?? 0),
    }
  })
}

/** Open findings of which no amount is known are worth an unknown sum, not none. */
function exposureOf(f: { open: number; amounts: Record<string, string> } | undefined, ctx: Context) {
  const exposure = exposureView(f?.amounts ?? {}, ctx)
  return f?.open && Object.keys(f.amounts).length === 0 ? { ...exposure, known: null } : exposure
}

/** What a unit of each currency is worth in the reporting currency, for the order of a list alone. */
export function weightsOf(ctx: Context): Record<string, number> {
  const today = iso(ctx.clock.now())
  const codes = new Set([
    ctx.landscape.reportingCurrency,
    ...ctx.config.money.rates.flatMap((r) => Object.keys(r.rates)),
  ])
  return Object.fromEntries([...codes].map((code) => [code, Number(ctx.landscape.convert('1', code, today) ?? 0)]))
}

function nextStep(f: { open: number; in_flight: number; undecided: number } | undefined, records: number): string {
  if (f?.open) return f.open === 1 ? 'Look at what differs' : `Look at the ${f.open} things that differ`
  if (f?.undecided) return 'Restore the connector that cannot be read'
  if (f?.in_flight) return 'Wait: changes are within their window'
  return records > 1 ? 'Nothing: its platforms agree' : 'Nothing to compare: one platform knows it'
}
