/** Trace conduct: whether something conducts the flow or platforms react by themselves, and what each way has to answer for. */
import { deliveriesInto, type Delivery } from './delivery.ts'
import { isDelivery } from './event.ts'
import type { Branch, Conduct, TraceInput } from './trace.ts'

export function conductOf(input: TraceInput, branches: readonly Branch[]): Conduct {
  const told = input.events.filter((e) => isDelivery(e.type))
  const conductors = [...new Set(told.map((e) => e.reported_by))].filter((p) => input.middleware.has(p))
  const style = conductors.length ? 'orchestrated' : told.length || input.spans.length ? 'choreographed' : 'unknown'
  const stopped = branches.filter((b) => b.stop)
  const title = (b: Branch) => input.titleOf(b.platform)
  return {
    style,
    by: conductors,
    out_of_sequence: style === 'orchestrated' ? outOfSequence(input, branches) : [],
    not_compensated: style === 'orchestrated' ? notCompensated(input, branches) : [],
    // Nobody is told to react in a choreography: who did not take part is all there is to see.
    did_not_react:
      style !== 'choreographed'
        ? []
        : stopped.filter((b) => b.acceptedAt === null && b.payload === null).map((b) => `${title(b)} did not react.`),
  }
}

/** Answers before their question, and changes written in another order than they were sent. */
function outOfSequence(input: TraceInput, branches: readonly Branch[]): string[] {
  return branches.flatMap((b) => {
    const into = deliveriesInto(input.events, b.platform, input.past.kind)
    const title = input.titleOf(b.platform)
    const early = into.filter((d) => d.sentAt !== null && d.appliedAt !== null && d.appliedAt < d.sentAt)
    const swapped = into.filter((d, i) => into.slice(i + 1).some((later) => overtook(d, later)))
    return [
      ...early.map(
        (d) => `${title} wrote ${threadOf(d)} before it was sent: a clock is wrong, or it came another way.`,
      ),
      ...swapped.map((d) => `${title} wrote ${threadOf(d)} after a change that was sent later.`),
    ]
  })
}

const overtook = (d: Delivery, later: Delivery) =>
  d.appliedAt !== null && later.appliedAt !== null && later.startedAt > d.startedAt && later.appliedAt < d.appliedAt

const threadOf = (d: Delivery) => d.correlation ?? `the change of ${new Date(d.startedAt).toISOString()}`

/** One refused what others took: the others must be taken back, or the one tried again. */
function notCompensated(input: TraceInput, branches: readonly Branch[]): string[] {
  const refused = branches.filter((b) => b.stop?.at === 'refused')
  const kept = branches.filter((b) => b.outcome === 'in_time' || b.outcome === 'late')
  if (kept.length === 0) return []
  const who = kept.map((b) => input.titleOf(b.platform)).join(', ')
  return refused.map(
    (b) => `${input.titleOf(b.platform)} refused what ${who} kept: nothing was sent to take it back or to try again.`,
  )
}
