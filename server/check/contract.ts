/**
 * The check contract: what a check kind is, and what passes between compile, judge and settle.
 *
 * A check (checks/<family>/<id>.yaml) names its kind and parameters. The kind (server/check/kinds/<kind>.ts)
 * compiles them to SELECTs of *candidates* in a fixed shape: subjects that are not plainly right. `judge`, a pure
 * function, turns candidates into observations with a verdict. `settle` gives observations a life as findings.
 *
 * What `judge` says must depend only on the rows, the check, the landscape, the run's instant and the evidence that
 * `JudgeContext` gives: then an incremental run and a full pass say the same, and a run that was killed is simply
 * run again.
 */
import type { z } from 'zod'
import type { Around } from '../../model/cause-around.ts'
import type { Log, Step } from '../../model/cause-facts.ts'
import type { RecordedEvent } from '../../model/event.ts'
import type { AmountBasis } from '../../model/exposure.ts'
import type { Landscape, Tolerance } from '../../model/landscape.ts'
import type { Locale } from '../../model/message.ts'
import type { Subject } from '../../model/record.ts'
import type { Guidance } from '../../model/runbook.ts'
import type { Category, HeldValue, Observation, Severity } from '../../model/verdict.ts'
import type { StreamState } from '../store/control/control.ts'
import type { Pace } from '../store/control/paces.ts'
import type { Shape, Volume } from '../store/control/shapes.ts'

/** Parameters common to all checks; each kind adds its own under the same YAML document. */
export interface Check<Params = unknown> {
  /** Path below its checks folder without .yaml (`customer-master/credit-hold`). */
  id: string
  /** File it was read from, for messages. */
  file: string
  title: string
  /** Language → title, where somebody translated it. */
  titles?: Partial<Record<Locale, string>>
  why: string
  /** Runbook in Markdown. */
  fix: string
  /** Language → why and runbook, where somebody translated them. */
  guidance?: Partial<Record<Locale, Guidance>>
  kind: string
  severity: Severity
  category: Category
  /** Owner team. */
  owner: string
  /** Overrides the edge's window; milliseconds. */
  windowMs: number | null
  /** Overrides the edge's tolerance. */
  tolerance: Tolerance | null
  remedy: string | null
  /** What its amounts rest on, where the rules of model/exposure.ts say otherwise. */
  money?: AmountBasis | null
  params: Params
  examples: Example[]
  /** Hash of the document and of what the configuration overrides: stored with every run; a new one makes the next run full. */
  version: string
}

/** Records in, findings out: every check carries at least one example that finds nothing and one that finds drift. */
export interface Example {
  name: string
  /** Instant at which the check looks. */
  at: string
  /** Platform name → role, with scope where it matters, and `keeps` where it keeps other kinds than the check reads and the records show. */
  platforms: Record<string, { role: string; scope?: Record<string, string[]>; timezone?: string; keeps?: string[] }>
  /**
   * Canonical records in the words of `export records`: platform, kind, record_id, then fields. The same record twice
   * is two versions, the later one last; `observed_at` says when a version was seen (default: `at`).
   */
  records: Record<string, unknown>[]
  /** What must be found: a part of each finding; an empty list means nothing. */
  findings: Record<string, unknown>[]
  /** `platform` or `platform.kind` → instant through which it has been read; default: `at`. Null: never read completely. */
  complete_through?: Record<string, string | null>
  /** What collecting has learned: `shape <platform>/<stream>` and `volume <platform>/<stream>` (store/control/shapes.ts), and what measuring has: `measure.paces` (store/control/paces.ts). */
  learned?: Record<string, unknown>
  /** Further keys of plumbline.yaml: ownership, edges, calendars, money, reference maps. */
  config?: Record<string, unknown>
}

/** What is looked at in one run. Write `within(reach, 'eid')` (kinds/reach.ts) into the SELECT, never the members themselves. */
export type Reach =
  /** Everything, or the entities whose hash lies in the slice (both ends included): a full pass goes slice by slice. */
  | { full: true; slice: { from: string; to: string } | null }
  /** Only what moved or fell due: sub-selects of 64-bit entity hashes, with their parameters. */
  | { full: false; entities: string; customers: string; params: Record<string, unknown>; since: number }

export interface Compiled {
  /** One SELECT; values only as {name:Type} parameters. Shown by --explain, snapshotted in tests. */
  sql: string
  params: Record<string, unknown>
  /**
   * Common table expressions, in their order, that are worked out once and kept for the rest (store/facts/stepwise.ts); where one
   * of them has no rows there are no candidates.
   */
  needed?: readonly string[]
  /** The same, where having no rows says nothing. */
  kept?: readonly string[]
  /** True: the engine refuses anything but reading its own tables; for text that people wrote. */
  readonly?: boolean
}

export interface CompileContext {
  landscape: Landscape
  reach: Reach
  asOf: number
  /** Name of the facts database, to be written before every table. */
  database: string
  /** Kind → platform → masks of held fields (decimal text) that its records have: hashes compare only where these are equal. */
  held: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>
}

export interface FieldAsk {
  platform: string
  kind: string
  record_id: string
  field: string
}

/** Everything a pure judge may know besides the candidate rows. */
export interface JudgeContext {
  landscape: Landscape
  asOf: number
  /**
   * Epoch ms through which all changes of this platform's streams of a kind are surely read, never later than
   * `asOf`; null when they were never read completely.
   */
  completeThrough(platform: string, kind: string): number | null
  /** True if the platform has a stream of that kind at all. */
  keeps(platform: string, kind: string): boolean
  /** When the field last changed in the stored history, with who wrote it; asked in one batch before judging. */
  changed(
    subject: { platform: string; kind: string; record_id: string },
    field: string,
  ): { at: number | null; by: string | null }
  /** All values the field had, oldest first; empty where history was not asked for or has nothing. */
  trail(subject: { platform: string; kind: string; record_id: string }, field: string): readonly Step[]
  /** Recorded events of a record, in no order; empty where the kind's `correlate` did not ask or nobody told of any. */
  events(subject: Subject): readonly RecordedEvent[]
  /** Outages, releases, keys, mappings and schemas that were told of, and the platforms that carry changes. */
  around(): Around
  /** The span over which deliveries of a kind from one platform to another are reported; null: silence proves nothing. */
  log(from: string, to: string, kind: string): Log | null
  /** Records that exist on the platform but could not be read: their absence is not evidence. */
  quarantined(platform: string, kind: string): ReadonlySet<string>
  /** Records whose references contradict those of others: a person must say what they are. */
  doubted(platform: string, kind: string): ReadonlySet<string>
  conflicts(): readonly { kind: string; records: readonly string[]; reason: string }[]
  /** How every stream stands: input of checks about the collecting itself. */
  streams(): readonly StreamState[]
  /** What the raw rows of a stream look like, and what became different; null before the first reading. */
  shape(platform: string, stream: string): Shape | null
  /** Changes that a stream brought by the hour; null before any were counted. */
  volume(platform: string, stream: string): Volume | null
  /** How long changes take on each busy edge, lately and as a rule. */
  paces(): readonly Pace[]
}

/** How `settle` knows which open findings a run has looked at: all of the check (`none`), those of the reached entities, or those of the reached customers. */
export type SubjectScope = 'entity' | 'customer' | 'none'

export interface CheckKind<Params, Row> {
  name: string
  about: string
  /** The kind's own keys of the YAML document, as a strict object. */
  params: z.ZodType<Params>
  /** Category of its findings unless the check says otherwise. */
  category: Category
  subject: SubjectScope | ((check: Check<Params>) => SubjectScope)
  /** What cannot be known from one value alone (unknown field of the kind, …): sentences, with the path inside the document. */
  problems?(check: Check<Params>): { path: (string | number)[]; says: string }[]
  /**
   * Facts that it holds the followers to their owner by: a field of a kind, or null for that the record exists at all. What the
   * coverage matrix counts as compared; kinds that only read records leave it out.
   */
  compares?(check: Check<Params>): { kind: string; field: string | null }[]
  /** Canonical kinds whose movement makes this check look again. */
  reads(check: Check<Params>): readonly string[]
  /** Those of them of which there must be a record for it to find anything. */
  needs?(check: Check<Params>): readonly string[]
  /** Its SELECTs may read what `reads` does not name. */
  anything?: true
  /**
   * True if the passing of time alone can change its answer for records that did not move and have no finding yet.
   * Such a kind reads `reach.since` (the instant of the last run) and adds what fell due since then itself.
   */
  timed(check: Check<Params>): boolean
  /** Milliseconds after which a finding ends by itself, counted from its `since`; null or left out: never. */
  keptMs?(check: Check<Params>): number | null
  /** What hangs together with what moved, where that is more: findings and candidates of all of it are looked at. */
  widen?(check: Check<Params>, ctx: CompileContext): Reach
  /** SELECTs of candidates, all in the same shape; their rows go to `judge` together. */
  compile(check: Check<Params>, ctx: CompileContext): Compiled[]
  /** Asks for the field histories that judge will need. */
  history?(check: Check<Params>, rows: Row[], ctx: Pick<JudgeContext, 'landscape'>): FieldAsk[]
  /** Records whose recorded events judge will need. */
  correlate?(check: Check<Params>, rows: Row[], ctx: Pick<JudgeContext, 'landscape'>): Subject[]
  /** Candidates in, observations out. Pure. All rows of one entity (or customer) come in one call. */
  judge(check: Check<Params>, rows: Row[], ctx: JudgeContext): Observation[]
}

/** A kind whose parameter and row types do not matter to the caller: each check is only ever given to its own kind. */
export type AnyKind = CheckKind<never, never>

/** Types a kind without losing its parameter and row types. */
export function defineCheckKind<Params, Row>(kind: CheckKind<Params, Row>): CheckKind<Params, Row> {
  return kind
}

export type { HeldValue, Observation, Step }
