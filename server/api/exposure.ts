/** Exposure over HTTP: what is at risk, and what was found, recovered and written off by day. Confirmed and estimated stay apart. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { add, format, round } from '../../model/decimal.ts'
import { AMOUNT_BASES, type AmountBasis } from '../../model/exposure.ts'
import { iso } from '../clock.ts'
import { acceptedIssues } from '../measure/exposure/acceptances.ts'
import { exposureDays } from '../measure/exposure/moves.ts'
import type { Runtime } from '../runtime.ts'
import { openExposure } from '../store/facts/exposure.ts'
import { exposureSchema, exposureView } from './exposure-view.ts'
import { requires, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

const DAY = 86_400_000
const RANGES = { '7d': 7, '30d': 30, '90d': 90 } as const
const MOVES = ['opened', 'recovered', 'written_off', 'suspended'] as const
type Move = (typeof MOVES)[number]

const moved = z.object({
  opened: exposureSchema.describe('Became wrong.'),
  recovered: exposureSchema.describe('Was right again on evidence.'),
  written_off: exposureSchema.describe('Accepted by a person; negative where an acceptance ended.'),
  suspended: exposureSchema.describe('No longer surely wrong: the owner changed again, or the evidence went missing.'),
})
const byBasis = <T extends z.ZodType>(of: T) => z.object({ confirmed: of, estimated: of })
const schema = z
  .object({
    as_of: z.string(),
    range: z.enum(Object.keys(RANGES) as [keyof typeof RANGES]),
    currency: z.string(),
    open: byBasis(exposureSchema).describe('Open now and not accepted.'),
    total: byBasis(moved).describe('Over the range, each day by the rates of that day.'),
    days: z.array(z.object({ day: z.string() }).extend(byBasis(moved).shape)),
  })
  .meta({ id: 'ExposureOverTime' })

export function exposureRoutes({ ctx }: Runtime) {
  return new Hono<GuardEnv>().get(
    '/',
    describeRoute({
      summary: 'Money at risk, found, recovered and written off by day',
      tags: ['money'],
      responses: { 200: { description: 'Exposure.', content: { 'application/json': { schema: resolver(schema) } } } },
    }),
    requires('view'),
    validator(
      'query',
      z.object({ range: z.enum(Object.keys(RANGES) as [keyof typeof RANGES]).default('30d') }),
      invalid,
    ),
    async (c) => {
      const { range } = c.req.valid('query')
      const now = ctx.clock.now()
      const today = Math.floor(now / DAY)
      const first = today - RANGES[range] + 1
      const [open, moves] = await Promise.all([
        openExposure(ctx.facts, [...acceptedIssues(ctx.control, now)]),
        exposureDays(ctx, first * DAY, now + 1),
      ])
      const days = Array.from({ length: RANGES[range] }, (_, i) => iso((first + i) * DAY).slice(0, 10)).map((day) => {
        const mine = moves.filter((m) => m.day === day)
        return { day, ...each((basis) => eachMove((move) => exposureView(sums(mine, basis, move), ctx, day))) }
      })
      return c.json({
        as_of: iso(now),
        range,
        currency: ctx.landscape.reportingCurrency,
        open: each((basis) =>
          exposureView(
            sums(
              open.filter((e) => e.basis === basis),
              basis,
              'amount',
            ),
            ctx,
          ),
        ),
        total: each((basis) =>
          eachMove((move) =>
            totalled(
              sums(moves, basis, move),
              days.map((d) => d[basis][move]),
            ),
          ),
        ),
        days,
      })
    },
  )
}

const each = <T>(of: (basis: AmountBasis) => T) =>
  Object.fromEntries(AMOUNT_BASES.map((basis) => [basis, of(basis)])) as Record<AmountBasis, T>
const eachMove = <T>(of: (move: Move) => T) =>
  Object.fromEntries(MOVES.map((move) => [move, of(move)])) as Record<Move, T>

/** By currency; what comes to nothing is left out. */
function sums<K extends string>(
  rows: readonly ({ basis: AmountBasis; currency: string } & Record<K, string>)[],
  basis: AmountBasis,
  of: K,
): Record<string, string> {
  const by: Record<string, string> = {}
  for (const row of rows) if (row.basis === basis) by[row.currency] = format(add(by[row.currency] ?? '0', row[of]))
  return Object.fromEntries(Object.entries(by).filter(([, amount]) => Number(amount) !== 0))
}

/** Each day keeps its own rate, so the total is the sum of the days, not the sum of the amounts at today’s rate. */
function totalled(
  amounts: Record<string, string>,
  days: z.output<typeof exposureSchema>[],
): z.output<typeof exposureSchema> {
  const known = days.filter((d) => d.known !== null && Object.keys(d.amounts).length > 0)
  const unconverted = [...new Set(days.flatMap((d) => d.unconverted))].sort()
  const sum = known.reduce((total, d) => add(total, d.known!), add('0', '0'))
  return { amounts, known: known.length === 0 && unconverted.length > 0 ? null : format(round(sum, 2)), unconverted }
}
