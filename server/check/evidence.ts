/** Evidence: everything that judges may know besides their candidates, asked of the stores once and then held still. */
import type { Context } from '../context.ts'
import type { StreamState } from '../store/control/control.ts'
import { fieldKey } from '../store/facts/field-history.ts'
import { fieldTrails } from '../store/facts/field-trail.ts'
import { openConflicts, type OpenConflict } from '../store/facts/conflicts.ts'
import { quarantineCounts, unreadIds } from '../store/facts/quarantine.ts'
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
}

const NOBODY: ReadonlySet<string> = new Set()
const pair = (platform: string, kind: string) => `${platform} ${kind}`
const platformOf = (record: string) => record.slice(0, record.indexOf(':'))

export async function standing(ctx: Pick<Context, 'facts' | 'control'>): Promise<Standing> {
  const streams = ctx.control.streams()
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
  return { streams, quarantined, conflicts, complete, unsettled }
}

/** Platforms whose text is another than before, or is there on one side only. */
export function moved(before: Record<string, string>, now: Record<string, string>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((name) => before[name] !== now[name]).sort()
}

/** What judges ask, over the standing and the histories that were asked for. */
export function judgeContext(
  ctx: Pick<Context, 'landscape'>,
  now: Standing,
  asOf: number,
  trails: ReadonlyMap<string, readonly Step[]>,
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
    quarantined: (platform, kind) => now.quarantined.get(pair(platform, kind)) ?? NOBODY,
    doubted: (platform, kind) => doubted.get(pair(platform, kind)) ?? NOBODY,
    conflicts: () => now.conflicts,
    streams: () => now.streams,
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
