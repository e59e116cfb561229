/** Safe fetch: which addresses it goes to, and which it never does. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isBlocked } from '../server/http/address.ts'
import type { HttpDoor } from './world/http-door.ts'
import { httpDoor } from './world/http-door.ts'

let door: HttpDoor

beforeEach(async () => void (door = await httpDoor()))
afterEach(() => door.end())

describe('addresses', () => {
  it('follows redirects inside the platform only', async () => {
    door.platform.answer(({ path }) =>
      path === '/api/old'
        ? { status: 302, headers: { location: '/api/new' } }
        : path === '/api/away'
          ? { status: 302, headers: { location: 'https://elsewhere.example/x' } }
          : { json: { path } },
    )
    const { request } = door.open()
    expect((await request({ url: '/old' })).json()).toEqual({ path: '/api/new' })
    await expect(request({ url: '/away' })).rejects.toMatchObject({
      code: 'upstream',
      retryable: false,
      message: expect.stringContaining('elsewhere.example'),
    })
  })

  it('refuses hosts that are not the platform’s, credentials in the address, and plain http', async () => {
    const { request } = door.open()
    await expect(request({ url: 'https://elsewhere.example/' })).rejects.toMatchObject({ code: 'config' })
    await expect(request({ url: door.platform.url.replace('://', '://user:pw@') })).rejects.toMatchObject({
      code: 'config',
    })
    const closed = door.open({ base: () => 'http://api.example.com' }, { allowPrivateNetwork: false })
    await expect(closed.request({ url: '/' })).rejects.toMatchObject({ message: expect.stringContaining('only https') })
    expect(door.platform.requests).toHaveLength(0)
  })

  it('refuses private addresses as literals and when a name resolves to one at connect', async () => {
    const literal = door.open({ base: () => 'https://127.0.0.1:8443' }, { allowPrivateNetwork: false })
    await expect(literal.request({ url: '/' })).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('private'),
    })
    const named = door.open({ base: () => 'https://localhost:8443' }, { allowPrivateNetwork: false })
    await expect(named.request({ url: '/' })).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('private or reserved'),
    })
  })

  it('knows every spelling of an address that must not be reached', () => {
    for (const a of [
      '127.0.0.1',
      '10.1.2.3',
      '172.31.0.1',
      '192.168.1.1',
      '100.64.0.1',
      '::1',
      'fc00::1',
      '::ffff:10.0.0.1',
      '[::1]',
    ]) {
      expect(isBlocked(a, false), a).toBe(true)
      expect(isBlocked(a, true), a).toBe(false)
    }
    for (const a of [
      '0.0.0.0',
      '169.254.169.254',
      '224.0.0.1',
      '255.255.255.255',
      'fe80::1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      'ff02::1',
      '::',
      '::ffff:169.254.169.254',
      'not an address',
    ])
      expect(isBlocked(a, true), a).toBe(true)
    for (const a of ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'])
      expect(isBlocked(a, false), a).toBe(false)
  })
})
