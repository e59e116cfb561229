/** Salesforce: reading objects from the simulated org, with everything that goes wrong on the way. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import salesforceConnector from '../connectors/salesforce/connector.ts'
import salesforce from '../lab/platforms/salesforce.ts'
import { SALESFORCE_CLIENT, salesforceKeys } from '../lab/platforms/salesforce/session.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const T = Date.parse('2026-11-20T10:00:00Z')
let world: Simulated
const connector = salesforceConnector as never

beforeEach(async () => {
  world = await simulated(salesforce, connector)
})
afterEach(() => world.stop())

const account = (n: number, more: object = {}) =>
  world.put({
    kind: 'customer',
    id: salesforce.id('customer', n),
    state: 'customer',
    fields: { name: `Firm ${n}` },
    createdAt: T,
    changedAt: T,
    ...more,
  })

describe('signing in', () => {
  it('opens one session for many requests and a new one when it has ended', async () => {
    account(1)
    await world.read('Account')
    await world.read('Account')
    expect(world.seen.filter((r) => r.path === '/services/oauth2/token')).toHaveLength(1)
    let ended = false
    world.meet((r) => (r.path.endsWith('/queryAll') && !ended ? ((ended = true), { kind: 'expired_session' }) : null))
    expect(ids(await world.read('Account'))).toHaveLength(1)
    expect(world.seen.filter((r) => r.path === '/services/oauth2/token')).toHaveLength(2)
  })

  it.each([
    [
      'jwt',
      () => ({
        flow: 'jwt',
        client_id: SALESFORCE_CLIENT.id,
        username: SALESFORCE_CLIENT.username,
        private_key: salesforceKeys().privateKey,
      }),
    ],
    [
      'refresh_token',
      () => ({
        flow: 'refresh_token',
        client_id: SALESFORCE_CLIENT.id,
        client_secret: SALESFORCE_CLIENT.secret,
        refresh_token: SALESFORCE_CLIENT.refreshToken,
      }),
    ],
  ])('accepts the %s flow', async (_flow, auth) => {
    const other = await simulated(salesforce, connector, { config: (c) => ({ ...c, auth: auth() }) })
    other.put({ kind: 'customer', id: salesforce.id('customer', 1), fields: { name: 'A' } })
    expect(ids(await other.read('Account'))).toHaveLength(1)
    await other.stop()
  })

  it('says that the credentials are refused, without saying them', async () => {
    const auth = { flow: 'client_credentials', client_id: 'nobody', client_secret: 'hush-hush' }
    const other = await simulated(salesforce, connector, { config: (c) => ({ ...c, auth }) })
    const failure = await other.read('Account').catch((e: unknown) => e as Error)
    expect(failure).toMatchObject({ code: 'auth', message: expect.stringContaining('invalid_client') as string })
    expect(String(failure) + JSON.stringify(failure) + other.logged.join()).not.toContain('hush-hush')
    await other.stop()
  })
})

describe('changes', () => {
  it('loses no row when 1,100 share one stamp across page edges, from every cursor that was handed out', async () => {
    for (let n = 0; n < 1100; n++) account(n)
    const pages = await world.read('Account')
    expect(pages.length).toBe(6)
    const all = ids(pages)
    expect(new Set(all).size).toBe(1100)
    for (const [i, page] of pages.entries()) {
      if (i === pages.length - 1) continue
      const rest = ids(await world.read('Account', page.cursor ?? null))
      expect(rest).toEqual(all.slice((i + 1) * 200))
    }
  })

  it('reads again what was stamped shortly before the last run began, and nothing older', async () => {
    account(1, { changedAt: T })
    account(2, { changedAt: world.now() - 60_000 })
    // Committed late: stamped before the first run, visible after it.
    account(3, { changedAt: world.now() - 90_000, visibleAt: world.now() + 30_000 })
    const first = await world.read('Account')
    expect(ids(first)).toHaveLength(2)
    expect(first.at(-1)!.completeThrough).toBe(world.now() - 120_000)
    world.set(world.now() + 300_000)
    expect(ids(await world.read('Account', lastCursor(first)))).toEqual([
      salesforce.id('customer', 3),
      salesforce.id('customer', 2),
    ])
  })

  it('finds a row that moves to the end while pages are read', async () => {
    for (let n = 0; n < 500; n++) account(n, { changedAt: T + n * 1000 })
    const stream = await world.stream('Account')
    const seen: (string | null)[] = []
    let cursor = null
    for await (const page of stream.read(world.context(), null)) {
      if (seen.length === 0) account(3, { changedAt: world.now(), fields: { name: 'Renamed' } })
      seen.push(...ids([page]))
      cursor = page.cursor ?? cursor
    }
    expect(new Set(seen).size).toBe(500)
    world.set(world.now() + 300_000)
    const again = await world.read('Account', cursor)
    expect((await world.mapped('Account', again)).at(-1)).toMatchObject({
      record_id: salesforce.id('customer', 3),
      fields: { name: 'Renamed' },
    })
  })

  it('goes on from the last row when a page address has expired', async () => {
    for (let n = 0; n < 700; n++) account(n, { changedAt: T + (n % 3) * 1000 })
    let expired = 0
    world.meet((r) => (r.path.includes('/query/01g') && expired++ < 2 ? { kind: 'expired_cursor' } : null))
    const pages = await world.read('Account')
    expect(ids(pages)).toHaveLength(700)
    expect(new Set(ids(pages)).size).toBe(700)
    expect(pages.at(-1)!.completeThrough).toBeDefined()
  })

  it('tells deleted and merged accounts from living ones', async () => {
    account(1)
    account(2, { deletedAt: T + 1000 })
    account(3, { deletedAt: T + 2000, mergedInto: salesforce.id('customer', 1) })
    const [one, two, three] = await world.mapped('Account', await world.read('Account'))
    expect(one).toMatchObject({
      deleted: false,
      changed_at: '2026-11-20T10:00:00Z',
      changed_by: 'somebody@example.com',
    })
    expect(two).toMatchObject({ deleted: true })
    expect(two).not.toHaveProperty('merged_into')
    expect(three).toMatchObject({ deleted: true, merged_into: salesforce.id('customer', 1) })
  })

  it('keeps paging past a row whose stamps cannot be read', async () => {
    for (let n = 0; n < 450; n++) account(n)
    let once = 0
    world.meet((r) => (r.path.endsWith('/queryAll') && once++ === 0 ? { kind: 'poison', recordIndex: 199 } : null))
    const pages = await world.read('Account')
    expect(ids(pages)).toHaveLength(450)
    const stream = await world.stream('Account')
    const failed = pages
      .flatMap((p) => p.rows)
      .filter((row) => {
        try {
          stream.map(row, world.context())
          return false
        } catch (error) {
          expect(error).toMatchObject({ name: 'MappingError', field: 'CreatedDate' })
          return true
        }
      })
    expect(failed.map((r) => r.id)).toEqual([pages[0]!.rows[199]!.id])
  })
})

describe('failures', () => {
  it('waits and goes on when a 403 means that the allocation is used up', async () => {
    account(1)
    let n = 0
    world.meet((r) => (r.path.endsWith('/queryAll') && n++ < 2 ? { kind: 'throttle' } : null))
    expect(ids(await world.read('Account'))).toHaveLength(1)
    expect(world.http.budget()).toMatchObject({ throttles: 2 })
  })

  it.each([
    { kind: 'error', status: 500 },
    { kind: 'error', status: 502 },
    { kind: 'error', status: 503 },
    { kind: 'hang' },
    { kind: 'truncated' },
  ] as const)('tries again after $kind $status', async (fault) => {
    account(1)
    let n = 0
    world.meet((r) => (r.path.endsWith('/queryAll') && n++ < 1 ? fault : null))
    expect(ids(await world.read('Account'))).toHaveLength(1)
  })

  it('names the object that the user may not see', async () => {
    const other = await simulated(salesforce, connector, { config: (c) => ({ ...c, skip: [] }) })
    await expect(other.read('Case')).rejects.toMatchObject({ code: 'not_found' })
    const ping = await connectorPing(other)
    expect(ping.missingScopes).toEqual(['read OrderItem', 'read Entitlement', 'read Case'])
    await other.stop()
  })

  it('learns the budget from the usage header', async () => {
    await world.read('Account')
    expect(world.http.budget()).toMatchObject({ limit: 100_000, remaining: 99_998 })
  })
})

const connectorPing = (w: Simulated) => salesforceConnector.ping(w.context() as never)

describe('the rest of the contract', () => {
  it('enumerates what is alive, counts it, and reads one row, deleted or not', async () => {
    for (let n = 0; n < 250; n++) account(n, n === 7 ? { deletedAt: T } : {})
    const pages = await world.read('Account', null, 'full')
    expect(ids(pages)).toHaveLength(249)
    expect(pages.map((p) => p.last ?? false)).toEqual([false, true])
    const rest = await world.read('Account', pages[0]!.cursor ?? null, 'full')
    expect(ids(rest)).toEqual(ids(pages.slice(1)))
    expect(rest[0]).toMatchObject({ last: true, completeThrough: pages[1]!.completeThrough })
    const stream = await world.stream('Account')
    expect(await stream.count!(world.context())).toBe(249)
    expect(
      stream.map((await stream.one!(world.context(), salesforce.id('customer', 7)))!, world.context()),
    ).toMatchObject({ deleted: true })
    expect(await stream.one!(world.context(), salesforce.id('customer', 9999))).toBeNull()
  })

  it('says whose org it is and how far its clock is from ours', async () => {
    expect(await connectorPing(world)).toEqual({
      account: 'Lab Company (00DgL0000000001MAA, sandbox)',
      missingScopes: [],
      clockSkewMs: 0,
    })
  })

  it('links to the record', () => {
    const config = { instance_url: 'https://acme.my.salesforce.com/' } as never
    expect(salesforceConnector.link!(config, 'customer', '001D000000IqhSLIAZ')).toBe(
      'https://acme.my.salesforce.com/001D000000IqhSLIAZ',
    )
    expect(salesforceConnector.link!(config, 'customer', 'javascript:alert(1)')).toBeNull()
  })
})
