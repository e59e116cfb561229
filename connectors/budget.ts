/** What replies say about call budgets and waiting, in the spellings that platforms share. */
import type { BudgetReading, HttpReply } from './contract.ts'

export interface BudgetHeaders {
  limit?: string
  remaining?: string
  used?: string
  /** Header that says when the budget is full again. */
  reset?: string
  /** How `reset` is written: seconds from now, epoch seconds, epoch ms, or a date. */
  resetIs?: 'seconds' | 'epoch_seconds' | 'epoch_ms' | 'date'
}

/** A reading from the named headers; undefined when the reply has none of them. */
export function headerBudget(reply: HttpReply, names: BudgetHeaders): BudgetReading | undefined {
  const read = (name: string | undefined) => (name === undefined ? undefined : count(reply.headers[name.toLowerCase()]))
  const limit = read(names.limit)
  const used = read(names.used)
  const remaining =
    read(names.remaining) ?? (limit !== undefined && used !== undefined ? Math.max(0, limit - used) : undefined)
  const resets = reset(names.reset === undefined ? undefined : reply.headers[names.reset.toLowerCase()], names.resetIs)
  if (limit === undefined && remaining === undefined && resets === undefined) return undefined
  return { ...(limit !== undefined && { limit }), ...(remaining !== undefined && { remaining }), ...resets }
}

/** Waiting is never longer than this, whatever a header asks. */
export const MAX_WAIT_MS = 3_600_000

/**
 * `Retry-After` in milliseconds from now, or undefined if it says nothing usable. Digits are tried first:
 * `Date.parse('120')` is the year 120.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim()
  if (!text) return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text) * 1000, MAX_WAIT_MS)
  // HTTP-dates name a day or month; anything else is not a date that we trust Date.parse with.
  if (!/^[A-Za-z]{3,9},? /.test(text)) return undefined
  const at = Date.parse(text)
  if (!Number.isFinite(at) || at <= now) return undefined
  return Math.min(at - now, MAX_WAIT_MS)
}

function count(text: string | undefined): number | undefined {
  const value = Number(text?.trim() || Number.NaN)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}

function reset(
  text: string | undefined,
  is: BudgetHeaders['resetIs'],
): { resetsAt: number } | { resetsInMs: number } | undefined {
  if (is === 'date') {
    const at = Date.parse(text ?? '')
    return Number.isFinite(at) ? { resetsAt: at } : undefined
  }
  const value = count(text)
  if (value === undefined) return undefined
  if (is === 'epoch_ms') return { resetsAt: value }
  return is === 'epoch_seconds' ? { resetsAt: value * 1000 } : { resetsInMs: value * 1000 }
}
