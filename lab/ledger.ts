/** Ledger of a simulated API: what its calls changed, so that a proof can count double writes in the vendor's own books. */
import type { ApiFault, Mutation, PlatformState, SimRecord, SimWrite } from './platform.ts'

export interface WriteCall {
  method: string
  path: string
  body: unknown
  /** Idempotency key or external id. */
  key: string | null
  /** Who the API says wrote it. */
  by: string
}

export interface Ledger {
  mutations(): readonly Mutation[]
  /** Writes down what has no record of its own here (an item of an invoice to come). */
  note(call: WriteCall, kind: string, record: string): void
  /** Changes a record (or, with `id` null, makes one) and writes it down. */
  change(call: WriteCall, kind: string, id: string | null, change: Omit<SimWrite, 'by'>): SimRecord
}

export function createLedger(state: PlatformState): Ledger {
  const kept: Mutation[] = []
  return {
    mutations: () => kept,
    note({ method, path, body, key }, kind, record) {
      kept.push({ at: state.now(), method, path, body, key, kind, record, before: null, after: null })
    },
    change({ method, path, body, key, by }, kind, id, change) {
      const before = id === null ? null : (state.record(kind, id) ?? null)
      const after = state.change(kind, id, { by, ...change })
      kept.push({ at: state.now(), method, path, body, key, kind, record: after.id, before, after })
      return after
    },
  }
}

/** The injected conflict: somebody else touches the record after it was looked at and before this write. */
export function overtaken(state: PlatformState, fault: ApiFault | null, kind: string, id: string): void {
  if (fault?.kind !== 'conflict' || !state.record(kind, id)) return
  state.change(kind, id, { by: 'somebody.else@example.com', fields: { '~touched': String(state.now()) } })
}
