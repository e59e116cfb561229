/**
 * A simulated platform: what the laboratory's company believes is stored there, and the vendor dialect that serves it.
 *
 * The company (lab/company.ts) writes canonical records into a `PlatformState`; a `Simulator`
 * (lab/platforms/<vendor>.ts) speaks the vendor's real API over HTTP on top of it. Faults of the
 * *data* are the company's work; faults of the *API* (throttling, 5xx, expiring cursors) are the simulator's.
 */
import type { HookSender, HookTrouble } from './hooks.ts'

import type { RecordedEvent } from '../model/event.ts'

export interface SimRecord {
  /** The platform's own id, in the vendor's form. */
  id: string
  kind: string
  /** Canonical field name → canonical text (money as decimal in major units, dates ISO); null is empty. A missing key was never set. */
  fields: Record<string, string | null>
  /** Canonical state; the simulator spells it in the vendor's words. */
  state: string | null
  /** A status word of the vendor that is in no reference map: shown as it is instead of the state's word. */
  oddStatus?: string
  /** Platform name → id there, where this platform keeps it (external-id field, metadata). */
  refs: Record<string, string>
  /** Epoch ms, the platform's own stamps. */
  createdAt: number
  changedAt: number
  /** From when on a reader sees this version (late commits, index lag); the simulator shows the version before until then. */
  visibleAt: number
  deletedAt?: number
  mergedInto?: string
  changedBy: string
}

/** What one call of the API changes; what it does not name stays. */
export interface SimWrite {
  by: string
  fields?: Record<string, string | null>
  state?: string | null
  /** null takes an id away. */
  refs?: Record<string, string | null>
  deleted?: boolean
}

export interface PlatformState {
  /** Configured platform name (`salesforce`). */
  name: string
  vendor: string
  /** The laboratory's clock, epoch ms. */
  now(): number
  /** Versions visible now, deleted ones included, in no particular order. */
  records(kind: string): SimRecord[]
  record(kind: string, id: string): SimRecord | undefined
  /**
   * Somebody writes through the API, and the company knows of it from then on. `id` null makes a record.
   * Readers see it at once, whatever else is late.
   */
  change(kind: string, id: string | null, by: SimWrite): SimRecord
  /** What the middleware recorded of the changes that it carried, oldest first; left out: this platform carries none. */
  told?(): RecordedEvent[]
  /** Faults of the API; the simulator consults it at every request. */
  api: ApiFaults
}

export interface ApiFaults {
  /** What the next request meets; null: nothing. Called once per request, seeded, so a run repeats exactly. */
  next(request: { method: string; path: string }): ApiFault | null
}

export type ApiFault =
  | { kind: 'throttle'; retryAfterSeconds?: number } // in the vendor's own dialect
  | { kind: 'error'; status: number } // 500, 502, 503
  | { kind: 'hang' } // the connection is dropped without an answer
  | { kind: 'truncated' } // half of the body, then the socket closes
  | { kind: 'expired_session' } // the token is no longer good
  | { kind: 'expired_cursor' } // the page cursor is no longer known
  | { kind: 'poison'; recordIndex: number } // one row of the page cannot be mapped
  | { kind: 'lost_reply' } // the request is carried out, its answer never comes
  | { kind: 'error_after'; status: number } // the request is carried out and answered with a 5xx
  | { kind: 'conflict' } // somebody else changes the record just before the write

export interface Simulator {
  vendor: string
  role: string
  /** Canonical kinds that this platform keeps in the laboratory's company. */
  kinds: readonly string[]
  /** Those of them that the company lives through here; left out: all. Where a platform lacks words for what the company does, only these agree. */
  lived?: readonly string[]
  /** Canonical fields it can hold, per kind: the company writes no others here. */
  holds(kind: string): readonly string[]
  /** The n-th id of a kind, in the vendor's form, deterministic. */
  id(kind: string, n: number): string
  /** Starts the API on a free loopback port. */
  start(state: PlatformState): Promise<RunningSimulator>
}

export interface RunningSimulator {
  url: string
  /** The platform entry of plumbline.yaml that reads it (connector, role, config, maps, allow_private_network). */
  platformConfig: Record<string, unknown>
  /** Reference maps that the entry names. */
  referenceMaps: Record<string, unknown>
  /** Requests served, for tests of budgets. */
  requests(): number
  /** Everything that the API was made to change, oldest first; a vendor without write endpoints has none. */
  mutations?(): readonly Mutation[]
  /** Its webhooks, told to an address; a vendor that sends nothing has none. */
  hooks?(url: string, trouble?: HookTrouble): HookSender
  stop(): Promise<void>
}

/** One change by a call of the API: the vendor's own account of it, by which double writes are found. */
export interface Mutation {
  at: number
  method: string
  path: string
  /** Parsed: an object, or the flat pairs of a form; null for none. */
  body: unknown
  /** The idempotency key or external id that the call carried. */
  key: string | null
  kind: string
  record: string
  before: SimRecord | null
  after: SimRecord | null
}
