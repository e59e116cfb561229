/** Outcome: what became of each change at each follower. Pure: the same versions and landscape give the same rows. */
import type { Field } from '../../../model/fields.ts'
import type { Kind } from '../../../model/kind.ts'
import type { Landscape } from '../../../model/landscape.ts'
import { iso } from '../../clock.ts'
import type { LagRow } from '../../store/facts/lag.ts'
import { agrees, changesOf, type Change } from './changes.ts'
import type { Existence } from './creation.ts'
import type { PartOf } from './parts.ts'
import { stepAt, type EntityHistory, type Holder, type Step } from './timeline.ts'

/** Clocks of two platforms are taken to agree within this; what arrives this much too early arrived at once. */
export const SKEW_MS = 10_000

/** One field of one change at one follower. Instants are epoch ms. */
interface FieldOutcome {
  field: Field
  dueAt: number
  agreedAt: number | null
  overtakenAt: number | null
  lacks: string
}

export interface Ask {
  kind: Kind
  fields: readonly Field[]
  landscape: Landscape
  partOf: PartOf
  /** Who must have a record, and from which state on; null: no check says. */
  existence: Existence | null
  /** True for platforms that keep records of the kind. */
  keeps(platform: string): boolean
  /** Why the change does not count, or an empty text. */
  excluded(field: string, owner: string, follower: string, changedAt: number, dueAt: number): string
}

/** Rows of one entity, one for each version of an owner, follower and part. */
export function lagsOf(entity: EntityHistory, ask: Ask): LagRow[] {
  const { kind, fields, landscape } = ask
  const statePosition = fields.findIndex((f) => f.name === 'state')
  const folds = new Map<string, { change: Change; follower: Holder; part: string; outcomes: FieldOutcome[] }>()
  fields.forEach((field, position) => {
    const changes = changesOf(entity, kind, field, position, statePosition, landscape)
    changes.forEach((change, i) => {
      const passed = new Set(change.owners.slice(0, change.owners.indexOf(change.owner.platform) + 1))
      for (const follower of entity.holders) {
        if (passed.has(follower.platform)) continue
        const outcome = outcomeAt(follower, { field, position, changes, i }, ask)
        if (!outcome) continue
        const part = ask.partOf(field.name, change.owner.platform, follower.platform)
        const key = `${change.step.seq} ${follower.platform} ${part}`
        const fold = folds.get(key)
        if (fold) fold.outcomes.push(outcome)
        else folds.set(key, { change, follower, part, outcomes: [outcome] })
      }
    })
  })
  return [...folds.values()].map(({ change, follower, part, outcomes }): LagRow => {
    const folded = fold(outcomes)
    const { platform: owner } = change.owner
    const reasons = outcomes.map((o) => ask.excluded(o.field.name, owner, follower.platform, change.at, o.dueAt))
    return {
      eid: entity.eid,
      kind: kind.name,
      part,
      owner,
      follower: follower.platform,
      change: change.step.seq,
      entity_id: entity.entity_id,
      customer_entity_id: entity.customer_entity_id,
      record_id: change.owner.record_id,
      follower_record_id: follower.record_id,
      fields: outcomes.map((o) => o.field.name),
      changed_at: iso(change.at),
      ...folded,
      excluded: reasons.find((r) => r !== '') ?? '',
    }
  })
}

interface At {
  field: Field
  position: number
  changes: readonly Change[]
  i: number
}

/** Null where nothing had to travel: the follower has no say in it, did not exist yet, is gone, or already agreed. */
function outcomeAt(
  follower: Holder,
  { field, position, changes, i }: At,
  { kind, landscape }: Ask,
): FieldOutcome | null {
  const change = changes[i]!
  const [owner, name] = [change.owner.platform, follower.platform]
  if (landscape.standing(kind.name, field.name, name, owner, change.where) !== 'follower') return null
  const steps = follower.steps.get(position) ?? []
  const slack = SKEW_MS + change.step.resolutionMs
  const before = stepAt(follower, position, change.at)
  if (!before || before.is === 'cannot_hold' || follower.bornAt > change.at - slack) return null
  const edge = landscape.edge(kind.name, field.name, owner, name)
  const holds = (c: Change, step: Step) => agrees(field, c.step, step, edge.tolerance)
  const held = stepAt(follower, position, change.at - slack)
  if (held && holds(change, held)) return null

  const next = changes.slice(i + 1).find((c) => !agrees(field, change.step, c.step, edge.tolerance)) ?? null
  const emptied = change.owner.steps.get(position)!.find((s) => s.at > change.at && s.is !== 'value')
  const overtakenAt = Math.min(next?.at ?? Infinity, emptied?.at ?? Infinity)
  const after = steps.filter((s) => s.at > change.at - slack && !s.first)
  const arrived = arrival(after, change, changes.slice(i + 1), holds)
  if (!arrived && before.is === 'absent') return null
  const ended = Math.min(follower.endedAt ?? Infinity, change.owner.endedAt ?? Infinity)
  if (!arrived && ended < overtakenAt) return null
  const stampless = after.concat(before).every((s) => !s.trusted)
  const lacks = !change.step.trusted ? owner : (arrived ? !arrived.trusted : stampless) ? name : null
  return {
    field,
    dueAt: landscape.windowEnd(edge, change.at),
    agreedAt: arrived ? Math.max(change.at, arrived.at) : null,
    overtakenAt: !arrived && overtakenAt < Infinity ? overtakenAt : null,
    lacks: lacks === null ? '' : `${lacks}.changed_at`,
  }
}

/** The follower's first step to the new value, unless it took a later change of the owner before. */
function arrival(
  after: readonly Step[],
  change: Change,
  later: readonly Change[],
  holds: (c: Change, step: Step) => boolean,
): Step | null {
  for (const step of after) {
    if (holds(change, step)) return step
    if (later.some((c) => c.at <= step.at + SKEW_MS && holds(c, step))) return null
  }
  return null
}

/** The fields of one change have one promise, so what is worst among them is what is said of the change. */
function fold(
  outcomes: readonly FieldOutcome[],
): Pick<LagRow, 'due_at' | 'agreed_at' | 'overtaken_at' | 'outcome' | 'lacks'> {
  const dueAt = Math.min(...outcomes.map((o) => o.dueAt))
  const latest = (times: (number | null)[]) => {
    const known = times.filter((t) => t !== null)
    return known.length === 0 ? null : Math.max(...known)
  }
  const agreedAt = latest(outcomes.map((o) => o.agreedAt))
  const overtakenAt = latest(outcomes.map((o) => o.overtakenAt))
  const lacks = outcomes.find((o) => o.lacks !== '')?.lacks ?? ''
  const waiting = outcomes.some((o) => o.agreedAt === null && o.overtakenAt === null)
  const said = (outcome: LagRow['outcome'], agreed: number | null, overtaken: number | null = null) => ({
    due_at: iso(dueAt),
    agreed_at: agreed === null ? null : iso(agreed),
    overtaken_at: overtaken === null ? null : iso(overtaken),
    outcome,
    lacks: outcome === 'unmeasured' ? lacks : '',
  })
  if (lacks !== '') return said('unmeasured', waiting ? null : agreedAt)
  if (waiting) return said('waiting', null)
  if (agreedAt === null) return said('lost', null, overtakenAt)
  return said(agreedAt > dueAt ? 'late' : 'in_time', agreedAt)
}
