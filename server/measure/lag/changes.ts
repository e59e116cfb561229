/** Changes: the moments at which the platform that speaks for a field gave it another value. */
import { equalFields } from '../../../model/compare.ts'
import type { Field } from '../../../model/fields.ts'
import type { Kind } from '../../../model/kind.ts'
import type { Landscape, Tolerance, Whereabouts } from '../../../model/landscape.ts'
import { whereabouts, type Claim } from '../../../model/whereabouts.ts'
import { stepAt, type EntityHistory, type Holder, type Step } from './timeline.ts'

export interface Change {
  owner: Holder
  step: Step
  at: number
  where: Whereabouts
  /** Owners in order, as they stood then. */
  owners: readonly string[]
}

/** These have no voice: the next owner in the list speaks. */
const SILENT: ReadonlySet<string> = new Set(['empty', 'absent', 'cannot_hold'])

/** In the order in which they happened. `position`: of the field among the measured ones; `statePosition`: of the state. */
export function changesOf(
  entity: EntityHistory,
  kind: Kind,
  field: Field,
  position: number,
  statePosition: number,
  landscape: Landscape,
): Change[] {
  const found: Change[] = []
  for (const holder of entity.holders)
    for (const step of holder.steps.get(position) ?? []) {
      if (step.first || step.is !== 'value') continue
      if (holder.endedAt !== null && step.at >= holder.endedAt) continue
      const where = whereaboutsAt(entity, kind, statePosition, step.at, landscape)
      const owners = landscape.owners(kind.name, field.name, where)
      if (speakerAt(entity, position, owners, step.at) === holder.platform)
        found.push({ owner: holder, step, at: step.at, where, owners })
    }
  return found.sort((a, b) => a.at - b.at || (BigInt(a.step.seq) < BigInt(b.step.seq) ? -1 : 1))
}

/** The first owner that holds something; one whose value cannot be read silences everybody. */
function speakerAt(entity: EntityHistory, position: number, owners: readonly string[], at: number): string | null {
  for (const name of owners) {
    const holder = entity.holders.find((h) => h.platform === name)
    const step = holder ? stepAt(holder, position, at) : null
    if (step && !SILENT.has(step.is)) return step.is === 'value' ? name : null
  }
  return null
}

function whereaboutsAt(
  entity: EntityHistory,
  kind: Kind,
  statePosition: number,
  at: number,
  landscape: Landscape,
): Whereabouts {
  const claims: Claim[] = []
  const byCustomer = customerEntity(entity, landscape)
  for (const holder of entity.holders) {
    if (at < holder.bornAt || (holder.endedAt !== null && at >= holder.endedAt)) continue
    const step = statePosition < 0 ? null : stepAt(holder, statePosition, at)
    const scope: Record<string, string> = {}
    const legal = holder.legal_entity ?? byCustomer
    if (legal) scope['legal_entity'] = legal
    if (holder.region) scope['region'] = holder.region
    if (holder.brand) scope['brand'] = holder.brand
    claims.push({ platform: holder.platform, state: step?.is === 'value' ? step.value : null, scope })
  }
  return whereabouts(landscape, kind.name, claims)
}

/** The legal entity as the customer's own owner of that field has it, for kinds that do not name one. */
function customerEntity(entity: EntityHistory, landscape: Landscape): string | null {
  if (entity.customerScope.length === 0) return null
  const owners = landscape.owners('customer', 'legal_entity', { state: null, scope: {} })
  const order = [...owners, ...entity.customerScope.map((s) => s.platform).sort()]
  for (const name of order) {
    const said = entity.customerScope.find((s) => s.platform === name)
    if (said) return said.legal_entity
  }
  return null
}

/** Whether a follower holds what the owner said, as the check `agree` sees it. */
export function agrees(field: Field, owner: Step, follower: Step, tolerance: Tolerance | null): boolean {
  if (follower.is !== 'value' || owner.is !== 'value') return false
  // Amounts in two currencies are not compared: the currency is the difference, and has its own field.
  const [a, b] = [owner.currency, follower.currency]
  if (field.type === 'money' && a !== null && b !== null && a !== b) return true
  const side = (s: Step, other: Step) => ({
    value: s.value ?? '',
    key: s.key,
    currency: s.currency ?? other.currency ?? 'XXX',
  })
  const verdict = equalFields(field, side(owner, follower), side(follower, owner), tolerance)
  return verdict.equal || verdict.why === 'legal_form'
}
