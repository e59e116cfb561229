/** Safe fetch: what it does with answers, failures and credentials. */
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connector } from '../connectors/contract.ts'
import type { HttpDoor } from './world/http-door.ts'
import { httpDoor } from './world/http-door.ts'
import type { Answer } from './world/http-platform.ts'

let door: HttpDoor

beforeEach(async () => void (door = await httpDoor()))
afterEach(() => door.end())

describe('answers', () => {
  it('keeps integers beyond 2^53 and long decimals exact', async () => {
    door.platform.answer(() => ({ text: '{"id":9007199254740993,"amount":12345678901234.567891,"small":1.10}' }))
    const reply = await door.open().request({ url: '/things' })
    expect(reply.json()).toEqual({ id: '9007199254740993', amount: '12345678901234.567891', small: 1.1 })
    expect(door.platform.requests[0]!.path).toBe('/api/things')
  })

  it('sends query, JSON and form bodies as asked', async () => {
    door.platform.answer(() => ({ json: {} }))
    const { request } = door.open()
    await request({ url: '/a', query: { q: 'x y', none: undefined, n: 3 } })
    await request({ url: '/b', method: 'POST', json: { a: 1 } })
    await request({ url: '/c', method: 'POST', form: { grant: 'a b' } })
    expect(door.platform.requests[0]!.query.toString()).toBe('q=x+y&n=3')
    expect(door.platform.requests[1]).toMatchObject({ method: 'POST', body: '{"a":1}' })
    expect(door.platform.requests[2]!.body).toBe('grant=a+b')
  })

  it('unpacks gzip and reports an answer that is cut off as a failure that may pass', async () => {
    const packed = gzipSync(JSON.stringify({ ok: 'yes'.repeat(1000) }))
    door.platform.answer(({ path }) => ({
      headers: { 'content-encoding': 'gzip' },
      bytes: path.endsWith('whole') ? packed : packed.subarray(0, packed.length - 9),
    }))
    const { request, http } = door.open()
    expect((await request({ url: '/whole' })).json()).toHaveProperty('ok')
    await expect(door.settle(request({ url: '/cut' }))).rejects.toMatchObject({
      code: 'upstream',
      message: expect.stringContaining('cut off'),
    })
    expect(http.calls().filter((c) => c.code === 'upstream')).toHaveLength(5)
  })

  it('refuses a packed answer that unpacks to a thousand times its size', async () => {
    door.platform.answer(() => ({
      headers: { 'content-encoding': 'gzip' },
      bytes: gzipSync(Buffer.alloc(64 * 1024 * 1024)),
    }))
    await expect(door.open().request({ url: '/bomb' })).rejects.toMatchObject({
      code: 'schema',
      message: expect.stringContaining('too large'),
    })
    expect(door.platform.requests).toHaveLength(1)
  })

  it('refuses text that is not valid UTF-8, duplicate keys and numbers out of range', async () => {
    door.platform.answer(({ path }) => ({
      bytes: path.endsWith('bytes')
        ? Buffer.from([0x22, 0xff, 0x22])
        : Buffer.from(path.endsWith('keys') ? '{"a":1,"a":2}' : '[1e400]'),
    }))
    const { request } = door.open()
    await expect(request({ url: '/bytes' })).rejects.toMatchObject({ code: 'schema' })
    expect(() => request({ url: '/x' })).not.toThrow()
    const keys = await request({ url: '/keys' })
    expect(() => keys.json()).toThrow(/occurs twice/)
    const range = await request({ url: '/range' })
    expect(() => range.json()).toThrow(/out of range/)
  })

  it('treats a 200 with an error body as the failure that the connector reads in it', async () => {
    door.platform.answer(() => ({ json: { status: 'ERROR', why: 'record\u0000 locked' } }))
    const errors: Connector['errors'] = (reply) =>
      (reply.json() as { status?: string }).status === 'ERROR'
        ? { code: 'conflict', message: 'record\u0000 locked' }
        : undefined
    await expect(door.open({ errors }).request({ url: '/x' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('record locked'),
    })
  })

  it('gives error statuses that the caller accepts as answers', async () => {
    door.platform.answer(() => ({ status: 404 }))
    expect((await door.open().request({ url: '/gone', accept: [404] })).status).toBe(404)
    await expect(door.open().request({ url: '/gone' })).rejects.toMatchObject({ code: 'not_found', status: 404 })
  })
})

describe('failures', () => {
  it('tries a server error again, with growing waits, and gives up after five attempts', async () => {
    let left = 2
    door.platform.answer(() => (left-- > 0 ? { status: 503 } : { json: { ok: 1 } }))
    const { request } = door.open()
    expect((await door.settle(request({ url: '/a' }))).json()).toEqual({ ok: 1 })
    expect(door.platform.requests).toHaveLength(3)
    left = 1000
    await expect(door.settle(request({ url: '/a' }))).rejects.toMatchObject({ code: 'upstream', status: 503 })
    expect(door.platform.requests).toHaveLength(8)
  })

  it('waits at least as long as Retry-After says, in seconds or as a date', async () => {
    for (const made of [
      () => '120',
      () => new Date(Math.ceil(door.clock.now() / 1000) * 1000 + 120_000).toUTCString(),
    ]) {
      const header = made()
      let first = true
      door.platform.answer(() => {
        if (!first) return { json: {} }
        first = false
        return { status: 429, headers: { 'retry-after': header } }
      })
      const from = door.clock.now()
      const { request, http } = door.open()
      await door.settle(request({ url: '/a' }))
      expect(door.clock.now() - from).toBeGreaterThanOrEqual(120_000)
      expect(http.budget()).toMatchObject({ throttles: 1 })
    }
  })

  it('waits by its own measure when Retry-After is missing, negative, past or absurd, and ends the run when it is an hour', async () => {
    for (const header of [undefined, '-5', 'Wed, 21 Oct 2015 07:28:00 GMT', 'soon']) {
      let first = true
      door.platform.answer(() => {
        if (!first) return { json: {} }
        first = false
        return { status: 429, headers: header === undefined ? undefined : { 'retry-after': header } } as Answer
      })
      await door.settle(door.open().request({ url: '/a' }))
    }
    door.platform.answer(() => ({ status: 429, headers: { 'retry-after': '1000000000' } }))
    await expect(door.open().request({ url: '/a' })).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 3_600_000,
    })
  })

  it('renews a refused token once, for all who used it, and not again', async () => {
    let tokens = 0
    const authorise: Connector['authorise'] = async (_ctx, _request, credentials) => ({
      Authorization: `Bearer ${await credentials.token('access', async () => ({ value: `t${++tokens}`, expiresAt: null }))}`,
    })
    door.platform.answer(({ headers }) => (headers.authorization === 'Bearer t1' ? { status: 401 } : { json: {} }))
    const { request } = door.open({ authorise })
    await Promise.all(Array.from({ length: 4 }, () => request({ url: '/a' })))
    expect(tokens).toBe(2)
    door.platform.answer(() => ({ status: 401 }))
    await expect(request({ url: '/a' })).rejects.toMatchObject({ code: 'auth', status: 401 })
    expect(tokens).toBe(3)
    door.platform.answer(() => ({ status: 403 }))
    await expect(request({ url: '/a' })).rejects.toMatchObject({ code: 'auth', status: 403 })
    expect(tokens).toBe(3 + 1 - 1)
  })

  it('ends an answer that never finishes and one that falls silent', async () => {
    door.platform.answer(() => ({ raw: () => {} }))
    await expect(door.settle(door.open().request({ url: '/hang', timeoutMs: 20_000 }), 10_000)).rejects.toMatchObject({
      code: 'upstream',
      message: expect.stringContaining('did not finish within 20 s'),
    })
    door.platform.answer(() => ({ raw: (r) => void r.writeHead(200).write('{') }))
    await expect(
      door.settle(door.open().request({ url: '/silent', timeoutMs: 600_000 }), 10_000),
    ).rejects.toMatchObject({
      code: 'upstream',
      message: expect.stringContaining('sent nothing'),
    })
  })

  it('says in plain words that a connection was cut or that nothing listens', async () => {
    door.platform.answer(() => ({ raw: (r) => void r.socket!.destroy() }))
    await expect(door.settle(door.open().request({ url: '/cut' }))).rejects.toMatchObject({
      code: 'upstream',
      message: expect.stringContaining('cut'),
    })
    await door.platform.stop()
    await expect(door.settle(door.open().request({ url: '/none' }))).rejects.toMatchObject({
      message: expect.stringContaining('nothing listens'),
    })
  })
})

it('keeps a log of calls without values of parameters, headers or bodies', async () => {
  door.platform.answer(() => ({ json: { password: 'canary-4711' } }))
  const { request, http } = door.open({ authorise: async () => ({ authorization: 'Bearer canary-4711' }) })
  await request({ url: '/a', query: { token: 'canary-4711' }, method: 'POST', json: { key: 'canary-4711' } })
  expect(http.calls()[0]).toMatchObject({ method: 'POST', status: 200, url: expect.stringContaining('/api/a?token=…') })
  expect(JSON.stringify(http.calls())).not.toContain('canary')
})
