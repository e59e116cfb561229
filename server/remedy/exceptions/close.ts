/** Closing exceptions: never because something was sent, only because something shows that the state is right again. */
import type { Context } from '../../context.ts'
import type { ExceptionRow } from '../../store/control/exceptions.ts'
import { eventsOfCorrelation, openEntities } from '../../store/facts/exception-evidence.ts'
import { recordsNamed } from '../../store/facts/placed-records.ts'
import { quarantine } from '../../store/facts/quarantine.ts'
import { flowKey, stoppedFlows } from './flows.ts'

type Closing = Pick<Context, 'control' | 'facts' | 'clock'>

const AT_ONCE = 5_000

/** Says how many were closed. */
export async function closeExceptions(ctx: Closing): Promise<number> {
  const { control, clock } = ctx
  const open = control.exceptions({ states: ['open', 'retrying', 'replaying'], limit: AT_ONCE })
  if (open.length === 0) return 0
  const evidence = await evidenceFor(ctx, open)
  for (const [id, says] of evidence)
    control.workException(
      id,
      { state: 'resolved', resolvedAt: clock.now(), resolvedBy: 'evidence', evidence: says, nextAt: null },
      { actor: 'plumbline', at: clock.now(), action: 'exception.resolved' },
    )
  return evidence.size
}

async function evidenceFor({ facts, clock }: Closing, open: readonly ExceptionRow[]): Promise<Map<number, string>> {
  const found = new Map<number, string>()
  const waiting = new Set(
    (await quarantine(facts, { state: 'open' }, 100_000)).map(
      (q) => `${q.platform}/${q.stream}/${q.record_id || q.row_hash}`,
    ),
  )
  const correlations = [...new Set(open.flatMap((e) => (e.correlationId ? [e.correlationId] : [])))]
  const arrived = await eventsOfCorrelation(facts, correlations)
  const stopped = new Set((await stoppedFlows({ facts, clock })).map(flowKey))
  const drifting = await openEntities(facts, [...new Set(open.flatMap((e) => (e.entityId ? [e.entityId] : [])))])
  for (const e of open) {
    if (e.source === 'quarantine') {
      if (!waiting.has(e.sourceKey)) found.set(e.id, 'The row has been read since.')
      continue
    }
    if (e.source === 'flow') {
      if (!stopped.has(e.sourceKey)) found.set(e.id, 'The flow went on, or its deadline was moved.')
      continue
    }
    const after = arrived.find(
      (a) => a.correlation_id === e.correlationId && Date.parse(a.at) > (e.eventAt ?? e.firstAt),
    )
    if (after) {
      found.set(e.id, `${after.reported_by} reported the same change as ${after.type} on ${after.at}.`)
      continue
    }
    const says = await agreed(facts, e, drifting)
    if (says) found.set(e.id, says)
  }
  return found
}

/** The record at the target was read after the event, and no check sees a difference of it any more. */
async function agreed(facts: Closing['facts'], e: ExceptionRow, drifting: ReadonlySet<string>): Promise<string | null> {
  const { target, kind, recordId, entityId } = e
  if (!target || !kind || !entityId || drifting.has(`${entityId} ${target}`)) return null
  const named = recordId ? await recordsNamed(facts, kind, [{ platform: target, kind, record_id: recordId }]) : []
  const there = named[0]
  if (!there || there.deleted || Date.parse(there.observed_at) <= e.lastAt) return null
  return `${target} was read on ${there.observed_at}; no check sees a difference.`
}
