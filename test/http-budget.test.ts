/** Rate budgets: our share, the platform's own word, and who goes first when calls are short. */
import { describe, expect, it } from 'vitest'
import { headerBudget, retryAfterMs } from '../connectors/budget.ts'
import type { HttpReply } from '../connectors/contract.ts'
import { createBudget } from '../server/http/budget.ts'
import type { Priority, RateBudget } from '../server/http/budget.ts'
import { handClock } from './world/clock.ts'

const LIMITS = { calls: 100, windowMs: 60_000, concurrency: 100, reserve: 0.5 }
const never = new AbortController().signal

function budget(limits = LIMITS, share?: { calls: number; windowMs: number; reserve?: number }) {
  const clock = handClock()
  return { clock, budget: createBudget({ platform: 'shop', limits, clock, ...(share && { share }) }) }
}

/** Asks for so many calls at once; counts those that got through without waiting. */
async function burst(of: RateBudget, calls: number, priority: Priority = 'verify') {
  let through = 0
  const stop = new AbortController()
  const asked = Array.from({ length: calls }, () =>
    of
      .acquire(priority, stop.signal)
      .then((give) => (through++, give()))
      .catch(() => {}),
  )
  await new Promise((r) => setTimeout(r, 5))
  const now = through
  stop.abort(new Error('enough'))
  await Promise.all(asked)
  return now
}

describe('our share', () => {
  it('leaves the reserve to everybody else', async () => {
    const { budget: b } = budget()
    expect(await burst(b, 200)).toBe(50)
  })

  it('is what the configuration says it is', async () => {
    const { budget: b } = budget(LIMITS, { calls: 7, windowMs: 1_000 })
    expect(await burst(b, 20)).toBe(7)
  })

  it('is never exceeded within any window, wherever it begins', async () => {
    const { budget: b, clock } = budget({ ...LIMITS, calls: 20, windowMs: 1_000, reserve: 0 })
    const at: number[] = []
    let stopped = false
    const stop = new AbortController()
    const worker = async () => {
      while (!stopped) {
        const give = await b.acquire('verify', stop.signal)
        at.push(clock.now())
        give()
        await new Promise((r) => setImmediate(r))
      }
    }
    const workers = Array.from({ length: 5 }, () => worker().catch(() => {}))
    for (let i = 0; i < 100; i++) {
      await new Promise((r) => setImmediate(r))
      await clock.turn(37)
    }
    stopped = true
    stop.abort(new Error('end'))
    await Promise.all(workers)
    expect(at.length).toBeGreaterThan(50)
    for (const from of at) expect(at.filter((t) => t >= from && t < from + 1_000).length).toBeLessThanOrEqual(22)
  })

  it('keeps calls for verification when sweeps and reads would take them all', async () => {
    const { budget: b } = budget({ ...LIMITS, reserve: 0 })
    expect(await burst(b, 200, 'sweep')).toBe(80)
    expect(await burst(b, 200, 'read')).toBe(15)
    expect(await burst(b, 200, 'verify')).toBe(5)
  })
})

describe('the platform’s word', () => {
  it('stops us at the reserve until its window is full again', async () => {
    const { budget: b, clock } = budget({ ...LIMITS, calls: 1000, reserve: 0.2 })
    b.learn({ limit: 100, remaining: 25, resetsAt: clock.now() + 60_000 })
    expect(await burst(b, 50)).toBe(5)
    expect(b.state()).toMatchObject({ limit: 100, remaining: 20, used: 80, resetsAt: clock.now() + 60_000 })
    await clock.turn(60_000)
    expect(await burst(b, 10)).toBe(10)
  })

  it('ends the run when the wait is longer than patience, with the instant', async () => {
    const { budget: b, clock } = budget()
    b.learn({ limit: 100_000, remaining: 10, resetsInMs: 7_200_000 })
    await expect(b.acquire('read', never)).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterMs: expect.any(Number),
      message: expect.stringContaining('2026-11-20T14:00'),
    })
    await clock.turn(7_200_001)
    ;(await b.acquire('read', never))()
  })

  it('is asked again after a while when it gave no reset time', async () => {
    const { budget: b, clock } = budget()
    b.learn({ limit: 100, remaining: 0 })
    await expect(b.acquire('verify', never)).rejects.toMatchObject({ code: 'rate_limited' })
    await clock.turn(900_002)
    ;(await b.acquire('verify', never))()
  })

  it('blocks everybody while throttled, and shows it', async () => {
    const { budget: b, clock } = budget()
    b.throttled(10_000)
    expect(await burst(b, 5)).toBe(0)
    expect(b.state()).toMatchObject({ blockedUntil: clock.now() + 10_000, throttles: 1, lastThrottledAt: clock.now() })
    await clock.turn(10_000)
    expect(await burst(b, 5)).toBe(5)
    expect(b.state().blockedUntil).toBeNull()
  })
})

it('never has more calls under way than allowed, and lets verification in first', async () => {
  const { budget: b } = budget({ ...LIMITS, concurrency: 1, reserve: 0 })
  const first = await b.acquire('sweep', never)
  const order: string[] = []
  const wait = (priority: Priority) => b.acquire(priority, never).then((give) => (order.push(priority), give()))
  const waiting = [wait('sweep'), wait('read'), wait('verify')]
  await new Promise((r) => setImmediate(r))
  expect(b.state()).toMatchObject({ inFlight: 1, waiting: 3 })
  first()
  await Promise.all(waiting)
  expect(order).toEqual(['verify', 'read', 'sweep'])
})

describe('headers', () => {
  const reply = (headers: Record<string, string>): HttpReply => ({ status: 200, headers, text: '', json: () => null })

  it('give a reading in every spelling of the reset', () => {
    const names = { limit: 'X-Limit', remaining: 'X-Left', reset: 'X-Reset' }
    const headers = { 'x-limit': '100', 'x-left': '7', 'x-reset': '30' }
    expect(headerBudget(reply(headers), { ...names, resetIs: 'seconds' })).toEqual({
      limit: 100,
      remaining: 7,
      resetsInMs: 30_000,
    })
    expect(headerBudget(reply(headers), { ...names, resetIs: 'epoch_seconds' })).toMatchObject({ resetsAt: 30_000 })
    expect(headerBudget(reply({ 'x-used': '40', 'x-limit': '100' }), { limit: 'x-limit', used: 'x-used' })).toEqual({
      limit: 100,
      remaining: 60,
    })
    expect(headerBudget(reply({}), names)).toBeUndefined()
    expect(headerBudget(reply({ 'x-limit': 'many' }), names)).toBeUndefined()
  })

  it('say how long to wait: digits before dates, never more than an hour, nothing when it is nonsense', () => {
    const now = Date.parse('2026-11-20T12:00:00Z')
    expect(retryAfterMs('120', now)).toBe(120_000)
    expect(retryAfterMs('1.5', now)).toBe(1_500)
    expect(retryAfterMs('Fri, 20 Nov 2026 12:02:00 GMT', now)).toBe(120_000)
    expect(retryAfterMs('999999999', now)).toBe(3_600_000)
    for (const nonsense of [undefined, '', '-1', 'soon', '1e9', 'Fri, 20 Nov 2015 12:02:00 GMT', '2026-11-20'])
      expect(retryAfterMs(nonsense, now)).toBeUndefined()
  })
})
