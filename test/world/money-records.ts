/** Invoices, payments and credits for tests of matching, each wish with what every record has. */
import type { WishedRecord } from './check-world.ts'

export const OLD = '2026-11-01T08:00:00Z'
export const invoice = (id: string, total: string, more: Record<string, unknown> = {}): WishedRecord => ({
  platform: 'erp',
  kind: 'invoice',
  record_id: id,
  number: id,
  state: 'paid',
  total,
  currency: 'EUR',
  changed_at: OLD,
  ...more,
})
export const payment = (
  id: string,
  of: string | null,
  amount: string,
  more: Record<string, unknown> = {},
): WishedRecord => ({
  platform: 'erp',
  kind: 'payment',
  record_id: id,
  invoice: of,
  state: 'succeeded',
  amount,
  currency: 'EUR',
  changed_at: OLD,
  ...more,
})
export const credit = (
  id: string,
  of: string | null,
  amount: string,
  more: Record<string, unknown> = {},
): WishedRecord => ({
  ...payment(id, of, amount, more),
  kind: 'credit',
  number: id,
  state: 'applied',
  ...more,
})
