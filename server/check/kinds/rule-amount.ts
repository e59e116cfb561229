/** Money at risk of rules and deadlines. Unknown is null, never zero; currencies are never added to one another. */
import { z } from 'zod'
import { divide, format, multiply, sum, type Decimalish } from '../../../model/decimal.ts'
import { hasKind, kindOf } from '../../../model/kinds.ts'
import { kindName } from '../../config/words.ts'
import { value, type Voice } from './rule-speaker.ts'

const MONTHLY = 'monthly'

const part = z.strictObject({
  of: kindName.optional().describe('Kind of the records that are summed; default: the subject.'),
  take: z
    .string()
    .describe('Money field, or `monthly`: the monthly amount, from `mrr` or else `amount` and `interval`.'),
})
export const amount = z
  .union([part.transform((one) => [one]), z.array(part).min(1)])
  .describe('Money at risk: the sum of these.')
export type Amount = z.output<typeof amount>

export interface AtRisk {
  amount_at_risk: string | null
  currency: string | null
}

const UNKNOWN: AtRisk = { amount_at_risk: null, currency: null }

/** Fields that the amount needs, by kind. */
export function amountFields(subject: string, parts: Amount | undefined): [string, string][] {
  return (parts ?? []).flatMap(({ of = subject, take }): [string, string][] =>
    take === MONTHLY
      ? ['mrr', 'amount', 'interval', 'currency'].map((f) => [of, f])
      : [
          [of, take],
          [of, currencyOf(of, take)],
        ],
  )
}

export function amountProblems(
  subject: string,
  parts: Amount | undefined,
): { path: (string | number)[]; says: string }[] {
  return (parts ?? []).flatMap(({ of = subject, take }) => {
    if (!hasKind(of)) return []
    const fields = kindOf(of).fields
    const fine =
      take === MONTHLY
        ? fields.some((f) => f.name === 'mrr')
        : fields.some((f) => f.name === take && f.type === 'money')
    return fine ? [] : [{ path: ['amount'], says: `${of} has no amount ${JSON.stringify(take)}` }]
  })
}

function currencyOf(kind: string, field: string): string {
  return kindOf(kind).fields.find((f) => f.name === field)?.currency ?? 'currency'
}

/** The sum over the subject and the records that were found; null where one is unknown or currencies differ. */
export function atRisk(subject: string, parts: Amount | undefined, voices: readonly Voice[]): AtRisk {
  const found: Decimalish[] = []
  const currencies = new Set<string>()
  for (const { of = subject, take } of parts ?? [])
    for (const voice of voices.filter((v) => v.kind === of)) {
      const one = take === MONTHLY ? monthly(voice) : value(voice, take)
      const currency = value(voice, take === MONTHLY ? 'currency' : currencyOf(of, take))
      if (one === null || currency === null) return UNKNOWN
      found.push(one)
      currencies.add(currency)
    }
  if (found.length === 0 || currencies.size !== 1) return UNKNOWN
  return { amount_at_risk: format(sum(found)), currency: [...currencies][0]! }
}

/** Billing periods in a month, as a fraction. */
const PER_MONTH: Record<string, readonly [string, string]> = {
  day: ['365', '12'],
  week: ['365', '84'],
  month: ['1', '1'],
  quarter: ['1', '3'],
  year: ['1', '12'],
}

function monthly(voice: Voice): string | null {
  const mrr = value(voice, 'mrr')
  if (mrr !== null) return mrr
  const one = value(voice, 'amount')
  const share = PER_MONTH[value(voice, 'interval') ?? '']
  if (one === null || !share) return null
  return format(divide(multiply(one, share[0]), share[1], 2))
}
