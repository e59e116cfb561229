/**
 * Synthetic probes: a marked record of ours is changed on its source and followed to every platform of its route. What does not
 * arrive in time is an exception before a real customer is hit. The change itself is a plan like any other.
 */
import { durationMs } from '../config/duration.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import { recordsNamed, recordsOfEntities } from '../store/facts/placed-records.ts'
import { draftPlan, type Draft } from './draft.ts'
import { completed } from './exceptions/take.ts'
import type { Reach } from './reach.ts'
import { wish } from './wish.ts'

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
}

const key = (name: string) => `remedy.probe.${name}`

export function probeState({ control }: Pick<Context, 'control'>, name: string): ProbeState | null {
  const text = control.get(key(name))
  return text ? (JSON.parse(text) as ProbeState) : null
}

/** Drafts the change of the marked record. It is followed once the plan has been applied. */
export async function startProbe(ctx: Context, reach: Reach, name: string, requester: string): Promise<Draft> {
  const rule = ctx.config.remedy.probes[name]
  if (!rule)
    throw new PlumblineError('not_found', `There is no probe ${name}.`, { remedy: 'Configure it under remedy.probes.' })
  const now = ctx.clock.now()
  const [at] = await recordsNamed(ctx.facts, rule.kind, [
    { platform: rule.from, kind: rule.kind, record_id: rule.record },
  ])
  if (!at)
    throw new PlumblineError('config', `${rule.from} has no ${rule.kind} ${rule.record} for the probe ${name}.`, {
      path: `remedy.probes.${name}.record`,
      remedy: 'Name a record of a sandbox, or of an account of ours.',
    })
  const value = `Probe ${iso(now).slice(0, 19).replace('T', ' ')}`
  const draft = await draftPlan(
    ctx,
    reach,
    [
      wish({
        ...{ platform: rule.from, kind: rule.kind, action: 'set_fields', recordId: rule.record, entity: at.entity_id },
        fields: { [rule.field]: value },
      }),
    ],
    {
      title: `Probe ${name}`,
      reason: `A canary along ${rule.from} → ${rule.to.join(', ')}.`,
      origin: `probe ${name}`,
      requester,
      standing: requester.startsWith('automation') ? `probe ${name}` : null,
    },
  )
  if (draft.plan) {
    const state: ProbeState = {
      value,
      before: at.values[rule.field] ?? null,
      plan: draft.plan.number,
      began_at: iso(now),
      due_at: iso(now + durationMs(rule.within)!),
      arrived: Object.fromEntries(rule.to.map((p) => [p, null])),
      outcome: 'under way',
    }
    ctx.control.set(key(name), JSON.stringify(state))
  }
  return draft
}

/** Looks where the values of probes under way have come to, on the platforms themselves. */
export async function followProbes(ctx: Context, reach: Reach): Promise<void> {
  for (const name of Object.keys(ctx.config.remedy.probes)) {
    const state = probeState(ctx, name)
    if (state?.outcome === 'under way') await follow(ctx, reach, name, state)
  }
}

async function follow(ctx: Context, reach: Reach, name: string, state: ProbeState): Promise<void> {
  const { control, clock, config, facts } = ctx
  const rule = config.remedy.probes[name]!
  const plan = control.plan(state.plan)
  if (!plan || plan.state === 'waiting' || plan.state === 'approved' || plan.state === 'applying') return
  const sent = plan.finishedAt ?? clock.now()
  const [at] = await recordsNamed(facts, rule.kind, [{ platform: rule.from, kind: rule.kind, record_id: rule.record }])
  const there = at ? await recordsOfEntities(facts, rule.kind, [at.entity_id]) : []
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
  else if (clock.now() >= due) {
    state.outcome = 'late'
    control.putExceptions(
      missing.map((target) =>
        completed(ctx, reach, {
          source: 'probe',
          sourceKey: `${name} ${state.began_at} ${target}`,
          ...{ platform: rule.from, target, kind: rule.kind, recordId: rule.record, class: 'timeout' },
          reason: `The probe ${name} did not come to ${target} within ${rule.within}.`,
          priority: 'high',
          eventAt: sent,
        }),
      ),
      clock.now(),
    )
  }
  control.set(key(name), JSON.stringify(state))
}
