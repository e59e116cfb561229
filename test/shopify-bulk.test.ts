/** Bulk operations of a simulated shop: the same rows as page by page, resumed in their file, and pages where it refuses. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Connector } from '../connectors/contract.ts'
import shipped from '../connectors/shopify/connector.ts'
import { shopifyShop } from '../lab/platforms/shopify.ts'
import { idOf } from '../lab/platforms/shopify/plans.ts'
import type { ShopOptions } from '../lab/platforms/shopify/queries.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')

describe('a shop with many rows', () => {
  let s: Simulated
  const start = async (options: ShopOptions = {}, more: Record<string, unknown> = {}) =>
    (s = await simulated(shopifyShop(options), shipped as unknown as Connector<never>, {
      config: (own) => ({ ...own, ...more }),
    }))
  afterEach(() => s.stop())
  const order = (n: number) =>
    s.put({
      kind: 'order',
      id: idOf('order', n),
      state: 'booked',
      fields: { number: `#${n}`, currency: 'EUR' },
      changedAt: NOW - 9e6,
    })

  it('leaves many rows to a bulk operation, with what lies in them, and goes on in its file', async () => {
    // Lists in a row would be lines of their own: why orders are held is read in pages.
    await start({}, { holds: false, bulk: { from: 30, host: 'set below' } })
    const { host } = new URL(s.running.url)
    Object.assign((s.context().config as { bulk: object }).bulk, { host })
    for (let n = 1; n <= 40; n++) {
      order(n)
      for (const part of [1, 2])
        s.put({
          kind: 'line',
          id: idOf('line', n * 10 + part),
          fields: { document: idOf('order', n), document_kind: 'order', quantity: String(part), currency: 'EUR' },
          changedAt: NOW - 9e6,
        })
    }
    const listed = (from: number) => s.seen.slice(from).filter(({ path }) => path.endsWith('/query')).length
    for (const mode of ['changes', 'full'] as const)
      for (const [name, rows] of [
        ['orders', 40],
        ['lines', 80],
      ] as const) {
        const asked = s.seen.length
        const pages = await s.read(name, null, mode)
        expect(new Set(ids(pages)).size).toBe(rows)
        expect(await s.mapped(name, pages)).toEqual(
          expect.arrayContaining(await s.mapped(name, await s.read(name, null, mode, 7))) as unknown,
        )
        expect(pages[0]).toMatchObject({ rows: [], cursor: { bulk: { at: 0 } } })
        expect(listed(asked)).toBeLessThan(20)
        // Cut off after it was asked for, the next run takes the same file.
        const again = s.seen.length
        expect(ids(await s.read(name, pages[0]!.cursor!, mode)).sort()).toEqual(ids(pages).sort())
        expect(s.seen.slice(again).filter(({ path }) => path.endsWith('/mutation'))).toEqual([])
      }
    const done = lastCursor(await s.read('orders'))
    expect(done).toMatchObject({ done: true, newest: NOW - 9e6 })
  })
  it.each([{ busy: true }, { fails: true }])('reads pages where the shop takes no bulk operation: %o', async (bulk) => {
    await start({ bulk }, { bulk: { from: 3, host: '127.0.0.1' } })
    for (let n = 1; n <= 5; n++) order(n)
    expect(ids(await s.read('orders')).length).toBe(5)
  })
})
