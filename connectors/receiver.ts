/**
 * Receivers: what a platform sends us by itself. Verifying and reading are pure, so that they can be tested with the vendor's
 * own vectors; keeping, acknowledging and acting on what was read is the intake's work (server/intake).
 *
 * A delivery is acknowledged only after its bytes are durable. It may come twice, late, or before what caused it: `key` makes
 * it one, and what it says is never written as a record. A hook tells that something happened (an event) and what to read again.
 */
import type { Span } from '../model/span.ts'
import type { RawRow } from './contract.ts'

export interface HookRequest {
  method: string
  /** Path below `/hooks/<platform>`, with the query. */
  path: string
  query: Record<string, string>
  /** Lower-case names. */
  headers: Record<string, string>
  /** The bytes as they came; signatures cover these. */
  body: Uint8Array
}

/** What the platform must be answered at once (a handshake), instead of the plain 200. */
export interface HookReply {
  status: number
  headers?: Record<string, string>
  body: string
}

/**
 * How far a delivery that is let in is proven. `signed`: a signature over its very bytes, whose stamp, where the scheme has one,
 * is within tolerance on both sides. `token`: a secret of ours in a header, which says who sends and covers neither the bytes nor
 * the time. `unsigned`: nothing, or a word in the address or the body that everybody on the way writes down.
 */
export type HookTrust = 'signed' | 'token' | 'unsigned'

/**
 * What is `signed` or comes by `token` may become an event; what is `unsigned` is only a hint that causes a read; none of them is
 * ever written as a record. `refused`: a proof was due and is missing, wrong or too old.
 */
export type HookVerdict = { trust: HookTrust } | { trust: 'refused'; reason: string; remedy?: string }

/** What one delivery says. */
export interface HookReading {
  /** The same delivery sent again has the same key; the vendor's event id, else a hash of the body. */
  key: string
  /** Events in the words of model/event.ts, as `Connector.events` would yield them. */
  events: RawRow[]
  /**
   * Records that should be read again now: stream and id; without an id the stream's changes. Of another configured
   * platform where it is named: middleware tells of records that others hold.
   */
  hints: { platform?: string; stream: string; id?: string }[]
  /** Steps of work that it reports, where it is a trace. */
  spans?: Span[]
}

export interface Receiver<Config = unknown> {
  /**
   * The standard that it speaks, where its deliveries may also come through the door of that standard (`POST /v1/events`,
   * `POST /v1/traces`) with a token of ours. There, of several platforms the first that `owns` a source is given what it sent.
   */
  standard?: 'cloudevents' | 'traces'
  /** Does this platform speak for the source: `source` of a CloudEvent, `service.name` of a trace? Default: for any. */
  owns?(config: Config, source: string): boolean
  /** Decides whether the sender may speak. Constant time; several secrets at once while they rotate. Pure: `now` is epoch ms. */
  verify(config: Config, request: HookRequest, now: number): HookVerdict
  /** The platform's own handshake (challenge, validation token), answered without keeping anything; null: this is a delivery. */
  handshake?(config: Config, request: HookRequest): HookReply | null
  /** What a delivery is answered once it is durable, where the platform asks for more than a plain 200 (SOAP). Pure. */
  acknowledge?(config: Config, request: HookRequest): HookReply
  /** Throws `MappingError` for what cannot be read: it goes to quarantine with its bytes. Pure. */
  read(config: Config, request: HookRequest): HookReading[]
}
