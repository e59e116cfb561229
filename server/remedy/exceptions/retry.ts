/** Retry policy by class: what waiting can mend is tried again with longer waits, what it cannot never. Pure. */
import { durationMs } from '../../config/duration.ts'
import type { ExceptionClass, RetryRule } from '../../config/remedy-schema.ts'

const rule = (attempts: number, first: string, factor = 2, most = '4h'): RetryRule => ({
  attempts,
  first,
  factor,
  most,
})
const NEVER = rule(0, '1m')

/** Shipped; `remedy.retries` overrides by class. */
export const RETRIES: Record<ExceptionClass, RetryRule> = {
  rate_limit: rule(8, '1m'),
  timeout: rule(5, '1m', 4),
  unavailable: rule(6, '1m', 4),
  conflict: rule(2, '5m'),
  // What it refers to may come later.
  missing_reference: rule(5, '15m'),
  auth: NEVER,
  too_large: NEVER,
  schema: NEVER,
  validation: NEVER,
  duplicate: NEVER,
  business: NEVER,
}

/** When it is tried again after so many attempts (epoch ms); null: a person's turn. Waits differ by up to a tenth. */
export function nextAttempt(
  kind: ExceptionClass,
  attempts: number,
  at: number,
  rules: Partial<Record<ExceptionClass, RetryRule>>,
  random: () => number,
): number | null {
  const { attempts: most, first, factor, most: longest } = rules[kind] ?? RETRIES[kind]
  if (attempts >= most) return null
  const wait = Math.min(durationMs(first)! * factor ** attempts, durationMs(longest)!)
  return at + Math.round(wait * (0.9 + 0.2 * random()))
}
