/** NetSuite: reading record types from the simulated account, with everything that goes wrong on the way. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import netsuiteConnector from '../connectors/netsuite/connector.ts'
import netsuite, { netsuiteAccount } from '../lab/platforms/netsuite.ts'
import { NETSUITE_CERTIFICATE, NETSUITE_KEYS, netsuiteKeys } from '../lab/platforms/netsuite/session.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const T = Date.parse('2026-11-20T10:00:00Z')
const connector = netsuiteConnector as never
let world: Simulated
let opened: Simulated[] = []

async function open(
  ...rest: [options?: Parameters<typeof simulated>[2], simulator?: typeof netsuite]
): Promise<Simulated> {
  const made = await simulated(rest[1] ?? netsuite, connector, rest[0])
  opened.push(made)
  return made
}

beforeEach(async () => {
  world = await open()
})
afterEach(async () => {
  for (const each of opened) await each.stop()
  opened = []
})

const customer = (n: number, more: object = {}, to = world) =>
  to.put({
    kind: 'customer',
    id: netsuite.id('customer', n),
    state: 'customer',
    fields: { name: `Firm ${n}` },
    createdAt: T,
    changedAt: T,
    ...more,
  })
const suiteql = (r: { path: string }) => r.path.endsWith('/suiteql')

describe('signing in', () => {
  it('signs every request so that the account accepts it', async () => {
    const signed = await open({ config: (c) => ({ ...c, auth: { flow: 'token', ...NETSUITE_KEYS } }) })
    customer(1, {}, signed)
    expect(ids(await signed.read('customer'))).toEqual(['1001'])
    expect(signed.seen.every(suiteql)).toBe(true)
  })

  it('is refused when one secret is wrong, and does not say which', async () => {
    const other = await open({
      config: (c) => ({ ...c, auth: { flow: 'token', ...NETSUITE_KEYS, token_secret: 'hush-hush' } }),
    })
    const failure = await other.read('customer').catch((e: unknown) => e as Error)
    expect(failure).toMatchObject({ code: 'auth', message: expect.stringContaining('INVALID_LOGIN') as string })
    expect(String(failure) + JSON.stringify(failure) + other.logged.join()).not.toContain('hush-hush')
  })

  it('accepts a certificate instead, and renews its token when the session has ended', async () => {
    const other = await open({
      config: (c) => ({
        ...c,
        auth: { flow: 'client_credentials', ...NETSUITE_CERTIFICATE, private_key: netsuiteKeys().privateKey },
      }),
    })
    customer(1, {}, other)
    expect(ids(await other.read('customer'))).toHaveLength(1)
    let ended = 0
    other.meet((r) => (suiteql(r) && ended++ === 0 ? { kind: 'expired_session' } : null))
    expect(ids(await other.read('customer'))).toHaveLength(1)
    expect(other.seen.filter((r) => r.path.endsWith('/token'))).toHaveLength(2)
  })
})

describe('changes', () => {
  it('loses no row when 1,100 share one second across page edges, from every cursor that was handed out', async () => {
    for (let n = 0; n < 1100; n++) customer(n)
    const pages = await world.read('customer')
    expect(pages.length).toBe(6)
    const all = ids(pages)
    expect(new Set(all).size).toBe(1100)
    for (const [i, page] of pages.slice(0, -1).entries())
      expect(ids(await world.read('customer', page.cursor ?? null))).toEqual(all.slice((i + 1) * 200))
  })

  it('reads again what may have been committed late, by the account’s clock', async () => {
    customer(1, { changedAt: world.now() - 10_000 })
    const first = await world.read('customer')
    expect(first.at(-1)!.completeThrough).toBe(world.now() - 60_000)
    customer(2, { changedAt: world.now() - 5_000 })
    world.set(world.now() + 600_000)
    expect(ids(await world.read('customer', lastCursor(first)))).toEqual(['1001', '1002'])
    expect((await world.mapped('customer', await world.read('customer')))[0]).toMatchObject({
      changed_at: '2026-11-20T11:59:50Z',
      created_at: '2026-11-20T10:00:00Z',
    })
  })

  it('misses nothing in the hour that is shown twice when clocks are put back', async () => {
    // 1 November 2026, 02:00 in Los Angeles becomes 01:00: 09:00 UTC.
    const back = Date.parse('2026-11-01T09:00:00Z')
    const autumn = await open({ now: '2026-11-01T08:58:00Z' })
    customer(1, { changedAt: back - 300_000 }, autumn)
    const before = await autumn.read('customer')
    autumn.set(back + 900_000)
    // 01:10 for the second time: earlier by the clock on the wall than what was read before.
    customer(2, { changedAt: back + 600_000 }, autumn)
    const next = await autumn.mapped('customer', await autumn.read('customer', lastCursor(before)))
    expect(next.find((r) => r.record_id === '1002')).toMatchObject({ changed_at: '2026-11-01T09:10:00Z' })
  })

  it('finds a row that moves to the end while pages are read', async () => {
    for (let n = 0; n < 500; n++) customer(n, { changedAt: T + n * 1000 })
    const stream = await world.stream('customer')
    const seen: (string | null)[] = []
    for await (const page of stream.read(world.context(), null)) {
      if (seen.length === 0) customer(3, { changedAt: world.now() - 1000, fields: { name: 'Renamed' } })
      seen.push(...ids([page]))
    }
    expect(new Set(seen).size).toBe(500)
    expect(seen.at(-1)).toBe('1003')
  })

  it('takes deletions from the log, once per run, for the record type asked for', async () => {
    customer(1)
    customer(2)
    world.put({ kind: 'order', id: netsuite.id('order', 1), state: 'booked', createdAt: T, changedAt: T })
    const first = await world.read('customer')
    customer(2, { deletedAt: world.now() + 1000, mergedInto: '1001' })
    world.put({ kind: 'order', id: netsuite.id('order', 1), deletedAt: world.now() + 1000 })
    world.set(world.now() + 600_000)
    const next = await world.read('customer', lastCursor(first))
    expect(next.flatMap((p) => p.deleted ?? [])).toEqual([{ id: '1002', at: Date.parse('2026-11-20T12:00:01Z') }])
  })

  it('goes on without the log of deletions where the role may not see it, and says so', async () => {
    const other = await open({}, netsuiteAccount({ absent: ['deletedrecord'] }))
    customer(1, {}, other)
    const first = await other.read('customer')
    expect(ids(first)).toEqual(['1001'])
    const next = await other.read('customer', lastCursor(first))
    expect(next.flatMap((p) => p.notes ?? [])).toEqual([
      'The log of deletions is not visible; deleted customer records are found by the sweep only.',
    ])
  })

  it('leaves out columns and tables that the account does not show, and asks for them again a day later', async () => {
    const other = await open(
      {},
      netsuiteAccount({ hidden: ['vatregnumber', 'oncredithold'], absent: ['subsidiary', 'term'] }),
    )
    customer(
      1,
      { fields: { name: 'A', tax_id: 'DE1', credit_hold: 'true', payment_terms: 'net_30', currency: 'EUR' } },
      other,
    )
    const first = await other.read('customer')
    const [record] = await other.mapped('customer', first)
    expect(record!.fields).toMatchObject({ name: 'A', currency: 'EUR' })
    for (const field of ['tax_id', 'credit_hold', 'payment_terms']) {
      expect(record!.fields).not.toHaveProperty(field)
      expect(first[0]!.held).not.toContain(field)
    }
    expect(first[0]!.notes![0]).toContain('vatregnumber')
    const asked = () => other.seen.filter(suiteql).length
    let before = asked()
    const second = await other.read('customer', lastCursor(first))
    expect(asked() - before).toBe(2)
    before = asked()
    other.set(other.now() + 25 * 3_600_000)
    await other.read('customer', lastCursor(second))
    expect(asked() - before).toBe(5)
  })

  it('keeps paging past a row whose stamp cannot be read', async () => {
    for (let n = 0; n < 450; n++) customer(n, { changedAt: T + n * 1000 })
    let once = 0
    world.meet((r) => (suiteql(r) && once++ === 0 ? { kind: 'poison', recordIndex: 199 } : null))
    const pages = await world.read('customer')
    expect(new Set(ids(pages)).size).toBe(450)
    const stream = await world.stream('customer')
    const broken = pages[0]!.rows[199]!
    expect(() => stream.map(broken, world.context())).toThrow(
      expect.objectContaining({ name: 'MappingError', field: 'lastmodified' }) as Error,
    )
  })
})
