/** Evidence: everything that judges may know besides their candidates, asked of the stores once and then held still. */
import type { Context } from '../context.ts'
import type { ControlStore, StreamState } from '../store/control/control.ts'
import { pacesOf } from '../store/control/paces.ts'
import { shapeOf, volumeOf } from '../store/control/shapes.ts'
import { fieldKey } from '../store/facts/field-history.ts'
import { happened, type Happened } from '../store/facts/happened.ts'
import { fieldTrails } from '../store/facts/field-trail.ts'
import { openConflicts, type OpenConflict } from '../store/facts/conflicts.ts'
import { quarantineCounts, unreadIds } from '../store/facts/quarantine.ts'
import { eventSpans, lastEventRev, subjectKey, type EventSpan } from '../store/facts/subject-events.ts'
import { identifiedStreams } from '../store/identified.ts'
import { SLACK_MS } from '../../model/cause-facts.ts'
import type { RecordedEvent } from '../../model/event.ts'
import type { EventReach } from './kinds/reach-events.ts'
import type { FieldAsk, JudgeContext, Step } from './contract.ts'

/** How the collecting stood when a run began. */
export interface Standing {
  streams: readonly StreamState[]
  /** `platform kind` → ids that could not be read. */
  quarantined: ReadonlyMap<string, ReadonlySet<string>>
  /** References that contradict each other. */
  conflicts: readonly OpenConflict[]
  /** Platform → what is known of how far it has been read, and of what could not be: a new text means new evidence. */
  complete: Record<string, string>
  unsettled: Record<string, string>
  /** Deliveries that are reported, and through when. */
  logs: readonly EventSpan[]
  /** Outages, releases, keys, mappings and schemas that were told of. */
  happened: Happened
  /** What the raw rows of a stream look like, and how many changes it brings. */
  shape: JudgeContext['shape']
  volume: JudgeContext['volume']
  paces: JudgeContext['paces']
  /** Revision of the latest event. */
  eventRev: string
}

const NOBODY: ReadonlySet<string> = new Set()
const pair = (platform: string, kind: string) => `${platform} ${kind}`
const platformOf = (record: string) => record.slice(0, record.indexOf(':'))

export async function standing(ctx: Pick<Context, 'facts' | 'control'>): Promise<Standing> {
  const streams = identifiedStreams(ctx.control)
  const quarantined = new Map<string, ReadonlySet<string>>()
  const unsettled: Record<string, string> = {}
  for (const { platform, kind, n } of await quarantineCounts(ctx.facts)) {
    if (quarantined.has(pair(platform, kind))) continue
    const ids = await unreadIds(ctx.facts, platform, kind)
    quarantined.set(pair(platform, kind), ids)
    unsettled[platform] = `${unsettled[platform] ?? ''}${kind} ${n} ${[...ids].sort().join(' ')};`
  }
  const conflicts = await openConflicts(ctx.facts)
  for (const { kind, records } of conflicts)
    for (const platform of new Set(records.map(platformOf)))
      unsettled[platform] = `${unsettled[platform] ?? ''}doubt ${kind} ${records.join(' ')};`
  const complete: Record<string, string> = {}
  for (const s of streams)
    complete[s.platform] = `${complete[s.platform] ?? ''}${s.stream} ${s.kind} ${s.completeThrough};`
  return {
    streams,
    ...learned(ctx.control),
    quarantined,
    conflicts,
    complete,
    unsettled,
    logs: await logs(ctx),
    happened: await happened(ctx.facts),
    eventRev: await lastEventRev(ctx.facts),
  }
}

/** Read when asked, once: few checks want it. */
function learned(control: Pick<ControlStore, 'get'>): Pick<Standing, 'shape' | 'volume' | 'paces'> {
  const kept = <T>(read: (platform: string, stream: string) => T) => {
    const known = new Map<string, T>()
    return (platform: string, stream: string): T => {
      const key = pair(platform, stream)
      if (!known.has(key)) known.set(key, read(platform, stream))
      return known.get(key)!
    }
  }
  return {
    shape: kept((platform, stream) => shapeOf(control, platform, stream)),
    volume: kept((platform, stream) => volumeOf(control, platform, stream)),
    paces: () => pacesOf(control),
  }
}

/** A log that is read from files is known through their own instant, also where nothing more was sent. */
async function logs(ctx: Pick<Context, 'facts' | 'control'>): Promise<EventSpan[]> {
  return (await eventSpans(ctx.facts)).map((span) => {
    const read = ctx.control.get(`events ${span.reported_by} through`)
    return read === null ? span : { ...span, through: Math.max(span.through, Number(read)) }
  })
}

/** How far each way is reported, for the next run to see what came since. */
export function logMarks({ logs }: Pick<Standing, 'logs'>): Record<string, number> {
  return Object.fromEntries(
    logs.map((l) => [`${l.from_platform} ${l.to_platform} ${l.kind} ${l.reported_by}`, l.through]),
  )
}

/** What recorded events may have changed since a run that stood at revision `from` and knew the logs as far as `before`. */
export function eventReach(
  now: Pick<Standing, 'logs' | 'eventRev' | 'happened'>,
  from: string,
  before: Record<string, number>,
): EventReach {
  const further = now.logs.filter(
    (l) => l.through > (before[`${l.from_platform} ${l.to_platform} ${l.kind} ${l.reported_by}`] ?? -1),
  )
  const since = further.map((l) => before[`${l.from_platform} ${l.to_platform} ${l.kind} ${l.reported_by}`] ?? 0)
  return {
    told: BigInt(now.eventRev) > BigInt(from),
    happened: now.happened.rev > BigInt(from),
    logged: further.length
      ? {
          platforms: [...new Set(further.map((l) => l.to_platform))].sort(),
          from: Math.max(0, Math.min(...since) - 2 * SLACK_MS),
        }
      : null,
  }
}

/** Platforms whose text is another than before, or is there on one side only. */
export function moved(before: Record<string, string>, now: Record<string, string>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((name) => before[name] !== now[name]).sort()
}

/**
 * Platforms of which less is complete than before: what was proved by how far they had been read is no longer. Reading
 * only ever goes forward; a control store that was restored, or a stream that was begun anew, goes back.
 */
export function retreated(before: Record<string, string>, now: Record<string, string>): string[] {
  const throughOf = (text: string | undefined) =>
    new Map(
      (text ?? '')
        .split(';')
        .map((s) => [s.slice(0, s.lastIndexOf(' ')), Number(s.slice(s.lastIndexOf(' ') + 1)) || 0]),
    )
  return Object.keys(before).filter((name) => {
    const then = throughOf(before[name])
    return [...throughOf(now[name])].some(([stream, at]) => at < (then.get(stream) ?? 0))
  })
}

/** What judges ask, over the standing and the histories that were asked for. */
export function judgeContext(
  ctx: Pick<Context, 'landscape'>,
  now: Standing,
  asOf: number,
  trails: ReadonlyMap<string, readonly Step[]>,
  events: ReadonlyMap<string, readonly RecordedEvent[]> = new Map(),
): JudgeContext {
  const through = new Map<string, number | null>()
  const kinds = new Map<string, Set<string>>()
  for (const s of now.streams) {
    const key = pair(s.platform, s.kind)
    const before = through.get(key)
    // Of several streams the least complete counts.
    const at =
      s.completeThrough === null || before === null ? null : Math.min(s.completeThrough, before ?? Infinity, asOf)
    through.set(key, at)
    kinds.set(s.platform, (kinds.get(s.platform) ?? new Set()).add(s.kind))
  }
  const doubted = new Map<string, Set<string>>()
  for (const { kind, records } of now.conflicts)
    for (const record of records) {
      const key = pair(platformOf(record), kind)
      doubted.set(key, (doubted.get(key) ?? new Set()).add(record.slice(record.indexOf(':') + 1)))
    }
  const carriers = ctx.landscape.platforms.filter((p) => p.role === 'middleware').map((p) => p.name)
  // What came later than the instant that is asked about was not known then.
  const before = now.happened.events.filter((e) => Date.parse(e.at) <= asOf)
  const trail: JudgeContext['trail'] = (subject, field) =>
    trails.get(fieldKey({ platform: subject.platform, kind: subject.kind, record_id: subject.record_id, field })) ?? []
  return {
    landscape: ctx.landscape,
    asOf,
    completeThrough: (platform, kind) => through.get(pair(platform, kind)) ?? null,
    keeps: (platform, kind) => kinds.get(platform)?.has(kind) ?? keepsUnseen(ctx, platform, kind),
    changed(subject, field) {
      const last = trail(subject, field).at(-1)
      return last ? { at: last.at, by: last.first ? null : last.by } : { at: null, by: null }
    },
    trail,
    events: (subject) => events.get(subjectKey(subject)) ?? [],
    around: () => ({ happened: before, carriers }),
    log(from, to, kind) {
      const spans = now.logs.filter(
        (l) => l.to_platform === to && l.kind === kind && (l.from_platform === from || l.from_platform === ''),
      )
      if (spans.length === 0) return null
      return {
        since: Math.min(...spans.map((l) => l.since)),
        through: Math.min(asOf, Math.max(...spans.map((l) => l.through))),
      }
    },
    quarantined: (platform, kind) => now.quarantined.get(pair(platform, kind)) ?? NOBODY,
    doubted: (platform, kind) => doubted.get(pair(platform, kind)) ?? NOBODY,
    conflicts: () => now.conflicts,
    streams: () => now.streams,
    shape: now.shape,
    volume: now.volume,
    paces: now.paces,
  }
}

/** A platform of which nothing was ever read: what its connector declares. What it keeps is then undecided, not absent. */
function keepsUnseen({ landscape }: Pick<Context, 'landscape'>, platform: string, kind: string): boolean {
  const live = landscape as { keeps?: (platform: string, kind: string) => boolean }
  return live.keeps?.(platform, kind) ?? false
}

/** Histories of fields, as judges read them. */
export async function trailsOf(ctx: Pick<Context, 'facts'>, asks: readonly FieldAsk[]): Promise<Map<string, Step[]>> {
  const found = await fieldTrails(ctx.facts, asks)
  return new Map(
    [...found].map(([key, steps]) => [
      key,
      steps.map((s, i): Step => ({
        key: s.key,
        value: s.value,
        // A change that we saw is no later than when we saw it; of the first version only its own stamp tells.
        at: s.stampedAt ?? (i === 0 ? null : s.observedAt),
        by: s.by,
        first: i === 0,
      })),
    ]),
  )
}
