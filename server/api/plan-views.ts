/** Plans as the API shows them: what is changed where, who must say yes, how far it is. Values of personal fields go by role. */
import { resolver } from 'hono-openapi'
import { z } from 'zod'
import { hasKind, kindOf } from '../../model/kinds.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { open } from '../remedy/approve.ts'
import type { DryRun } from '../remedy/dry-run.ts'
import type { Item, ItemResult, PlanHeader } from '../remedy/item.ts'
import { ITEM_STATES } from '../remedy/item-state.ts'
import { leftWith } from '../remedy/leave.ts'
import { PLAN_STATES, type PlanState } from '../remedy/plan-state.ts'
import type { PlanItemRow, PlanRow } from '../store/control/remedy-rows.ts'

const instant = z.string().describe('ISO 8601, UTC.')
const fields = z.record(z.string(), z.string().nullable())
const need = z.object({
  approvers: z.number().int(),
  group: z.string().nullable(),
  legal_entity: z.string().nullable(),
  why: z.string(),
})

export const dryRunSchema = z
  .object({
    items: z.number().int(),
    live: z
      .number()
      .int()
      .describe('Records that were looked at on the platform itself; the others as they were read last.'),
    left_out: z.array(
      z.object({ platform: z.string(), kind: z.string(), record_id: z.string().nullable(), why: z.string() }),
    ),
    left_out_total: z.number().int(),
    platforms: z.array(
      z.object({
        platform: z.string(),
        writes: z.number().int(),
        calls: z.number().int().describe('To look, to write and to read back.'),
        remaining: z.number().nullable().describe('Calls left in the window; null: not known.'),
        seconds: z.number().nullable(),
      }),
    ),
    vanish: z.number().int().describe('Differences between owner and follower that would vanish.'),
    appear: z.number().int().describe('Differences that would appear.'),
    reversible: z.number().int(),
    money: z.string().nullable().describe('At stake, in `currency`; null: not known of every record.'),
    currency: z.string().describe('The reporting currency.'),
  })
  .meta({ id: 'DryRun' })

export const openingSchema = z
  .object({
    name: z.string().describe('Of remedy.windows.'),
    opens_at: instant.describe('In the past where it is open already.'),
    closes_at: instant,
    why: z.string().nullable(),
  })
  .meta({ id: 'PlanWindow' })

export const planSchema = z
  .object({
    id: z.string(),
    number: z.number().int(),
    title: z.string(),
    reason: z.string(),
    origin: z.string(),
    state: z.enum(PLAN_STATES),
    stopped_because: z.string().nullable(),
    hash: z.string().describe('What an approval binds to; send it with the approval.'),
    environment: z.string(),
    requester: z.string(),
    created_at: instant,
    expires_at: instant,
    started_at: instant.nullable(),
    finished_at: instant.nullable(),
    order: z.enum(['money', 'oldest']),
    stages: z.array(z.number().int()),
    rate: z.number().nullable().describe('Calls a second to each platform; null: as its budget allows.'),
    standing: z.string().nullable().describe('The standing remediation that made it.'),
    undo_of: z.number().int().nullable().describe('Number of the plan that it takes back.'),
    replaces: z.number().int().nullable().describe('Number of the plan whose place it takes, changed.'),
    left_with: z
      .object({ person: z.string(), by: z.string(), reason: z.string(), at: instant })
      .nullable()
      .describe('Who decides what becomes of what is pending of it.'),
    window: z
      .object({
        name: z.string().nullable().describe('Of remedy.windows; null: hours that somebody named.'),
        opens_at: instant,
        closes_at: instant,
        armed_by: z.string(),
        reason: z.string(),
      })
      .nullable()
      .describe('Hours in which it applies itself; only while it is armed.'),
    items: z.number().int(),
    counts: z.record(z.enum(ITEM_STATES), z.number().int()).or(z.record(z.string(), z.number().int())),
    needs: z.array(need),
    waits_for: z.array(need.extend({ wanted: z.number().int() })).describe('What approval still lacks.'),
    free: z.array(z.string()).describe('Why the policy asks for nobody.'),
    approvals: z.array(z.object({ approver: z.string(), at: instant, reason: z.string() })),
    irreversible: z.number().int().describe('Items without a way back: approving them takes the number typed.'),
    dry_run: dryRunSchema.nullable(),
  })
  .meta({ id: 'Plan' })

export const draftSchema = z.object({ plan: planSchema.nullable(), dry_run: dryRunSchema }).meta({ id: 'DraftedPlan' })
export const reason = z.string().trim().min(3).max(1000).describe('Why, in a sentence.')
export const ofPlan = (schema: z.ZodType) => ({
  200: { description: 'As it stands then.', content: { 'application/json': { schema: resolver(schema) } } },
})

export const itemSchema = z
  .object({
    seq: z.number().int(),
    state: z.enum(ITEM_STATES),
    platform: z.string(),
    kind: z.string(),
    record_id: z.string().nullable(),
    action: z.string(),
    before: fields.nullable(),
    after: fields,
    source: z.object({ platform: z.string(), record_id: z.string() }).nullable(),
    references: z.record(z.string(), z.string()).describe('`#4`: the record that item 4 makes.'),
    guard: z.enum(['etag', 'stamp', 'compare']),
    idempotency: z.enum(['header', 'upsert', 'journal']),
    calls: z.array(z.object({ method: z.string(), path: z.string() })),
    reversible: z.boolean(),
    money: z.string().nullable(),
    currency: z.string().nullable(),
    legal_entity: z.string().nullable(),
    issue: z.number().int().nullable(),
    event: z.object({ id: z.string(), at: z.string().nullable() }).nullable(),
    says: z.string().nullable().describe('What came of it.'),
    found: fields.nullable(),
    holds: fields.nullable(),
    beside: z.array(z.string()).describe('Fields that changed though nobody asked.'),
    at: instant.nullable(),
  })
  .meta({ id: 'PlanItem' })

const SHOWN = 200
const at = (ms: number | null) => (ms === null ? null : iso(ms))

export function planView(
  ctx: Pick<Context, 'control' | 'clock' | 'config'>,
  plan: PlanRow,
): z.output<typeof planSchema> {
  const { control } = ctx
  const header = JSON.parse(plan.header) as PlanHeader
  const dry = plan.dryRun === null ? null : (JSON.parse(plan.dryRun) as DryRun & { money: string | null })
  const name = (id: string) => control.user(id)?.email ?? id
  const left = leftWith(ctx, plan)
  const window = plan.state === 'armed' ? control.planWindow(plan.id) : null
  return {
    id: plan.id,
    number: plan.number,
    title: header.title,
    reason: header.reason,
    origin: header.origin,
    state: plan.state as PlanState,
    stopped_because: plan.reason,
    hash: plan.hash,
    environment: header.environment,
    requester: name(plan.requester),
    created_at: iso(plan.createdAt),
    expires_at: iso(plan.expiresAt),
    started_at: at(plan.startedAt),
    finished_at: at(plan.finishedAt),
    order: header.order,
    stages: header.stages,
    rate: header.rate,
    standing: header.standing,
    undo_of: plan.undoOf === null ? null : (control.plan(plan.undoOf)?.number ?? null),
    replaces: header.replaces === undefined ? null : (control.plan(header.replaces)?.number ?? null),
    left_with: left && { ...left, person: name(left.person), by: name(left.by) },
    window: window && {
      ...{ name: window.name, opens_at: iso(window.opensAt), closes_at: iso(window.closesAt) },
      ...{ armed_by: name(window.armedBy), reason: window.reason },
    },
    items: plan.items,
    counts: Object.fromEntries(control.itemCounts(plan.id).map((c) => [c.state, c.n])),
    needs: header.needs,
    waits_for: plan.state === 'waiting' ? open(ctx, plan, header) : [],
    free: header.free,
    approvals: control.approvals(plan.id).map((a) => ({ approver: name(a.approver), at: iso(a.at), reason: a.reason })),
    irreversible: dry ? dry.items - dry.reversible : 0,
    dry_run: dry && dryRunView(dry, ctx.config.money.reporting_currency),
  }
}

export function dryRunView(dry: DryRun & { money?: string | null }, currency: string): z.output<typeof dryRunSchema> {
  return {
    ...dry,
    money: dry.money ?? null,
    currency,
    left_out: dry.left_out
      .slice(0, SHOWN)
      .map(({ platform, kind, record_id, why }) => ({ platform, kind, record_id, why })),
    left_out_total: dry.left_out.length,
  }
}

/** @param personal may the reader see values of personal fields? */
export function itemView(row: PlanItemRow, personal: boolean): z.output<typeof itemSchema> {
  const item = JSON.parse(row.body) as Item
  const result = JSON.parse(row.result ?? '{}') as Partial<ItemResult>
  const { kind } = item.request
  const shown = (values: Record<string, string | null> | null | undefined) =>
    values
      ? Object.fromEntries(
          Object.entries(values).map(([f, v]) => [f, personal || !isPersonal(kind, f) ? v : masked(v)]),
        )
      : null
  const places = Object.fromEntries(Object.entries(item.from).map(([field, seq]) => [field, `#${seq}`]))
  return {
    seq: row.seq,
    state: row.state as z.output<typeof itemSchema>['state'],
    platform: item.platform,
    kind,
    record_id: result.record_id ?? item.request.recordId,
    action: item.request.action,
    before: shown(item.before),
    after: shown(item.after)!,
    source: item.source && { platform: item.source.platform, record_id: item.source.record_id },
    references: { ...item.request.references, ...places },
    guard: item.guard,
    idempotency: item.idempotency,
    calls: item.calls.map(({ method, path }) => ({ method, path })),
    reversible: item.undo !== null,
    money: item.money,
    currency: item.currency,
    legal_entity: item.legal_entity,
    issue: item.issue,
    event: item.event && { id: item.event.id, at: item.event.at },
    says: result.says ?? null,
    found: shown(result.found),
    holds: shown(result.holds),
    beside: result.beside ?? [],
    at: at(row.at),
  }
}

function isPersonal(kind: string, field: string): boolean {
  return hasKind(kind) && kindOf(kind).fields.some((f) => f.name === field && f.sensitivity === 'personal')
}

const masked = (value: string | null) => (value === null ? null : `${value.slice(0, 1)}…`)
