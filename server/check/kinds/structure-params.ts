/** Parameters of structure checks: which shape is compared, of what. */
import { z } from 'zod'
import { hasKind, kindOf } from '../../../model/kinds.ts'
import { kindName } from '../../config/words.ts'

export const params = z.strictObject({
  compare: z
    .enum(['tree', 'roles', 'lines', 'assignment'])
    .describe(
      '`tree`: who hangs under whom. `roles`: sold-to, bill-to and ship-to records of one party. `lines`: the lines of a document. `assignment`: a field that two records that belong together must share.',
    ),
  of: kindName.describe('Kind of record; for `lines` the document.'),
  find: z
    .array(z.enum(['loop', 'children']))
    .min(1)
    .default(['loop', 'children'])
    .describe('For `tree`: records that are their own parent or ancestor; parents whose children differ.'),
  least: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .describe('For `tree`: how many children of one parent must differ.'),
  field: z
    .string()
    .optional()
    .describe('For `tree` the reference to the parent, default `parent`; for `assignment` the field.'),
  via: z.string().optional().describe('For `assignment`: reference to the record that must say the same.'),
})
export type Params = z.output<typeof params>

export const parentField = (p: Params): string => p.field ?? 'parent'

export function problems(p: Params): { path: (string | number)[]; says: string }[] {
  if (!hasKind(p.of)) return []
  const kind = kindOf(p.of)
  const field = (name: string) => kind.fields.find((f) => f.name === name)
  if (p.compare === 'tree' && !field(parentField(p))?.to?.includes(p.of))
    return [{ path: ['field'], says: `${p.of} has no reference ${JSON.stringify(parentField(p))} to another ${p.of}` }]
  if (p.compare === 'roles' && field('role')?.type !== 'enum')
    return [{ path: ['of'], says: `a ${p.of} has no role; use customer` }]
  if (p.compare === 'lines' && !LINED.has(p.of)) return [{ path: ['of'], says: `a ${p.of} has no lines` }]
  if (p.compare !== 'assignment') return []
  const via = p.via === undefined ? undefined : field(p.via)
  if (via?.to?.length !== 1) return [{ path: ['via'], says: 'name a reference to one kind of record' }]
  const other = kindOf(via.to[0]!).fields.some((f) => f.name === p.field)
  if (p.field === undefined || !field(p.field) || !other)
    return [{ path: ['field'], says: `name a field that ${p.of} and ${via.to[0]} both have` }]
  return []
}

const LINED = new Set(['quote', 'order', 'contract', 'subscription', 'invoice', 'credit'])
