/** Instants: when something moved, so that a look into the past stops exactly there. */
import type { Facts } from '../facts.ts'
import { tableOf } from '../ident.ts'

/** What moved less than this apart was written by one identification: nobody looks between its halves. Milliseconds. */
export const ONE_ROUND_MS = 2_000

/** Instants (epoch ms) in (from, to] after which entities of these kinds had moved, rounds as one, oldest first. */
export async function changePoints(
  facts: Facts,
  kinds: readonly string[],
  from: number,
  to: number,
): Promise<number[]> {
  const rows = await facts.query<{ moved: string }>(
    `select toString(toUnixTimestamp64Milli(at)) as moved from ${tableOf(facts, 'touched')}
     where at > fromUnixTimestamp64Milli({from:Int64}, 'UTC') and at <= fromUnixTimestamp64Milli({to:Int64}, 'UTC') and kind in {kinds:Array(String)}
     group by at order by at`,
    { from, to, kinds },
  )
  const all = rows.map((r) => Number(r.moved))
  return all.filter((at, i) => i === all.length - 1 || all[i + 1]! - at >= ONE_ROUND_MS)
}

/** Epoch ms of the first and last thing that was ever seen; null before anything was. */
export async function known(facts: Facts): Promise<{ first: number; last: number } | null> {
  const [row] = await facts.query<{ n: string; first: string; last: string }>(
    `select toString(count()) as n, toString(toUnixTimestamp64Milli(min(at))) as first, toString(toUnixTimestamp64Milli(max(at))) as last from ${tableOf(facts, 'touched')}`,
  )
  return !row || row.n === '0' ? null : { first: Number(row.first), last: Number(row.last) }
}
