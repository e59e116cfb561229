/** Exchange rates: a dated table into the reporting currency, multiplied exactly (to what the store holds). Only for ranking, never for comparing. */
import { format, multiply, parse, round, SCALE_MAX } from '../../model/decimal.ts'
import type { Config } from './schema.ts'

export interface Rates {
  /** Null when no rate of that currency is in force on that day, or the amount is no decimal number. */
  convert(amount: string, currency: string, onIso: string): string | null
}

export function buildRates({ reporting_currency, rates }: Config['money']): Rates {
  const newestFirst = [...rates].sort((a, b) => (a.on < b.on ? 1 : -1))
  return {
    convert(amount, currency, onIso) {
      if (currency === reporting_currency) return amount
      const day = onIso.slice(0, 10)
      const rate = newestFirst.find((r) => r.on <= day && r.rates[currency] !== undefined)?.rates[currency]
      const exact = parse(amount)
      return rate === undefined || !exact ? null : format(round(multiply(exact, rate), SCALE_MAX))
    },
  }
}
