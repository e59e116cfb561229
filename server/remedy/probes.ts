/**
 * Synthetic probes: a canary of ours is changed or made on its source and followed to every platform of its route. What does
 * not arrive in time, or much later than usual, is an exception before a real customer is hit. Each change, and its clean-up,
 * is a plan like any other; it runs by itself only where the policy names the probe.
 */
import { durationMs } from '../config/duration.ts'
import type { Probe } from '../config/remedy-schema.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { asError, PlumblineError } from '../errors.ts'
import type { PlanRow } from '../store/control/remedy-rows.ts'
import { recordsNamed, recordsOfEntities, type PlacedRecord } from '../store/facts/placed-records.ts'
import { draftPlan, type Draft } from './draft.ts'
import { completed } from './exceptions/take.ts'
import type { ItemResult } from './item.ts'
import type { Reach } from './reach.ts'
import { undoPlan } from './undo.ts'
import { wish, type Wish } from './wish.ts'

export interface ProbeState {
  /** Value that was written, and what stood there before. */
  value: string
  before: string | null
  plan: number
  began_at: string
  due_at: string
  /** Platform → when the value was seen there; null: not yet. */
  arrived: Record<string, string | null>
  outcome: 'under way' | 'arrived' | 'late'
  /** Plan that cleans up; null: none yet, or none is wanted. */
  cleaned?: number | null
  /** Runs before this one, newest first. */
  runs?: ProbeRun[]
}

export interface ProbeRun {
  began_at: string
  outcome: 'arrived' | 'late'
  /** Platform → milliseconds from the write to the sight of it; null: it did not come. */
  lag_ms: Record<string, number | null>
}

const key = (name: string) => `remedy.probe.${name}`
const RUNS_KEPT = 50
/** Slower than this many times the usual is told; of fewer runs than these nothing is usual. */
const SLOW = 3
const USUAL_FROM = 5
const MINUTE = 60_000

const OVER: ReadonlySet<string> = new Set(['done', 'partly', 'stopped', 'paused'])

export function probeState({ control }: Pick<Context, 'control'>, name: string): ProbeState | null {
  const text = control.get(key(name))
  return text ? (JSON.parse(text) as ProbeState) : null
}

function ruleOf({ config }: Pick<Context, 'config'>, name: string): Probe {
  const rule = config.remedy.probes[name]
  if (rule) return rule
  throw new PlumblineError('not_found', `There is no probe ${name}.`, { remedy: 'Configure it under remedy.probes.' })
}

/** Drafts the change of the marked record, or the making of one. It is followed once the plan has been applied. */
export async function startProbe(ctx: Context, reach: Reach, name: string, requester: string): Promise<Draft> {
  const rule = ruleOf(ctx, name)
  const known = probeState(ctx, name)
  if (known?.outcome === 'under way' && stillOn(ctx, known))
    throw new PlumblineError('conflict', `The probe ${name} is under way with P-${known.plan}.`, {
      remedy: 'Wait for it, or cancel its plan.',
    })
  const now = ctx.clock.now()
  const value = `Probe ${iso(now).slice(0, 19).replace('T', ' ')}`
  const { canary, before } = await canaryOf(ctx, name, rule, value)
  const draft = await draftPlan(ctx, reach, [canary], {
    title: `Probe ${name}`,
    reason: `A canary along ${rule.from} → ${rule.to.join(', ')}.`,
    origin: `probe ${name}`,
    requester,
    standing: `probe ${name}`,
  })
  if (!draft.plan) return draft
  const state: ProbeState = {
    ...{ value, before, plan: draft.plan.number, began_at: iso(now), due_at: iso(now + durationMs(rule.within)!) },
    arrived: Object.fromEntries(rule.to.map((p) => [p, null])),
    ...{ outcome: 'under way', cleaned: null, runs: known?.runs ?? [] },
  }
  ctx.control.set(key(name), JSON.stringify(state))
  return draft
}

/** Its plan was given up before anything was written: another may begin. */
function stillOn({ control }: Pick<Context, 'control'>, { plan }: ProbeState): boolean {
  return !['returned', 'replaced', 'rejected', 'cancelled', 'expired'].includes(
    control.plan(plan)?.state ?? 'cancelled',
  )
}

async function canaryOf(
  ctx: Context,
  name: string,
  { from, kind, record, create, field }: Probe,
  value: string,
): Promise<{ canary: Wish; before: string | null }> {
  const base = { platform: from, kind }
  if (record === undefined) {
    const made = { ...base, action: 'create' as const, recordId: null, entity: `probe ${name}` }
    return { canary: wish({ ...made, fields: { ...create, [field]: value } }), before: null }
  }
  const [at] = await recordsNamed(ctx.facts, kind, [{ platform: from, kind, record_id: record }])
  if (!at)
    throw new PlumblineError('config', `${from} has no ${kind} ${record} for the probe ${name}.`, {
      path: `remedy.probes.${name}.record`,
      remedy: 'Name a record of a sandbox, or of an account of ours.',
    })
  const changed = { ...base, action: 'set_fields' as const, recordId: record, entity: at.entity_id }
  return { canary: wish({ ...changed, fields: { [field]: value } }), before: at.values[field] ?? null }
}

/** Looks where the values of probes under way have come to, on the platforms themselves. Plans of clean-up that may run at once. */
export async function followProbes(ctx: Context, reach: Reach): Promise<PlanRow[]> {
  const ready: PlanRow[] = []
  for (const name of Object.keys(ctx.config.remedy.probes)) {
    const state = probeState(ctx, name)
    try {
      if (state?.outcome === 'under way') await follow(ctx, reach, name, state)
      const plan = state && (await cleanUp(ctx, reach, name))
      if (plan?.state === 'approved') ready.push(plan)
    } catch (thrown) {
      const error = asError(thrown)
      ctx.log.error('a probe could not be followed', { probe: name, code: error.code, error: error.message })
    }
  }
  return ready
}

async function follow(ctx: Context, reach: Reach, name: string, state: ProbeState): Promise<void> {
  const { control, clock } = ctx
  const rule = ruleOf(ctx, name)
  const plan = control.plan(state.plan)
  if (!plan || !OVER.has(plan.state)) return
  const sent = plan.finishedAt ?? clock.now()
  const there = await copiesOf(ctx, plan, rule)
  for (const [platform, seen] of Object.entries(state.arrived)) {
    const copy = there.find((r) => r.platform === platform && !r.deleted)
    if (seen !== null || !copy) continue
    const now = await reach.record({ platform, kind: rule.kind, record_id: copy.record_id })
    if (now?.record?.values[rule.field] === state.value) state.arrived[platform] = iso(clock.now())
  }
  const missing = Object.keys(state.arrived).filter((p) => state.arrived[p] === null)
  const due = sent + durationMs(rule.within)!
  state.due_at = iso(due)
  if (missing.length === 0) state.outcome = 'arrived'
  else if (clock.now() >= due) state.outcome = 'late'
  if (state.outcome !== 'under way') settle(ctx, reach, name, state, { sent, missing })
  control.set(key(name), JSON.stringify(state))
}

/** Every platform's record of what the probe wrote. */
async function copiesOf({ control, facts }: Context, plan: PlanRow, rule: Probe): Promise<PlacedRecord[]> {
  const [item] = control.planItems(plan.id, 0, 1)
  const made = (JSON.parse(item?.result ?? '{}') as Partial<ItemResult>).record_id
  const id = rule.record ?? made
  if (id === undefined) return []
  const [at] = await recordsNamed(facts, rule.kind, [{ platform: rule.from, kind: rule.kind, record_id: id }])
  return at ? await recordsOfEntities(facts, rule.kind, [at.entity_id]) : []
}

/** What the run came to: exceptions for what is missing or slow, an end to those of earlier runs that it disproves, its lag. */
function settle(
  ctx: Context,
  reach: Reach,
  name: string,
  state: ProbeState,
  { sent, missing }: { sent: number; missing: readonly string[] },
): void {
  const { control, clock } = ctx
  const rule = ruleOf(ctx, name)
  const lag = Object.fromEntries(
    Object.entries(state.arrived).map(([p, at]) => [p, at === null ? null : Date.parse(at) - sent]),
  )
  const told = (target: string, reason: string, priority: 'medium' | 'high') =>
    completed(ctx, reach, {
      ...{ source: 'probe', sourceKey: `${name} ${state.began_at} ${target}`, class: 'timeout', reason, priority },
      ...{ platform: rule.from, target, kind: rule.kind, recordId: rule.record ?? null, eventAt: sent },
    })
  const slow = Object.entries(lag).flatMap(([target, ms]) => {
    const usual = usualLag(state.runs ?? [], target)
    // The desk looks once a minute: less than that is no difference.
    if (ms === null || usual === null || ms <= usual * SLOW + MINUTE) return []
    const words = `took ${minutes(ms)} min to ${target}, usually ${minutes(usual)}`
    return [told(target, `The probe ${name} ${words}.`, 'medium')]
  })
  const late = missing.map((p) => told(p, `The probe ${name} did not come to ${p} within ${rule.within}.`, 'high'))
  control.putExceptions([...late, ...slow], clock.now())
  const troubled = new Set([...late, ...slow].map((e) => e.target))
  for (const e of control.exceptions({ states: ['open', 'retrying'], source: 'probe', limit: 10_000 })) {
    if (!e.sourceKey.startsWith(`${name} `) || troubled.has(e.target)) continue
    const evidence = `The next probe came to ${e.target ?? 'its end'} as it should.`
    const now = clock.now()
    control.workException(
      e.id,
      { state: 'resolved', resolvedAt: now, resolvedBy: 'evidence', evidence, nextAt: null },
      { actor: 'plumbline', at: now, action: 'exception.resolved' },
    )
  }
  const run: ProbeRun = { began_at: state.began_at, outcome: state.outcome as ProbeRun['outcome'], lag_ms: lag }
  state.runs = [run, ...(state.runs ?? [])].slice(0, RUNS_KEPT)
}

/** Median lag of earlier runs, ms; null: too few to say. */
export function usualLag(runs: readonly ProbeRun[], target: string): number | null {
  const all = runs.flatMap((r) => r.lag_ms[target] ?? []).sort((a, b) => a - b)
  return all.length < USUAL_FROM ? null : all[Math.floor(all.length / 2)]!
}
const minutes = (ms: number) => Math.max(1, Math.round(ms / MINUTE))

/** Takes back what the probe wrote, once; where the policy wants people, the plan waits for them. */
async function cleanUp(ctx: Context, reach: Reach, name: string): Promise<PlanRow | null> {
  const state = probeState(ctx, name)
  if (!ruleOf(ctx, name).clean_up || !state || state.outcome === 'under way' || state.cleaned != null) return null
  const plan = ctx.control.plan(state.plan)
  const written = plan && ctx.control.planItems(plan.id, 0, 1, ['verified', 'sent', 'not_held']).length > 0
  if (!written) return null
  const how = { requester: plan.requester, reason: `Clean-up after the probe ${name}.`, standing: `probe ${name}` }
  const { plan: undo } = await undoPlan(ctx, reach, plan, how)
  // Nothing left to take back is clean, too.
  ctx.control.set(key(name), JSON.stringify({ ...state, cleaned: undo?.number ?? 0 }))
  return undo
}
