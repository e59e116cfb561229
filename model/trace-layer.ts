/** Trace layer: which part of the landscape let a change down, and who must put it right. */
import { sureOf } from './cause.ts'
import type { Branch, Fault, FollowerFacts, Layer, Stop, TraceInput } from './trace.ts'

/**
 * By where it stopped. Before sending and out of order: whoever conducts the flow. On the way and transformed: what
 * connects the two. Refused, confirmed and not written, written over: the platform itself.
 */
export const LAYER_OF: Readonly<Record<Stop, Layer>> = {
  before_sending: 'orchestration',
  on_the_way: 'connector',
  refused: 'platform',
  after_acknowledgement: 'platform',
  transformed: 'connector',
  out_of_order: 'orchestration',
  overwritten: 'platform',
  unknown: 'unknown',
}

export function faultOf(input: TraceInput, branch: Branch, follower: FollowerFacts): Fault | null {
  const { stop } = branch
  if (!stop) return null
  const { titleOf } = input
  const failed = failedSpan(input, branch)
  const layer =
    stop.at === 'on_the_way' && failed?.kind === 'server' && failed.platform === follower.platform
      ? 'platform'
      : LAYER_OF[stop.at]
  const there = titleOf(follower.platform)
  const from = titleOf(input.owner)
  const carriers = [...new Set(input.events.map((e) => e.reported_by))].filter((p) => input.middleware.has(p))
  const conductor = carriers.length ? carriers.map(titleOf).join(', ') : from
  const where =
    layer === 'platform'
      ? follower.platform
      : layer === 'connector'
        ? `${input.owner} → ${follower.platform}`
        : (carriers[0] ?? input.owner)
  const evidence = stop.evidence[0]
  return {
    layer,
    sure: failed ? 'certain' : (sureOf(stop.evidence) ?? 'possible'),
    where,
    says: `${evidence?.says ?? 'Little is known of how it travelled.'}${failed ? ` The call ${failed.operation} failed${failed.message ? `: ${failed.message}` : ''}.` : ''}`,
    disproved_by: evidence?.disproved_by ?? 'History of the records, or recorded events of the change.',
    correction: correctionOf(layer, stop.at, { there, from, conductor }),
  }
}

/** A span of the change's own trace that says it failed. */
function failedSpan(input: TraceInput, branch: Branch) {
  const threads = new Set(branch.threads)
  return input.spans.findLast((s) => s.status === 'error' && s.correlation_id !== null && threads.has(s.correlation_id))
}

function correctionOf(layer: Layer, stop: Stop, t: { there: string; from: string; conductor: string }): string {
  if (layer === 'orchestration')
    return stop === 'out_of_order'
      ? `Whoever runs ${t.conductor}: send the newest state to ${t.there} again, and keep the order of one record's changes.`
      : `Whoever runs ${t.conductor}: send the change to ${t.there} again, and find out why it was not sent.`
  if (layer === 'connector')
    return stop === 'transformed'
      ? `Whoever owns the connection from ${t.from} to ${t.there}: correct its mapping, then send the change again.`
      : `Whoever owns the connection from ${t.from} to ${t.there}: see why nothing came back, then send the change again.`
  if (layer === 'platform')
    return stop === 'overwritten'
      ? `Whoever administers ${t.there}: bring the record back in line, and take away the right to change what ${t.from} owns.`
      : `Whoever administers ${t.there}: mend what made it refuse or leave out the change, then have it sent again.`
  return `Compare the records in ${t.from} and ${t.there}; ask both for their history.`
}
