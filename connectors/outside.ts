/** The outside as a connector sees it: HTTP through the guarded client, and files below the configured folders. Part of the contract. */
import type { Socket } from 'node:net'

/**
 * The only way out. It waits for the rate budget, authenticates, retries what is worth retrying, bounds time
 * and bytes, refuses redirects to other hosts, keeps numbers exact, and records what was called.
 */
export interface ConnectorHttp {
  /**
   * Sends one request and reads the whole answer. `authorise` receives it with its absolute URL, query included.
   * Network failures, 5xx and 429 are tried again by themselves; on 401 the tokens used are dropped and it is tried
   * once more. `connector.errors` sees every reply that `accept` does not list, 2xx included. Throws `PlumblineError` with a closed code; never returns an error status unless `accept` lists it. */
  request(request: HttpRequest): Promise<HttpReply>
}

export interface HttpRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Absolute, or a path below the connector's `base(config)`. */
  url: string
  query?: Record<string, string | number | boolean | undefined>
  headers?: Record<string, string>
  /** Sent as JSON. */
  json?: unknown
  /** Sent as application/x-www-form-urlencoded. */
  form?: Record<string, string>
  /** Sent as it is, as text/plain: continuation tokens that are a body of their own. */
  text?: string
  /** Leave the `authorise` step out: for the token request itself. */
  anonymous?: boolean
  /** Error statuses that are an answer for the caller (404 for "deleted meanwhile"). */
  accept?: number[]
  /** Whole-request deadline in milliseconds; default 60,000. */
  timeoutMs?: number
  /** The answer is wanted as bytes, as they came: `HttpReply.bytes`. A refusal is text all the same. */
  bytes?: boolean
  /** Which budget pays: verification reads come before sweeps when calls are short. */
  priority?: 'verify' | 'read' | 'sweep'
  /** A write: repeated only where the platform says that it did nothing (401, 429). An `upstream` error leaves its outcome unknown: read back. */
  once?: boolean
}

export interface HttpReply {
  status: number
  headers: Record<string, string>
  text: string
  /** The body, where the request asked for bytes and was answered; `text` is empty then. */
  bytes?: Uint8Array
  /** Parsed with exact numbers: integers beyond 2^53 and all decimals that would lose digits arrive as strings. */
  json(): unknown
}

/**
 * For platforms that speak a protocol of their own instead of HTTP: connections from the same guarded place, under the
 * same budget and with the same patience.
 */
export interface ConnectorLine {
  /**
   * One conversation over a connection of its own. `talk` gets a socket that is not connected yet and leads nowhere
   * else; the connection is closed when it ends. What it throws as `upstream` or `rate_limited` is tried again from the
   * beginning, so it must be harmless to repeat.
   */
  converse<T>(call: LineCall, talk: (socket: Socket) => Promise<T>): Promise<T>
}

export interface LineCall {
  /** Must be one of `connector.hosts(config)`, written `host:port`. */
  host: string
  port: number
  /** What is being done, for the call log; never a value. */
  what: string
  /** True if `talk` encrypts before anything secret is said. Else only private networks are allowed. */
  encrypted: boolean
  /** Deadline of one attempt in milliseconds; default 60,000. */
  timeoutMs?: number
  priority?: 'verify' | 'read' | 'sweep'
}

export interface ConnectorFiles {
  /** Files directly below `folder`, sorted by name, with size in bytes and modification time (epoch ms); `etag` names the bytes where the store does. */
  list(folder: string): Promise<{ name: string; path: string; size: number; modifiedAt: number; etag?: string }[]>
  read(path: string): Promise<Uint8Array>
  stream(path: string): AsyncIterable<Uint8Array>
}
