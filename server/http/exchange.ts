/**
 * One exchange over the wire: the only file that opens a connection. Bounds time (whole and idle) and bytes
 * (encoded, decoded, and their ratio), decodes text strictly, and reports failures as errors with a code.
 */
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { Clock } from '../clock.ts'
import { PlumblineError } from '../errors.ts'

export const ENCODED_MAX = 64 * 1024 * 1024
export const DECODED_MAX = 256 * 1024 * 1024
/** JSON shrinks 10 to 50 times; a bomb shrinks a thousand times. Judged only past 8 MB. */
export const RATIO_MAX = 250
const RATIO_FROM = 8 * 1024 * 1024
/** Longest silence inside an answer. */
export const IDLE_MS = 30_000

export interface ExchangeRequest {
  method: string
  url: URL
  headers: Record<string, string>
  body: string | undefined
  /** The answer is wanted as it came: neither unpacked nor read as text. */
  raw?: boolean
  timeoutMs: number
  signal: AbortSignal
}

export interface ExchangeReply {
  status: number
  headers: Record<string, string>
  text: string
  /** The body of an answer that was asked for raw. */
  body?: Uint8Array
  /** Bytes over the wire. */
  bytes: number
  /** Why the answer ends before its end: what came until then may say more. */
  cut?: PlumblineError
}

export interface Wire {
  exchange(request: ExchangeRequest): Promise<ExchangeReply>
  close(): void
}

/** @param lookup resolves names; the address guard sits here */
export function createWire(clock: Clock, lookup: LookupFunction, concurrency: number): Wire {
  const agents = {
    'http:': new HttpAgent({ keepAlive: true, maxSockets: concurrency }),
    'https:': new HttpsAgent({ keepAlive: true, maxSockets: concurrency }),
  }
  return {
    async exchange({ method, url, headers, body, raw, timeoutMs, signal }) {
      const watch = createWatch(clock, timeoutMs, signal)
      try {
        const agent = url.protocol === 'http:' ? agents['http:'] : agents['https:']
        const options: RequestOptions = {
          method,
          agent,
          lookup,
          signal: watch.signal,
          headers: { 'accept-encoding': 'gzip, deflate, br', ...headers },
        }
        const reply = await send(url, options, body)
        const plain = raw === true && (reply.statusCode ?? 0) < 300
        const read = await readBody(reply, watch.alive, plain)
        const flat = flatHeaders(reply)
        const { body: came, encoded: bytes } = read
        const status = reply.statusCode ?? 0
        if (read.cut !== undefined && (plain || watch.signal.aborted)) throw read.cut
        if (read.cut !== undefined)
          return { status, headers: flat, text: came.toString(), bytes, cut: failure(read.cut, url, signal) }
        if (plain) return { status, headers: flat, text: '', body: came, bytes }
        return { status, headers: flat, text: decode(came, flat['content-type'] ?? '', url), bytes }
      } catch (error) {
        throw failure(watch.signal.aborted ? watch.signal.reason : error, url, signal)
      } finally {
        watch.stop()
      }
    },
    close() {
      agents['http:'].destroy()
      agents['https:'].destroy()
    },
  }
}

/** A signal that fires at the whole deadline, after silence, or when the caller gives up. */
function createWatch(
  clock: Clock,
  timeoutMs: number,
  caller: AbortSignal,
): { signal: AbortSignal; alive: () => void; stop: () => void } {
  const fired = new AbortController()
  const ended = new AbortController()
  let moved = false
  const give = (reason: Error) => fired.abort(reason)
  const onCaller = () => give(caller.reason as Error)
  if (caller.aborted) onCaller()
  caller.addEventListener('abort', onCaller, { once: true })
  const sleep = (ms: number) => clock.sleep(ms, ended.signal)
  sleep(timeoutMs).then(
    () => give(late(`did not finish within ${timeoutMs / 1000} s`)),
    () => {},
  )
  void (async () => {
    for (;;) {
      moved = false
      await sleep(IDLE_MS)
      if (!moved) return give(late(`sent nothing for ${IDLE_MS / 1000} s`))
    }
  })().catch(() => {})
  return {
    signal: fired.signal,
    alive: () => void (moved = true),
    stop: () => {
      caller.removeEventListener('abort', onCaller)
      ended.abort()
    },
  }
}

const late = (what: string) => Object.assign(new Error(what), { code: 'ELATE' })

function send(url: URL, options: RequestOptions, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'http:' ? httpRequest : httpsRequest)(url, options, resolve)
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

async function readBody(
  reply: IncomingMessage,
  alive: () => void,
  plain: boolean,
): Promise<{ body: Buffer; encoded: number; cut?: unknown }> {
  let encoded = 0
  let decoded = 0
  // Kept aside: a pipeline that is broken off reports the breaking, not its reason.
  let refused: PlumblineError | undefined
  const refuse = (what: string) => (refused ??= tooLarge(what))
  const chunks: Buffer[] = []
  reply.on('data', (chunk: Buffer) => {
    alive()
    encoded += chunk.length
    if (encoded > ENCODED_MAX) reply.destroy(refuse(`more than ${ENCODED_MAX / 1_048_576} MB`))
  })
  const collect = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      decoded += chunk.length
      if (decoded > DECODED_MAX) throw refuse(`more than ${DECODED_MAX / 1_048_576} MB when unpacked`)
      if (decoded > RATIO_FROM && decoded > encoded * RATIO_MAX)
        throw refuse(`it unpacks to more than ${RATIO_MAX} times its size`)
      chunks.push(chunk)
    }
  }
  const unpack = plain ? undefined : decompressor(reply.headers['content-encoding'])
  try {
    if (unpack) await pipeline(reply, unpack, collect)
    else await pipeline(reply, collect)
  } catch (error) {
    if (refused) throw refused
    return { body: Buffer.concat(chunks, decoded), encoded, cut: error }
  }
  return { body: Buffer.concat(chunks, decoded), encoded }
}

function decompressor(encoding: string | undefined): Duplex | undefined {
  const name = (encoding ?? 'identity').trim().toLowerCase()
  if (name === 'identity' || name === '') return undefined
  if (name === 'gzip' || name === 'x-gzip') return createGunzip()
  if (name === 'deflate') return createInflate()
  if (name === 'br') return createBrotliDecompress()
  // Nested encodings have no honest use here.
  throw new PlumblineError('schema', `The answer is packed as “${name.slice(0, 40)}”, which cannot be unpacked.`)
}

function tooLarge(what: string): PlumblineError {
  return new PlumblineError('schema', `The answer is too large: ${what}.`, {
    remedy: 'Ask for smaller pages in the connector’s settings.',
    retryable: false,
  })
}

function decode(body: Buffer, contentType: string, url: URL): string {
  const charset = /charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset, { fatal: true }).decode(body)
  } catch (cause) {
    throw new PlumblineError('schema', `The answer of ${url.host}${url.pathname} is not valid ${charset} text.`, {
      cause,
      retryable: false,
    })
  }
}

function flatHeaders(reply: IncomingMessage): Record<string, string> {
  const flat: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, value] of Object.entries(reply.headers))
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value
  return flat
}

/** Words for what the system calls by codes. */
const WORDS: Record<string, string> = {
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be resolved now',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut before the answer was complete',
  EPIPE: 'the connection was cut before the answer was complete',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate chain is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate cannot be verified',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  Z_BUF_ERROR: 'the packed answer is cut off',
  Z_DATA_ERROR: 'the packed answer is damaged',
}

/** What a connection that failed means, in words. */
export function failure(thrown: unknown, url: URL, caller: AbortSignal): PlumblineError {
  if (thrown instanceof PlumblineError) return thrown
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  if (caller.aborted)
    return new PlumblineError('upstream', 'The run was stopped before the answer came.', {
      cause: error,
      retryable: false,
    })
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (code === 'EBLOCKED')
    return new PlumblineError(
      'config',
      `The address ${url.host} is refused: it lies in a private or reserved network.`,
      {
        cause: error,
        retryable: false,
        remedy: 'Set allow_private_network if the platform is inside your own network.',
      },
    )
  if (code === 'ELATE')
    return new PlumblineError('upstream', `${url.host} ${error.message}.`, {
      cause: error,
      remedy: 'It is tried again by itself.',
    })
  const words =
    WORDS[code] ??
    (error.message === 'unexpected end of file'
      ? 'the packed answer is cut off'
      : `the connection failed (${code || error.name})`)
  return new PlumblineError('upstream', `${url.host} cannot be read: ${words}.`, {
    cause: error,
    remedy: 'It is tried again by itself; check the address, DNS and certificate if it stays.',
  })
}
