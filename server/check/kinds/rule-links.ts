/** Links of rules and deadlines: how a record of one kind is found from a record of another. */
import { z } from 'zod'
import type { Field } from '../../../model/fields.ts'
import type { Kind } from '../../../model/kind.ts'
import { hasKind, kindOf, references } from '../../../model/kinds.ts'
import { kindName } from '../../config/words.ts'
import { referenceColumn } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { CompileContext } from '../contract.ts'
import { conditionProblems, where } from './rule-conditions.ts'

const names = z.union([z.string(), z.array(z.string()).min(1)]).transform((v) => (typeof v === 'string' ? [v] : v))

/** Records of another kind that belong to the subject. */
export const clause = z.strictObject({
  of: kindName.describe('Kind of record.'),
  via: names
    .default(['customer'])
    .describe(
      'Reference that joins the two, in either direction; `customer`: records of the same customer; `same`: the same entity. Of several the first that any platform holds.',
    ),
  on: names.optional().describe('Roles or platforms whose record counts; default: the owner of the kind’s state.'),
  where: where.optional().describe('What must be true of it.'),
  later: z
    .strictObject({ field: z.string(), than: z.string() })
    .optional()
    .describe('Its date `field` lies after the day of the subject’s field `than`.'),
  reached_after: z.string().optional().describe('It came to its state after this field of the subject took its value.'),
})
export type Clause = z.output<typeof clause>

export type Link = { how: 'in' | 'out'; field: Field } | { how: 'customer' | 'same' }

/** What the names of `via` may mean between the two kinds; undefined where a name means nothing. */
export function linkNamed(subject: Kind, related: Kind, name: string): Link | undefined {
  if (name === 'same') return subject.name === related.name ? { how: 'same' } : undefined
  if (name === 'customer') return { how: 'customer' }
  const inward = references(related).find((f) => f.name === name && f.to?.includes(subject.name))
  if (inward) return { how: 'in', field: inward }
  const outward = references(subject).find((f) => f.name === name && f.to?.includes(related.name))
  return outward && { how: 'out', field: outward }
}

/** The first link that records can follow; null where no platform holds any of the references. */
export function linkFor(subject: Kind, c: Pick<Clause, 'of' | 'via'>, ctx: Pick<CompileContext, 'held'>): Link | null {
  for (const name of c.via) {
    const link = linkNamed(subject, kindOf(c.of), name)
    if (!link) continue
    if (!('field' in link)) return link
    if (heldSomewhere(ctx, link.how === 'in' ? c.of : subject.name, link.field)) return link
  }
  return null
}

/** False only where records were read and none of their platforms has the field. */
export function heldSomewhere(ctx: Pick<CompileContext, 'held'>, kind: string, field: Field): boolean {
  const masks = [...(ctx.held.get(kind)?.values() ?? [])].flat()
  return masks.length === 0 || masks.some((mask) => (BigInt(mask) >> BigInt(field.bit)) & 1n)
}

/** Column of the reference's entity, for a field named `customer` the customer's own. */
export function refColumn(field: Field): string {
  return ident(referenceColumn(field))
}

export function clauseProblems(
  subject: string,
  c: Clause,
  path: (string | number)[],
): { path: (string | number)[]; says: string }[] {
  if (!hasKind(subject) || !hasKind(c.of)) return []
  const found = conditionProblems(c.of, c.where, [...path, 'where'])
  for (const name of c.via)
    if (!linkNamed(kindOf(subject), kindOf(c.of), name))
      found.push({ path: [...path, 'via'], says: `${JSON.stringify(name)} joins no ${c.of} with a ${subject}` })
  const field = (kind: string, name: string | undefined, at: string) => {
    if (name !== undefined && !kindOf(kind).fields.some((f) => f.name === name))
      found.push({ path: [...path, at], says: `${kind} has no field ${JSON.stringify(name)}` })
  }
  field(c.of, c.later?.field, 'later')
  field(subject, c.later?.than, 'later')
  field(subject, c.reached_after, 'reached_after')
  return found
}
