/** An amount in major units. Canonical: exact decimal text; its currency is another field of the record. */
import { fits } from '../decimal.ts'
import { invalid, value, written, type Read } from '../reading.ts'
import { couldMean } from './currency.ts'
import { readNumber } from './written-number.ts'

export const readMoney: Read = (raw, ctx) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  const number = typeof raw === 'boolean' ? null : readNumber(text)
  if (!number)
    return invalid('This is not an amount that can be read in one way only; write digits with a decimal point.', text)
  if (ctx.currency === null)
    return invalid('The currency of this amount is not known; fill the currency of the record.', text)
  if (number.unit !== null && !couldMean(number.unit, ctx.currency))
    return invalid(`The amount is written in another currency than the record’s ${ctx.currency}.`, text)
  if (!fits(number.amount))
    return invalid('The amount has more than 29 digits before the point or more than 9 after it.', text)
  return value(number.amount, text)
}
