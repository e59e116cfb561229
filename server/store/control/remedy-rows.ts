/** Remediation in the control store: what its rows are and what may be done with them. */
import type { ControlTerm } from './terms.ts'

export interface PlanRow {
  id: string
  number: number
  header: string
  hash: string
  items: number
  requester: string
  state: string
  undoOf: string | null
  createdAt: number
  expiresAt: number
  startedAt: number | null
  finishedAt: number | null
  reason: string | null
  dryRun: string | null
  progress: string
}

export interface PlanItemRow {
  plan: string
  seq: number
  body: string
  entity: string
  target: string
  issue: number | null
  state: string
  result: string | null
  at: number | null
}

export interface ApprovalRow {
  plan: string
  approver: string
  requester: string
  hash: string
  reason: string
  at: number
  provenAt: number
}

/** Hours in which an approved plan may apply itself, and who said so. */
export interface PlanWindowRow {
  plan: string
  armedAt: number
  armedBy: string
  hash: string
  /** Configured window; null: hours that somebody named. */
  name: string | null
  opensAt: number
  closesAt: number
  reason: string
  provenAt: number
}

export interface IntentRow {
  plan: string
  seq: number
  key: string
  target: string
  holder: string
  attempt: number
  state: 'claimed' | 'sending' | 'unknown' | 'settled'
  mark: string | null
  claimedAt: number
  sendingAt: number | null
  settledAt: number | null
}

export interface FixOutcomeRow {
  id: number
  plan: string | null
  seq: number | null
  issue: number
  finding: string
  check: string
  action: string
  appliedAt: number
  outcome: 'waiting' | 'held' | 'did_not_hold'
  settledAt: number | null
}

export interface RunbookStepRow {
  issue: number
  step: number
  says: string
  doneBy: string
  doneAt: number
  note: string | null
}

type Audited = { actor: string; at: number }

export interface RemedyStore {
  /** Writes the plan with all its items, and its audit entry, in one transaction; gives it its number. */
  addPlan(
    plan: Pick<PlanRow, 'id' | 'header' | 'hash' | 'requester' | 'undoOf' | 'createdAt' | 'expiresAt' | 'dryRun'>,
    items: readonly Pick<PlanItemRow, 'body' | 'entity' | 'target' | 'issue'>[],
  ): PlanRow
  plan(idOrNumber: string | number): PlanRow | null
  plans(filter: {
    states?: readonly string[]
    before?: number
    terms?: readonly ControlTerm[]
    limit: number
  }): PlanRow[]
  /** How many meet the terms. */
  plansThat(terms: readonly ControlTerm[]): number
  /** Moves a plan from one of `from`; false if it was in none of them. Writes the audit entry in the same transaction. */
  movePlan(
    id: string,
    from: readonly string[],
    to: string,
    change: Audited & { action: string; reason?: string | null; detail?: Record<string, unknown> },
  ): boolean
  planProgress(id: string, progress: string): void
  planItems(plan: string, after: number, limit: number, states?: readonly string[]): PlanItemRow[]
  planItem(plan: string, seq: number): PlanItemRow | null
  itemCounts(plan: string): { state: string; n: number }[]
  /** Platforms and targets that it writes to. */
  planPlatforms(plan: string): string[]
  /** Items of plans about an issue, newest plan first. */
  plansOfIssue(issue: number): PlanRow[]
  /** Moves an item from one of `from`; false if it was in none of them. */
  moveItem(plan: string, seq: number, from: readonly string[], to: string, at: number, result?: string | null): boolean
  /** Moves every item of an entity from `from` to `to`. */
  moveItemsOfEntity(plan: string, entity: string, from: string, to: string, at: number, result: string | null): number

  /** Refused by the database unless the plan waits with this hash, and if the approver is the requester. */
  addApproval(approval: ApprovalRow): void
  /** Only approvals whose seal is whole. */
  approvals(plan: string): ApprovalRow[]

  /** Refused by the database unless the plan is approved with this hash. Goes with the move that arms it. */
  addPlanWindow(window: PlanWindowRow): void
  /** The window that was given last; null where none was, or its seal is broken. */
  planWindow(plan: string): PlanWindowRow | null

  /**
   * Claims an item for writing: item and journal in one transaction. False if somebody else has it, or if another plan
   * is at work on the same record.
   */
  claimItem(intent: Pick<IntentRow, 'plan' | 'seq' | 'key' | 'target' | 'holder' | 'claimedAt'>): IntentRow | null
  /** Durable before the first byte is sent. False if the claim was lost or the plan is no longer being applied. */
  beginSending(plan: string, seq: number, holder: string, mark: string | null, at: number): boolean
  /** Ends or parks a claim together with its item, in one transaction. */
  settleItem(
    plan: string,
    seq: number,
    move: { from: string; to: string; intent: IntentRow['state'] | 'released'; at: number; result?: string | null },
  ): boolean
  intent(plan: string, seq: number): IntentRow | null
  /** Claims and writes that are not settled, of one plan or of all. */
  openIntents(plan?: string): IntentRow[]
  /**
   * Messages that were asked for again from one instant (epoch ms) to another and accepted, by the platform that they are
   * for; a target that is no platform is named `target:<name>`.
   */
  replaysSent(from: number, to: number): { name: string; n: number }[]

  /** Once for each item and finding, however often it is told. */
  addFixOutcome(row: Omit<FixOutcomeRow, 'id' | 'outcome' | 'settledAt'>): void
  fixOutcomes(filter: {
    outcome?: FixOutcomeRow['outcome']
    issue?: number
    findings?: readonly string[]
    limit: number
  }): FixOutcomeRow[]
  settleFix(id: number, outcome: 'held' | 'did_not_hold', at: number): void
  /** Per check and action, how many fixes held and how many did not. */
  fixRates(): { check: string; action: string; held: number; failed: number; waiting: number }[]

  tickStep(row: RunbookStepRow, actor: string): void
  untickStep(issue: number, step: number, by: Audited): boolean
  runbookSteps(issue: number): RunbookStepRow[]
}
