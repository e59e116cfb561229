/**
 * Auth flows: tokens kept per configured platform and refreshed by one caller at a time, and the grants that
 * fetch them. Each grant returns what `Credentials.token` keeps; secrets are revealed only inside a request.
 */
import { createHmac, createSign, randomBytes, sign as signBytes, constants } from 'node:crypto'
import type { ConnectorContext, Credentials, HttpRequest } from './contract.ts'
import { ConnectorError } from './contract.ts'
import type { Secret } from './secret.ts'

export interface Token {
  value: string
  /** Epoch ms; null: good until the platform says otherwise. */
  expiresAt: number | null
}

/** A token is renewed this long before it expires, so that none expires on its way. */
const EARLY_MS = 60_000

export function createCredentials(clock: { now(): number }): Credentials {
  const kept = new Map<string, Token>()
  const refreshing = new Map<string, Promise<string>>()
  const fresh = ({ expiresAt }: Token) => expiresAt === null || expiresAt - EARLY_MS > clock.now()
  return {
    async token(key, refresh) {
      const have = kept.get(key)
      if (have && fresh(have)) return have.value
      const running = refreshing.get(key)
      if (running) return running
      const work = refresh().then((token) => {
        kept.set(key, token)
        return token.value
      })
      refreshing.set(key, work)
      try {
        return await work
      } finally {
        refreshing.delete(key)
      }
    },
    drop(key, value) {
      if (value === undefined || kept.get(key)?.value === value) kept.delete(key)
    },
  }
}

type Asker = Pick<ConnectorContext, 'http' | 'clock' | 'platform'>

interface Client {
  tokenUrl: string
  clientId: string
  clientSecret: Secret
  scope?: string
  /** Where the client's secret travels; default `basic`. */
  send?: 'basic' | 'body'
  /** Further form fields (`audience`, `resource`). */
  extra?: Record<string, string>
}

/** RFC 6749 §4.4: the platform trusts the application itself. */
export function clientCredentials(ctx: Asker, client: Client): Promise<Token> {
  return ask(ctx, client, { grant_type: 'client_credentials' })
}

/** RFC 6749 §6: a person gave consent once and left a refresh token. */
export function refreshToken(ctx: Asker, client: Client & { refreshToken: Secret }): Promise<Token> {
  return ask(ctx, client, { grant_type: 'refresh_token', refresh_token: client.refreshToken.reveal() })
}

interface Assertion {
  tokenUrl: string
  issuer: string
  /** Left out where the platform takes it for somebody else to act for. */
  subject?: string
  audience: string
  /** PEM, PKCS #8 or PKCS #1. */
  privateKey: Secret
  keyId?: string
  algorithm?: JwtAlgorithm
  scope?: string
  extra?: Record<string, string>
}

/** RFC 7523 §2.1: a signed assertion instead of a password (Salesforce JWT bearer). */
export function jwtBearer(ctx: Asker, assertion: Assertion): Promise<Token> {
  return post(ctx, assertion.tokenUrl, {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: assertionOf(ctx, assertion),
    ...(assertion.scope && { scope: assertion.scope }),
    ...assertion.extra,
  })
}

/** RFC 7523 §2.2: client credentials, proven by a signed assertion (NetSuite machine to machine). */
export function clientAssertion(ctx: Asker, assertion: Assertion): Promise<Token> {
  return post(ctx, assertion.tokenUrl, {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertionOf(ctx, assertion),
    ...(assertion.scope && { scope: assertion.scope }),
    ...assertion.extra,
  })
}

function assertionOf(
  ctx: Asker,
  { issuer, subject, audience, scope, privateKey, keyId, algorithm }: Assertion,
): string {
  const now = Math.floor(ctx.clock.now() / 1000)
  const claims = {
    iss: issuer,
    ...(subject !== undefined && { sub: subject }),
    aud: audience,
    ...(scope && { scope }),
    iat: now,
    exp: now + 180,
  }
  return signJwt(claims, privateKey, { algorithm: algorithm ?? 'RS256', ...(keyId && { keyId }) })
}

export type JwtAlgorithm = 'RS256' | 'PS256' | 'ES256'

/** @throws ConnectorError `config` when the key cannot be read; the key itself is never in the message. */
export function signJwt(claims: object, key: Secret, how: { algorithm: JwtAlgorithm; keyId?: string }): string {
  const header = { alg: how.algorithm, typ: 'JWT', ...(how.keyId && { kid: how.keyId }) }
  const input = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`
  try {
    return `${input}.${signature(input, key.reveal(), how.algorithm)}`
  } catch {
    throw new ConnectorError('config', 'The private key cannot be read.', {
      remedy: 'Give an unencrypted PEM file (BEGIN PRIVATE KEY) that fits the algorithm.',
    })
  }
}

function signature(input: string, key: string, algorithm: JwtAlgorithm): string {
  if (algorithm === 'RS256') return createSign('RSA-SHA256').update(input).sign(key, 'base64url')
  const options =
    algorithm === 'PS256'
      ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
      : { key, dsaEncoding: 'ieee-p1363' as const }
  return signBytes('sha256', Buffer.from(input), options).toString('base64url')
}

/** RFC 7617, for APIs that take an account name and a key. */
export function basic(user: string, password: Secret): string {
  return `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}`
}

export interface OAuth1 {
  consumerKey: string
  consumerSecret: Secret
  token: string
  tokenSecret: Secret
  realm?: string
  /** Given only by tests; otherwise fresh for every request. */
  nonce?: string
}

/**
 * RFC 5849 with HMAC-SHA256 (NetSuite token-based authentication): the `Authorization` header for one request.
 * @param request with its absolute URL, query included, as `authorise` receives it
 */
export function oauth1(request: HttpRequest, keys: OAuth1, now: number): string {
  const url = new URL(request.url)
  const fields: Record<string, string> = {
    oauth_consumer_key: keys.consumerKey,
    oauth_nonce: keys.nonce ?? randomBytes(16).toString('hex'),
    oauth_signature_method: 'HMAC-SHA256',
    oauth_timestamp: String(Math.floor(now / 1000)),
    oauth_token: keys.token,
    oauth_version: '1.0',
  }
  const pairs = [...url.searchParams, ...Object.entries(request.form ?? {}), ...Object.entries(fields)]
    .map(([k, v]) => [percent(k), percent(v)] as const)
    .sort(([a, x], [b, y]) => order(a, b) || order(x, y))
    .map(([k, v]) => `${k}=${v}`)
    .join('&')
  const base = [request.method ?? 'GET', percent(`${url.protocol}//${url.host}${url.pathname}`), percent(pairs)].join(
    '&',
  )
  const key = `${percent(keys.consumerSecret.reveal())}&${percent(keys.tokenSecret.reveal())}`
  fields['oauth_signature'] = createHmac('sha256', key).update(base).digest('base64')
  const listed = Object.entries(fields).map(([k, v]) => `${k}="${percent(v)}"`)
  return `OAuth ${[...(keys.realm ? [`realm="${keys.realm}"`] : []), ...listed].join(', ')}`
}

async function ask(ctx: Asker, client: Client, grant: Record<string, string>): Promise<Token> {
  const form: Record<string, string> = { ...grant, ...(client.scope && { scope: client.scope }), ...client.extra }
  if (client.send === 'body') {
    return post(ctx, client.tokenUrl, {
      ...form,
      client_id: client.clientId,
      client_secret: client.clientSecret.reveal(),
    })
  }
  return post(ctx, client.tokenUrl, form, { authorization: basic(client.clientId, client.clientSecret) })
}

async function post(
  ctx: Asker,
  url: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Token> {
  // 400 carries the RFC 6749 §5.2 error word, which says more than the status; a 401 is the client's own failure.
  const reply = await ctx.http.request({ method: 'POST', url, form, headers, anonymous: true, accept: [400, 401] })
  const body = object(reply.status < 500 ? safeJson(reply) : null)
  const value = body['access_token']
  if (typeof value === 'string' && value !== '') {
    const seconds = Number(body['expires_in'])
    return { value, expiresAt: Number.isFinite(seconds) && seconds > 0 ? ctx.clock.now() + seconds * 1000 : null }
  }
  const word = typeof body['error'] === 'string' ? body['error'].slice(0, 60) : `status ${reply.status}`
  throw new ConnectorError('auth', `${ctx.platform} gives no access token (${word}).`, {
    remedy: REMEDY[word] ?? 'Check the client id, its secret and the granted scopes.',
  })
}

const REMEDY: Record<string, string> = {
  invalid_client: 'The client id or its secret is wrong or was revoked; create a new secret and set it.',
  invalid_grant: 'The consent, refresh token or key is no longer good; connect the platform again.',
  invalid_scope: 'A scope of the configuration does not exist or was not granted.',
  unauthorized_client: 'The application may not use this grant; allow it in the platform’s settings.',
}

function safeJson(reply: { json(): unknown }): unknown {
  try {
    return reply.json()
  } catch {
    return null
  }
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function percent(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}
