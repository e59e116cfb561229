/** Views of matches: what the API says of checks, records, suggestions and decisions. */
import { z } from 'zod'
import { format } from '../../model/decimal.ts'
import type { Suggestion } from '../../model/match-score.ts'
import { SEVERITIES } from '../../model/verdict.ts'
import type { MatchSums } from '../check/kinds/match-list.ts'
import type { Alone } from '../check/match/standing.ts'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import type { MatchRow } from '../store/control/control.ts'

const count = z.number().int()
const money = z.string().describe('Decimal text in the currency of the row.')
const pair = z.object({ groups: count, left: money, right: money })
const one = z.object({ groups: count, sum: money })
export const sumsSchema = z
  .object({
    currency: z.string().describe('Empty where only numbers are compared.'),
    matched: pair,
    differing: pair.describe('Both sides are there and do not meet.'),
    left_alone: one,
    right_alone: one,
    confirmed: count.describe('Groups that a person confirmed.'),
  })
  .meta({ id: 'MatchSums' })
export const checkSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    severity: z.enum(SEVERITIES),
    owner: z.string(),
    left: z.array(z.string()).describe('Kinds of record of the left side.'),
    right: z.array(z.string()),
    confirmable: z.boolean().describe('Its records can be confirmed one by one.'),
    open: count.describe('Open findings.'),
    sums: z.array(sumsSchema),
  })
  .meta({ id: 'MatchCheck' })
export const recordSchema = z
  .object({
    kind: z.string(),
    entity_id: z.string(),
    customer_entity_id: z.string(),
    platform: z.string(),
    record_id: z.string(),
    number: z.string(),
    state: z.string().nullable(),
    day: z.string(),
    currency: z.string(),
    sum: money,
    open: money.describe('What is open of it.'),
    records: count.describe('Records of its side.'),
  })
  .meta({ id: 'UnmatchedRecord' })
export const memberSchema = z.strictObject({ kind: z.string().max(40), entity_id: z.string().min(1).max(200) })
export const suggestionSchema = z
  .object({
    left: z.array(
      recordSchema.pick({ kind: true, entity_id: true, number: true, day: true }).extend({ amount: money }),
    ),
    right: z.array(
      recordSchema.pick({ kind: true, entity_id: true, number: true, day: true }).extend({ amount: money }),
    ),
    score: count.describe('0 to 100.'),
    reasons: z.array(z.object({ says: z.string(), points: count })),
    difference: money,
    currency: z.string(),
  })
  .meta({ id: 'MatchSuggestion' })
export const decisionSchema = z
  .object({
    id: count,
    check: z.string(),
    state: z.enum(['confirmed', 'rejected']),
    members: z.array(memberSchema),
    let_pass: money.nullable(),
    currency: z.string().nullable(),
    reason: z.string(),
    by: z.string(),
    at: z.string(),
  })
  .meta({ id: 'MatchDecision' })
export const pageSchema = z
  .object({ records: z.array(recordSchema), next: z.string().nullable() })
  .meta({ id: 'UnmatchedPage' })
export const detailSchema = checkSchema
  .extend({
    suggested: z.array(suggestionSchema),
    unmatched: z.object({ left: pageSchema, right: pageSchema }),
    decisions: z.array(decisionSchema),
  })
  .meta({ id: 'MatchDetail' })

export function sumsView(s: MatchSums): z.output<typeof sumsSchema> {
  return {
    currency: s.currency,
    matched: { groups: Number(s.matched), left: format(s.matched_left), right: format(s.matched_right) },
    differing: { groups: Number(s.differing), left: format(s.differing_left), right: format(s.differing_right) },
    left_alone: { groups: Number(s.left_alone), sum: format(s.left_alone_sum) },
    right_alone: { groups: Number(s.right_alone), sum: format(s.right_alone_sum) },
    confirmed: Number(s.confirmed),
  }
}

const recordView = (a: Alone): z.output<typeof recordSchema> => ({
  kind: a.kind,
  entity_id: a.entity_id,
  customer_entity_id: a.customer,
  platform: a.platform,
  record_id: a.record_id,
  number: a.number,
  state: a.state,
  day: a.day,
  currency: a.currency,
  sum: a.sum,
  open: a.amount,
  records: a.records,
})

export function suggestionView(s: Suggestion): z.output<typeof suggestionSchema> {
  const side = (all: Suggestion['left']) =>
    all.map(({ kind, entity_id, number, day, amount }) => ({ kind, entity_id, number, day, amount }))
  return {
    left: side(s.left),
    right: side(s.right),
    score: s.score,
    reasons: s.reasons,
    difference: s.difference,
    currency: s.currency,
  }
}

export const decisionView = (m: MatchRow): z.output<typeof decisionSchema> => ({
  id: m.id,
  check: m.check,
  state: m.state,
  members: m.members,
  let_pass: m.allowance,
  currency: m.currency,
  reason: m.reason,
  by: m.actor,
  at: iso(m.at),
})

/** A full page may have another after it. */
export function pageView(all: Alone[], limit: number): z.output<typeof pageSchema> {
  const last = all.length === limit ? all.at(-1) : undefined
  const next = last === undefined ? null : Buffer.from(JSON.stringify([last.amount, last.grp])).toString('base64url')
  return { records: all.map(recordView), next }
}

/** @throws PlumblineError('schema') for anything that we did not hand out. */
export function decode(cursor: string): { open: string; grp: string } {
  try {
    const [open, grp] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[]
    if (typeof open === 'string' && typeof grp === 'string' && /^-?\d+(\.\d+)?$/.test(open) && /^\d+$/.test(grp))
      return { open, grp }
  } catch {
    // Falls through to the one message.
  }
  throw new PlumblineError('schema', 'This cursor is not one of ours.', { remedy: 'Start from the first page.' })
}
