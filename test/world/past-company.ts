/** A company with a past: customers and their documents on three platforms, changed, merged, moved and deleted at random. */
import type { CheckWorld, WishedRecord } from './check-world.ts'
import { seeded } from './seeded.ts'

export const PLATFORMS = ['crm', 'erp', 'billing'] as const

/** One round of changes: what is written, and the hours until the next. */
export interface Round {
  records: WishedRecord[]
  hours: number
}

/** Rounds of changes over `things` customers, the same for the same seed. */
export function pastOf(seed: number, rounds: number, things = 10): Round[] {
  const draw = seeded(seed)
  const pick = <T>(of: readonly T[]): T => of[draw(of.length)]!
  return Array.from({ length: rounds }, (_, round) => {
    const once = new Map<string, WishedRecord>()
    for (let n = 0; n < 2 + draw(8); n++) {
      const i = draw(things)
      const platform = pick(PLATFORMS)
      const record =
        draw(5) < 3 || round === 0
          ? customer(draw, platform, i)
          : draw(2)
            ? order(draw, platform, i)
            : invoice(draw, platform, i)
      once.set(`${record.platform} ${record.kind} ${record.record_id}`, record)
    }
    return { records: [...once.values()], hours: 1 + draw(30) }
  })
}

type Draw = (below: number) => number

function customer(draw: Draw, platform: string, i: number): WishedRecord {
  // Now and then a record says that it belongs to another: identities move.
  const same = draw(6) === 0 ? (i + 1) % 10 : i
  return {
    platform,
    kind: 'customer',
    record_id: `${platform}-c${i}`,
    name: `Firma ${i}`,
    ...(platform !== 'crm' && { refs: { crm: `crm-c${same}` } }),
    payment_terms: ['net_14', 'net_30', 'net_60'][draw(3)],
    segment: ['small', 'large'][draw(2)],
    state: ['prospect', 'customer', 'customer', 'churned'][draw(4)],
    ...(draw(3) > 0 && { email: `buchhaltung@firma-${i}.example` }),
    deleted: draw(12) === 0,
  }
}

function order(draw: Draw, platform: string, i: number): WishedRecord {
  return {
    platform,
    kind: 'order',
    record_id: `${platform}-o${i}`,
    number: `O-${i}`,
    customer: `${platform}-c${draw(5) === 0 ? (i + 3) % 10 : i}`,
    state: ['draft', 'booked', 'booked', 'fulfilled'][draw(4)],
    amount: `${100 + draw(3)}.00`,
    currency: 'EUR',
    deleted: draw(14) === 0,
  }
}

function invoice(draw: Draw, platform: string, i: number): WishedRecord {
  return {
    platform,
    kind: 'invoice',
    record_id: `${platform}-i${i}`,
    number: `R-${i}`,
    // Its customer is found through the order.
    order: `${platform}-o${i}`,
    state: ['draft', 'open', 'paid'][draw(3)],
    total: `${100 + draw(3)}.00`,
    currency: 'EUR',
    issued_on: '2026-11-02',
  }
}

/** Lets the rounds happen; `look` is called after each with the instant (epoch ms) at which it stands. */
export async function live(
  world: CheckWorld,
  rounds: readonly Round[],
  look: (at: number, round: number) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (const [i, { records, hours }] of rounds.entries()) {
    const changed_at = new Date(world.clock.now() - 60_000).toISOString()
    await world.put(...records.map((r) => ({ ...r, changed_at })))
    await look(world.clock.now(), i)
    await world.clock.turn(hours * 3_600_000)
  }
}
