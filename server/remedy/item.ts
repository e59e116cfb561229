/** An item: what a plan does to one record, complete as it is stored and hashed. Made when the plan is drafted; never changed. */
import type { ActionName, ActionRequest, PlannedCall } from '../../connectors/action.ts'

/** Canonical field → canonical text; null is empty. */
export type Fields = Record<string, string | null>

/** Where the values come from: read again right before the write, and the item is skipped if they have moved. */
export interface Source {
  platform: string
  kind: string
  record_id: string
  fields: Fields
}

/** How it is taken back, worked out together with the item. */
export interface UndoStep {
  action: ActionName
  fields: Fields
  references: Record<string, string>
  refs: Record<string, string>
}

export interface Item {
  /** Platform that is written to, or `target:<name>` for a configured target of replays and tickets. */
  platform: string
  request: ActionRequest
  /** What the record held when the plan was made, of the fields that are written; null: there was no record. */
  before: Fields | null
  /** What it shall hold afterwards. */
  after: Fields
  source: Source | null
  /** Reference field → number of the earlier item whose record it will point to. */
  from: Record<string, number>
  /** Entity it is about: items of one entity keep their order. */
  entity: string
  /** What is at stake, for policy and order; null where unknown. In `currency`. */
  money: string | null
  currency: string | null
  legal_entity: string | null
  /** Findings that it shall close, and their check and issue. */
  findings: string[]
  check: string | null
  issue: number | null
  /** Calls as the dry run planned them. */
  calls: PlannedCall[]
  guard: 'etag' | 'stamp' | 'compare'
  idempotency: 'header' | 'upsert' | 'journal'
  /** Null: there is no way back. */
  undo: UndoStep | null
  /** Replays: the original event, its time and its payload; kept as they were. */
  event: { id: string; at: string | null; correlation_id: string | null; payload: unknown } | null
  /** The record that shows the effect of a replay; with how many of the same thing its platform held when the plan was made. */
  effect: { platform: string; kind: string; record_id: string; records?: number } | null
}

/** A request with the event that it is about, for targets of replays. */
export type ReplayRequest = ActionRequest & { event?: Item['event'] }

/** What a plan is apart from its items; with them it is what an approval binds to. */
export interface PlanHeader {
  id: string
  title: string
  /** Why it is made, in the requester's words. */
  reason: string
  /** How it came to be: `issue I-4`, `cluster …`, `exceptions …`, `undo P-3`, `by hand`. */
  origin: string
  requester: string
  environment: string
  created_at: string
  expires_at: string
  items: number
  order: 'money' | 'oldest'
  stages: number[]
  stop_share: number
  /** Calls a second at most, each platform; null: as the call budget allows. */
  rate: number | null
  /** Who must approve and why; worked out by the policy and bound with the rest. */
  needs: Need[]
  /** Why the policy lets it run without approval; empty: people approve. */
  free: string[]
  /** The standing remediation that made it; null: a person did. */
  standing: string | null
  undo_of: string | null
  /** The plan whose place it takes, changed. */
  replaces?: string
}

/** One thing that approval must fulfil. */
export interface Need {
  /** Approvers wanted, each another person and none the requester. */
  approvers: number
  /** Group they must belong to; null: anybody who may approve. */
  group: string | null
  /** Legal entity they must answer for; null: any. */
  legal_entity: string | null
  why: string
}

export interface ItemResult {
  /** In words, for people. */
  says: string
  /** Id of the record that the write was done to. */
  record_id?: string
  /** What the platform held right before the write. */
  found?: Fields | null
  /** What it held when it was read back. */
  holds?: Fields | null
  /** Fields that changed though nobody asked for it. */
  beside?: string[]
  attempt?: number
}

/** The record that an item writes, as the journal knows it. A record to be made is known by its key. */
export function targetOf(item: Pick<Item, 'platform' | 'request'>): string {
  const { kind, recordId, key } = item.request
  return `${item.platform} ${kind} ${recordId ?? `new ${key}`}`
}
