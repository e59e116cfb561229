/** Hook request: an HTTP request as the intake takes it, with its bytes as they came, and bounded. */
import type { Context as HonoContext } from 'hono'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { HookRequest } from '../../connectors/receiver.ts'
import { IN_FLIGHT_BYTES } from '../intake/limits.ts'
import type { Answer } from '../intake/accept.ts'

/** What is being received by all requests together. */
let inFlight = 0

export type Received = { request: HookRequest } | { refused: Answer }

const refuse = (status: number, title: string, headers: Record<string, string> = {}): Received => ({
  refused: {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify({ type: 'about:blank', status, title }),
  },
})

const inflate = promisify(gunzip)

/**
 * @param below path that the hook's own path starts behind
 * @param most bytes of the body, before and after it is unpacked
 * @param unpack gzip is unpacked (OTLP); a signature covers the packed bytes, so hooks keep them
 */
export async function receive(
  c: HonoContext,
  { below, most, unpack = false }: { below: string; most: number; unpack?: boolean },
): Promise<Received> {
  const megabytes = `${Math.round(most / 1e6)} MB`
  const declared = Number(c.req.header('content-length') ?? '0')
  if (declared > most) return refuse(413, `The body is larger than ${megabytes}.`)
  if (inFlight + declared > IN_FLIGHT_BYTES)
    return refuse(503, 'Too much is being received at the moment.', { 'retry-after': '1' })
  inFlight += declared
  try {
    let body = await bytesOf(c, most)
    if (body === null) return refuse(413, `The body is larger than ${megabytes}.`)
    const encoding = c.req.header('content-encoding')?.toLowerCase()
    if (unpack && encoding === 'gzip') body = await unpacked(body, most)
    else if (unpack && encoding !== undefined && encoding !== 'identity')
      return refuse(415, 'The content encoding must be gzip or none.')
    if (body === null) return refuse(413, `The body cannot be unpacked, or is larger than ${megabytes}.`)
    const url = new URL(c.req.url)
    const headers: Record<string, string> = {}
    c.req.raw.headers.forEach((text, name) => (headers[name.toLowerCase()] = text))
    if (unpack) delete headers['content-encoding']
    const path = url.pathname.slice(below.length) || '/'
    const query = Object.fromEntries(url.searchParams)
    return { request: { method: c.req.method, path: path + url.search, query, headers, body } }
  } catch {
    // The sender went away in the middle: nobody hears the answer.
    return refuse(400, 'The body is not complete.')
  } finally {
    inFlight -= declared
  }
}

/** Null: larger than it may be. A body of unknown length is read piece by piece, and no further than the limit. */
async function bytesOf(c: HonoContext, most: number): Promise<Uint8Array | null> {
  if (c.req.method === 'GET' || c.req.method === 'OPTIONS' || c.req.method === 'HEAD') return new Uint8Array()
  if (c.req.header('content-length') !== undefined) return new Uint8Array(await c.req.arrayBuffer())
  const stream = c.req.raw.body
  if (!stream) return new Uint8Array()
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of stream as unknown as AsyncIterable<Uint8Array>) {
    length += piece.length
    if (length > most) return null
    pieces.push(piece)
  }
  return Buffer.concat(pieces, length)
}

async function unpacked(body: Uint8Array, most: number): Promise<Uint8Array | null> {
  try {
    return await inflate(body, { maxOutputLength: most * 4 })
  } catch {
    return null
  }
}
