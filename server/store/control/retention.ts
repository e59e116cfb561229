/** Retention in the control store: legal holds, removals, and what of this store has had its time. */
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'
import { legalHolds, type LegalHoldStore } from './legal-holds.ts'
import { removals, type RemovalStore } from './removals.ts'
import { retained, type RetainedStore } from './retained.ts'

export interface RetentionStore extends LegalHoldStore, RemovalStore, RetainedStore {}

export function retention(db: Database, audit: ControlStore['audit']): RetentionStore {
  return { ...legalHolds(db, audit), ...removals(db, audit), ...retained(db) }
}
