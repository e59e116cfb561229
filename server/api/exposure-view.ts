/** Exposure as the API shows it: original currencies, and one sum in the reporting currency by the dated rates. */
import { z } from 'zod'
import { format, round, sum } from '../../model/decimal.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'

export const exposureSchema = z
  .object({
    amounts: z.record(z.string(), z.string()).describe('Currency → decimal text. Never added up across currencies.'),
    known: z
      .string()
      .nullable()
      .describe('In the reporting currency by the dated rates; null when no part of it is known.'),
    unconverted: z.array(z.string()).describe('Currencies without a rate: not in the sum.'),
  })
  .meta({ id: 'Exposure' })

/** What has no rate is named, never dropped or guessed. */
export function exposureView(
  amounts: Record<string, string>,
  { landscape, clock }: Pick<Context, 'landscape' | 'clock'>,
  on: string = iso(clock.now()),
): z.output<typeof exposureSchema> {
  const parts = Object.entries(amounts).map(([currency, amount]) => ({
    currency,
    sum: landscape.convert(amount, currency, on),
  }))
  const usable = parts.flatMap((p) => p.sum ?? [])
  return {
    amounts,
    known: parts.length > 0 && usable.length === 0 ? null : format(round(sum(usable), 2)),
    unconverted: parts.filter((p) => p.sum === null).map((p) => p.currency),
  }
}
