/**
 * The connector contract: the manual of the connector author.
 *
 * A connector is one folder, `connectors/<name>/`, whose `connector.ts` default-exports a value made by
 * `defineConnector`. It is found by its folder name; nothing else in the product changes when one is added.
 * The folder carries its README.md (scopes, limits, lag, replay window, what is unverified), icon.svg,
 * optional helper files of its own, and fixtures/ written by us.
 *
 * A connector never touches `fetch`, the environment, the disk or the server: everything that it may use
 * comes in through the context. It imports from `connectors/*.ts` (shared parts), `model/` and its own folder.
 *
 * Promises that the contract suite (test/connector-contract.test.ts) holds every connector to:
 * reading ends; resuming from any cursor that was handed out gives the same rows again; 401, 403, 429, 5xx
 * and time-outs become the right error codes; nothing secret reaches a log line; a row that cannot be mapped
 * becomes a named mapping error and never stops the others.
 */
import type { z } from 'zod'
import type { RawRecord } from '../model/record.ts'
import type { Action, ActionName } from './action.ts'
import type { ConnectorFiles, ConnectorHttp, ConnectorLine, HttpReply, HttpRequest } from './outside.ts'
import type { Receiver } from './receiver.ts'

export type { ConnectorFiles, ConnectorHttp, ConnectorLine, HttpReply, HttpRequest } from './outside.ts'

/** Everything a connector may use while it works for one configured platform. */
export interface ConnectorContext<Config = unknown> {
  /** The configured platform's name (`salesforce-us`), for messages. */
  platform: string
  config: Config
  /** IANA time zone of the platform, for stamps without an offset. */
  timezone: string
  http: ConnectorHttp
  /** Connections for platforms that do not speak HTTP. */
  line?: ConnectorLine
  /** Files below the folders that the configuration names; used by file-shaped platforms. */
  files: ConnectorFiles
  /** `sleep` waits between two looks at work that the platform does in the background. */
  clock: { now(): number; sleep?(ms: number, signal?: AbortSignal): Promise<void> }
  log: {
    info(message: string, fields?: Record<string, string | number | boolean | null>): void
    warn(message: string, fields?: Record<string, string | number | boolean | null>): void
  }
  signal: AbortSignal
}

/** Opaque to everything but the stream that made it; JSON, at most 64 kB. Null means from the beginning. */
export type Cursor = Record<string, unknown> | null

/** One platform object as it came, before mapping. `id` and `stamp` are read by the connector, because paging needs them anyway. */
export interface RawRow {
  /** The platform's id where it can be read at all; used to quarantine what cannot be mapped. */
  id: string | null
  /** The object, parsed; what `map` receives. */
  value: unknown
  /** The bytes as they came, for quarantine and for the unchanged test. Text where the source is text. */
  raw: string
  /** The bytes, where they are no valid text: quarantine keeps these instead of `raw`. */
  bytes?: Uint8Array
  /** Where it came from, for messages: file and line, or URL path. */
  at?: string
  /** Set when the row could not even be parsed: it goes to quarantine with its raw bytes. */
  unreadable?: string
}

export interface Page {
  rows: RawRow[]
  /**
   * Resume point after this page: reading from it again yields everything that this page did not. Saved only
   * after the rows are durable, and of a page without rows at once: what was asked for is then not asked for twice.
   * Undefined: the page is not a resume point (the next one that carries one is).
   */
  cursor?: Cursor
  /**
   * All changes up to this instant (epoch ms, the platform's own clock) are surely in what has been read so far
   * of this run. Set on the last page at the latest; the platform's visibility lag is already subtracted.
   */
  completeThrough?: number
  /** Tombstones: ids that the platform says are deleted, with the survivor's id for merges. */
  deleted?: { id: string; at?: number; mergedInto?: string }[]
  /** Fields that this read can carry at all, where that is only known from the data (a CSV's header). */
  held?: string[]
  /**
   * The rows are the platform's present state, not changes: a stamp older than what we hold is taken, and `last`
   * ends a complete enumeration in `mode: 'changes'` too (a newer snapshot file). Enumerations start at the
   * beginning of the read, after each `last`, and where `source` names another file; inside one, no page carries a cursor except the last.
   */
  snapshot?: boolean
  /**
   * Where the columns are only known from the data: the file's name, its columns, and those of them that no canonical
   * name fits. What the configured mapping does not use either is reported, with the nearest name. `declared`: the file
   * itself says which columns it has, so that one which is not named is surely gone.
   */
  source?: { name: string; columns: string[]; unread: string[]; declared?: boolean }
  /** Rows that the source says it has, and rows that were read of it: the completeness figure where there is no `count`. */
  counted?: { theirs: number; ours: number }
  /** What people should know about this read and nobody may miss: a file still being written, a damaged file left out. */
  notes?: string[]
  /** For `mode: 'full'` (and `snapshot`): this page ends a complete enumeration; records of the stream not seen in it are gone. */
  last?: boolean
}

/** How the platform tells that a record is gone. */
export type Deletes =
  | 'tombstone' // its change feed carries deletions
  | 'flag' // rows stay and carry a flag
  | 'sweep' // only by comparing keys with a full enumeration

/**
 * A page of recorded events: the `value` of each row is an event in the words of model/event.ts. Up to
 * `completeThrough` all that happened has been told, so that silence means that nothing was sent.
 */
export type EventPage = Pick<Page, 'rows' | 'cursor' | 'completeThrough' | 'notes'>

export interface StreamContext<Config> extends ConnectorContext<Config> {
  /** `changes` since the cursor; `full` enumerates everything live (from its own cursor space). */
  mode: 'changes' | 'full'
  /** Rows per page wanted; the platform's maximum wins. */
  pageSize: number
}

export interface Stream<Config = unknown> {
  /** Name within the connector, unique (`accounts`); configuration and cursors use it. */
  name: string
  /** Canonical kind that it yields. */
  kind: string
  /** The platform's own word for it, for people (`Account`). */
  source: string
  /** Canonical fields that this platform can hold, before custom mapping. A field not listed is never compared with it. */
  holds: readonly string[]
  deletes: Deletes
  /**
   * Yields pages oldest change first, or in the order of a key that never changes (connectors/key-order.ts). Must end. Ties in
   * stamps must not be lost across a page edge (connectors/cursor.ts).
   */
  read(ctx: StreamContext<Config>, cursor: Cursor): AsyncIterable<Page>
  /**
   * What lies in a range, read again: a repair after an outage, a lost month. Ordered and resumable like `read`, with a cursor
   * space of its own; it moves no other cursor and concludes nothing about what it did not see.
   */
  range?(ctx: StreamContext<Config>, range: Range, cursor: Cursor): AsyncIterable<Page>
  /** What `range` would take, before anybody decides. A few calls at most. */
  cost?(ctx: ConnectorContext<Config>, range: Range): Promise<RangeCost>
  /** One platform object → canonical words, values as the platform wrote them. Throw `MappingError` to quarantine it. Pure. */
  map(row: RawRow, ctx: MapContext<Config>): RawRecord
  /** Reads one record now: the check before a finding opens. Null: it does not exist any more. */
  one?(ctx: ConnectorContext<Config>, id: string): Promise<RawRow | null>
  /** The platform's own count of live records, where it has one. */
  count?(ctx: ConnectorContext<Config>): Promise<number>
}

/** A span of time on the platform's clock, epoch ms: `to` is exclusive. By change, or by creation where changes have no time (`by`). */
export interface Range {
  from: number
  to: number
}

/** Calls and rows of a range; null: the platform cannot say. `exact` false: an estimate. */
export interface RangeCost {
  calls: number | null
  rows: number | null
  exact: boolean
  /** What the range goes by on this platform. */
  by: 'change' | 'creation'
}

export interface MapContext<Config = unknown> {
  config: Config
  platform: string
  timezone: string
}

/** A row that cannot be mapped: named field and reason, quarantined with its raw bytes, never a stop. */
export class MappingError extends Error {
  readonly field: string
  constructor(field: string, reason: string) {
    super(reason)
    this.name = 'MappingError'
    this.field = field
  }
}

/**
 * What a connector throws when it cannot go on: a closed code, one clear sentence, and what to do about it.
 * `config`: the settings are wrong. `schema`: the platform or file has a shape that we cannot read.
 * `ctx.http` throws the same codes by itself; anything else that is thrown counts as `upstream`.
 */
export class ConnectorError extends Error {
  readonly code: 'config' | 'auth' | 'rate_limited' | 'upstream' | 'schema' | 'not_found' | 'conflict'
  readonly remedy: string | undefined
  readonly retryable: boolean
  readonly file: string | undefined
  readonly line: number | undefined
  constructor(
    code: ConnectorError['code'],
    message: string,
    detail: { remedy?: string; retryable?: boolean; file?: string; line?: number; cause?: unknown } = {},
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = 'ConnectorError'
    this.code = code
    this.remedy = detail.remedy
    this.retryable = detail.retryable ?? (code === 'rate_limited' || code === 'upstream')
    this.file = detail.file
    this.line = detail.line
  }
}

/** How often the platform may be asked, before it tells us itself by its headers. */
export interface Limits {
  /** Calls per window by default. */
  calls: number
  windowMs: number
  /** Calls at the same time. */
  concurrency: number
  /** Share of the budget left to everybody else who uses the platform, 0..1. */
  reserve: number
}

/** What the platform's reply says about our budget; read after every call. */
export interface BudgetReading {
  limit?: number
  remaining?: number
  /** Epoch ms at which `remaining` is full again. */
  resetsAt?: number
  /** The same as milliseconds from now, where the platform says it so. */
  resetsInMs?: number
}

/** How this platform says things went wrong, in its own dialect. Undefined: the status decides (401/403 auth, 429 rate_limited, 5xx upstream). */
export type ErrorReader = (reply: HttpReply) =>
  | {
      code: 'auth' | 'rate_limited' | 'upstream' | 'schema' | 'not_found' | 'conflict'
      message: string
      retryAfterMs?: number
      retryable?: boolean
    }
  | undefined

export interface Connector<Config = unknown> {
  /** Vendor name for people (`Salesforce`). */
  title: string
  /** Two letters that stand for the vendor in tight places (`SF`); left out: taken from the platform’s title. */
  mark?: string
  /** zod strict object: validation, settings form and documentation in one; describe every key. Secrets use `secret()` of connectors/secret.ts. */
  config: z.ZodType<Config>
  /** Base address for relative request URLs; also the only host (with `hosts`) that requests may go to. */
  base?(config: Config): string
  /** Further hosts that belong to the platform (login hosts). */
  hosts?(config: Config): string[]
  /** Headers that authenticate one request. Called per request; keep tokens in the `Credentials` given (connectors/oauth.ts). */
  authorise?(
    ctx: ConnectorContext<Config>,
    request: HttpRequest,
    credentials: Credentials,
  ): Promise<Record<string, string>>
  /** One cheap authenticated call. Resolves with what it found (account name, granted scopes), throws what is wrong. */
  ping(ctx: ConnectorContext<Config>): Promise<{ account: string; missingScopes?: string[]; clockSkewMs?: number }>
  streams: readonly Stream<Config>[]
  /** Streams that depend on the configuration (`files`: one per file found). Replaces `streams` when present. */
  discover?(ctx: ConnectorContext<Config>): Promise<readonly Stream<Config>[]>
  /**
   * Events that the platform reports of changes on their way and of itself, read after its streams. The same event may
   * come again: it is kept once. No page at all: it reports none.
   */
  events?(ctx: ConnectorContext<Config>, cursor: Cursor): AsyncIterable<EventPage>
  /** What it can be told to do (connectors/action.ts); a platform without any is only read. */
  actions?: readonly Action<Config>[]
  /**
   * Actions that depend on the configuration. Replaces `actions` when present; ask by `actionsOf` of connectors/action.ts.
   * Empty while the configuration has no `write` section: a platform is only read until somebody says otherwise.
   */
  actionsOf?(config: Config): readonly Action<Config>[]
  /** Why the platform cannot be told to do something that others can: shown to whoever asks for it, in a sentence with what to do. */
  cannot?: Partial<Record<ActionName, string>>
  /** What it sends by itself (connectors/receiver.ts). */
  receive?: Receiver<Config>
  limits: Limits
  budget?(reply: HttpReply, config: Config): BudgetReading | undefined
  errors?(reply: HttpReply, config: Config): ReturnType<ErrorReader>
  /** How late a committed row may become visible in reads, in milliseconds: subtracted from complete-through and re-read as overlap. */
  lagMs: number
  /** How long the platform keeps events for replay, in days; null if it keeps none. */
  replayDays: number | null
  /** Address of the record in the platform's own screens. */
  link?(config: Config, kind: string, id: string): string | null
}

/** Where an auth flow keeps its tokens: one per configured platform, refreshed by one caller at a time. */
export interface Credentials {
  /** The value under `key` while it is fresh, else the result of `refresh`, which runs once however many wait. */
  token(key: string, refresh: () => Promise<{ value: string; expiresAt: number | null }>): Promise<string>
  /** Forgets it: the platform said it is no longer good. With `value`, only if that is still the one kept: a late 401 must not drop a fresh token. */
  drop(key: string, value?: string): void
}

/** Types a connector without losing its configuration type. */
export function defineConnector<Config>(connector: Connector<Config>): Connector<Config> {
  return connector
}
