/** Ranges of platforms that cannot be asked for one, or only by half: Planhat, described APIs and files; and what they cost. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Connector, ConnectorFiles, Cursor, Page, Range, RangeCost } from '../connectors/contract.ts'
import files from '../connectors/files/connector.ts'
import planhat from '../connectors/planhat/connector.ts'
import rest from '../connectors/rest/connector.ts'
import { planhatTenant } from '../lab/platforms/planhat.ts'
import { idOf as planhatId } from '../lab/platforms/planhat/models.ts'
import { rest as restApi } from '../lab/platforms/rest.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, simulated } from './world/simulated.ts'

const NOON = Date.parse('2026-11-20T12:00:00Z')
const HOUR = 3_600_000
const RANGE: Range = { from: NOON - 10 * HOUR, to: NOON - 5 * HOUR }
const hoursAgo = (n: number) => NOON - n * HOUR

let s: Simulated | undefined
afterEach(async () => {
  await s?.stop()
  s = undefined
})

async function ranged(on: Simulated, name: string, cursor: Cursor = null, pageSize = 1000): Promise<Page[]> {
  const pages: Page[] = []
  for await (const page of (await on.stream(name)).range!(on.context({ pageSize }), RANGE, cursor)) pages.push(page)
  return pages
}
const cost = async (on: Simulated, name: string): Promise<RangeCost> =>
  (await on.stream(name)).cost!(on.context(), RANGE)

describe('a range of Planhat', () => {
  it('is what changed in it, found in the whole list, which is what it costs; it goes on where it stopped', async () => {
    s = await simulated(planhatTenant({ most: 10 }), planhat as unknown as Connector<never>)
    for (let n = 0; n < 25; n++)
      s.put({ kind: 'customer', id: planhatId('customer', n), fields: { name: `C${n}` }, changedAt: hoursAgo(n) })
    const wanted = [6, 7, 8, 9, 10].map((n) => planhatId('customer', n))
    const pages = await ranged(s, 'companies')
    expect(ids(pages)).toEqual(wanted)
    for (const [n, page] of pages.entries())
      if (page.cursor) expect(ids(await ranged(s, 'companies', page.cursor))).toEqual(ids(pages.slice(n + 1)))
    expect(pages.filter((page) => page.cursor).length).toBeGreaterThan(1)
    expect(await cost(s, 'companies')).toEqual({ calls: 2, rows: null, exact: false, by: 'change' })
  })
  it('says what a list costs that nobody counts, by few looks', async () => {
    s = await simulated(planhatTenant(), planhat as unknown as Connector<never>)
    for (let n = 0; n < 2_100; n++) s.put({ kind: 'contact', id: planhatId('contact', n), fields: {} })
    const before = s.seen.length
    expect(await cost(s, 'endusers')).toMatchObject({ calls: 4 })
    expect(s.seen.length - before).toBe(2)
  })
})

describe('a range of a described API', () => {
  const account = (on: Simulated, n: number, hours: number) =>
    on.put({
      kind: 'customer',
      id: restApi.id('customer', n),
      fields: { name: `A${n}` },
      createdAt: hoursAgo(99),
      changedAt: hoursAgo(hours),
    })

  it('is asked for by changes, ends behind its end, and goes on at the page where it stopped', async () => {
    s = await simulated(restApi, rest as unknown as Connector<never>)
    for (let n = 0; n < 160; n++) account(s, n, n < 20 ? 20 : n < 130 ? 7 : 1)
    const before = s.seen.length
    const pages = await ranged(s, 'accounts')
    expect(new Set(ids(pages)).size).toBe(110)
    expect(s.seen.slice(before).filter(({ path }) => path === '/v3/accounts')).toHaveLength(3)
    expect(ids(await ranged(s, 'accounts', pages[0]!.cursor!))).toEqual(ids(pages.slice(1)))
    // Fifty rows in the first three of five hours, drawn out.
    expect(await cost(s, 'accounts')).toEqual({ calls: 2, rows: 84, exact: false, by: 'change' })
  })
  it('costs one call where one page holds it, and says so exactly', async () => {
    s = await simulated(restApi, rest as unknown as Connector<never>)
    for (let n = 0; n < 8; n++) account(s, n, n + 3)
    expect(await cost(s, 'accounts')).toEqual({ calls: 1, rows: 5, exact: true, by: 'change' })
    expect(ids(await ranged(s, 'accounts'))).toHaveLength(5)
  })
  it('is picked out of the whole list where that cannot be asked for changes', async () => {
    s = await simulated(restApi, rest as unknown as Connector<never>, {
      config: (own) => {
        const { accounts } = own['streams'] as { accounts: Record<string, unknown> }
        const { changes: _, ...list } = accounts
        return { ...own, streams: { accounts: list } }
      },
    })
    for (let n = 0; n < 120; n++) account(s, n, n < 3 ? 7 : 1)
    expect(ids(await ranged(s, 'accounts')).sort()).toEqual([0, 1, 2].map((n) => restApi.id('customer', n)))
    expect(await cost(s, 'accounts')).toEqual({ calls: 3, rows: null, exact: false, by: 'change' })
  })
  it('has none where nothing says when a row changed', async () => {
    s = await simulated(restApi, rest as unknown as Connector<never>, {
      config: (own) => {
        const { accounts } = own['streams'] as { accounts: Record<string, unknown> }
        const { changes: _, changed: __, ...list } = accounts
        return { ...own, streams: { accounts: list } }
      },
    })
    expect((await s.stream('accounts')).range).toBeUndefined()
  })
})

describe('a range of files', () => {
  const drop = (held: Record<string, string>, settings: Record<string, unknown> = {}) => {
    const stored = (name: string) => Buffer.from(held[name]!)
    const local: ConnectorFiles = {
      list: async () =>
        Object.keys(held).map((name) => ({ name, path: name, size: stored(name).length, modifiedAt: NOON })),
      read: async (path) => stored(path),
      stream: async function* (path) {
        yield stored(path)
      },
    }
    const config = files.config.parse({ folder: '/drop', mode: 'increment', ...settings })
    const context = { platform: 'erp', config, timezone: 'Europe/Berlin', files: local, clock: { now: () => NOON } }
    return { ...context, mode: 'changes', pageSize: 1000 } as never
  }
  const day = (from: string, to: string): Range => ({ from: Date.parse(`${from}Z`), to: Date.parse(`${to}Z`) })
  async function read(ctx: never, range: Range, cursor: Cursor = null): Promise<Page[]> {
    const [stream] = await files.discover!(ctx)
    const pages: Page[] = []
    for await (const page of stream!.range!(ctx, range, cursor)) pages.push(page)
    return pages
  }
  const said = (pages: Page[]) => pages.flatMap((p) => p.rows.map((r) => (r.value as { name: string }).name))
  const SERIES = {
    'customers-2026-11-01.csv': 'record_id,name\n1,A1\n2,B1\n',
    'customers-2026-11-02.csv': 'record_id,name\n1,A2\n3,C2\n3,C2 again\n',
    'customers-2026-11-03.csv': 'record_id,name\n4,D3\n',
    'customers-2026-11-04.csv': 'record_id,name\n2,B4\n',
  }

  it('of increments takes each record once, as the last file that has it says it', async () => {
    const ctx = drop(SERIES)
    // Midnight in Berlin is eleven in the evening before.
    const range = day('2026-10-31T23:00', '2026-11-02T23:00')
    const pages = await read(ctx, range)
    expect(said(pages)).toEqual(['A2', 'C2 again'])
    const places = pages.filter((page) => page.cursor !== undefined)
    expect(places.map((page) => page.cursor)).toEqual([
      { read: 'customers-2026-11-02.csv' },
      { read: 'customers-2026-11-01.csv' },
    ])
    expect(said(await read(ctx, range, places[0]!.cursor!))).toEqual([])
    expect(said(await read(ctx, day('2026-10-31T23:00', '2026-11-01T23:00')))).toEqual([])
    expect(said(await read(ctx, day('2026-11-02T23:00', '2026-11-03T23:00')))).toEqual(['D3'])
  })
  it('of snapshots is what changed in the newest one', async () => {
    const snapshot = 'record_id,name,changed_at\n1,early,2026-11-01T08:00:00Z\n2,in,2026-11-02T08:00:00Z\n3,unsaid,\n'
    const ctx = drop(
      { 'customers-2026-11-01.csv': 'record_id,name\n9,old\n', 'customers-2026-11-05.csv': snapshot },
      { mode: 'snapshot' },
    )
    expect(said(await read(ctx, day('2026-11-02T00:00', '2026-11-03T00:00')))).toEqual(['in', 'unsaid'])
  })
  it('costs nothing in a folder, and says how many rows where the manifest does', async () => {
    const manifest = JSON.stringify({ files: { 'customers-2026-11-01.csv': { rows: 2 } } })
    const range = day('2026-10-31T23:00', '2026-11-01T23:00')
    for (const [held, rows] of [
      [SERIES, null],
      [{ ...SERIES, 'manifest.json': manifest }, 2],
    ] as const) {
      const ctx = drop(held)
      const [stream] = await files.discover!(ctx)
      expect(await stream!.cost!(ctx, range)).toEqual({ calls: 0, rows, exact: false, by: 'change' })
    }
  })
})
