/**
 * Receivers: what a platform sends us by itself. Verifying and reading are pure, so that they can be tested with the vendor's
 * own vectors; keeping, acknowledging and acting on what was read is the intake's work (server/intake).
 *
 * A delivery is acknowledged only after its bytes are durable. It may come twice, late, or before what caused it: `key` makes
 * it one, and what it says is never written as a record. A hook tells that something happened (an event) and what to read again.
 */
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
 * `signed`: the sender holds a secret of ours and the stamp is within tolerance on both sides. `unsigned`: the platform signs
 * nothing, so what is said is only a hint that causes a read. `refused`: a signature was due and is missing, wrong or too old.
 */
export type HookVerdict =
  { trust: 'signed' } | { trust: 'unsigned' } | { trust: 'refused'; reason: string; remedy?: string }

/** What one delivery says. */
export interface HookReading {
  /** The same delivery sent again has the same key; the vendor's event id, else a hash of the body. */
  key: string
  /** Events in the words of model/event.ts, as `Connector.events` would yield them. */
  events: RawRow[]
  /** Records that should be read again now: stream and id; without an id the stream's changes. */
  hints: { stream: string; id?: string }[]
}

export interface Receiver<Config = unknown> {
  /** Decides whether the sender may speak. Constant time; several secrets at once while they rotate. Pure: `now` is epoch ms. */
  verify(config: Config, request: HookRequest, now: number): HookVerdict
  /** The platform's own handshake (challenge, validation token), answered without keeping anything; null: this is a delivery. */
  handshake?(config: Config, request: HookRequest): HookReply | null
  /** What a delivery is answered once it is durable, where the platform asks for more than a plain 200 (SOAP). Pure. */
  acknowledge?(config: Config, request: HookRequest): HookReply
  /** Throws `MappingError` for what cannot be read: it goes to quarantine with its bytes. Pure. */
  read(config: Config, request: HookRequest): HookReading[]
}
