/**
 * Posting to a receiver that somebody configured: one exchange, no redirect followed, private addresses refused at
 * connect, little of the answer read. A receiver that hangs, dribbles or floods costs its time limit and 64 kB.
 */
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Clock } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import { checkUrl, guardedLookup } from './address.ts'

/** What is read of an answer; the rest is not taken from the wire. */
export const ANSWER_BYTES_MAX = 64 * 1024

export interface Posting {
  method?: 'GET' | 'POST' | 'PUT'
  url: string
  headers: Record<string, string>
  body?: string
  /** Whole time from connecting to the end of the answer, milliseconds. */
  timeoutMs: number
  signal?: AbortSignal
}

export interface Posted {
  status: number
  headers: Record<string, string>
  /** At most 64 kB of it. */
  text: string
}

export interface Poster {
  /** @throws PlumblineError `config` for a refused address, `upstream` where no status line came in time */
  post(posting: Posting): Promise<Posted>
  close(): void
}

export function createPoster(clock: Clock, allowPrivateNetwork: boolean, lookup?: LookupFunction): Poster {
  const agents = {
    'http:': new HttpAgent({ keepAlive: true, maxSockets: 4, timeout: 60_000 }),
    'https:': new HttpsAgent({ keepAlive: true, maxSockets: 4, timeout: 60_000 }),
  }
  const guard = lookup ?? guardedLookup(allowPrivateNetwork)
  return {
    async post({ method = 'POST', url: written, headers, body, timeoutMs, signal }) {
      const url = new URL(written)
      checkUrl(url, new Set([url.host]), allowPrivateNetwork)
      const over = new AbortController()
      const ended = new AbortController()
      const stop = () => over.abort(signal?.reason)
      signal?.addEventListener('abort', stop, { once: true })
      clock.sleep(timeoutMs, ended.signal).then(
        () => over.abort(late(url, timeoutMs)),
        () => {},
      )
      try {
        return await new Promise<Posted>((resolve, reject) => {
          const request = (url.protocol === 'http:' ? httpRequest : httpsRequest)(
            url,
            {
              method,
              agent: agents[url.protocol as keyof typeof agents],
              lookup: guard,
              signal: over.signal,
              headers: {
                'user-agent': 'plumbline',
                'accept-encoding': 'identity',
                ...headers,
                ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
              },
            },
            (reply) => void readSome(reply).then(resolve, reject),
          )
          request.on('error', (error) => reject(failure(over.signal.aborted ? over.signal.reason : error, url)))
          request.end(body)
        })
      } finally {
        ended.abort()
        signal?.removeEventListener('abort', stop)
      }
    },
    close() {
      agents['http:'].destroy()
      agents['https:'].destroy()
    },
  }
}

/** The status is known: whatever becomes of the rest, it is the answer. */
function readSome(reply: IncomingMessage): Promise<Posted> {
  const chunks: Buffer[] = []
  let bytes = 0
  return new Promise((resolve) => {
    const end = () => {
      const headers: Record<string, string> = {}
      for (const [name, value] of Object.entries(reply.headers))
        if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
      const text = Buffer.concat(chunks).subarray(0, ANSWER_BYTES_MAX).toString('utf8')
      resolve({ status: reply.statusCode ?? 0, headers, text })
    }
    reply.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes < ANSWER_BYTES_MAX) return
      reply.destroy()
      end()
    })
    reply.on('end', end)
    reply.on('error', end)
    reply.on('close', end)
  })
}

const late = (url: URL, ms: number) =>
  new PlumblineError('upstream', `${url.host} did not answer within ${ms / 1000} s.`, { retryable: true })

function failure(thrown: unknown, url: URL): PlumblineError {
  if (thrown instanceof PlumblineError) return thrown
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const code = (error as NodeJS.ErrnoException).code ?? error.name
  if (code === 'EBLOCKED')
    return new PlumblineError(
      'config',
      `The address ${url.host} is refused: it lies in a private or reserved network.`,
      {
        cause: error,
        retryable: false,
        remedy: 'Set allow_private_network on the channel if the receiver is inside your own network.',
      },
    )
  return new PlumblineError('upstream', `${url.host} cannot be reached (${code}).`, { cause: error, retryable: true })
}
