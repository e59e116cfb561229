/** Past: the time machine and a back-test, over what the benchmark has stored and changed. */
import { backtest } from '../server/check/past/backtest.ts'
import type { Context } from '../server/context.ts'
import { entityAt } from '../server/store/facts/past/entity.ts'

/** When the versions of the data were seen (data.ts). */
const SEEN = Date.parse('2026-06-02T08:00:00Z')
const ASKED = 100
const DAY_MS = 86_400_000

/** Milliseconds of each question: one customer in every platform at one instant, spread over customers and time. */
export async function askPast({ facts, clock }: Context, entities: number): Promise<number[]> {
  const taken: number[] = []
  const span = clock.now() - SEEN
  for (let n = 0; n < ASKED; n++) {
    const entity = `customer_${(n * 7919 + 13) % entities}`
    const at = SEEN + 60_000 + Math.floor((span * n) / ASKED)
    const started = performance.now()
    const past = await entityAt(facts, entity, at)
    taken.push(performance.now() - started)
    if (past.versions.length < 2)
      throw new Error(`${entity} had ${past.versions.length} records at ${new Date(at).toISOString()}.`)
  }
  return taken
}

export interface Tested {
  instants: number
  findings: number
}

/** The check over the last 90 days, with every change that the benchmark made. */
export async function backtest90(ctx: Context): Promise<Tested> {
  const to = ctx.clock.now()
  const { instants, figures } = await backtest(ctx, { check: ctx.checks[0]!, live: null, from: to - 90 * DAY_MS, to })
  return { instants, findings: figures.findings + figures.only_in_flight + figures.only_undecided }
}
