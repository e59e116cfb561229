/** Connector view: whether a platform can be believed, in three separate marks, and what we take from its budget. */
import { z } from 'zod'
import type { Connector } from '../../connectors/contract.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { nextSlot } from '../schedule/slots.ts'
import type { StreamState } from '../store/control/control.ts'
import { platformView } from './views.ts'

/** A mark is `unknown` until there is evidence: unknown is never shown as fine. */
const mark = z.object({ state: z.enum(['ok', 'warn', 'bad', 'unknown']), says: z.string() })

const streamSchema = z.object({
  stream: z.string(),
  kind: z.string(),
  complete_through: z.string().nullable(),
  last_success_at: z.string().nullable(),
  last_full_at: z.string().nullable(),
  rows_read: z.number().int(),
  rows_stored: z.number().int(),
  quarantined: z.number().int(),
  completeness: z.object({ ours: z.number().int(), theirs: z.number().int(), at: z.string() }).nullable(),
  error: z.object({ code: z.string(), message: z.string(), remedy: z.string().optional(), at: z.string() }).nullable(),
  stopped: z.object({ reason: z.string(), at: z.string() }).nullable(),
})

export const connectorSchema = z
  .object({
    platform: z.object({ name: z.string(), title: z.string(), mark: z.string() }),
    connector: z.string(),
    vendor: z.string(),
    role: z.string(),
    environment: z.string(),
    auth: mark,
    freshness: mark,
    completeness: mark,
    complete_through: z
      .string()
      .nullable()
      .describe('All changes up to this instant are surely read, over all streams.'),
    next_read_at: z.string().nullable(),
    budget: z
      .object({
        limit: z.number(),
        window_seconds: z.number(),
        used: z.number().nullable(),
        ours: z.number(),
        reserve: z.number(),
        resets_at: z.string().nullable(),
        throttled_at: z.string().nullable(),
      })
      .nullable(),
    streams: z.array(streamSchema),
    quarantined: z.number().int(),
    replay_days: z.number().nullable(),
  })
  .meta({ id: 'Connector' })
export type ConnectorView = z.output<typeof connectorSchema>
type Mark = z.output<typeof mark>

/** What a platform's HTTP client knows of its budget; see server/http/budget.ts. */
export interface BudgetFigures {
  limit: number
  windowMs: number
  used: number | null
  ours: number
  reserve: number
  resetsAt: number | null
  lastThrottledAt: number | null
}

/** Reads are late when two slots have gone by without one. */
const LATE_SLOTS = 2

const at = (ms: number | null) => (ms === null ? null : iso(ms))

export function connectorView(
  name: string,
  ctx: Context,
  budget: BudgetFigures | null,
  quarantined: number,
): ConnectorView {
  const config = ctx.config.platforms[name]!
  const connector = ctx.connectors.get(config.connector)
  const streams = ctx.control.streams().filter((s) => s.platform === name)
  const now = ctx.clock.now()
  // A platform that reports events and keeps no records has been read as far as its events have.
  const events = streams.length === 0 ? ctx.control.get(`events ${name} through`) : null
  const through =
    events !== null
      ? Number(events)
      : streams.length && streams.every((s) => s.completeThrough !== null)
        ? Math.min(...streams.map((s) => s.completeThrough!))
        : null
  const cron = config.collect ?? ctx.config.schedules.collect
  return {
    platform: platformView(name, ctx)!,
    connector: config.connector,
    vendor: connector?.title ?? config.connector,
    role: config.role,
    environment: config.environment,
    auth: authMark(streams),
    freshness:
      (streams.length === 0 ? tellingMark(name, ctx, connector, events) : null) ??
      freshnessMark(streams, cron, ctx.config.schedules.timezone, now),
    completeness: completenessMark(streams),
    complete_through: at(through),
    next_read_at: cron === 'manual' ? null : at(nextSlot(cron, ctx.config.schedules.timezone, now)),
    budget: budget && {
      limit: budget.limit,
      window_seconds: budget.windowMs / 1000,
      used: budget.used,
      ours: budget.ours,
      reserve: budget.reserve,
      resets_at: at(budget.resetsAt),
      throttled_at: at(budget.lastThrottledAt),
    },
    streams: streams.map((s) => ({
      stream: s.stream,
      kind: s.kind,
      complete_through: at(s.completeThrough),
      last_success_at: at(s.lastSuccessAt),
      last_full_at: at(s.lastFullAt),
      rows_read: s.rowsRead,
      rows_stored: s.rowsStored,
      quarantined: s.quarantined,
      completeness: s.completeness && {
        ours: s.completeness.ours,
        theirs: s.completeness.theirs,
        at: iso(s.completeness.at),
      },
      error: s.lastError && { ...s.lastError, at: iso(s.lastError.at) },
      stopped: s.stopped && { reason: s.stopped.reason, at: iso(s.stopped.at) },
    })),
    quarantined,
    replay_days: connector?.replayDays ?? null,
  }
}

/** A platform without records: it tells of what others hold. Null: it was not heard yet. */
function tellingMark(
  name: string,
  { control }: Context,
  connector: Connector<never> | undefined,
  through: string | null,
): Mark | null {
  if (through !== null) return { state: 'ok', says: `Events read through ${iso(Number(through))}` }
  if (control.get(`events ${name} cursor`) !== null)
    return { state: 'ok', says: 'Events are read; how far they are complete is not known yet' }
  const onlySends = connector?.receive && !connector.events && !connector.discover && connector.streams.length === 0
  return onlySends ? { state: 'ok', says: 'It sends to us; nothing is read from it' } : null
}

function authMark(streams: readonly StreamState[]): Mark {
  const refused = streams.find((s) => s.lastError?.code === 'auth')
  if (refused) return { state: 'bad', says: refused.lastError!.message }
  if (streams.some((s) => s.lastSuccessAt !== null)) return { state: 'ok', says: 'Credentials accepted' }
  return { state: 'unknown', says: 'Not asked yet' }
}

function freshnessMark(streams: readonly StreamState[], cron: string, timezone: string, now: number): Mark {
  if (streams.length === 0 || streams.some((s) => s.lastSuccessAt === null && !s.lastError))
    return { state: 'unknown', says: 'Not read yet' }
  const stopped = streams.find((s) => s.stopped)
  if (stopped) return { state: 'bad', says: `${stopped.stream}: ${stopped.stopped!.reason}` }
  const failing = streams.find((s) => s.lastError)
  if (failing) return { state: 'bad', says: `${failing.stream}: ${failing.lastError!.message}` }
  const oldest = Math.min(...streams.map((s) => s.lastSuccessAt ?? 0))
  if (cron !== 'manual') {
    let slot: number | null = oldest
    for (let n = 0; n < LATE_SLOTS && slot !== null; n++) slot = nextSlot(cron, timezone, slot)
    if (slot !== null && slot < now - 60_000)
      return { state: 'warn', says: `Last read ${iso(oldest)}; two reads are overdue` }
  }
  return { state: 'ok', says: `Last read ${iso(oldest)}` }
}

function completenessMark(streams: readonly StreamState[]): Mark {
  const counted = streams.filter((s) => s.completeness)
  if (counted.length === 0) return { state: 'unknown', says: 'The platform gives no count of its own' }
  const off = counted.find((s) => s.completeness!.ours !== s.completeness!.theirs)
  if (off)
    return { state: 'warn', says: `${off.stream}: ${off.completeness!.ours} here, ${off.completeness!.theirs} there` }
  return { state: 'ok', says: `${counted.length} of ${streams.length} streams counted, all equal` }
}
