/** Matching: does a finding speak of a fault, of one of its consequences, or of nothing that is wrong? */
import type { Finding } from '../model/verdict.ts'
import type { Fault, Pattern } from './truth.ts'

/** What the score needs of a finding: the shape of `export findings`. */
export type Found = Pick<
  Finding,
  | 'id'
  | 'check'
  | 'category'
  | 'kind'
  | 'field'
  | 'platform'
  | 'owner_platform'
  | 'subject'
  | 'scope'
  | 'verdict'
  | 'cause'
  | 'state'
  | 'amount_at_risk'
  | 'first_seen_at'
  | 'changed_at'
  | 'last_seen_at'
  | 'resolved_at'
>

export function fits(found: Found, pattern: Pattern): boolean {
  if (pattern.categories && !pattern.categories.includes(found.category)) return false
  if (pattern.kinds && !pattern.kinds.includes(found.kind)) return false
  if (pattern.platforms && !(found.platform !== null && pattern.platforms.includes(found.platform))) return false
  if (pattern.fields && pattern.fields.length > 0 && !sameField(found.field, pattern.fields)) return false
  if (pattern.checks && !pattern.checks.includes(found.check)) return false
  if (pattern.scope && !sameScope(found.scope, pattern.scope)) return false
  if (pattern.subjects) {
    const named = new Set(pattern.subjects.map(nameOf))
    if (!found.subject.some((subject) => named.has(nameOf(subject)))) return false
  }
  return true
}

const nameOf = (subject: { platform: string; kind: string; record_id: string }) =>
  `${subject.platform} ${subject.kind} ${subject.record_id}`

/** A finding about a whole group (`bill_to`) speaks of each of its fields. */
function sameField(field: string | null, wanted: readonly string[]): boolean {
  return field !== null && wanted.some((name) => name === field || name.startsWith(`${field}.`))
}

function sameScope(scope: Record<string, string>, wanted: Record<string, string>): boolean {
  const shared = Object.keys(wanted).filter((key) => key in scope)
  return shared.length > 0 && shared.every((key) => scope[key] === wanted[key])
}

/** The fault in its own words, as a pattern. */
export function primary(fault: Fault): Pattern {
  return {
    categories: [fault.category],
    kinds: [fault.kind],
    ...(fault.fields.length > 0 && { fields: fault.fields }),
    ...(fault.checks && { checks: fault.checks }),
    ...(fault.platform !== null && { platforms: [fault.platform] }),
    ...(fault.subjects.length > 0 && { subjects: fault.subjects }),
    ...(Object.keys(fault.scope).length > 0 && { scope: fault.scope }),
  }
}

export type Relation = 'itself' | 'alternative' | 'consequence'

/** How a finding relates to a fault; null: it has nothing to do with it. */
export function relation(found: Found, fault: Fault): Relation | null {
  if (fits(found, primary(fault))) return 'itself'
  if (fault.alternatives.some((pattern) => fits(found, pattern))) return 'alternative'
  return fault.alsoExpected.some((pattern) => fits(found, pattern)) ? 'consequence' : null
}
