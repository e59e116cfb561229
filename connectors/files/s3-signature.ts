/** AWS Signature Version 4 in the form that S3 and stores like it ask for: one header over method, path, query and headers. */
import { createHash, createHmac } from 'node:crypto'
import type { HttpRequest } from '../contract.ts'
import type { Secret } from '../secret.ts'

export interface S3Keys {
  region: string
  access_key_id: string
  secret_access_key: Secret
  session_token?: Secret | undefined
}

/** Of nothing: reads have no body. */
const EMPTY = createHash('sha256').update('').digest('hex')
/** Headers of a request that are signed where it has them, besides those that are always there. */
const SIGNED = ['range']

/** Headers that authenticate one read. @param now epoch ms; the store refuses what is off by a quarter of an hour */
export function s3Headers(request: HttpRequest, keys: S3Keys, now: number): Record<string, string> {
  const url = new URL(request.url)
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const own: Record<string, string> = {
    'x-amz-content-sha256': EMPTY,
    'x-amz-date': stamp,
    ...(keys.session_token && { 'x-amz-security-token': keys.session_token.reveal() }),
  }
  const given = Object.entries(request.headers ?? {}).filter(([name]) => SIGNED.includes(name.toLowerCase()))
  const headers = { host: url.host, ...Object.fromEntries(given.map(([k, v]) => [k.toLowerCase(), v])), ...own }
  const names = Object.keys(headers).sort()
  const listed = names.map((name) => `${name}:${headers[name as keyof typeof headers].trim()}\n`).join('')
  const canonical = [request.method ?? 'GET', url.pathname, canonicalQuery(url), listed, names.join(';'), EMPTY].join(
    '\n',
  )
  const scope = `${stamp.slice(0, 8)}/${keys.region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', stamp, scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  const key = scope
    .split('/')
    .reduce<Buffer | string>((inner, part) => hmac(inner, part), `AWS4${keys.secret_access_key.reveal()}`)
  const signature = createHmac('sha256', key).update(text).digest('hex')
  const credential = `Credential=${keys.access_key_id}/${scope}`
  return {
    ...own,
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}

const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest()

function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => `${percent(name)}=${percent(value)}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join('&')
}

/** RFC 3986: everything but letters, digits and `-._~`. */
export function percent(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
