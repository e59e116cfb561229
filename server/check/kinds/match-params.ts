/** Parameters of match checks: two sides, what joins them, what must be true of their sums, counts and dates. */
import { z } from 'zod'
import { hasKind, kindOf } from '../../../model/kinds.ts'
import { decimal, duration, kindName } from '../../config/words.ts'
import { conditionProblems, dated, where } from './rule-conditions.ts'

const names = z.union([z.string(), z.array(z.string()).min(1)]).transform((v) => (typeof v === 'string' ? [v] : v))

const part = z.strictObject({
  of: kindName.describe('Kind of record.'),
  by: names
    .default(['self'])
    .describe(
      'What puts a record into its group: `self`, the reference that names it on the other side, or shared keys such as [customer, number] or [customer, issued_on.month].',
    ),
  on: names
    .optional()
    .describe('Roles or platforms whose record counts, in order; `issuer`; default: the owner of the record.'),
  where: where.optional().describe('What must be true of it; nothing that depends on the day.'),
  value: z
    .string()
    .optional()
    .describe('Amount: a money field, or several with + and -; `tax?` counts as nothing where it is empty.'),
  date: z.string().optional().describe('Date that is compared, and by which the latest is found.'),
  pick: z.enum(['all', 'latest']).default('all').describe('All of them, or the latest by `date` alone.'),
  window: duration
    .optional()
    .describe('How long a change of this side may take to reach the other; default: the window of the check.'),
})
export type Part = z.output<typeof part>

const side = z.union([part, z.array(part).min(1)]).transform((v) => (Array.isArray(v) ? v : [v]))

export const params = z.strictObject({
  left: side.describe('What it should be: one or several kinds of record.'),
  right: side.describe('What must meet it.'),
  shape: z
    .enum(['one_to_one', 'one_to_many', 'many_to_one', 'many_to_many'])
    .default('one_to_many')
    .describe('How many records either side of a group may have.'),
  must: z
    .enum(['equal', 'at_most', 'at_least', 'below', 'any'])
    .default('equal')
    .describe('What the sum of the right side must be of that of the left; `any`: sums are not compared.'),
  unmatched: z
    .array(z.enum(['left', 'right', 'loose']))
    .default([])
    .describe('Sides that must not stand alone; `loose`: a record of the right side that names nothing.'),
  pool: z
    .boolean()
    .default(false)
    .describe(
      'A shortage is told only where what the same customer has on the right side and names nothing does not cover it, and the other way round.',
    ),
  same_count: z.boolean().default(false).describe('Both sides must have the same number of records.'),
  allow: z
    .strictObject({
      amount: decimal.optional().describe('Difference that is let pass, in the currency of the group.'),
      percent: decimal.optional().describe('Share of the left sum that is let pass; the larger of the two counts.'),
      days: z.number().int().min(0).max(3660).optional().describe('How far the dates of the two sides may lie apart.'),
    })
    .default({}),
  per: z
    .enum(['entity', 'platform'])
    .default('entity')
    .describe('`entity`: the owner’s record speaks for all copies; `platform`: every platform is matched in itself.'),
  as_of: z.boolean().default(false).describe('The left amount is taken as it was on the date of the right side.'),
  only_without: z
    .string()
    .optional()
    .describe(
      'Reference (`payment.invoice`) that makes this check needless: it looks only where no platform holds it.',
    ),
  fault: z.enum(['left', 'right']).default('right').describe('Side that is wrong where they do not meet.'),
  says: z
    .strictObject({
      more: z.string().optional().describe('Title where the right side is more.'),
      less: z.string().optional().describe('Title where it is less.'),
      left: z.string().optional().describe('Title where the left side stands alone.'),
      right: z.string().optional().describe('Title where the right side stands alone.'),
      count: z.string().optional().describe('Title where there are too many or too few.'),
      dates: z.string().optional().describe('Title where the dates lie apart.'),
    })
    .default({}),
})
export type Params = z.output<typeof params>

/** A part with its place: side 0 is left, 1 right; `n` counts over both. */
export type Placed = Part & { side: 0 | 1; n: number }

export function partsOf(p: Pick<Params, 'left' | 'right'>): Placed[] {
  return [...p.left.map((x) => ({ ...x, side: 0 as const })), ...p.right.map((x) => ({ ...x, side: 1 as const }))].map(
    (x, n) => ({ ...x, n }),
  )
}

/**
 * entity: groups hang on one record that the others refer to. customer: on keys of one customer. none: on keys that
 * may join customers, so everything is looked at in every run.
 */
export function hangsOn(p: Pick<Params, 'left' | 'right'>): 'entity' | 'customer' | 'none' {
  const parts = partsOf(p)
  const single = (x: Part) => x.by.length === 1 && (x.by[0] === 'self' || isReference(x.of, x.by[0]!))
  if (parts.every(single) && parts.some((x) => x.by[0] === 'self')) return 'entity'
  return parts.every((x) => x.by.includes('customer')) ? 'customer' : 'none'
}

const fieldNamed = (kind: string, name: string) => kindOf(kind).fields.find((f) => f.name === name)
const isReference = (kind: string, name: string) => hasKind(kind) && fieldNamed(kind, name)?.type === 'reference'

/** One money field of a value, with its sign; `empty`: nothing where it is empty. */
export interface Term {
  field: string
  minus: boolean
  empty: boolean
}

/** `total - tax?` as terms, or null where it cannot be read. */
export function termsOf(value: string): Term[] | null {
  const text = value.replace(/\s+/g, '')
  if (!/^[+-]?[a-z_.]+\??([+-][a-z_.]+\??)*$/.test(text)) return null
  return [...text.matchAll(/([+-]?)([a-z_.]+)(\??)/g)].map(([, sign, field, empty]) => ({
    field: field!,
    minus: sign === '-',
    empty: empty === '?',
  }))
}

/** `issued_on.month` → field and how much of the day counts. */
export function keyNamed(name: string): { field: string; length: 10 | 7 | 4 | null } {
  const found = /^(.+)\.(day|month|year)$/.exec(name)
  if (!found) return { field: name, length: null }
  return { field: found[1]!, length: ({ day: 10, month: 7, year: 4 } as const)[found[2] as 'day' | 'month' | 'year'] }
}

type Told = { path: (string | number)[]; says: string }

export function problems(p: Params): Told[] {
  const parts = partsOf(p)
  const found = parts.flatMap((x) => partProblems(x, p))
  const anchor = parts.find((x) => x.by.length === 1 && x.by[0] === 'self')
  for (const x of parts) {
    const to = x.by.length === 1 ? (fieldNamed(x.of, x.by[0]!)?.to ?? null) : null
    if (anchor && x !== anchor && x.by[0] !== 'self' && to && !to.includes(anchor.of))
      found.push({ path: pathOf(x), says: `${x.of}.${x.by[0]} never names a ${anchor.of}` })
  }
  if (p.pool && hangsOn(p) !== 'entity')
    found.push({ path: ['pool'], says: '`pool` needs sides that are joined by a reference' })
  if (new Set(parts.map((x) => x.by.length)).size > 1)
    found.push({ path: ['right'], says: 'both sides need the same number of keys under `by`' })
  if (p.as_of && (p.left.length !== 1 || termsOf(p.left[0]!.value ?? '')?.length !== 1))
    found.push({ path: ['as_of'], says: '`as_of` needs one left side with one field as its value' })
  return found
}

const pathOf = (x: Placed): (string | number)[] => [x.side === 0 ? 'left' : 'right']

function partProblems(x: Placed, p: Params): Told[] {
  if (!hasKind(x.of)) return []
  const at = pathOf(x)
  const found = conditionProblems(x.of, x.where, [...at, 'where'])
  if (dated(x.where).length > 0)
    found.push({ path: [...at, 'where'], says: 'a condition on the day makes a group change by itself; leave it out' })
  for (const name of x.by) {
    const { field } = keyNamed(name)
    if (name !== 'self' && !fieldNamed(x.of, field))
      found.push({ path: [...at, 'by'], says: `${x.of} has no field ${JSON.stringify(field)}` })
  }
  if (p.must !== 'any' && x.value === undefined)
    found.push({ path: [...at, 'value'], says: 'say which amount is added up, or write `must: any`' })
  if (x.value !== undefined) found.push(...valueProblems(x, at))
  if (x.date !== undefined && !['date', 'instant'].includes(fieldNamed(x.of, x.date)?.type ?? ''))
    found.push({ path: [...at, 'date'], says: `${x.of} has no date ${JSON.stringify(x.date)}` })
  if (x.date === undefined && (x.pick === 'latest' || p.allow.days !== undefined))
    found.push({ path: [...at, 'date'], says: 'say by which date' })
  return found
}

function valueProblems(x: Placed, at: (string | number)[]): Told[] {
  const terms = termsOf(x.value!)
  if (!terms) return [{ path: [...at, 'value'], says: 'write money fields with + and - between them: total - tax' }]
  return terms
    .filter((t) => fieldNamed(x.of, t.field)?.type !== 'money')
    .map((t) => ({ path: [...at, 'value'], says: `${x.of} has no amount ${JSON.stringify(t.field)}` }))
}
