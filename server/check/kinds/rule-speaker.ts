/** Who speaks for a thing that several platforms hold, what it says, since when, and whether that may be judged yet. */
import type { Kind } from '../../../model/kind.ts'
import { kindOf } from '../../../model/kinds.ts'
import type { Platform } from '../../../model/landscape.ts'
import type { Evidence, HeldValue, Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import type { FieldAsk, JudgeContext } from '../contract.ts'
import { instant, saidSince, stampedAt, stepAt, titleOf } from '../timing.ts'
import { known, placed, primaries, type Holder } from './holders.ts'
import { leaves, type Where, type Wish } from './rule-conditions.ts'
import { valueName, type Copy, type Told } from './rule-sql.ts'

/** The copy that speaks, as one record. */
export interface Voice {
  kind: string
  entity_id: string
  holder: Holder
  told: Told
}

/**
 * The record that speaks: of the first of `as` that has a live one, else of the owner of the kind's state, else of
 * any platform in the order of the configuration. `only`: no other platform than those of `as`.
 */
export function speaking(
  kind: Kind,
  entity_id: string,
  copies: readonly Copy[],
  as: readonly string[],
  ctx: Pick<JudgeContext, 'landscape'>,
  only = false,
): Voice | null {
  const told = new Map(copies.map(([h, t]) => [h, t]))
  const live = primaries(
    known(
      copies.map(([h]) => h),
      ctx.landscape,
    ),
    kind.ended,
  )
  const at = placed(ctx.landscape, kind, live.values())
  const order = [
    ...as,
    ...(only ? [] : [...ctx.landscape.owners(kind.name, 'state', at), ...ctx.landscape.platforms.map((p) => p.name)]),
  ]
  const holder = order.map((name) => live.get(name)).find((h) => h !== undefined)
  return holder ? { kind: kind.name, entity_id, holder, told: told.get(holder)! } : null
}

export const value = (voice: Voice, field: string): string | null => voice.told[valueName(field)] ?? null

/** Platforms that roles or names mean. */
export function platformsOf(names: readonly string[] | undefined, ctx: Pick<JudgeContext, 'landscape'>): string[] {
  return [
    ...new Set(
      (names ?? []).flatMap((name) =>
        (name === 'issuer'
          ? ctx.landscape.platforms.filter((p) => p.role === 'erp' || p.role === 'billing')
          : [...ctx.landscape.named(name)]
        ).map((p: Platform) => p.name),
      ),
    ),
  ]
}

const subjectOf = (v: Voice) => ({ platform: v.holder.platform, kind: v.kind, record_id: v.holder.record_id })

/** Histories of the fields that conditions name. */
export function asks(voice: Voice, conditions: Where | undefined, further: readonly string[] = []): FieldAsk[] {
  return [...new Set([...leaves(conditions ?? {}).map(([name]) => name), ...further])].map((field) => ({
    ...subjectOf(voice),
    field,
  }))
}

/**
 * When the record came to fulfil the conditions: the last time that any field which they name came to what they want of
 * it; null where nobody knows. From one wanted value to another it went on fulfilling them.
 */
export function since(voice: Voice, conditions: Where | undefined, ctx: JudgeContext): number | null {
  const named = leaves(conditions ?? {})
  const times = [...new Set(named.map(([name]) => name))]
    .map((field) => {
      const wishes = named.filter(([name]) => name === field)
      // What alternatives want of one field does not hold by itself.
      const values = wishes.length === 1 ? wanted(wishes[0]![1]) : null
      if (values) return reached(voice, values, ctx, field).at
      return saidSince(subjectOf(voice), field, voice.holder, ctx)
    })
    .filter((t) => t !== null)
  return times.length ? Math.max(...times) : stampedAt(voice.holder)
}

/** The values that fulfil a condition, where it names them. */
const wanted = (wish: Wish): readonly string[] | null =>
  Array.isArray(wish) ? wish : typeof wish === 'object' ? (wish.in ?? null) : null

/** When the field came to say one of these (states, where nothing else is named), through all of them that followed one another. */
export function reached(
  voice: Voice,
  values: readonly string[],
  ctx: JudgeContext,
  field = 'state',
): { at: number | null; sure: boolean } {
  const trail = ctx.trail(subjectOf(voice), field)
  let start = trail.length - 1
  const counts = (said: string | null) => said !== null && values.includes(said)
  while (start > 0 && counts(trail[start]!.value) && counts(trail[start - 1]!.value)) start--
  const step = trail[start]
  return { at: stepAt(step, voice.holder), sure: step !== undefined && !step.first }
}

export interface Waiting {
  /** When the window ends; null: the change is not known, so long ago as far as anybody can tell. */
  dueAt: number | null
  /** Streams that must have been read through the end of the window. */
  needs: readonly { platform: string; kind: string }[]
  voices: readonly Voice[]
}

/** In flight until it is due; drift only on streams that were read that far; else undecided. */
export function verdict(
  { dueAt, needs, voices }: Waiting,
  ctx: JudgeContext,
): { verdict: Observation['verdict']; says: Evidence } {
  if (dueAt !== null && ctx.asOf < dueAt)
    return { verdict: 'in_flight', says: { says: `There is time until ${iso(dueAt)}.`, strength: 'strong' } }
  const undecided = (says: string, disproved_by: string) => ({
    verdict: 'undecided' as const,
    says: { says, strength: 'strong' as const, disproved_by },
  })
  const stuck = voices.find((v) => ctx.quarantined(v.holder.platform, v.kind).has(v.holder.record_id))
  if (stuck)
    return undecided(
      `A newer version of ${stuck.holder.record_id} in ${titleOf(ctx, stuck.holder.platform)} could not be read.`,
      'The row can be read.',
    )
  for (const { platform, kind } of needs) {
    const through = ctx.completeThrough(platform, kind)
    const plural = kindOf(kind).plural
    if (through === null)
      return undecided(
        `The ${plural} of ${titleOf(ctx, platform)} have not been read completely yet.`,
        'A complete read of the stream.',
      )
    if (dueAt !== null && through < dueAt)
      return undecided(
        `The ${plural} of ${titleOf(ctx, platform)} have been read through ${iso(through)} only, which is before ${iso(dueAt)}.`,
        `${titleOf(ctx, platform)} read through ${iso(dueAt)}.`,
      )
  }
  return {
    verdict: 'drift',
    says: {
      says:
        dueAt === null
          ? 'Nothing says that it is recent.'
          : `Its time ended at ${iso(dueAt)}, and everything has been read through that.`,
      strength: 'strong',
    },
  }
}

/** The record in words. */
export function telling(voice: Voice, ctx: JudgeContext): string {
  const state = voice.holder.state === null ? '' : ` is ${voice.holder.state.replaceAll('_', ' ')}`
  return `${kindOf(voice.kind).title} ${voice.holder.record_id} in ${titleOf(ctx, voice.holder.platform)}${state}`
}

export function heldValue(voice: Voice, stands: HeldValue['stands'], ctx: JudgeContext): HeldValue {
  const { holder } = voice
  const complete = ctx.completeThrough(holder.platform, voice.kind)
  return {
    platform: holder.platform,
    record_id: holder.record_id,
    state: holder.state === null ? 'cannot_hold' : 'value',
    value: holder.state,
    raw: null,
    changed_at: holder.changed_at,
    changed_by: holder.changed_by,
    observed_at: holder.observed_at,
    complete_through: complete === null ? null : iso(complete),
    stands,
  }
}

export { instant, subjectOf }
