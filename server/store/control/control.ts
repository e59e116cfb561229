/**
 * Control: everything that needs "at most once", "both or neither" or "only if still so".
 * One interface, so that another transactional database can serve several writers later; SQLite is the
 * implementation (sqlite.ts). Every method is one transaction; conditional ones say whether they won.
 * Instants are epoch milliseconds; JSON values are plain data.
 */
import type { AlertStore } from './alert-rows.ts'
import type { OutboxStore } from './outbox-rows.ts'
import type { CheckDraftStore } from './check-drafts.ts'
import type { CheckRulingStore } from './check-rulings.ts'
import type { LayoutStore } from './layouts.ts'
import type { LanguageStore } from './languages.ts'
import type { MentionStore } from './mentions.ts'
import type { AuditCuts } from './audit-cuts.ts'
import type { RetentionStore } from './retention.ts'
import type { ReportStore } from './reports.ts'
import type { ViewStore } from './saved-views.ts'
import type { ExceptionStore } from './exceptions.ts'
import type { RemedyStore } from './remedy-rows.ts'
import type { IntakeStore } from './intake.ts'
import type { IdentityDecisions } from './identity-decisions.ts'
import type { StreamMark } from './marks.ts'

export interface StreamState {
  platform: string
  stream: string
  kind: string
  cursor: unknown
  /** Cursor of an unfinished full enumeration, null when none runs. */
  sweepCursor: unknown
  /** All changes up to this instant are surely read; null before the first complete read. */
  completeThrough: number | null
  lastSuccessAt: number | null
  lastFullAt: number | null
  lastError: { code: string; message: string; remedy?: string; at: number } | null
  /** The platform's own count and ours, at the same moment. */
  completeness: { theirs: number; ours: number; at: number } | null
  /** Set when a sweep saw too much vanish: what it saw; cleared by a person. */
  stopped: { reason: string; at: number } | null
  held: string[]
  rowsRead: number
  rowsStored: number
  quarantined: number
}

export interface RunRecord {
  id: string
  stage: 'collect' | 'identify' | 'check' | 'measure'
  /** Platform/stream or check id. */
  subject: string
  startedAt: number
  finishedAt: number | null
  outcome: 'running' | 'ok' | 'failed' | 'interrupted'
  error: { code: string; message: string; remedy?: string } | null
  stats: Record<string, number | string | null>
}

export interface CheckState {
  check: string
  version: string
  /** Touched-table sequence up to which this check has looked; null: never. */
  through: string | null
  lastRunAt: number | null
  lastFullAt: number | null
  lastError: { code: string; message: string; remedy?: string; at: number } | null
}

export type WorkflowKind = 'assigned' | 'snoozed' | 'accepted' | 'reopened' | 'commented'

export interface IssueRow {
  number: number
  fingerprint: string
  check: string
  firstSeenAt: number
  assigneeTeam: string | null
  assigneePerson: string | null
  snoozedUntil: number | null
  snoozeReason: string | null
  /** What ends the snooze before its time, JSON; null: time alone. */
  snoozeWakes: string | null
  acceptedUntil: number | null
  acceptReason: string | null
}

export interface Activity {
  issue: number
  at: number
  actor: string
  what: WorkflowKind | 'opened' | 'resolved' | 'regressed' | 'rechecked' | 'fixed' | 'fix_did_not_hold'
  detail: Record<string, unknown>
}

export const USER_ROLES = ['viewer', 'operator', 'approver', 'admin'] as const
export type UserRole = (typeof USER_ROLES)[number]

export interface User {
  id: string
  email: string
  name: string
  role: UserRole
  /** PHC string; null until the first password is set. */
  passwordHash: string | null
  disabled: boolean
  createdAt: number
}

export interface Session {
  /** SHA-256 of the token, hex. */
  id: string
  userId: string
  createdAt: number
  lastSeenAt: number
  absoluteUntil: number
  /** When the person last proved who they are: approve and apply ask for a fresh proof. */
  provenAt: number
}

export interface ApiToken {
  id: string
  userId: string
  name: string
  hash: string
  role: UserRole
  createdAt: number
  expiresAt: number | null
  lastUsedAt: number | null
}

export interface AuditEntry {
  seq: number
  at: number
  actor: string
  action: string
  object: string
  detail: Record<string, unknown>
  hash: string
  previous: string
}

/** What a person decided about records that may belong together. */
export interface MatchRow {
  id: number
  check: string
  state: 'confirmed' | 'rejected'
  /** The first is what findings about all of them are filed under. */
  members: { kind: string; entity_id: string }[]
  /** Difference that was let pass, decimal text. */
  allowance: string | null
  currency: string | null
  reason: string
  actor: string
  at: number
  /** The facts know it; until then the decision is carried out again. */
  written: boolean
}

export interface ControlStore
  extends
    OutboxStore,
    AlertStore,
    RemedyStore,
    IntakeStore,
    IdentityDecisions,
    ExceptionStore,
    ViewStore,
    CheckDraftStore,
    CheckRulingStore,
    LayoutStore,
    MentionStore,
    RetentionStore,
    AuditCuts,
    LanguageStore {
  // Streams and cursors
  streams(): StreamState[]
  stream(platform: string, stream: string): StreamState | null
  /** Creates the row if missing. Never touches a cursor. */
  declareStream(platform: string, stream: string, kind: string): StreamState
  /** After the rows are durable: moves the cursor and the figures in one transaction. Only given keys change. */
  commitStream(
    platform: string,
    stream: string,
    change: Partial<Omit<StreamState, 'platform' | 'stream' | 'kind'>>,
  ): void
  /** Writes down how far a stream has been read, as known at an instant: what a look into the past is judged by. */
  markStream(mark: StreamMark): void
  /** All marks up to an instant (epoch ms), oldest first. */
  streamMarks(through: number): StreamMark[]

  // Leases: one holder at a time; every effect re-checks its fence.
  acquireLease(name: string, holder: string, until: number, now: number): { fence: number } | null
  renewLease(name: string, holder: string, fence: number, until: number): boolean
  releaseLease(name: string, holder: string, fence: number): void

  // Schedule slots: one run per slot, whoever claims it.
  claimSlot(schedule: string, slotAt: number, now: number): boolean
  finishSlot(schedule: string, slotAt: number, now: number, outcome: 'ok' | 'failed'): void
  lastSlot(schedule: string): { slotAt: number; finishedAt: number | null; outcome: string | null } | null
  addMissed(schedule: string, count: number): void
  schedules(): { schedule: string; slotAt: number; finishedAt: number | null; outcome: string | null; missed: number }[]

  // Runs: intent before, outcome after; what is still running at start-up was interrupted.
  startRun(run: Pick<RunRecord, 'id' | 'stage' | 'subject' | 'startedAt'>): void
  finishRun(
    id: string,
    outcome: 'ok' | 'failed',
    finishedAt: number,
    stats: RunRecord['stats'],
    error?: RunRecord['error'],
  ): void
  interruptRuns(now: number): number
  runs(filter: { stage?: string; subject?: string; limit: number; before?: number }): RunRecord[]

  // Checks
  checkState(check: string): CheckState | null
  checkStates(): CheckState[]
  commitCheck(state: CheckState): void

  // Small values: sequence numbers, high waters, key material.
  get(key: string): string | null
  set(key: string, value: string): void
  /** Sets only if the present value is `expected`; says whether it did. */
  compareAndSet(key: string, expected: string | null, value: string): boolean
  /** Next number of a named sequence, durable before it is returned. Reserves `count` and returns the first. */
  next(sequence: string, count?: number): number

  // Issues: number and workflow; their findings live in facts.
  issueNumber(fingerprint: string, check: string, now: number): number
  /** The same for many at once, in one transaction. */
  issueNumbers(wanted: { fingerprint: string; check: string }[], now: number): Map<string, number>
  issue(number: number): IssueRow | null
  issues(numbers: number[]): IssueRow[]
  /** Issues that somebody has been given, snoozed or accepted: what people decided, to filter lists by. */
  workedIssues(): IssueRow[]
  /** Changes workflow and writes activity and audit in one transaction. */
  workIssue(
    number: number,
    change: Partial<
      Pick<
        IssueRow,
        | 'assigneeTeam'
        | 'assigneePerson'
        | 'snoozedUntil'
        | 'snoozeReason'
        | 'snoozeWakes'
        | 'acceptedUntil'
        | 'acceptReason'
      >
    >,
    activity: Omit<Activity, 'issue'>,
  ): IssueRow
  addActivity(activity: Activity): void
  activity(issue: number, limit: number): Activity[]
  /** Every acceptance of an issue and every end of one, oldest first. */
  acceptances(): Activity[]
  /** How many things people decided or said about each issue between two instants; `to` is exclusive. */
  decisionsMade(from: number, to: number): { issue: number; n: number }[]

  // Matches: one row a set of members, decided by a person; the last decision counts.
  matches(filter?: { check?: string; state?: MatchRow['state']; written?: boolean }): MatchRow[]
  /** Writes the decision and its audit entry in one transaction. */
  decideMatch(decision: Omit<MatchRow, 'id' | 'written'>): MatchRow
  matchWritten(ids: readonly number[]): void

  /** Reports that were made, who reads them, and certificates (reports.ts). */
  reports: ReportStore

  // People
  users(): User[]
  user(id: string): User | null
  userByEmail(email: string): User | null
  saveUser(user: User): void
  /** One-time secrets (first administrator, demo sign-in): hash → purpose; taking one deletes it. */
  addOneTime(hash: string, purpose: string, expiresAt: number): void
  takeOneTime(hash: string, purpose: string, now: number): boolean
  addSession(session: Session): void
  session(id: string): Session | null
  touchSession(id: string, at: number, provenAt?: number): void
  dropSession(id: string): void
  dropSessionsOf(userId: string): void
  addToken(token: ApiToken): void
  tokenByHash(hash: string): ApiToken | null
  tokens(userId?: string): ApiToken[]
  touchToken(id: string, at: number): void
  dropToken(id: string): void

  // Audit: a hash chain; the entry is written in the same transaction as the act where a method takes one.
  audit(entry: { at: number; actor: string; action: string; object: string; detail?: Record<string, unknown> }): void
  auditEntries(after: number, limit: number): AuditEntry[]
  /** Newest first; of each inner list at least one word must stand in actor, action or object. */
  auditBefore(filter: { before: number | null; limit: number; words: readonly (readonly string[])[] }): AuditEntry[]
  /** First broken sequence number, or null when the chain holds; `since`: first entry that a rule has left, null: all are there. */
  verifyAudit(): { broken: number | null; entries: number; since: number | null }

  /** Runs several calls as one transaction. */
  transaction<T>(work: () => T): T
  close(): void
}
