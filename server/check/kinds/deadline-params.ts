/** What a deadline states: what starts the time, what must follow, where and within what time. */
import { z } from 'zod'
import { hasKind, kindOf } from '../../../model/kinds.ts'
import { duration, kindName } from '../../config/words.ts'
import { amount, amountProblems } from './rule-amount.ts'
import { conditionProblems, where } from './rule-conditions.ts'
import { clause, clauseProblems, type Clause } from './rule-links.ts'

export const customerClause: Clause = { of: 'customer', via: ['customer'] }

export const params = z.strictObject({
  of: kindName.describe('Kind of record that starts the time.'),
  as: z
    .union([z.string().transform((s) => [s]), z.array(z.string()).min(1)])
    .default([])
    .describe('Roles or platforms that speak for it; default: the owner of its state.'),
  when: where.describe('Its state and what else must be true of it for the time to run.'),
  from: z.string().optional().describe('Field that tells when the time began; default: when it came to its state.'),
  exists: z.array(clause).default([]).describe('Related records that must all be there for the time to run.'),
  unless: z.array(clause).default([]).describe('Related records that stop the time.'),
  expect: clause.describe('What must follow; `on`: where, `issuer`: whoever issues the invoices.'),
  gone: z
    .boolean()
    .default(false)
    .describe(
      'Turns `expect` round: no such record may be left by then. `on` is needed only where its owner has no say.',
    ),
  within: duration.describe('How long it may take.'),
  each_period: z
    .string()
    .optional()
    .describe(
      'It must follow in every billing period: the date field of what is expected. The time runs from the begin of the period.',
    ),
  message: z.string().optional().describe('What the finding says; default: the title of the check.'),
  amount: amount.optional(),
})
export type Params = z.output<typeof params>

/** In the order in which the SELECT brings them: what is expected, then the rest. */
export function clausesOf(p: Params): Clause[] {
  return [p.expect, ...p.exists, ...p.unless, ...(p.of === 'customer' ? [] : [customerClause])]
}

export function problems(p: Params): { path: (string | number)[]; says: string }[] {
  const found = [
    ...conditionProblems(p.of, p.when, ['when']),
    ...clauseProblems(p.of, p.expect, ['expect']),
    ...amountProblems(p.of, p.amount),
  ]
  p.exists.forEach((c, i) => found.push(...clauseProblems(p.of, c, ['exists', i])))
  p.unless.forEach((c, i) => found.push(...clauseProblems(p.of, c, ['unless', i])))
  if (!p.expect.on && !p.gone) found.push({ path: ['expect'], says: 'say on which roles or platforms it must follow' })
  const named = (kind: string, name: string | undefined, at: string) => {
    if (name !== undefined && hasKind(kind) && !kindOf(kind).fields.some((f) => f.name === name))
      found.push({ path: [at], says: `${kind} has no field ${JSON.stringify(name)}` })
  }
  if (p.gone && p.each_period !== undefined)
    found.push({ path: ['gone'], says: 'what must be gone cannot come in every period' })
  named(p.of, p.from, 'from')
  named(p.expect.of, p.each_period, 'each_period')
  if (p.each_period !== undefined && hasKind(p.of) && !kindOf(p.of).fields.some((f) => f.name === 'interval'))
    found.push({ path: ['each_period'], says: `${p.of} has no billing period` })
  return found
}
