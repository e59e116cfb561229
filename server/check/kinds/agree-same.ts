/** Same: whether a follower holds what the owner holds, by the rule of the field's type. */
import { equalFields, type Compared } from '../../../model/compare.ts'
import type { Field } from '../../../model/fields.ts'
import type { Tolerance } from '../../../model/landscape.ts'
import type { Cell } from './agree-sql.ts'

export interface Same {
  equal: boolean
  /** Different, but only as information. */
  advisory: boolean
  /** What the two values show by themselves. */
  why: 'rounding' | 'time_zone' | 'currency' | null
}

const EQUAL: Same = { equal: true, advisory: false, why: null }
const DIFFERENT: Same = { equal: false, advisory: false, why: null }

/** The owner's cell holds a value. */
export function same(field: Field, owner: Cell, follower: Cell, tolerance: Tolerance | null): Same {
  if (follower.is !== 'value') return DIFFERENT
  // A reference that resolves to nothing is a finding of its own.
  if (follower.key === null) return EQUAL
  if (field.type === 'reference') return owner.key === follower.key ? EQUAL : DIFFERENT
  // Amounts in two currencies are never compared: the currency is the difference, and has its own field.
  if (
    field.type === 'money' &&
    owner.currency !== follower.currency &&
    owner.currency !== null &&
    follower.currency !== null
  )
    return EQUAL
  const equality = equalFields(field, compared(owner, follower), compared(follower, owner), tolerance)
  if (equality.equal) return EQUAL
  if (equality.why === 'legal_form') return { equal: false, advisory: true, why: null }
  return { equal: false, advisory: false, why: equality.why ?? null }
}

/** A side that does not say its currency is taken to mean the other's. */
function compared(cell: Cell, other: Cell): Compared {
  return { value: cell.value ?? '', key: cell.key, raw: cell.raw, currency: cell.currency ?? other.currency ?? 'XXX' }
}
