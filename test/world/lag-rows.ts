/** Rows of lag as a run writes them, for tests that need thousands: an invoice's state on its way from the ERP to the CRM. */
import type { LagRow } from '../../server/store/facts/lag.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const NOW = Date.parse('2026-11-20T12:00:00.000Z')
let written = 0

/** An invoice's state changed `ago` before now; it took `took`, or null: it still waits, or was overtaken after `lostAfter`. */
export interface Wish {
  ago: number
  took: number | null
  lostAfter?: number
  excluded?: string
  part?: string
}
export const WINDOW = 15 * MINUTE

function row({ ago, took, lostAfter, excluded = '', part = 'lifecycle' }: Wish): LagRow {
  const at = (ms: number) => new Date(ms).toISOString()
  const changed = NOW - ago
  const n = ++written
  return {
    eid: String(n),
    kind: 'invoice',
    part,
    owner: 'erp',
    follower: 'crm',
    change: String(n),
    entity_id: `i${n}`,
    customer_entity_id: `c${n % 3}`,
    record_id: `erp-${n}`,
    follower_record_id: `crm-${n}`,
    fields: ['state'],
    changed_at: at(changed),
    due_at: at(changed + WINDOW),
    agreed_at: took === null ? null : at(changed + took),
    overtaken_at: lostAfter === undefined ? null : at(changed + lostAfter),
    outcome: lostAfter !== undefined ? 'lost' : took === null ? 'waiting' : took <= WINDOW ? 'in_time' : 'late',
    lacks: '',
    excluded,
  }
}
export const many = (n: number, wish: (i: number) => Wish) => Array.from({ length: n }, (_, i) => row(wish(i)))
