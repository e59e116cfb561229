/** Reading Zendesk: exports, sweeps, deletions and merges, and everything that may happen on the way. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Connector, Page } from '../connectors/contract.ts'
import shipped from '../connectors/zendesk/connector.ts'
import type { Simulator } from '../lab/platform.ts'
import { zendesk, zendeskAccount, ZENDESK_CLIENT, ZENDESK_TOKEN } from '../lab/platforms/zendesk.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const NOW = Date.parse('2026-11-20T12:00:00Z')
const MINUTE = 60_000
const DAY = 86_400_000
let open: Simulated[] = []

async function account(
  simulator: Simulator = zendesk,
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

const put = (s: Simulated, kind: string, n: number, more: Record<string, unknown> = {}) =>
  s.put({
    kind,
    id: zendesk.id(kind, n),
    state: kind === 'case' ? 'open' : 'active',
    fields: { name: `Row ${n}` },
    ...more,
  })
const many = (s: Simulated, kind: string, count: number, at = NOW - 10 * DAY) =>
  Array.from({ length: count }, (_, n) => put(s, kind, n, { createdAt: at, changedAt: at }).id)
const deleted = (pages: Page[]) => pages.flatMap((p) => p.deleted ?? [])

const STREAMS = [
  ['organizations', 'customer'],
  ['users', 'contact'],
  ['tickets', 'case'],
  ['entitlements', 'entitlement'],
] as const

describe.each(STREAMS)('%s', (name, kind) => {
  it('reads 2,300 rows of one second completely, once each but for what its paging repeats', async () => {
    const s = await account()
    const all = many(s, kind, 2_300)
    const pages = await s.read(name)
    expect(ids(pages).sort()).toEqual([...all].sort())
    expect(pages.at(-1)!.completeThrough).toBe(NOW - MINUTE)
  })
  it('goes on from any page that it was stopped at', async () => {
    const s = await account()
    const all = Array.from(
      { length: 2_300 },
      (_, n) => put(s, kind, n, { createdAt: NOW - 10 * DAY, changedAt: NOW - 10 * DAY + Math.floor(n / 7) * 1000 }).id,
    )
    const pages = await s.read(name)
    for (const [i, page] of pages.entries()) {
      if (!page.cursor || i === pages.length - 1) continue
      const rest = await s.read(name, page.cursor)
      expect(new Set([...ids(pages.slice(0, i + 1)), ...ids(rest)])).toEqual(new Set(all))
      expect(JSON.stringify(page.cursor).length).toBeLessThan(65_536)
    }
  })
  it('reads only what changed since, the last minutes again', async () => {
    const s = await account()
    many(s, kind, 20)
    const cursor = lastCursor(await s.read(name))
    s.set(NOW + 10 * MINUTE)
    put(s, kind, 3, { createdAt: NOW - 10 * DAY, changedAt: NOW + 5 * MINUTE })
    const next = await s.read(name, cursor)
    expect(ids(next)).toEqual([zendesk.id(kind, 3)])
    expect((await s.mapped(name, next))[0]).toMatchObject({ changed_at: '2026-11-20T12:05:00Z' })
  })
  it('finds what became visible late, within the lag', async () => {
    const s = await account()
    const cursor = lastCursor(await s.read(name))
    put(s, kind, 3, { createdAt: NOW - 50_000, changedAt: NOW - 50_000, visibleAt: NOW + 5_000 })
    s.set(NOW + 2 * MINUTE)
    expect(ids(await s.read(name, cursor))).toEqual([zendesk.id(kind, 3)])
  })
  it('finds a row that moves while pages are read, in this run or the next', async () => {
    const s = await account()
    for (let n = 0; n < 1_500; n++) put(s, kind, n, { createdAt: NOW - 10 * DAY, changedAt: NOW - 10 * DAY + n * 1000 })
    let moved = false
    s.meet((request) => {
      if (request.path.startsWith('/api/v2') && !moved && s.seen.filter((r) => r.path === request.path).length === 2) {
        moved = true
        put(s, kind, 1_499, { createdAt: NOW - 10 * DAY, changedAt: NOW, refs: { stripe: 'moved' } })
      }
      return null
    })
    const pages = await s.read(name)
    expect(moved).toBe(true)
    s.set(NOW + 3 * MINUTE)
    const next = await s.read(name, lastCursor(pages))
    const records = await s.mapped(name, [...pages, ...next])
    expect(records.filter((r) => r.record_id === zendesk.id(kind, 1_499)).at(-1)!.refs!['stripe']).toBe('moved')
  })
  it('sweeps everything that is alive, even what changed a second ago, and ends once', async () => {
    const s = await account()
    const all = many(s, kind, 330)
    put(s, kind, 0, { createdAt: NOW - 10 * DAY, changedAt: NOW - 1_000 })
    put(s, kind, 1, { createdAt: NOW - 10 * DAY, changedAt: NOW - 5 * DAY, deletedAt: NOW - 5 * DAY })
    const pages = await s.read(name, null, 'full')
    expect(new Set(ids(pages))).toEqual(new Set(all.filter((id) => id !== all[1])))
    expect(pages.filter((p) => p.last)).toHaveLength(1)
    expect(pages.at(-1)).toMatchObject({ last: true, cursor: null })
  })
  it('goes on with a sweep where it was stopped', async () => {
    const s = await account()
    const all = many(s, kind, 1_230)
    const first: Page[] = []
    for await (const page of (await s.stream(name)).read(s.context({ mode: 'full' }), null)) {
      first.push(page)
      break
    }
    const rest = await s.read(name, lastCursor(first), 'full')
    expect(new Set([...ids(first), ...ids(rest)])).toEqual(new Set(all))
    expect(rest.at(-1)!.last).toBe(true)
  })
  it('finds its place again when the cursor is no longer known', async () => {
    const s = await account()
    const all = many(s, kind, 2_200)
    let expired = 0
    s.meet((request) =>
      expired === 0 && s.seen.filter((r) => r.path === request.path).length === 3
        ? (expired++, { kind: 'expired_cursor' })
        : null,
    )
    expect(new Set(ids(await s.read(name)))).toEqual(new Set(all))
  })
  it('quarantines a row that cannot be mapped and reads the others', async () => {
    const s = await account()
    many(s, kind, 60)
    s.meet((request) => (request.path === '/oauth/tokens' ? null : { kind: 'poison', recordIndex: 5 }))
    const stream = await s.stream(name)
    const rows = (await s.read(name)).flatMap((p) => p.rows)
    const refused = rows.filter((row) => {
      try {
        stream.map(row, s.context())
        return false
      } catch (error) {
        return (error as Error).message === 'created_at is no time'
      }
    })
    expect([rows.length, refused.length]).toEqual([60, 1])
  })
  it('reads one record as it is now, null once it is deleted', async () => {
    const s = await account()
    const { id } = put(s, kind, 4)
    const stream = await s.stream(name)
    expect(stream.map((await stream.one!(s.context(), id))!, s.context()).record_id).toBe(id)
    s.put({ kind, id, deletedAt: NOW })
    expect(await stream.one!(s.context(), id)).toBeNull()
    expect(await stream.one!(s.context(), zendesk.id(kind, 999))).toBeNull()
  })
})

describe('deletions', () => {
  it('come with the export, with the survivor of a merge', async () => {
    const s = await account()
    many(s, 'customer', 3)
    many(s, 'contact', 2)
    many(s, 'case', 2)
    const cursors = {
      organizations: lastCursor(await s.read('organizations')),
      users: lastCursor(await s.read('users')),
      tickets: lastCursor(await s.read('tickets')),
    }
    s.set(NOW + 10 * MINUTE)
    const at = NOW + 2 * MINUTE
    put(s, 'customer', 0, { createdAt: NOW - DAY, changedAt: at, deletedAt: at, mergedInto: zendesk.id('customer', 2) })
    put(s, 'customer', 1, { createdAt: NOW - DAY, changedAt: at, deletedAt: at })
    put(s, 'contact', 0, { createdAt: NOW - DAY, changedAt: at, deletedAt: at })
    put(s, 'case', 0, { createdAt: NOW - DAY, changedAt: at, deletedAt: at })
    expect(deleted(await s.read('organizations', cursors.organizations))).toEqual([
      { id: zendesk.id('customer', 0), at, mergedInto: zendesk.id('customer', 2) },
      { id: zendesk.id('customer', 1), at },
    ])
    expect(deleted(await s.read('users', cursors.users))).toEqual([{ id: zendesk.id('contact', 0), at }])
    const cases = await s.read('tickets', cursors.tickets)
    expect([deleted(cases), ids(cases)]).toEqual([[{ id: zendesk.id('case', 0), at }], []])
  })
  it('an entitlement of organization fields ends when its field is emptied', async () => {
    const s = await account(zendesk, (c) => ({
      ...c,
      entitlement: { source: 'organization_fields', mapping: { fields: {}, status: 'segment' } },
    }))
    put(s, 'customer', 1, { createdAt: NOW - DAY, changedAt: NOW - DAY, fields: { name: 'A', segment: 'gold' } })
    put(s, 'customer', 2, { createdAt: NOW - DAY, changedAt: NOW - DAY, fields: { name: 'B' } })
    const pages = await s.read('entitlements')
    expect(ids(pages)).toEqual([zendesk.id('customer', 1)])
    s.set(NOW + 10 * MINUTE)
    put(s, 'customer', 1, { changedAt: NOW + MINUTE, fields: { name: 'A', segment: null } })
    expect(deleted(await s.read('entitlements', lastCursor(pages)))).toEqual([{ id: zendesk.id('customer', 1) }])
    expect(ids(await s.read('entitlements', null, 'full'))).toEqual([])
  })
})

describe('when Zendesk does not answer as it should', () => {
  it('waits out a throttle for as long as it is told, and tries again after a broken answer', async () => {
    const s = await account()
    many(s, 'customer', 5)
    s.meet((_, n) =>
      n === 2
        ? { kind: 'throttle', retryAfterSeconds: 9 }
        : n === 3
          ? { kind: 'truncated' }
          : n === 4
            ? { kind: 'hang' }
            : n === 5
              ? { kind: 'error', status: 502 }
              : null,
    )
    expect(ids(await s.read('organizations'))).toHaveLength(5)
    expect(s.now()).toBeGreaterThanOrEqual(NOW + 9_000)
  })
  it('waits before an export whose own budget is used up', async () => {
    const s = await account(zendeskAccount({ exportsPerMinute: 2 }))
    // Five seconds are left of the platform's minute.
    s.set(NOW + 55_000)
    many(s, 'contact', 2_500)
    expect(ids(await s.read('users'))).toHaveLength(2_500)
    expect(s.now()).toBeGreaterThanOrEqual(NOW + MINUTE)
  })
  it('renews a token that is no longer good', async () => {
    const s = await account()
    many(s, 'case', 1_500)
    s.meet((_, n) => (n === 3 ? { kind: 'expired_session' } : null))
    expect(ids(await s.read('tickets'))).toHaveLength(1_500)
    expect(s.seen.filter((r) => r.path === '/oauth/tokens')).toHaveLength(2)
  })
  it('says which credentials are refused, without a word of them', async () => {
    for (const auth of [
      { flow: 'api_token', email: ZENDESK_TOKEN.email, token: 'wrong-token-1' },
      { flow: 'client_credentials', client_id: ZENDESK_CLIENT.id, client_secret: 'wrong-token-1' },
    ]) {
      const s = await account(zendesk, (c) => ({ ...c, auth }))
      const failure = await s.read('tickets').catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'auth' })
      expect(JSON.stringify([String(failure), s.logged])).not.toContain('wrong-token-1')
    }
  })
  it('never takes a ticket list in another order than it asked for as the newest ones', async () => {
    const s = await account()
    for (let n = 0; n < 150; n++) put(s, 'case', n, { createdAt: NOW - 10 * DAY, changedAt: NOW - 10 * DAY + n * 1000 })
    const last = put(s, 'case', 149, { createdAt: NOW - 10 * DAY, changedAt: NOW - 2_000 }).id
    const http = s.context().http
    const unsorted = {
      request: (r: Parameters<typeof http.request>[0]) =>
        http.request(r.query?.['sort'] ? { ...r, query: { ...r.query, sort: undefined } } : r),
    }
    const pages: Page[] = []
    for await (const page of (await s.stream('tickets')).read(s.context({ mode: 'full', http: unsorted }), null))
      pages.push(page)
    expect(ids(pages)).toContain(last)
  })
})

describe('ping, counts and other ways in', () => {
  it('the ping names the account and the role that exports need', async () => {
    expect(await shipped.ping((await account()).context() as never)).toEqual({
      account: 'lab as Lab Administrator',
      clockSkewMs: 0,
    })
    const s = await account(zendeskAccount({ role: 'agent' }))
    expect(await shipped.ping(s.context() as never)).toMatchObject({
      missingScopes: ['role admin (incremental exports)'],
    })
    await expect(s.read('users')).rejects.toMatchObject({ code: 'auth', message: expect.stringContaining('Forbidden') })
  })
  it('an API token works as an OAuth client does', async () => {
    const s = await account(zendesk, (c) => ({ ...c, auth: { flow: 'api_token', ...ZENDESK_TOKEN } }))
    many(s, 'contact', 2)
    expect(ids(await s.read('users'))).toHaveLength(2)
  })
  it('counts come from Zendesk where it counts what is read; archived tickets it may not count', async () => {
    const s = await account()
    for (const [name, kind] of STREAMS) {
      many(s, kind, 4)
      const { count } = await s.stream(name)
      if (name === 'tickets') expect(count).toBeUndefined()
      else expect(await count!(s.context())).toBe(4)
    }
  })
  it('without entitlements in the configuration there is no stream for them', async () => {
    const s = await account(zendesk, (c) => ({ ...c, entitlement: undefined }))
    await expect(s.stream('entitlements')).rejects.toThrow(/no stream/)
  })
})
