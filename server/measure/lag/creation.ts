/**
 * Creation: how long a new record took from the platform that makes it to each that must have it. Who must have it, and
 * from which state on, is what the checks of existence say. Pure, like outcome.ts.
 */
import type { Kind } from '../../../model/kind.ts'
import type { Landscape, Whereabouts } from '../../../model/landscape.ts'
import { speaksFor, whereabouts } from '../../../model/whereabouts.ts'
import { iso } from '../../clock.ts'
import { EXISTENCE } from '../../config/pattern.ts'
import type { Context } from '../../context.ts'
import type { LagRow } from '../../store/facts/lag.ts'
import type { Ask } from './outcome.ts'
import { CREATION } from './parts.ts'
import type { EntityHistory, Holder } from './timeline.ts'

/** Who must have a record of a kind, and in which states; empty: in any. */
export interface Existence {
  on: readonly string[]
  owners: readonly string[] | null
  states: readonly string[]
}

/** As the first check of existence of the kind says; null where none does. */
export function existenceOf({ checks }: Pick<Context, 'checks'>, kind: Kind): Existence | null {
  const check = checks.find((c) => c.kind === 'exist' && (c.params as { of?: string }).of === kind.name)
  if (!check) return null
  const p = check.params as { on: string[]; owners?: string[]; states?: string[]; past?: string }
  const after = p.past === undefined ? kind.states : kind.states.slice(kind.states.indexOf(p.past) + 1)
  return { on: p.on, owners: p.owners ?? null, states: p.states ?? (p.past === undefined ? [] : after) }
}

/** Clocks of two platforms are taken to agree within this. */
const SKEW_MS = 10_000

/** One row for each platform that must take the record and had to be told; nothing of what was there before anybody watched. */
export function creationsOf(entity: EntityHistory, ask: Ask): LagRow[] {
  const { existence, kind, landscape } = ask
  if (!existence) return []
  const statePosition = ask.fields.findIndex((f) => f.name === 'state')
  const where = placed(entity, kind, statePosition, landscape)
  const named = existence.owners?.flatMap((o) => landscape.named(o).map((p) => p.name))
  const owners = named ?? landscape.owners(kind.name, EXISTENCE, where)
  const begun = owners.flatMap((name) => {
    const holder = entity.holders.find((h) => h.platform === name)
    const reached = holder ? reachedAt(holder, statePosition, existence) : null
    return holder && reached ? [{ holder, ...reached }] : []
  })
  // Of several that may make it, the one that had it first.
  const first = begun.sort((a, b) => a.at - b.at)[0]
  if (!first) return []
  return required(existence, where, landscape).flatMap((follower) =>
    follower === first.holder.platform || !ask.keeps(follower) ? [] : (rowOf(entity, first, follower, ask) ?? []),
  )
}

interface Begun {
  holder: Holder
  at: number
  seq: string
}

/** When the record came into a state in which others must have it; null where it was so before we knew it. */
function reachedAt(holder: Holder, statePosition: number, { states }: Existence): { at: number; seq: string } | null {
  const steps = statePosition < 0 ? [] : (holder.steps.get(statePosition) ?? [])
  const step = states.length === 0 ? steps[0] : steps.find((s) => s.is === 'value' && states.includes(s.value ?? ''))
  if (step && !step.first) return step.trusted ? { at: step.at, seq: step.seq } : null
  if (states.length > 0 && !step) return null
  return holder.pristine && holder.createdAt !== null ? { at: holder.createdAt, seq: holder.firstSeq } : null
}

function rowOf(entity: EntityHistory, origin: Begun, follower: string, ask: Ask): LagRow | null {
  const there = entity.holders.find((h) => h.platform === follower)
  const { kind, landscape } = ask
  const { platform: owner, endedAt } = origin.holder
  if (there && there.bornAt <= origin.at - SKEW_MS) return null
  // What its owner took back before it arrived had no way to go.
  if (!there && endedAt !== null) return null
  const dueAt = landscape.windowEnd(landscape.edge(kind.name, EXISTENCE, owner, follower), origin.at)
  const agreedAt = there ? Math.max(origin.at, there.bornAt) : null
  const lacks = there && there.createdAt === null ? `${follower}.created_at` : ''
  return {
    eid: entity.eid,
    kind: kind.name,
    part: CREATION,
    owner,
    follower,
    change: origin.seq,
    entity_id: entity.entity_id,
    customer_entity_id: entity.customer_entity_id,
    record_id: origin.holder.record_id,
    follower_record_id: there?.record_id ?? '',
    fields: [],
    changed_at: iso(origin.at),
    due_at: iso(dueAt),
    agreed_at: agreedAt === null ? null : iso(agreedAt),
    overtaken_at: null,
    outcome: lacks ? 'unmeasured' : agreedAt === null ? 'waiting' : agreedAt > dueAt ? 'late' : 'in_time',
    lacks,
    excluded: ask.excluded(EXISTENCE, owner, follower, origin.at, dueAt),
  }
}

/** Platforms that must have it: one for each role of which there is only one, and the issuer where it is known. */
function required({ on }: Existence, where: Whereabouts, landscape: Landscape): string[] {
  const found = on.flatMap((name) => {
    if (name === 'issuer') return landscape.issuer(where.scope['legal_entity'] ?? null) ?? []
    const fit = landscape.named(name).filter((p) => speaksFor(p, where.scope))
    // Where any of several will do, which one it has to be is not told.
    return fit.length === 1 ? [fit[0]!.name] : []
  })
  return [...new Set(found)]
}

function placed(entity: EntityHistory, kind: Kind, statePosition: number, landscape: Landscape): Whereabouts {
  const claims = entity.holders.map((h) => {
    const state = statePosition < 0 ? null : (h.steps.get(statePosition)?.at(-1)?.value ?? null)
    const scope: Record<string, string> = {}
    const legal = h.legal_entity ?? entity.customerScope[0]?.legal_entity
    if (legal) scope['legal_entity'] = legal
    if (h.region) scope['region'] = h.region
    if (h.brand) scope['brand'] = h.brand
    return { platform: h.platform, state, scope }
  })
  return whereabouts(landscape, kind.name, claims)
}
