/** The trace stage: gathers what is known of one change and lets the rules of model/trace-answer.ts put it together. */
import type { Log } from '../../model/cause-facts.ts'
import { fieldOf } from '../../model/kinds.ts'
import { recordsAt, type EntityPast } from '../../model/past.ts'
import type { RecordedEvent } from '../../model/event.ts'
import type { Span } from '../../model/span.ts'
import type { FollowerFacts, Trace } from '../../model/trace.ts'
import { traceOf } from '../../model/trace-answer.ts'
import { whereabouts } from '../../model/whereabouts.ts'
import { EXISTENCE } from '../config/pattern.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import { landscapeEvents } from '../store/facts/events.ts'
import { entityPast } from '../store/facts/past/entity.ts'
import { spans as spansOf } from '../store/facts/spans.ts'
import { eventSpans, eventsOfSubjects, type EventSpan } from '../store/facts/subject-events.ts'
import { targetOf, type Target, type TraceAsk } from './target.ts'

/** Threads of which spans are read, and spans of each. */
const THREADS_MAX = 10
const SPANS_MAX = 200
/** How long before the change a mapping or deployment may have been that transformed it. */
const MAPPINGS_MS = 90 * 86_400_000

export interface Traced {
  trace: Trace
  target: Target
}

/** @throws PlumblineError not_found, schema */
export async function trace(
  ctx: Pick<Context, 'facts' | 'control' | 'landscape'>,
  ask: TraceAsk,
  at: number,
): Promise<Traced> {
  const target = await targetOf(ctx, ask)
  const past = await entityPast(ctx.facts, target.entity, at)
  const field = target.field === null ? null : fieldOf(past.kind, target.field)
  const where = placed(ctx, past, at)
  const own = recordsAt(past, at)
  const owners = ctx.landscape.owners(past.kind, field?.name ?? EXISTENCE, where)
  const speaks = (p: string) =>
    own.some(
      (r) =>
        r.version.platform === p &&
        !r.version.deleted &&
        (field === null || r.version.fields[field.name]?.is === 'value'),
    )
  const owner = target.finding?.owner_platform ?? owners.find(speaks) ?? own[0]?.version.platform
  if (owner === undefined)
    throw new PlumblineError('not_found', `No platform had a record of ${past.entity} then.`, {
      remedy: 'Choose a later instant.',
    })
  const events = await eventsAbout(ctx, past)
  const logs = await eventSpans(ctx.facts)
  return {
    target,
    trace: traceOf({
      past,
      field,
      at,
      owner,
      followers: followersOf(ctx, {
        past,
        field: field?.name ?? EXISTENCE,
        owner,
        where,
        at,
        logs,
        named: target.finding?.platform ?? null,
      }),
      events,
      spans: await spansAbout(ctx, target, events, past),
      middleware: new Set(ctx.landscape.platforms.flatMap((p) => (p.role === 'middleware' ? [p.name] : []))),
      dueAt: ({ platform }, since) =>
        ctx.landscape.windowEnd(ctx.landscape.edge(past.kind, field?.name ?? EXISTENCE, owner, platform), since),
      titleOf: (name) => ctx.landscape.platforms.find((p) => p.name === name)?.title ?? name,
    }),
  }
}

function placed({ landscape }: Pick<Context, 'landscape'>, past: EntityPast, at: number) {
  const claims = recordsAt(past, at).flatMap(({ version: v }) => {
    const legal = v.fields['legal_entity']
    const scope: Record<string, string> = legal?.is === 'value' ? { legal_entity: legal.value! } : {}
    return v.deleted ? [] : [{ platform: v.platform, state: v.state, scope }]
  })
  return whereabouts(landscape, past.kind, claims)
}

interface Following {
  past: EntityPast
  field: string
  owner: string
  where: ReturnType<typeof placed>
  at: number
  logs: readonly EventSpan[]
  /** The platform that a finding says is at fault. */
  named: string | null
}

/** Who must take the change: every platform that follows and keeps the kind, and the one that a finding names. */
function followersOf({ landscape, control }: Pick<Context, 'landscape' | 'control'>, f: Following): FollowerFacts[] {
  const streams = control.streams().filter((s) => s.kind === f.past.kind)
  const through = (platform: string) => {
    const all = streams.filter((s) => s.platform === platform).map((s) => s.completeThrough)
    return all.length === 0 || all.includes(null) ? null : Math.min(f.at, ...all.map((t) => t!))
  }
  return landscape.platforms
    .filter((p) => p.name !== f.owner)
    .filter(
      (p) =>
        p.name === f.named ||
        (streams.some((s) => s.platform === p.name) &&
          landscape.standing(f.past.kind, f.field, p.name, f.owner, f.where) === 'follower'),
    )
    .map((p) => ({
      platform: p.name,
      windowMs: landscape.edge(f.past.kind, f.field, f.owner, p.name).windowMs,
      completeThrough: through(p.name),
      log: logOf(f.logs, f.owner, p.name, f.past.kind, f.at),
    }))
}

function logOf(logs: readonly EventSpan[], from: string, to: string, kind: string, at: number): Log | null {
  const spans = logs.filter(
    (l) => l.to_platform === to && l.kind === kind && (l.from_platform === from || l.from_platform === ''),
  )
  if (spans.length === 0) return null
  return {
    since: Math.min(...spans.map((l) => l.since)),
    through: Math.min(at, Math.max(...spans.map((l) => l.through))),
  }
}

/** Events of every record of the entity, and what happened to platforms and middleware around them. */
async function eventsAbout({ facts }: Pick<Context, 'facts'>, past: EntityPast): Promise<RecordedEvent[]> {
  const subjects = past.memberships.map((m) => ({ platform: m.platform, kind: past.kind, record_id: m.record_id }))
  const told = [...(await eventsOfSubjects(facts, subjects)).values()].flat()
  const unique = [...new Map(told.map((e) => [`${e.reported_by}\n${e.id}\n${e.record_id}`, e])).values()]
  if (unique.length === 0) return []
  const times = unique.map((e) => Date.parse(e.at))
  const iso = (ms: number) => new Date(ms).toISOString()
  const around = await landscapeEvents(facts, iso(Math.min(...times) - MAPPINGS_MS), iso(Math.max(...times) + 1))
  return [...unique, ...around]
}

async function spansAbout(
  { facts }: Pick<Context, 'facts'>,
  target: Target,
  events: readonly RecordedEvent[],
  past: EntityPast,
): Promise<Span[]> {
  const threads = new Set([...target.threads, ...past.versions.slice(-20).flatMap((v) => v.correlationId ?? [])])
  for (const e of [...events].sort((a, b) => (a.at < b.at ? 1 : -1)))
    if (e.correlation_id) threads.add(e.correlation_id)
  const traces = new Set(events.flatMap((e) => e.trace_id ?? []))
  const found = new Map<string, Span>()
  for (const correlationId of [...threads].slice(0, THREADS_MAX))
    for (const s of await spansOf(facts, { correlationId }, SPANS_MAX)) found.set(`${s.trace_id} ${s.span_id}`, s)
  for (const s of found.values()) traces.add(s.trace_id)
  for (const traceId of [...traces].slice(0, THREADS_MAX))
    for (const s of await spansOf(facts, { traceId }, SPANS_MAX)) found.set(`${s.trace_id} ${s.span_id}`, s)
  return [...found.values()].sort((a, b) => (a.started_at < b.started_at ? -1 : 1))
}
