/** Catalogue: every kind of drift that the laboratory can plant. */
import { wrongCredit, wrongInvoice, wrongOrder } from './amounts.ts'
import { overcreditedInvoice, overpaidInvoice, unappliedCash, unappliedPayment, underpaidInvoice } from './cash.ts'
import { expiredContract, terminatedBilled } from './contracts.ts'
import {
  deletedCustomer,
  duplicateCustomer,
  merged,
  missingCustomer,
  orphanCustomer,
  wonWithoutErp,
} from './customers.ts'
import { orderWithoutInvoice, paidNotInCrm, subscriptionWithoutInvoice } from './deadlines.ts'
import { mergedLead, shipTo } from './decoys.ts'
import { brokenReference, doubleBilling, duplicateInvoice, orphanInvoice } from './extra.ts'
import { cancelledStillRunning, holdNotEnforced, settledStillOpen } from './endings.ts'
import type { FaultKind } from './fault.ts'
import { dropped, late, partial, slow } from './fields.ts'
import { movedByFollower, skippedApproval, stuckQuote } from './lifecycle.ts'
import { overbilledOrder, underbilledOrder, wrongCharge } from './matching.ts'
import { missingCredit, missingInvoice, missingOrder, missingPayment } from './missing.ts'
import { holdLost, overwritten, stale, unmappedTerms } from './overwrites.ts'
import { dueBeforeIssue, missingTaxId, undoneOverwrite } from './quality.ts'
import { cancelledBilled, holdIgnored, totalOff } from './rules.ts'
import { missingSubscription, noEntitlement, noTenant } from './unserved.ts'
import { unmappedStatus } from './statuses.ts'
import { incompleteStream, staleStream } from './streams.ts'
import { slowEdge, thinStream } from './habits.ts'
import { likelyDuplicate } from './likely.ts'
import { schemaChange } from './schema.ts'
import { takingTurns } from './turns.ts'
import { circularParents, foreignInvoice, lostBranch } from './structures.ts'
import { stuckAmendment, stuckOrder, stuckTenant } from './stuck.ts'

export const FAULT_KINDS: readonly FaultKind[] = [
  // First those that need a rare victim.
  expiredContract,
  stuckAmendment,
  stuckOrder,
  subscriptionWithoutInvoice,
  terminatedBilled,
  cancelledBilled,
  holdIgnored,
  holdNotEnforced,
  cancelledStillRunning,
  holdLost,
  missingSubscription,
  noEntitlement,
  noTenant,
  stuckTenant,
  stuckQuote,
  skippedApproval,
  movedByFollower,
  wonWithoutErp,
  missingCustomer,
  merged,
  deletedCustomer,
  orphanCustomer,
  duplicateCustomer,
  dropped,
  late,
  slow,
  partial,
  stale,
  overwritten,
  unmappedTerms,
  unmappedStatus,
  missingOrder,
  missingInvoice,
  missingPayment,
  missingCredit,
  orphanInvoice,
  duplicateInvoice,
  doubleBilling,
  wrongInvoice,
  wrongOrder,
  wrongCredit,
  brokenReference,
  undoneOverwrite,
  missingTaxId,
  dueBeforeIssue,
  orderWithoutInvoice,
  paidNotInCrm,
  settledStillOpen,
  totalOff,
  overbilledOrder,
  underbilledOrder,
  underpaidInvoice,
  overpaidInvoice,
  unappliedCash,
  unappliedPayment,
  overcreditedInvoice,
  wrongCharge,
  circularParents,
  lostBranch,
  foreignInvoice,
  staleStream,
  incompleteStream,
  takingTurns,
  schemaChange,
  likelyDuplicate,
]

/** Drift that only weeks of watching show: planted where it is asked for by name. */
export const HABIT_KINDS: readonly FaultKind[] = [slowEdge, thinStream]

export const DECOYS: readonly FaultKind[] = [mergedLead, shipTo]

export const DRIFT_KINDS: readonly string[] = FAULT_KINDS.map((kind) => kind.drift)
