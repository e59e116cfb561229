/** Auth flows: tokens are fetched once, kept while fresh, and signed as the standards say. */
import { createHmac, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { HttpRequest } from '../connectors/contract.ts'
import {
  basic,
  clientCredentials,
  createCredentials,
  jwtBearer,
  oauth1,
  refreshToken,
  signJwt,
} from '../connectors/oauth.ts'
import { Secret } from '../connectors/secret.ts'
import { handClock } from './world/clock.ts'

const clock = handClock()

function platform(status: number, body: unknown) {
  const asked: HttpRequest[] = []
  const http = {
    request: async (request: HttpRequest) => (asked.push(request), { status, headers: {}, text: '', json: () => body }),
  }
  return { asked, ctx: { http, clock, platform: 'shop' } }
}

describe('credentials', () => {
  it('refresh once for all who wait, and again shortly before the token expires', async () => {
    const credentials = createCredentials(clock)
    let refreshes = 0
    const refresh = async () => {
      await new Promise((r) => setImmediate(r))
      return { value: `t${++refreshes}`, expiresAt: clock.now() + 600_000 }
    }
    expect(await Promise.all(Array.from({ length: 20 }, () => credentials.token('access', refresh)))).toEqual(
      Array(20).fill('t1'),
    )
    await clock.turn(530_000)
    expect(await credentials.token('access', refresh)).toBe('t1')
    await clock.turn(15_000)
    expect(await credentials.token('access', refresh)).toBe('t2')
  })

  it('do not keep a failure, and drop only the token that was refused', async () => {
    const credentials = createCredentials(clock)
    await expect(credentials.token('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await credentials.token('a', async () => ({ value: 'new', expiresAt: null }))).toBe('new')
    credentials.drop('a', 'old')
    expect(await credentials.token('a', async () => ({ value: 'other', expiresAt: null }))).toBe('new')
    credentials.drop('a', 'new')
    expect(await credentials.token('a', async () => ({ value: 'other', expiresAt: null }))).toBe('other')
  })
})

describe('grants', () => {
  const client = { tokenUrl: 'https://login/token', clientId: 'id', clientSecret: new Secret('s€cret') }

  it('ask for a token without being authorised themselves', async () => {
    const { ctx, asked } = platform(200, { access_token: 'tok', expires_in: 3600 })
    expect(await clientCredentials(ctx, { ...client, scope: 'read' })).toEqual({
      value: 'tok',
      expiresAt: clock.now() + 3_600_000,
    })
    expect(asked[0]).toMatchObject({
      anonymous: true,
      form: { grant_type: 'client_credentials', scope: 'read' },
      headers: { authorization: basic('id', client.clientSecret) },
    })
    await refreshToken(ctx, { ...client, send: 'body', refreshToken: new Secret('r') })
    expect(asked[1]!.form).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'r',
      client_id: 'id',
      client_secret: 's€cret',
    })
  })

  it('say what to do when it is refused, without any secret', async () => {
    const { ctx } = platform(400, { error: 'invalid_grant', error_description: 'canary' })
    await expect(refreshToken(ctx, { ...client, refreshToken: new Secret('canary') })).rejects.toMatchObject({
      code: 'auth',
      message: 'shop gives no access token (invalid_grant).',
      remedy: expect.stringContaining('connect the platform again'),
    })
  })
})

describe('signatures', () => {
  it('of JWTs verify with the public key, for every algorithm', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pem = (k: typeof rsa) => new Secret(k.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    for (const [algorithm, pair, options] of [
      ['RS256', rsa, {}],
      ['PS256', rsa, { padding: 6, saltLength: 32 }],
      ['ES256', ec as unknown as typeof rsa, { dsaEncoding: 'ieee-p1363' as const }],
    ] as const) {
      const jwt = signJwt({ iss: 'me' }, pem(pair), { algorithm, keyId: 'k1' })
      const [head, body, signature] = jwt.split('.')
      expect(JSON.parse(Buffer.from(head!, 'base64url').toString())).toEqual({ alg: algorithm, typ: 'JWT', kid: 'k1' })
      expect(
        verify(
          'sha256',
          Buffer.from(`${head}.${body}`),
          { key: createPublicKey(pair.publicKey.export({ type: 'spki', format: 'pem' })), ...options },
          Buffer.from(signature!, 'base64url'),
        ),
      ).toBe(true)
    }
    const { ctx, asked } = platform(200, { access_token: 'tok' })
    expect(
      await jwtBearer(ctx, { tokenUrl: 'https://l/t', issuer: 'i', subject: 's', audience: 'a', privateKey: pem(rsa) }),
    ).toEqual({ value: 'tok', expiresAt: null })
    const claims = JSON.parse(
      Buffer.from(asked[0]!.form!['assertion']!.split('.')[1]!, 'base64url').toString(),
    ) as Record<string, unknown>
    expect(claims).toMatchObject({ iss: 'i', sub: 's', aud: 'a', exp: Math.floor(clock.now() / 1000) + 180 })
    expect(() => signJwt({}, new Secret('no key canary'), { algorithm: 'RS256' })).toThrow(
      expect.objectContaining({ code: 'config', message: expect.not.stringContaining('canary') }),
    )
  })

  it('of OAuth 1.0 requests cover the method, address, query and every parameter', () => {
    const keys = {
      consumerKey: 'ck',
      consumerSecret: new Secret('cs'),
      token: 'tk',
      tokenSecret: new Secret('ts'),
      realm: '123_SB1',
      nonce: 'n',
    }
    const header = oauth1(
      { method: 'POST', url: 'https://123.example/rest?b=2%203&a=x%2By&a=1' },
      keys,
      1_700_000_000_000,
    )
    const base =
      'POST&https%3A%2F%2F123.example%2Frest&a%3D1%26a%3Dx%252By%26b%3D2%25203%26oauth_consumer_key%3Dck%26oauth_nonce%3Dn%26oauth_signature_method%3DHMAC-SHA256%26oauth_timestamp%3D1700000000%26oauth_token%3Dtk%26oauth_version%3D1.0'
    const signature = createHmac('sha256', 'cs&ts').update(base).digest('base64')
    expect(header).toBe(
      `OAuth realm="123_SB1", oauth_consumer_key="ck", oauth_nonce="n", oauth_signature_method="HMAC-SHA256", oauth_timestamp="1700000000", oauth_token="tk", oauth_version="1.0", oauth_signature="${encodeURIComponent(signature)}"`,
    )
    expect(oauth1({ url: 'https://x.example/' }, { ...keys, nonce: undefined } as never, 0)).not.toBe(
      oauth1({ url: 'https://x.example/' }, { ...keys, nonce: undefined } as never, 0),
    )
  })
})
