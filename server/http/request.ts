/** A request made ready for the wire: absolute address, body, headers with credentials; and where a redirect may lead. */
import type { Credentials, HttpReply, HttpRequest } from '../../connectors/contract.ts'
import { PlumblineError } from '../errors.ts'
import type { Priority } from './budget.ts'

const TIMEOUT_MS = 60_000
const REDIRECTS = 3

export interface Prepared {
  method: string
  url: URL
  headers: Record<string, string>
  body: string | undefined
  raw: boolean
  timeoutMs: number
  priority: Priority
  accept: ReadonlySet<number>
  /** Never sent twice: a write whose answer is lost is read back instead. */
  once: boolean
  /** `GET host/path`, for messages. */
  where: string
}

export async function prepared(
  original: HttpRequest,
  url: URL,
  priority: Priority,
  authorise: (r: HttpRequest) => Promise<Record<string, string>>,
): Promise<Prepared> {
  const { query: _, ...rest } = original
  const method = original.method ?? 'GET'
  const body =
    original.json !== undefined
      ? JSON.stringify(original.json)
      : original.form
        ? new URLSearchParams(original.form).toString()
        : original.text
  const type =
    original.json !== undefined
      ? 'application/json'
      : original.form
        ? 'application/x-www-form-urlencoded'
        : original.text === undefined
          ? undefined
          : 'text/plain'
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'plumbline' }
  if (type) headers['content-type'] = type
  if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body))
  const given = { ...original.headers, ...(await authorise({ ...rest, method, url: url.href })) }
  for (const [name, value] of Object.entries(given)) headers[name.toLowerCase()] = value
  const timeoutMs = original.timeoutMs ?? TIMEOUT_MS
  return {
    method,
    url,
    headers,
    body,
    raw: original.bytes === true,
    timeoutMs,
    priority: original.priority ?? priority,
    accept: new Set(original.accept),
    once: original.once === true,
    where: `${method} ${url.host}${url.pathname}`,
  }
}

export interface UsedTokens {
  credentials: Credentials
  /** Forgets the tokens that the last attempt used; false if it used none. */
  drop(): boolean
}

/** Remembers which tokens one request used, so that only those are dropped when the platform refuses them. */
export function recordTokens(inner: Credentials): UsedTokens {
  const used = new Map<string, string>()
  return {
    credentials: {
      async token(key, refresh) {
        const value = await inner.token(key, refresh)
        used.set(key, value)
        return value
      },
      drop: (key, value) => inner.drop(key, value),
    },
    drop() {
      for (const [key, value] of used) inner.drop(key, value)
      return used.size > 0
    },
  }
}

export function absolute({ url, query }: HttpRequest, base: string | undefined): URL {
  let full: URL
  try {
    // A path goes below the base's own path: `new URL('/a', base)` would drop it.
    full = /^https?:\/\//i.test(url)
      ? new URL(url)
      : new URL(`${(base ?? '').replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`)
  } catch (cause) {
    throw new PlumblineError('config', `“${(base ?? url).slice(0, 100)}” is not a web address.`, {
      cause,
      remedy: 'Check the base address in the platform’s settings.',
    })
  }
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined) full.searchParams.set(name, String(value))
  return full
}

export function hostOf(address: string): string {
  return /^https?:\/\//i.test(address) ? new URL(address).host : address.toLowerCase()
}

export function isRedirect({ status, headers }: HttpReply): boolean {
  return status >= 300 && status < 400 && status !== 304 && headers['location'] !== undefined
}

/** Follows inside the platform's own hosts only: our credentials go nowhere else. */
export function redirected(
  reply: HttpReply,
  from: URL,
  { method }: HttpRequest,
  hosts: ReadonlySet<string>,
  hops: number,
  platform: string,
): URL {
  const to = URL.canParse(reply.headers['location']!, from) ? new URL(reply.headers['location']!, from) : null
  if (to && hosts.has(to.host) && to.protocol === from.protocol && (method ?? 'GET') === 'GET' && hops < REDIRECTS)
    return to
  throw new PlumblineError(
    'upstream',
    `${platform} redirects to ${to ? to.host : 'no valid address'}, which is not followed.`,
    {
      status: reply.status,
      retryable: false,
      remedy: 'Set the platform’s final address in its settings.',
    },
  )
}
