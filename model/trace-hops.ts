/** Trace hops: every step of a change in the order of time, by whose clock, with the gap before it and where it stopped. */
import { SLACK_MS } from './cause-facts.ts'
import { isDelivery, type RecordedEvent } from './event.ts'
import { stepsOf } from './trace-sides.ts'
import { recordsAt } from './past.ts'
import type { Branch, Hop, Origin, TraceInput } from './trace.ts'

/** Hops that are shown; a change that made more is told by its latest. */
const HOPS_MAX = 200

type Bare = Omit<Hop, 'gapMs' | 'stopped'>

const WORDS: Record<string, Hop['is']> = {
  sent: 'sent',
  acknowledged: 'acknowledged',
  rejected: 'rejected',
  applied: 'applied',
}

export function hopsOf(input: TraceInput, origin: Origin, branches: readonly Branch[]): Hop[] {
  const begin = (origin.at ?? -Infinity) - SLACK_MS
  const threads = new Set(branches.flatMap((b) => b.threads))
  const platforms = new Set(branches.map((b) => b.platform))
  const bare = [
    ...writes(input, begin),
    ...input.events.filter((e) => mattersTo(e, threads, platforms, begin, input)).map((e) => delivered(e, input)),
    ...input.spans.map((s) => spanned(s, input)),
    ...branches.flatMap((b) => ends(b, input)),
  ]
  const ordered = bare.sort(
    (a, b) => (a.at ?? Infinity) - (b.at ?? Infinity) || ORDER.indexOf(a.is) - ORDER.indexOf(b.is),
  )
  const kept = ordered.slice(-HOPS_MAX)
  const last = new Map<string, number>()
  for (const [i, hop] of kept.entries()) if (hop.is !== 'due') last.set(hop.platform, i)
  const stops = new Set(branches.filter((b) => b.stop).map((b) => b.platform))
  return kept.map((hop, i) => ({
    ...hop,
    gapMs: hop.at === null || i === 0 || kept[i - 1]!.at === null ? null : hop.at - kept[i - 1]!.at!,
    stopped: stops.has(hop.platform) && last.get(hop.platform) === i,
  }))
}

const ORDER: readonly Hop['is'][] = [
  'changed',
  'span',
  'sent',
  'acknowledged',
  'rejected',
  'applied',
  'wrote',
  'due',
  'missing',
]

/** Versions in which the field (or the record) changed, at the owner and at whoever must follow. */
function writes(input: TraceInput, begin: number): Bare[] {
  const wanted = new Set([input.owner, ...input.followers.map((f) => f.platform)])
  return recordsAt(input.past, input.at)
    .filter((r) => wanted.has(r.version.platform))
    .flatMap(({ version }) => {
      const steps = stepsOf(input.past, version, input.field?.name ?? null, input.at)
      return steps
        .filter((s, i) => i === steps.length - 1 || (s.at ?? s.version.observedAt) >= begin)
        .filter((s) => version.platform === input.owner || (s.at ?? s.version.observedAt) >= begin)
        .map((s): Bare => {
          const title = input.titleOf(version.platform)
          const what = input.field ? input.field.label : 'the record'
          return {
            at: s.at ?? s.version.changedAt ?? s.version.observedAt,
            until: null,
            is: version.platform === input.owner ? 'changed' : 'wrote',
            platform: version.platform,
            clock: s.at === null || s.version.changedAt === null ? 'when it was read' : title,
            says: s.first ? `${title} held ${what} when it was first read` : `${title} changed ${what}`,
            detail: s.by === null ? `version ${s.version.seq}` : `version ${s.version.seq}, by ${s.by}`,
            value: s.value,
            thread: s.version.correlationId,
            attempt: null,
          }
        })
    })
}

function mattersTo(
  e: RecordedEvent,
  threads: ReadonlySet<string>,
  platforms: ReadonlySet<string>,
  begin: number,
  input: TraceInput,
): boolean {
  const at = Date.parse(e.at)
  if (!isDelivery(e.type) || at > input.at || e.to_platform === null || !platforms.has(e.to_platform)) return false
  return (e.correlation_id !== null && threads.has(e.correlation_id)) || at >= begin
}

function delivered(e: RecordedEvent, input: TraceInput): Bare {
  const to = input.titleOf(e.to_platform!)
  const from = e.from_platform === null ? '' : ` from ${input.titleOf(e.from_platform)}`
  const says: Record<string, string> = {
    sent: `Sent${from} to ${to}`,
    acknowledged: `${to} confirmed it`,
    rejected: `${to} refused it`,
    applied: `Written in ${to}`,
  }
  const value =
    input.field && typeof e.detail.values === 'object' && e.detail.values !== null
      ? (e.detail.values as Record<string, unknown>)[input.field.name]
      : undefined
  return {
    at: Date.parse(e.at),
    until: null,
    is: WORDS[e.type]!,
    platform: e.to_platform!,
    clock: input.titleOf(e.reported_by),
    says: says[e.type]!,
    detail: e.message ?? `reported by ${input.titleOf(e.reported_by)}`,
    value: typeof value === 'string' ? value : null,
    thread: e.correlation_id ?? e.trace_id,
    attempt: null,
  }
}

function spanned(s: TraceInput['spans'][number], input: TraceInput): Bare {
  const at = Date.parse(s.started_at)
  return {
    at,
    until: at + Math.round(s.duration_us / 1000),
    is: 'span',
    platform: s.platform ?? s.service,
    clock: s.service,
    says: `${s.platform ? input.titleOf(s.platform) : s.service}: ${s.operation}`,
    detail: s.status === 'error' ? `failed${s.message ? `: ${s.message}` : ''}` : (s.message ?? s.kind),
    value: null,
    thread: s.correlation_id ?? s.trace_id,
    attempt: s.attempt,
  }
}

/** The end of the window, and the step that never came. */
function ends(b: Branch, input: TraceInput): Bare[] {
  const title = input.titleOf(b.platform)
  const bare = { until: null, platform: b.platform, value: null, thread: null, attempt: null }
  const due: Bare[] =
    b.dueAt === null || b.outcome === 'in_time'
      ? []
      : [
          {
            ...bare,
            at: b.dueAt,
            is: 'due',
            clock: 'the window',
            says: `${title} had until here`,
            detail: 'end of the window',
          },
        ]
  if (!b.stop) return due
  return [
    ...due,
    { ...bare, at: null, is: 'missing', clock: '', says: MISSING[b.stop.at](title), detail: b.fault?.says ?? '' },
  ]
}

const MISSING: Record<NonNullable<Branch['stop']>['at'], (title: string) => string> = {
  before_sending: (t) => `Never sent to ${t}`,
  on_the_way: (t) => `No answer from ${t}`,
  refused: (t) => `Never taken by ${t}`,
  after_acknowledgement: (t) => `Never written in ${t}`,
  transformed: (t) => `${t} got another value`,
  out_of_order: (t) => `${t} took an older change last`,
  overwritten: (t) => `${t} no longer holds it`,
  unknown: (t) => `${t} does not hold it`,
}
