/** Described APIs, read: every way of paging, sign-in and asking for changes, over real HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConnectorContext, Cursor, Page, StreamContext } from '../connectors/contract.ts'
import connector from '../connectors/rest/connector.ts'
import { createHttp } from '../server/http.ts'
import { handClock } from './world/clock.ts'
import type { Answer, HttpPlatform, Seen } from './world/http-platform.ts'
import { startHttpPlatform } from './world/http-platform.ts'

type Settings = Record<string, unknown>
const T0 = Date.parse('2026-11-20T12:00:00Z')

let platform: HttpPlatform
beforeAll(async () => void (platform = await startHttpPlatform()))
afterAll(() => platform.stop())

const DATE = { date: new Date(T0).toUTCString() }
const row = (n: number) => ({
  id: `c${n}`,
  name: `Customer ${n}`,
  updated_at: new Date(T0 - 600_000 + n * 1_000).toISOString(),
})
const ROWS = Array.from({ length: 7 }, (_, i) => row(i + 1))
const LIST = { kind: 'customer', path: '/clients', changed: 'updated_at', fields: { name: 'name' } }

function reading(stream: Settings, more: Settings = {}) {
  const config = connector.config.parse({
    base_url: `${platform.url}/v2`,
    ping: { path: '/me' },
    streams: { clients: { ...LIST, ...stream } },
    ...more,
  })
  const clock = handClock(T0)
  const http = createHttp({
    platform: 'projects',
    connector: connector as never,
    config,
    clock,
    allowPrivateNetwork: true,
    random: () => 0,
  })
  const log = { info: () => {}, warn: () => {} }
  const signal = new AbortController().signal
  const context = (): StreamContext<never> => ({
    platform: 'projects',
    config: config as never,
    timezone: 'UTC',
    files: undefined as never,
    clock,
    log,
    signal,
    mode: 'changes',
    pageSize: 200,
    http: http.bind({ context: context as () => ConnectorContext<never>, signal, priority: 'read' }),
  })
  const read = async (cursor: Cursor = null, mode: 'changes' | 'full' = 'changes'): Promise<Page[]> => {
    const [found] = await connector.discover!(context() as never)
    const pages: Page[] = []
    for await (const page of found!.read({ ...context(), mode } as never, cursor)) pages.push(page)
    return pages
  }
  return { read, context, config, http }
}

const ids = (pages: readonly Page[]) => pages.flatMap((p) => p.rows.map((r) => r.id))
const wanted = ROWS.map((r) => r.id)
/** Answers the list, and the ping that tells the platform's clock. */
const list = (by: (request: Seen) => Answer) =>
  platform.answer((request) => ({ headers: DATE, ...(request.path === '/v2/me' ? { json: {} } : by(request)) }))

describe('paging', () => {
  const three = (from: number) => ROWS.slice(from, from + 3)
  const size = { page_size: { parameter: 'limit', most: 3 } }
  const number = (request: Seen, name: string, start = 0) => Number(request.query.get(name) ?? start)

  it.each<[string, Settings, (request: Seen) => Answer]>([
    [
      'an address in the body',
      { rows: 'data', paging: { style: 'next_url', at: 'links.next' } },
      (r) => {
        const from = number(r, 'at')
        return {
          json: {
            data: three(from),
            links: { next: from + 3 < 7 ? `${platform.url}/v2/clients?at=${from + 3}` : null },
          },
        }
      },
    ],
    [
      'a Link header',
      { paging: { style: 'link_header' } },
      (r) => {
        const from = number(r, 'at')
        return {
          json: three(from),
          headers: {
            ...DATE,
            ...(from + 3 < 7 && { link: `<${platform.url}/v2/clients?at=${from + 3}>; rel="next"` }),
          },
        }
      },
    ],
    [
      'a cursor',
      { rows: 'data', paging: { style: 'cursor', parameter: 'after', at: 'end', more: 'more' } },
      (r) => {
        const from = number(r, 'after')
        return { json: { data: three(from), end: String(from + 3), more: from + 3 < 7 } }
      },
    ],
    [
      'the last id',
      { ...size, paging: { style: 'last_id', parameter: 'after' } },
      (r) => ({ json: three(wanted.indexOf(r.query.get('after') ?? '') + 1) }),
    ],
    [
      'an offset',
      { ...size, paging: { style: 'offset', parameter: 'skip' } },
      (r) => ({ json: three(number(r, 'skip')) }),
    ],
    ['page numbers', { ...size, paging: { style: 'page' } }, (r) => ({ json: three((number(r, 'page', 1) - 1) * 3) })],
    ['no pages', { paging: { style: 'none' } }, () => ({ json: ROWS })],
  ])('follows %s to the end', async (_, stream, answer) => {
    list(answer)
    const pages = await reading(stream).read()
    expect(ids(pages)).toEqual(wanted)
    expect(pages.at(-1)).toMatchObject({ last: true, snapshot: true, completeThrough: T0 - 60_000 })
  })

  it('stops a list that names the same next page twice', async () => {
    list(() => ({ json: { data: three(0), end: 'x' } }))
    await expect(
      reading({ rows: 'data', paging: { style: 'cursor', parameter: 'after', at: 'end' } }).read(),
    ).rejects.toMatchObject({ code: 'schema' })
  })

  it('starts a full enumeration anew where the place of a page is gone, and says where the rows are missing', async () => {
    const style = { rows: 'data', paging: { style: 'cursor', parameter: 'after', at: 'end' } }
    list((r) => (r.query.get('after') === 'gone' ? { status: 410 } : { json: { data: ROWS } }))
    expect(ids(await reading(style).read({ began: T0, next: 'gone' }, 'full'))).toEqual(wanted)
    list(() => ({ json: { items: [], error: 'no' } }))
    await expect(reading(style).read()).rejects.toMatchObject({
      code: 'schema',
      remedy: expect.stringContaining('streams.clients.rows'),
    })
  })
})

describe('changes', () => {
  const since = (format: string, more: Settings = {}) => ({ changes: { parameter: 'since', format, ...more } })
  const asked = () => platform.requests.at(-1)!.query.get('since')

  it.each([
    ['iso', '2026-11-20T11:58:59.000Z'],
    ['epoch_seconds', String((T0 - 61_000) / 1000)],
    ['epoch_ms', String(T0 - 61_000)],
    ['date', '2026-11-19'],
  ])('asks in %s, from the lag before the last run and one unit earlier', async (format, expected) => {
    list(() => ({ json: [] }))
    const api = reading(since(format))
    const [first] = await api.read()
    expect(asked()).toBeNull()
    await api.read(first!.cursor!)
    expect(asked()).toBe(expected)
  })

  it('fills a filter, and asks for the very stamp where the API includes it', async () => {
    list(() => ({ json: [] }))
    const api = reading(since('iso', { template: 'modified ge {since}', inclusive: true }))
    await api.read((await api.read())[0]!.cursor!)
    expect(asked()).toBe('modified ge 2026-11-20T11:59:00.000Z')
  })

  it('goes on inside a broken run at the stamp it had reached, where rows come in order', async () => {
    list((r) => ({
      json: {
        data: r.query.get('after') ? ROWS.slice(3) : ROWS.slice(0, 3),
        ...(!r.query.get('after') && { end: '3' }),
      },
    }))
    const api = reading({
      rows: 'data',
      ...since('iso', { inclusive: true, ordered: true }),
      paging: { style: 'cursor', parameter: 'after', at: 'end' },
    })
    const pages = await api.read()
    expect(pages[0]!.cursor).toMatchObject({ done: false, id: 'c3' })
    await api.read(pages[0]!.cursor!)
    expect(platform.requests.findLast((r) => r.query.has('since'))!.query.get('since')).toBe(row(3).updated_at)
  })
})

describe('errors and sign-in', () => {
  it('reads the API’s own words where its status says nothing', async () => {
    list(() => ({ json: { fault: { code: 'QUOTA', text: 'come back later' } } }))
    const api = reading(
      {},
      { errors: [{ status: 200, at: 'fault.code', equals: ['QUOTA'], means: 'auth', message: 'fault.text' }] },
    )
    await expect(api.read()).rejects.toMatchObject({
      code: 'auth',
      message: expect.stringContaining('come back later QUOTA'),
    })
  })

  it.each<[Settings, string, string]>([
    [{ flow: 'bearer', token: 'tok-123456' }, 'authorization', 'Bearer tok-123456'],
    [
      { flow: 'basic', user: 'key', password: 'x-123456' },
      'authorization',
      `Basic ${Buffer.from('key:x-123456').toString('base64')}`,
    ],
    [{ flow: 'header', name: 'X-Api-Key', value: 'val-123456' }, 'x-api-key', 'val-123456'],
  ])('signs in by %o', async (auth, header, value) => {
    list(() => ({ json: [] }))
    const api = reading({}, { auth, headers: { 'x-version': '7' } })
    await api.read()
    expect(platform.requests.at(-1)!.headers).toMatchObject({ [header]: value, 'x-version': '7' })
    expect(JSON.stringify([api.config, api.http.calls()])).not.toMatch(/-123456/)
  })

  it('keeps a refresh token’s access token, and learns the budget of the named headers', async () => {
    let asked = 0
    platform.answer((r) =>
      r.path === '/token'
        ? (asked++, { json: { access_token: 'fresh', expires_in: 3600 } })
        : { headers: { ...DATE, 'x-left': '90', 'x-all': '100' }, json: [] },
    )
    const auth = {
      flow: 'refresh_token',
      token_url: `${platform.url}/token`,
      client_id: 'a',
      client_secret: 's',
      refresh_token: 'r',
      send: 'body',
    }
    const api = reading({}, { auth, budget: { limit: 'X-All', remaining: 'X-Left' } })
    await api.read()
    await connector.ping(api.context() as never)
    expect(asked).toBe(1)
    expect(api.http.budget()).toMatchObject({ limit: 100 })
  })
})
