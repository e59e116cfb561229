/** Money of a report: each currency by itself, and one sum by the dated rates that says what it leaves out. */
import { format, round, sum } from '../../model/decimal.ts'
import type { Config } from '../config/schema.ts'
import type { Context } from '../context.ts'
import type { Exposure } from './data.ts'

export function exposureOf(
  amounts: Record<string, string>,
  { landscape }: Pick<Context, 'landscape'>,
  on: string,
): Exposure {
  const parts = Object.entries(amounts)
    .filter(([, amount]) => Number(amount) !== 0)
    .map(([currency, amount]) => ({ currency, amount: format(amount), sum: landscape.convert(amount, currency, on) }))
  const usable = parts.flatMap((p) => p.sum ?? [])
  return {
    amounts: Object.fromEntries(parts.map((p) => [p.currency, p.amount])),
    known: parts.length > 0 && usable.length === 0 ? null : format(round(sum(usable), 2)),
    unconverted: parts.filter((p) => p.sum === null).map((p) => p.currency),
  }
}

/** Sum of exposures in the reporting currency; null where one of them is unknown in whole. */
export function together(all: readonly Exposure[]): string | null {
  const known = all.map((e) => e.known)
  return known.some((k) => k === null) ? null : format(round(sum(known as string[]), 2))
}

/** Rates in force on a day for these currencies. */
export function ratesOn(
  { reporting_currency, rates }: Config['money'],
  currencies: readonly string[],
  day: string,
): { currency: string; rate: string; on: string }[] {
  const newestFirst = rates.filter((r) => r.on <= day).sort((a, b) => (a.on < b.on ? 1 : -1))
  return currencies.flatMap((currency) => {
    if (currency === reporting_currency) return []
    const found = newestFirst.find((r) => r.rates[currency] !== undefined)
    return found ? [{ currency, rate: found.rates[currency]!, on: found.on }] : []
  })
}
