/** Replay under a call budget, by a clock that is turned by hand: events keep their order, and live reads keep their pace. */
import { startPlan, workPlan } from '../server/remedy/apply.ts'
import { openPlatform } from '../server/collect/platform.ts'
import { wish, type Wish } from '../server/remedy/wish.ts'
import { handClock } from '../test/world/clock.ts'
import { desk, remedyWorld, type RemedyWorld } from '../test/world/remedy-world.ts'
import type { WritePlatform } from '../test/world/write-platform.ts'

type Verdict = [what: string, holds: boolean]

/** What everybody together may call in a minute. */
const BUDGET = 600
/** Replays a second. */
const RATE = 5
/** A live read every so many milliseconds. */
const LIVE_MS = 1_000

/** 10,000 events of 500 customers, out of order as they were wished, at five a second beside live reads. */
export async function proveReplay(platform: WritePlatform, count: number): Promise<Verdict[]> {
  platform.fault = () => undefined
  const idle = await live(platform, 0, null)
  const paced = await live(platform, count, RATE)
  const free = await live(platform, Math.min(count, 2_000), null)
  const p = (all: number[], q: number) => [...all].sort((a, b) => a - b)[Math.floor((all.length - 1) * q)] ?? 0
  const p99 = [idle, paced, free].map((r) => p(r.waits, 0.99))
  return [
    [
      `${paced.taken} events replayed at ${(paced.taken / (paced.ms / 1000)).toFixed(2)} a second, each once`,
      paced.taken === count && paced.taken / (paced.ms / 1000) <= RATE * 1.02,
    ],
    [`${paced.disorder} events of a customer out of their order`, paced.disorder === 0],
    [
      `live reads wait ${p99[1]} ms at the 99th of 100 beside the replay, ${p99[0]} ms without (${paced.waits.length} reads)`,
      p99[1]! <= p99[0]! + 100,
    ],
    [`and ${p99[2]} ms beside a replay without a pace, in its own lane`, p99[2]! <= p99[0]! + 1_000],
  ]
}

interface Run {
  waits: number[]
  taken: number
  ms: number
  disorder: number
}

async function live(platform: WritePlatform, count: number, rate: number | null): Promise<Run> {
  const clock = handClock('2026-11-27T09:00:00.000Z')
  const shop = { ...desk(platform.url, 'shop', 'crm'), budget: { calls: BUDGET, per: '1m' } }
  const world: RemedyWorld = await remedyWorld({ platforms: { shop }, clock })
  platform.put('shop', 'live', { name: 'Live' })
  platform.events.length = 0
  const began = clock.now()
  let started = began
  let ended = began
  let busy = false
  const open = openPlatform(world.ctx, 'shop')
  const waits: number[] = []
  let over = false
  let open0 = 0
  const reading = (async () => {
    for (let i = 0; !over || i < 60; i++) {
      await clock.sleep(LIVE_MS)
      const at = clock.now()
      await open.context('read').http.request({ url: '/shop/customers/live' })
      waits.push(clock.now() - at)
    }
    open0 = 1
  })()
  const replay = (async () => {
    if (count > 0) {
      const wishes = Array.from({ length: count }, (_, i): Wish => {
        const at = new Date(began - (count - i) * 1_000).toISOString()
        const event = { id: `e${i}`, at, correlation_id: null, payload: null }
        const of = `c${(i * 7919) % 500}`
        return wish({ platform: 'shop', kind: 'customer', action: 'redeliver', recordId: event.id, entity: of, event })
      }).reverse()
      busy = true
      const { plan } = await world.draft(wishes, { order: 'oldest', rate, stages: [500] })
      const approved = world.approve(plan!, world.person('anna', 'approver'))
      busy = false
      started = clock.now()
      startPlan(world.ctx, approved, world.person('olga', 'operator'))
      await workPlan(world.ctx, world.reach, plan!.id)
    }
    ended = clock.now()
    over = true
  })()
  // Time moves only while nothing is on the wire: what is measured is waiting for a turn, not this machine.
  while (!over || !open0) {
    await new Promise((r) => setImmediate(r))
    await new Promise((r) => setImmediate(r))
    if (!busy && open.http.budget().inFlight === 0) await clock.turn(20)
  }
  await Promise.all([reading, replay])
  const last = new Map<number, number>()
  let disorder = 0
  for (const { id } of platform.events) {
    const n = Number(id.slice(1))
    const of = (n * 7919) % 500
    if ((last.get(of) ?? -1) > n) disorder++
    last.set(of, n)
  }
  const taken = platform.events.length
  await world.end()
  return { waits, taken, ms: ended - started, disorder }
}
