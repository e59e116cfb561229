/** A verdict: what is said of one difference, why, and what it is worth. Shared by server and dashboard. */
import type { AmountBasis } from './exposure.ts'
import type { Subject } from './record.ts'

/**
 * agrees: equal after normalisation. in_flight: the owner's change is younger than the edge's window.
 * drift: wrong, and the follower's stream is complete through change + window. late: was in flight too
 * long, has healed; closed, feeds the SLA, never open. unmapped: a code without a reference-map entry.
 * undecided: the evidence needed for a verdict is missing; visible, never green.
 */
export const VERDICTS = ['agrees', 'in_flight', 'late', 'drift', 'unmapped', 'undecided'] as const
export type Verdict = (typeof VERDICTS)[number]

/** Why a finding exists, decided from evidence. `unknown` says that no rule applied. */
export const CAUSES = [
  'never_sent',
  'not_acknowledged',
  'not_applied',
  'overwritten',
  'stale_event',
  'unmapped_code',
  'rounding',
  'time_zone',
  'currency',
  'merged',
  'deleted',
  'non_owner_write',
  'identity_in_doubt',
  'broken_reference',
  'invalid_value',
  'stale_stream',
  'incomplete_stream',
  'duplicate_created',
  'unknown',
] as const
export type Cause = (typeof CAUSES)[number]

export const CATEGORIES = [
  'mismatch',
  'missing',
  'orphan',
  'duplicate',
  'exception',
  'deadline',
  'transition',
  'total',
  'authority',
  'structure',
  'quality',
] as const
export type Category = (typeof CATEGORIES)[number]

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/**
 * State of a finding. in_flight and undecided are not drift and are counted apart. open: seen by the last
 * run that looked. resolved: a later run looked at complete evidence and it was gone. A resolved finding that
 * comes back is `open` again with `regressed` true and its history kept.
 */
export const FINDING_STATES = ['in_flight', 'undecided', 'open', 'resolved'] as const
export type FindingState = (typeof FINDING_STATES)[number]

/** Stages of an issue, derived from its findings; snooze and acceptance are workflow on top of it. */
export const ISSUE_STATES = ['new', 'ongoing', 'escalating', 'regressed', 'undecided', 'in_flight', 'resolved'] as const
export type IssueState = (typeof ISSUE_STATES)[number]

/** One field as one platform holds it: a cell of the values table on the issue screen. */
export interface HeldValue {
  platform: string
  record_id: string | null
  /** `missing`: the platform has no live record of this entity. */
  state: 'value' | 'empty' | 'absent' | 'cannot_hold' | 'unmapped' | 'invalid' | 'missing' | 'deleted'
  value: string | null
  /** As the platform wrote it, where that differs. */
  raw: string | null
  /** When this field last changed there (ISO), from history where it exists, else the record's stamp. */
  changed_at: string | null
  changed_by: string | null
  /** When we last saw it. */
  observed_at: string | null
  /** The platform's stream is complete through this instant. */
  complete_through: string | null
  stands: 'owner' | 'follower' | 'advisory' | 'gated' | 'foreign' | 'absent'
}

/** One piece of evidence, in words, and what would disprove it. */
export interface Evidence {
  says: string
  strength: 'strong' | 'supporting' | 'weak'
  disproved_by?: string
  /** What it speaks for: that there is a difference at all (left out), or why. `sureOf` of model/cause.ts goes by the latter. */
  for?: 'cause'
}

/**
 * What a check says about one subject: input of `settle`, which gives it a life.
 * `key` identifies the difference within its check; it must not contain values, run ids or times,
 * so that the same difference seen again is the same finding.
 */
export interface Observation {
  key: string
  check: string
  category: Category
  /** Canonical kind and entity it is about. */
  kind: string
  entity_id: string
  /** The customer it belongs to, where known: what people filter by. */
  customer_entity_id: string
  subject: Subject[]
  /** legal_entity, region, brand; for totals also period and currency. */
  scope: Record<string, string>
  field: string | null
  verdict: Exclude<Verdict, 'agrees' | 'late'>
  cause: Cause
  owner_platform: string | null
  /** The platform at fault. */
  platform: string | null
  /** Platform → value: what the owner holds, and what the one at fault holds. */
  expected: Record<string, string | null>
  actual: Record<string, string | null>
  values: HeldValue[]
  evidence: Evidence[]
  /** Decimal text in `currency`; null when unknown, never zero for unknown. */
  amount_at_risk: string | null
  currency: string | null
  /** What the amount rests on (model/exposure.ts); worked out after the judging, so judges leave it out. */
  amount_basis?: AmountBasis | null
  severity: Severity
  /** When the difference began: the owner's change, as far as evidence tells (ISO). */
  since: string | null
  /** in_flight: when its window ends. Otherwise when the service window ended (ISO). */
  due_at: string | null
  /** A sentence in plain words, without personal data. */
  title: string
  /** Further records to be read again before this opens: one that must be there and is only named. Not kept. */
  verify?: Subject[]
}

/** A finding as it is stored and exported (`export findings`): public contract, version 1. */
export interface Finding extends Omit<Observation, 'key' | 'since' | 'verdict' | 'verify'> {
  /** `late` and `agrees` (in flight and healed in time) only once it is resolved. */
  verdict: Verdict
  /** Null where no amount is known. */
  amount_basis: AmountBasis | null
  id: string
  /** `I-<number>` */
  issue: string
  state: FindingState
  regressed: boolean
  first_seen_at: string
  changed_at: string
  last_seen_at: string
  resolved_at: string | null
  /** Run that looked last. */
  run_id: string
  /** Number of state transitions so far; keys its history. */
  transition: number
}
