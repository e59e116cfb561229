/** Reading all of Stripe: the sweep, and the run that comes after the events are gone. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Connector, Page } from '../connectors/contract.ts'
import shipped from '../connectors/stripe/connector.ts'
import { stripe } from '../lab/platforms/stripe.ts'
import type { Simulator } from '../lab/platform.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const NOW = Date.parse('2026-11-20T12:00:00Z')
const MINUTE = 60_000
const DAY = 86_400_000
let open: Simulated[] = []

async function account(
  simulator: Simulator = stripe,
  config?: (c: Record<string, unknown>) => Record<string, unknown>,
): Promise<Simulated> {
  const made = await simulated(simulator, connector, config ? { config } : {})
  open.push(made)
  return made
}
afterEach(async () => {
  for (const made of open) await made.stop()
  open = []
})

const put = (s: Simulated, n: number, more: Record<string, unknown> = {}) =>
  s.put({ kind: 'customer', id: stripe.id('customer', n), fields: { name: `Customer ${n}`, currency: 'EUR' }, ...more })
const many = (s: Simulated, count: number, createdAt = NOW - 10 * DAY) =>
  Array.from({ length: count }, (_, n) => put(s, n, { createdAt, changedAt: createdAt }).id)

describe('a run that comes after the events are gone', () => {
  it('reads everything again, says so, and finds what was deleted meanwhile', async () => {
    const s = await account()
    const kept = many(s, 120, NOW - 100 * DAY)
    const cursor = lastCursor(await s.read('customers'))
    s.set(NOW + 31 * DAY)
    put(s, 0, {
      createdAt: NOW - 100 * DAY,
      changedAt: NOW + MINUTE,
      fields: { name: 'Renamed in the gap', currency: 'EUR' },
    })
    s.put({ kind: 'customer', id: kept[1]!, deletedAt: NOW + MINUTE })
    const pages = await s.read('customers', cursor)
    const whole = pages.filter((p) => p.snapshot)
    expect(whole.at(-1)).toMatchObject({ last: true, notes: [expect.stringContaining('no longer kept')] })
    expect(whole.slice(0, -1).every((p) => p.cursor === undefined)).toBe(true)
    expect(new Set(ids(whole))).toEqual(new Set(kept.filter((id) => id !== kept[1])))
    const names = (await s.mapped('customers', pages)).map((r) => r.fields['name'])
    expect(names).toContain('Renamed in the gap')
    expect(pages.at(-1)!.completeThrough).toBe(NOW + 31 * DAY - 60_000)
    expect(await s.read('customers', lastCursor(pages))).toHaveLength(1)
  })
  it('does not happen while Stripe still has them', async () => {
    const s = await account()
    const cursor = lastCursor(await s.read('customers'))
    s.set(NOW + 28 * DAY)
    expect((await s.read('customers', cursor)).some((p) => p.snapshot)).toBe(false)
  })
})

describe('the sweep', () => {
  it('ends once, sees everything alive, and also what was created while it ran', async () => {
    const s = await account()
    const all = many(s, 230)
    let late = ''
    const stream = await s.stream('customers')
    const pages: Page[] = []
    for await (const page of stream.read(s.context({ mode: 'full' }), null)) {
      if (late === '') late = put(s, 900, { createdAt: NOW, changedAt: NOW }).id
      pages.push(page)
    }
    expect(new Set(ids(pages))).toEqual(new Set([...all, late]))
    expect(pages.filter((p) => p.last)).toHaveLength(1)
    expect(pages.at(-1)).toMatchObject({ last: true, cursor: null })
  })
  it('goes on where it was stopped', async () => {
    const s = await account()
    const all = many(s, 230)
    const first: Page[] = []
    for await (const page of (await s.stream('customers')).read(s.context({ mode: 'full' }), null)) {
      first.push(page)
      break
    }
    const rest = await s.read('customers', lastCursor(first), 'full')
    expect([...ids(first), ...ids(rest)].sort()).toEqual([...all].sort())
  })
})
