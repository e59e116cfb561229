/** Trails: what a field said on one record and when, as far as the stored versions tell. Pure. */
import type { Field } from '../../../model/fields.ts'
import { kindOf } from '../../../model/kinds.ts'
import type { Landscape, Tolerance, Whereabouts } from '../../../model/landscape.ts'
import { instant } from '../timing.ts'
import type { Cell } from './agree-sql.ts'
import { same } from './agree-same.ts'
import type { AuthorityRow, Told } from './authority-sql.ts'
import { placed, type Holder } from './holders.ts'

/** One value of a field on one record. */
export interface Stage {
  platform: string
  is: Told['is']
  key: string | null
  value: string | null
  currency: string | null
  /** Latest instant at which it can have been written (epoch ms): the platform's stamp, else when we saw it. */
  at: number
  /** Earliest instant: when we last saw the value before. Null: the first version that we know. */
  after: number | null
  observedAt: number
  by: string | null
  /** True if the platform wrote the record: a version whose stamp did not move was only read with other eyes. */
  written: boolean
}

/** All histories of one entity: by platform (its main record alone) and field. */
export type Trails = ReadonlyMap<string, ReadonlyMap<string, readonly Stage[]>>

export function trailsOf(row: AuthorityRow, holders: ReadonlyMap<string, Holder>): Trails {
  const found = new Map<string, Map<string, Stage[]>>()
  for (const { platform, record_id, field, steps } of row.trails) {
    const holder = holders.get(platform)
    if (holder?.record_id !== record_id) continue
    const fields = found.get(platform) ?? new Map<string, Stage[]>()
    found.set(platform, fields)
    fields.set(
      field,
      steps.map((told) => stage(platform, told, holder.stamp)),
    )
  }
  return found
}

const COARSE: Record<string, number> = { day: 86_400_000 - 1, min: 60_000 - 1 }

function stage(platform: string, told: Told, resolution: string): Stage {
  const observedAt = Date.parse(told.observed_at)
  const [stamp, before] = [instant(told.changed_at), instant(told.stamp_before)]
  // A stamp that says only the day may mean its end, but no change is later than when we saw it.
  const coarse = COARSE[resolution] ?? 0
  const at =
    stamp === null ? observedAt : coarse > 0 && observedAt > stamp ? Math.min(stamp + coarse, observedAt) : stamp
  return {
    platform,
    is: told.is,
    key: told.key,
    value: told.value,
    currency: told.currency,
    at,
    after: instant(told.seen_before),
    observedAt,
    by: told.changed_by,
    written: told.seen_before !== null && (stamp === null || before === null || stamp > before),
  }
}

export const stagesOf = (trails: Trails, platform: string, field: string): readonly Stage[] =>
  trails.get(platform)?.get(field) ?? []

/** What the record said at an instant. `unknown`: before the first version that we know. */
export function valueAt(stages: readonly Stage[], t: number, createdAt: number | null): Stage | 'none' | 'unknown' {
  const found = stages.findLast((s) => s.at <= t)
  if (found) return found
  return stages.length === 0 || (createdAt !== null && t < createdAt) ? 'none' : 'unknown'
}

/** These have no voice: the next owner in the list speaks. */
const SILENT: ReadonlySet<Told['is']> = new Set(['empty', 'absent', 'cannot_hold'])

/** One entity, as far as writes are judged. */
export interface Scene {
  landscape: Landscape
  kind: string
  holders: ReadonlyMap<string, Holder>
  trails: Trails
  /** Legal entity of the customer, where the record does not say it. */
  customer: string | null
  /** The check's own tolerance, before the edge's. */
  tolerance: Tolerance | null
}

export interface Speaker {
  owner: string
  /** Owners in order, as they were then. */
  owners: readonly string[]
  at: Whereabouts
  said: Stage
}

/**
 * Who spoke for the field right before an instant, in the lifecycle state that the entity was in then. Null where
 * nobody did, or where what came before our first version decides it.
 */
export function speakerAt(scene: Scene, field: string, t: number): Speaker | null {
  const { landscape, kind, holders, trails, customer } = scene
  const then = [...holders.values()].map((h) => ({ ...h, state: stateAt(kind, h, trails, t) }))
  const at = placed(landscape, kindOf(kind), then, customer)
  const owners = landscape.owners(kind, field, at)
  for (const owner of owners) {
    const holder = holders.get(owner)
    if (!holder) continue
    const said = valueAt(stagesOf(trails, owner, field), t, instant(holder.created_at))
    if (said === 'none') continue
    if (said === 'unknown') return null
    if (SILENT.has(said.is)) continue
    return said.is === 'value' ? { owner, owners, at, said } : null
  }
  return null
}

function stateAt(kind: string, holder: Holder, trails: Trails, t: number): string | null {
  const states = stagesOf(trails, holder.platform, 'state')
  const found = states.findLast((s) => s.at <= t) ?? states[0]
  return found?.is === 'value' ? found.value : kindOf(kind).states.length === 0 ? null : holder.state
}

/** True if one value is the other, or may come from it: equal by its rule or tolerance, rounded, shifted, cut short. */
export function derived(field: Field, from: Stage, to: Stage, tolerance: Tolerance | null): boolean {
  if (to.is !== 'value' || from.is !== 'value') return to.is === from.is
  const verdict = same(field, cell(from), cell(to), tolerance)
  return verdict.equal || verdict.advisory || verdict.why !== null || cut(from.value, to.value)
}

/** A field that is too short for the whole text. */
const CUT_MIN = 12
const cut = (from: string | null, to: string | null) =>
  from !== null && to !== null && to.length >= CUT_MIN && from.length > to.length && from.startsWith(to)

export const cell = (s: Stage): Cell => ({
  platform: s.platform,
  record_id: '',
  is: s.is,
  value: s.value,
  key: s.is === 'value' ? (s.key ?? s.value) : null,
  raw: null,
  currency: s.currency,
})
