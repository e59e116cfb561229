/** Conditions of rules and deadlines: what must be true of one record, as data that compiles to SQL with three answers: yes, no, not known. */
import { z } from 'zod'
import { column, KEYED, type Field } from '../../../model/fields.ts'
import { fieldOf, hasKind, kindOf } from '../../../model/kinds.ts'
import type { Platform } from '../../../model/landscape.ts'
import { dayOf, isoDay } from '../../config/day.ts'
import { ident } from '../../store/facts/ident.ts'
import { has, textOf } from './holders.ts'

const plain = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const days = z.number().int().min(0).max(36_500)
const truth = z.literal(true)

const operators = z.strictObject({
  eq: plain.optional().describe('Equal to this value.'),
  ne: plain.optional().describe('Anything else, or empty.'),
  in: z.array(plain).min(1).optional().describe('One of these.'),
  not_in: z.array(plain).min(1).optional().describe('None of these, or empty.'),
  gt: plain.optional(),
  gte: plain.optional(),
  lt: plain.optional(),
  lte: plain.optional(),
  before_today: truth.optional().describe('A day that is over, in the zone of the platform.'),
  after_today: truth.optional().describe('A day still to come.'),
  within_days: days.optional().describe('Today or within so many days.'),
  older_than_days: days.optional().describe('More than so many days ago.'),
  is_empty: truth.optional().describe('The platform has the field and left it empty.'),
  not_empty: truth.optional(),
})
type Operators = z.output<typeof operators>
export type Wish = string | string[] | Operators

/** `field: value`, `field: [values]` or `field: { operator: value }`; all of them must hold. `any_of` holds if one of its members does. */
export interface Where {
  [field: string]: Wish | Where[]
}

const wish = z.union([plain, z.array(plain).min(1), operators])
export const where: z.ZodType<Where> = z.lazy(() =>
  z.record(z.string(), z.unknown()).transform((value, ctx) => {
    const out: Where = {}
    for (const [name, one] of Object.entries(value)) {
      const read = name === 'any_of' ? z.array(where).min(2).safeParse(one) : wish.safeParse(one)
      if (read.success) out[name] = read.data
      else
        ctx.addIssue({
          code: 'custom',
          path: [name],
          message:
            name === 'any_of'
              ? 'write a list of conditions'
              : 'write a value, a list of values or an operator such as { gt: 5 }',
        })
    }
    return out
  }),
)

type Told = { path: (string | number)[]; says: string }

/** What is wrong with the names in a condition. */
export function conditionProblems(kind: string, conditions: Where | undefined, path: (string | number)[]): Told[] {
  if (!conditions || !hasKind(kind)) return []
  return leaves(conditions).flatMap(([name, one]): Told[] => {
    const field = kindOf(kind).fields.find((f) => f.name === name)
    if (!field) return [{ path, says: `${kind} has no field ${JSON.stringify(name)}` }]
    if (!isDated(one) || field.type === 'date' || field.type === 'instant')
      return field.of ? strangers(kind, field, one, path) : []
    return [{ path, says: `${kind}.${name} is no date` }]
  })
}

function strangers(kind: string, field: Field, one: Wish, path: (string | number)[]): Told[] {
  const values =
    typeof one === 'string'
      ? [one]
      : Array.isArray(one)
        ? one
        : [...(one.in ?? []), ...(one.not_in ?? []), ...[one.eq, one.ne].filter((v) => v !== undefined)]
  return values
    .filter((v) => !field.of!.includes(v))
    .map((v) => ({ path, says: `${kind}.${field.name} is never ${JSON.stringify(v)}; use ${field.of!.join(', ')}` }))
}

const isDated = (one: Wish): one is Operators =>
  typeof one === 'object' &&
  !Array.isArray(one) &&
  (one.before_today !== undefined ||
    one.after_today !== undefined ||
    one.within_days !== undefined ||
    one.older_than_days !== undefined)

/** All `field → wish` pairs, those of alternatives too. */
export function leaves(conditions: Where): [string, Wish][] {
  return Object.entries(conditions).flatMap(([name, one]): [string, Wish][] =>
    name === 'any_of' ? (one as Where[]).flatMap(leaves) : [[name, one as Wish]],
  )
}

/** Conditions that become true, or cease to be, because a day ends: with the days by which that day is shifted. */
export function dated(conditions: Where | undefined): { field: string; shift: number; fades: boolean }[] {
  return leaves(conditions ?? {}).flatMap(([field, one]) => {
    if (!isDated(one)) return []
    const found: { field: string; shift: number; fades: boolean }[] = []
    if (one.before_today) found.push({ field, shift: 0, fades: false })
    if (one.older_than_days !== undefined) found.push({ field, shift: -one.older_than_days, fades: false })
    if (one.after_today) found.push({ field, shift: 0, fades: true })
    if (one.within_days !== undefined) found.push({ field, shift: one.within_days, fades: true })
    return found
  })
}

/** Gathers parameters under names that no two conditions share. */
export class Params {
  readonly values: Record<string, unknown> = {}
  private n = 0
  add(value: unknown, type: string): string {
    const name = `p${this.n++}`
    this.values[name] = value
    return `{${name}:${type}}`
  }
}

export interface Now {
  asOf: number
  platforms: readonly Platform[]
}

/** Today at each platform, by its time zone, as SQL. */
function today(now: Now, params: Params): string {
  const zones = new Map(now.platforms.map((p) => [p.name, isoDay(dayOf(p.timezone, now.asOf))]))
  const days = [...new Set(zones.values())]
  const fallback = isoDay(dayOf('UTC', now.asOf))
  if (days.every((d) => d === fallback)) return params.add(fallback, 'String')
  return `transform(toString(platform), ${params.add([...zones.keys()], 'Array(String)')}, ${params.add([...zones.values()], 'Array(String)')}, ${params.add(fallback, 'String')})`
}

/** 1, 0 or NULL over a row of `current_<kind>`: NULL where the platform cannot hold the field or its value cannot be read. */
export function conditionSql(kind: string, conditions: Where | undefined, now: Now, params: Params): string {
  const parts = Object.entries(conditions ?? {}).map(([name, one]) =>
    name === 'any_of'
      ? `(${(one as Where[]).map((c) => conditionSql(kind, c, now, params)).join(' or ')})`
      : wishSql(fieldOf(kind, name), one as Wish, now, params),
  )
  return parts.length === 0 ? 'toUInt8(1)' : parts.length === 1 ? parts[0]! : `(${parts.join(' and ')})`
}

function wishSql(field: Field, one: Wish, now: Now, params: Params): string {
  const ops: Operators = typeof one === 'string' ? { eq: one } : Array.isArray(one) ? { in: one } : one
  const parts = Object.entries(ops)
    .filter(([, value]) => value !== undefined)
    .map(([op, value]) => opSql(field, op as keyof Operators, value, now, params))
  const test = parts.length === 1 ? parts[0]! : `(${parts.join(' and ')})`
  return `if(not ${has('held', field)} or ${has('unmapped', field)} or ${has('invalid', field)}, null, ${test})`
}

function opSql(field: Field, op: keyof Operators, value: unknown, now: Now, params: Params): string {
  const empty = has('empty', field)
  const text = KEYED.has(field.type) ? ident(column(field)) : textOf(field)
  const list = () => params.add(value, 'Array(String)')
  const one = () => params.add(value, 'String')
  const filled = (test: string) => `if(${empty}, 0, ${test})`
  switch (op) {
    case 'eq':
      return filled(`${text} = ${one()}`)
    case 'ne':
      return `if(${empty}, 1, ${text} != ${one()})`
    case 'in':
      return filled(`${text} in ${list()}`)
    case 'not_in':
      return `if(${empty}, 1, ${text} not in ${list()})`
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return filled(orderSql(field, { gt: '>', gte: '>=', lt: '<', lte: '<=' }[op], String(value), params))
    case 'is_empty':
      return empty
    case 'not_empty':
      return `not ${empty}`
    default:
      return filled(dayTest(field, op, value as number, now, params))
  }
}

function orderSql(field: Field, sign: string, value: string, params: Params): string {
  const name = ident(column(field))
  if (field.type === 'money' || field.type === 'number')
    return `${name} ${sign} toDecimal128(${params.add(value, 'String')}, 9)`
  return `${textOf(field)} ${sign} ${params.add(value, 'String')}`
}

const DAY = 86_400_000

function dayTest(field: Field, op: string, n: number, now: Now, params: Params): string {
  const name = ident(column(field))
  if (field.type === 'instant') {
    const at = (ms: number) => `fromUnixTimestamp64Milli(${params.add(ms, 'Int64')}, 'UTC')`
    if (op === 'before_today') return `${name} < ${at(now.asOf)}`
    if (op === 'after_today') return `${name} > ${at(now.asOf)}`
    if (op === 'within_days') return `${name} between ${at(now.asOf)} and ${at(now.asOf + n * DAY)}`
    return `${name} < ${at(now.asOf - n * DAY)}`
  }
  // A date may be a month or a year: it is over when all of it is.
  const day = today(now, params)
  const shifted = (by: string) =>
    `substring(toString(toDate32(${day}) ${by} ${params.add(n, 'Int32')}), 1, length(${name}))`
  if (op === 'before_today') return `${name} < substring(${day}, 1, length(${name}))`
  if (op === 'after_today') return `${name} > substring(${day}, 1, length(${name}))`
  if (op === 'within_days') return `(${name} >= substring(${day}, 1, length(${name})) and ${name} <= ${shifted('+')})`
  return `${name} < ${shifted('-')}`
}
