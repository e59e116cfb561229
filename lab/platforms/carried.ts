/** Carried: what middleware simulators have in common: deliveries put together from the recorded events, one run for each. */
import type { RecordedEvent } from '../../model/event.ts'
import type { ApiFault, PlatformState } from '../platform.ts'
import { answer } from '../wire.ts'

export interface Run {
  /** Correlation id and receiver: one run carries one change into one platform. */
  id: string
  kind: string
  from: string | null
  to: string
  recordId: string
  correlation: string
  startedAt: number
  endedAt: number | null
  failed: boolean
  error: string | null
}

/** Runs in the order in which they began. */
export function runsOf(state: PlatformState): Run[] {
  const found = new Map<string, Run>()
  for (const e of [...(state.told?.() ?? [])].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))) take(found, e)
  return [...found.values()].sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1))
}

function take(found: Map<string, Run>, e: RecordedEvent): void {
  const id = `${e.correlation_id}-${e.to_platform}`
  const at = Date.parse(e.at)
  const run: Run = found.get(id) ?? {
    id,
    kind: e.kind ?? '',
    from: e.from_platform,
    to: e.to_platform ?? '',
    recordId: e.record_id ?? '',
    correlation: e.correlation_id ?? '',
    startedAt: at,
    endedAt: null,
    failed: false,
    error: null,
  }
  if (e.type === 'acknowledged' || e.type === 'rejected')
    Object.assign(run, { endedAt: at, failed: e.type === 'rejected', error: e.message })
  found.set(id, run)
}

/** A run that was asked for again, and went through: the receiver is up by then. */
export interface Repeat {
  of: Run
  /** Which repetition of all it is, from 1. */
  n: number
  at: number
}

/** One job for every kind and receiver (`customer → crm`). */
export const jobName = (run: Pick<Run, 'kind' | 'to'>) => `${run.kind} to ${run.to}`

/** The `jobs` of a platform entry: every kind into every receiver that something was carried to, or may be. */
export function jobsFor(
  kinds: readonly string[],
  receivers: readonly string[],
  read: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(
    kinds.flatMap((kind) => receivers.map((to) => [jobName({ kind, to }), { to, kind, read: [...read] }])),
  )
}

/** Faults as most of these platforms tell them: a status and a short JSON body. */
export function plainFault(fault: ApiFault, open: boolean, message: (text: string) => unknown): Response | undefined {
  if (fault.kind === 'throttle')
    return answer(
      message('Too many requests'),
      429,
      fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) },
    )
  if (fault.kind === 'error') return answer(message('Something went wrong'), fault.status)
  if (fault.kind === 'expired_session' && !open) return answer(message('Unauthorized'), 401)
  return undefined
}
