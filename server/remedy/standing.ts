/**
 * Standing remediations: a safe class of findings is mended by itself, within limits, under the same policy as any plan. In
 * shadow mode it only says what it would have done; after failures in a row it stops until a person starts it again.
 */
import { compare, format, sum } from '../../model/decimal.ts'
import type { Automation } from '../config/remedy-schema.ts'
import type { Context } from '../context.ts'
import { asError } from '../errors.ts'
import type { PlanRow } from '../store/control/remedy-rows.ts'
import { findings, type StoredFinding } from '../store/facts/findings.ts'
import { draftPlan } from './draft.ts'
import type { PlanHeader } from './item.ts'
import { ITEM_FAILED, type ItemState } from './item-state.ts'
import { policyWorld } from './policy-world.ts'
import type { Reach } from './reach.ts'
import { wishesOf } from './wishes.ts'

const HOUR = 3_600_000
/** Ledger of what it did in the last hours, and whether it has stopped. */
export interface StandingState {
  stopped: string | null
  /** Plans that are counted towards the breaker once they are over. */
  watched: string[]
  failures: number
  did: { at: number; plan: number | null; items: number; money: string | null; left_out: number; says: string }[]
}

const key = (name: string) => `remedy.standing.${name}`
const KEPT = 200

export function standingState({ control }: Pick<Context, 'control'>, name: string): StandingState {
  const text = control.get(key(name))
  return text ? (JSON.parse(text) as StandingState) : { stopped: null, watched: [], failures: 0, did: [] }
}

/** What it has used of its limits in the hour that ends now. */
export function usedOf(did: StandingState['did'], now: number): { items: number; money: string | null } {
  const recent = did.filter((d) => now - d.at < HOUR)
  const known = recent.flatMap((d) => d.money ?? [])
  return {
    items: recent.reduce((n, d) => n + d.items, 0),
    money: known.length < recent.length ? null : format(sum(known)),
  }
}

/** A person starts it again. */
export function restartStanding(
  { control, clock }: Pick<Context, 'control' | 'clock'>,
  name: string,
  actor: string,
): StandingState {
  const state = { ...standingState({ control }, name), stopped: null, failures: 0 }
  control.transaction(() => {
    control.set(key(name), JSON.stringify(state))
    control.audit({ at: clock.now(), actor, action: 'automation.started again', object: name })
  })
  return state
}

/** One turn of every standing remediation; the plans that may be applied at once. */
export async function runAutomations(ctx: Context, reach: Reach): Promise<PlanRow[]> {
  const ready: PlanRow[] = []
  for (const [name, rule] of Object.entries(ctx.config.remedy.automations)) {
    try {
      const plan = await runOne(ctx, reach, name, rule)
      if (plan?.state === 'approved') ready.push(plan)
    } catch (thrown) {
      const error = asError(thrown)
      ctx.log.error('a standing remediation failed', { automation: name, code: error.code, error: error.message })
    }
  }
  return ready
}

async function runOne(ctx: Context, reach: Reach, name: string, rule: Automation): Promise<PlanRow | null> {
  const { control, clock, facts } = ctx
  const now = clock.now()
  const state = watch(ctx, name, rule, standingState(ctx, name))
  const keep = () => control.set(key(name), JSON.stringify({ ...state, did: state.did.slice(-KEPT) }))
  if (state.stopped !== null) return (keep(), null)
  const chosen = await candidates(ctx, rule)
  // One plan at a time: what it is at work on is not taken up again.
  const busy = new Set(
    control
      .plans({ states: ['waiting', 'returned', 'approved', 'armed', 'applying', 'paused', 'stopped'], limit: 1_000 })
      .flatMap((p) =>
        control.planItems(p.id, 0, 10_000).flatMap((i) => (JSON.parse(i.body) as { findings: string[] }).findings),
      ),
  )
  const recent = state.did.filter((d) => now - d.at < HOUR)
  const room = rule.per_hour - usedOf(recent, now).items
  const shadowed = new Set(
    rule.mode === 'shadow' ? (JSON.parse(control.get(`${key(name)}.seen`) ?? '[]') as string[]) : [],
  )
  const fresh = within(
    ctx,
    rule,
    recent,
    chosen.filter((f) => !busy.has(f.id) && !shadowed.has(f.id)),
  ).slice(0, Math.max(0, room))
  if (fresh.length === 0) return (keep(), null)
  const { wishes, left_out } = await wishesOf(ctx, reach, fresh)
  const about = `${fresh.length} finding${fresh.length === 1 ? '' : 's'} of ${rule.checks.join(', ')}`
  const money = worthOf(ctx, fresh)
  if (rule.mode === 'shadow') {
    state.did.push({
      at: now,
      plan: null,
      items: wishes.length,
      money,
      left_out: left_out.length,
      says: `Would have mended ${about}.`,
    })
    control.set(`${key(name)}.seen`, JSON.stringify([...shadowed, ...fresh.map((f) => f.id)].slice(-10_000)))
    return (keep(), null)
  }
  const { plan, dryRun } = await draftPlan(ctx, reach, wishes, {
    title: `${name}: ${about}`,
    reason: rule.why_safe,
    origin: `standing remediation ${name}`,
    requester: `automation ${name}`,
    standing: name,
  })
  if (plan) {
    state.watched.push(plan.id)
    state.did.push({
      at: now,
      plan: plan.number,
      items: plan.items,
      money,
      left_out: dryRun.left_out.length,
      says: `Mended ${about}.`,
    })
  }
  keep()
  return plan && control.plan(plan.id)
}

/** Counts plans that are over towards the breaker. */
function watch({ control, clock }: Context, name: string, rule: Automation, state: StandingState): StandingState {
  for (const id of [...state.watched]) {
    const plan = control.plan(id)
    if (plan && ['waiting', 'returned', 'approved', 'armed', 'applying', 'paused'].includes(plan.state)) continue
    state.watched = state.watched.filter((x) => x !== id)
    const failed = control.itemCounts(id).some((c) => ITEM_FAILED.has(c.state as ItemState))
    const header = plan ? (JSON.parse(plan.header) as PlanHeader) : null
    state.failures = failed || plan?.state === 'stopped' ? state.failures + 1 : 0
    if (state.failures < rule.breaker) continue
    state.stopped = `${state.failures} plans in a row failed, last P-${plan?.number ?? '?'} (${header?.title ?? ''}).`
    control.audit({
      at: clock.now(),
      actor: 'plumbline',
      action: 'automation.stopped',
      object: name,
      detail: { reason: state.stopped },
    })
  }
  return state
}

async function candidates({ facts }: Pick<Context, 'facts'>, rule: Automation): Promise<StoredFinding[]> {
  const found: StoredFinding[] = []
  for (const check of rule.checks) found.push(...(await findings(facts, { check, states: ['open'] }, 5_000)))
  return found.filter(
    (f) =>
      (!rule.causes || rule.causes.includes(f.cause)) &&
      (!rule.platforms || (f.platform !== null && rule.platforms.includes(f.platform))) &&
      (!rule.fields || (f.field !== null && rule.fields.includes(f.field))),
  )
}

/** Up to the money of the hour; with a limit, a finding of which no amount is known is over it. */
function within(
  ctx: Context,
  rule: Automation,
  recent: StandingState['did'],
  found: readonly StoredFinding[],
): StoredFinding[] {
  if (compare(rule.money_per_hour, '0') === 0) return [...found]
  let spent = format(sum(recent.map((d) => d.money ?? rule.money_per_hour)))
  return found.filter((f) => {
    const worth = worthOf(ctx, [f])
    if (worth === null) return false
    const next = format(sum([spent, worth]))
    if (compare(next, rule.money_per_hour) > 0) return false
    spent = next
    return true
  })
}

function worthOf(ctx: Context, found: readonly StoredFinding[]): string | null {
  const { worth } = policyWorld(ctx, null)
  const all = found.map((f) => (f.amount_at_risk === null ? null : worth(f.amount_at_risk, f.currency)))
  return all.includes(null) ? null : format(sum(all as string[]))
}
