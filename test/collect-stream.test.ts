/** Collecting changes over HTTP: nothing lost, nothing doubled, whatever the platform and the process do. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { closePlatforms } from '../server/collect/platform.ts'
import { quarantine } from '../server/store/facts/quarantine.ts'
import type { ShelfRow } from './world/http-platform.ts'
import type { ShelfWorld } from './world/shelf-world.ts'
import { minutesAgo, rows, shelfWorld, T0 } from './world/shelf-world.ts'

let on: ShelfWorld

beforeAll(async () => void (on = await shelfWorld()))
afterAll(() => on.end())
beforeEach(() => on.fresh())

describe('reading changes', () => {
  it('stores every row once, however many share a stamp across page edges', async () => {
    on.shelf.lists.set(
      'customers',
      rows(0, 230, () => minutesAgo(60)),
    )
    expect(await on.one()).toMatchObject({ read: 230, stored: 230, error: null, completeThrough: T0 - 30_000 })
    expect((await on.latest()).size).toBe(230)
    expect(await on.world.versions('customer', on.name)).toHaveLength(230)
    expect(on.platform.requests.length).toBeGreaterThanOrEqual(5)
  })

  it('keeps the pages before a failure and goes on at the last complete one', async () => {
    on.shelf.lists.set(
      'customers',
      rows(0, 200, (i) => minutesAgo(600 - i)),
    )
    let pages = 0
    on.shelf.fault = () => (++pages > 2 ? { status: 500 } : undefined)
    const failed = await on.one()
    expect(failed).toMatchObject({ stored: 100, error: { code: 'upstream' } })
    expect(on.stream()).toMatchObject({ lastError: { code: 'upstream' }, lastSuccessAt: null, completeThrough: null })
    on.shelf.fault = () => undefined
    on.platform.requests.length = 0
    expect(await on.one()).toMatchObject({ stored: 100, unchanged: 0, error: null })
    expect(on.platform.requests[0]!.query.get('afterId')).toBe('c00099')
    expect(on.stream()).toMatchObject({ lastError: null, rowsStored: 200 })
  })

  it('keeps a place without rows before it goes on: what was asked for is not asked for twice', async () => {
    on.shelf.lists.set('customers', [])
    const ctx = on.context({ config: { url: on.platform.url, asks: true } })
    on.ctx = ctx
    const kept: unknown[] = []
    on.shelf.fault = () => void kept.push(on.stream().cursor)
    await on.one()
    expect(kept[0]).toMatchObject({ done: false })
  })

  it('finds a row that became visible late, by reading the platform’s lag again', async () => {
    on.shelf.lists.set(
      'customers',
      rows(0, 10, (i) => minutesAgo(10 - i)),
    )
    await on.one()
    // Committed 20 seconds ago, visible only now.
    on.shelf.lists.get('customers')!.push({ id: 'late', at: on.world.clock.now() - 20_000, name: 'Late' })
    await on.world.clock.turn(10_000)
    expect(await on.one()).toMatchObject({ stored: 1 })
    expect((await on.latest()).has('late')).toBe(true)
  })

  it('writes nothing for what did not change, also after a restart, and asks the platform’s clock for the watermark', async () => {
    on.shelf.lists.set(
      'customers',
      rows(0, 120, () => minutesAgo(0)),
    )
    await on.one()
    expect(await on.one()).toMatchObject({ read: 120, stored: 0, unchanged: 120 })
    closePlatforms(on.ctx.control)
    expect(await on.one()).toMatchObject({ read: 120, stored: 0, unchanged: 120 })
    expect(await on.world.versions('customer', on.name)).toHaveLength(120)
  })

  it('drops what is older than what it holds and counts it', async () => {
    const row = { id: 'c1', at: minutesAgo(1), name: 'New' }
    on.shelf.lists.set('customers', [row])
    await on.one()
    on.shelf.lists.set('customers', [{ ...row, at: minutesAgo(1) - 1, name: 'Old' }])
    expect(await on.one()).toMatchObject({ stored: 0, stale: 1 })
    expect((await on.latest()).get('c1')!['name']).toBe('New')
  })

  it('sees a record that went back to an earlier value', async () => {
    const list: ShelfRow[] = [{ id: 'c1', at: minutesAgo(5), name: 'A' }]
    on.shelf.lists.set('customers', list)
    await on.one()
    list[0] = { id: 'c1', at: minutesAgo(3), name: 'B' }
    await on.one()
    list[0] = { id: 'c1', at: minutesAgo(2), name: 'A' }
    expect(await on.one()).toMatchObject({ stored: 1 })
    expect((await on.world.versions('customer', on.name)).map((r) => r['name'])).toEqual(['A', 'B', 'A'])
  })

  it('stores 999 rows and quarantines the poisoned one, until it can be read', async () => {
    const list = rows(0, 1000, (i) => minutesAgo(2000 - i))
    list[500] = { ...list[500]!, poison: true }
    on.shelf.lists.set('customers', list)
    expect(await on.one()).toMatchObject({ read: 1000, stored: 999, quarantined: 1, error: null })
    const [entry] = await quarantine(on.ctx.facts, { platform: on.name, state: 'open' })
    expect(entry).toMatchObject({
      record_id: 'c00500',
      field: 'name',
      reason: 'the row is poisoned',
      place: '/customers',
    })
    expect(JSON.parse(Buffer.from(entry!.raw_base64, 'base64').toString())).toMatchObject({ poison: true })
    list[500] = { id: 'c00500', at: on.world.clock.now(), name: 'Healed' }
    expect(await on.one()).toMatchObject({ stored: 1, quarantined: 0 })
    expect(await quarantine(on.ctx.facts, { platform: on.name, state: 'open' })).toEqual([])
  })

  it('stores tombstones with the survivor, and brings a record back that lives again', async () => {
    on.shelf.lists.set('customers', [
      { id: 'c1', at: minutesAgo(9), name: 'A' },
      { id: 'c2', at: minutesAgo(9), name: 'B' },
    ])
    await on.one()
    on.shelf.lists.set('customers', [
      { id: 'c1', at: minutesAgo(5), tombstone: true },
      { id: 'c2', at: minutesAgo(5), tombstone: true, mergedInto: 'c9' },
      { id: 'never', at: minutesAgo(5), tombstone: true },
    ])
    expect(await on.one()).toMatchObject({ deleted: 2 })
    expect((await on.latest()).get('c2')).toMatchObject({
      deleted: 1,
      merged_into: 'c9',
      name: 'B',
      changed_at: new Date(minutesAgo(5)).toISOString(),
    })
    expect(await on.one()).toMatchObject({ deleted: 0 })
    on.shelf.lists.set('customers', [{ id: 'c1', at: minutesAgo(1), name: 'A' }])
    expect(await on.one()).toMatchObject({ stored: 1 })
    expect((await on.latest()).get('c1')).toMatchObject({ deleted: 0 })
  })
})

describe('streams of one platform', () => {
  it('fail alone: one without permission is degraded and visible, the others go on', async () => {
    on.ctx = on.context({ streams: undefined })
    on.shelf.lists.set(
      'customers',
      rows(0, 3, () => minutesAgo(9)),
    )
    on.shelf.lists.set('leads', [])
    on.shelf.fault = (r) => (r.path === '/invoices' ? { status: 403 } : undefined)
    const results = await on.run()
    expect(results.map((r) => [r.stream, r.stored, r.error?.code ?? null])).toEqual([
      ['customers', 3, null],
      ['invoices', 0, 'auth'],
      ['leads', 0, null],
    ])
    expect(on.stream('invoices').lastError).toMatchObject({ code: 'auth', message: expect.stringContaining('403') })
    const runs = on.ctx.control.runs({ stage: 'collect', limit: 1000 }).filter((r) => r.subject.startsWith(on.name))
    expect(runs.map((r) => [r.subject.split('/')[1], r.outcome]).sort()).toEqual([
      ['customers', 'ok'],
      ['invoices', 'failed'],
      ['leads', 'ok'],
    ])
  })

  it('of one kind do not delete each other’s records', async () => {
    on.ctx = on.context({ streams: ['customers', 'leads'] })
    on.shelf.lists.set(
      'customers',
      rows(0, 20, () => minutesAgo(9)),
    )
    on.shelf.lists.set('leads', [{ id: 'lead-1', at: minutesAgo(9), name: 'Lead' }])
    await on.run()
    expect((await on.run('full')).map((r) => r.deleted)).toEqual([0, 0])
    expect((await on.latest()).get('lead-1')).toMatchObject({ deleted: 0, stream: 'leads' })
  })

  it('are all told when the platform itself does not answer', async () => {
    on.ctx = on.context({ streams: ['nothing'] })
    await expect(on.run()).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('no stream nothing'),
    })
  })
})
