/** A quantity or score. Canonical: exact decimal text. */
import { fits } from '../decimal.ts'
import { invalid, value, written, type Read } from '../reading.ts'
import { readNumber as readWritten } from './written-number.ts'

export const readNumber: Read = (raw) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  const number = typeof raw === 'boolean' ? null : readWritten(text)
  if (!number || number.unit !== null)
    return invalid('This is not a number that can be read in one way only; write digits with a decimal point.', text)
  if (!fits(number.amount))
    return invalid('The number has more than 29 digits before the point or more than 9 after it.', text)
  return value(number.amount, text)
}
