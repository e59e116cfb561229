/** Timing: what time says about a difference between two platforms. */
import type { Step } from '../../model/cause-facts.ts'
import type { Edge } from '../../model/landscape.ts'
import type { Evidence, Observation } from '../../model/verdict.ts'
import { iso } from '../clock.ts'
import type { JudgeContext } from './contract.ts'

export interface Difference {
  kind: string
  owner: string
  follower: string
  edge: Edge
  /** The check's own window, where it has one. */
  windowMs: number | null
  /** When the owner's side changed; null: not known, so long ago as far as anybody can tell. */
  changedAt: number | null
  /** When the follower's side last changed, if known. */
  followerChangedAt?: number | null
  /** Rows of either platform that could not be read stand in the way of a verdict. */
  unreadable?: string | null
}

export interface Timing {
  verdict: Observation['verdict']
  /** End of the window (epoch ms); null when the change time is unknown. */
  dueAt: number | null
  says: Evidence
}

/**
 * In flight while the owner's change is younger than the window. Drift only if the follower has been read through the
 * end of the window, and the owner far enough that what we hold against the follower was its latest word. Anything
 * less is undecided: a stale stream must never look like an answer.
 */
export function timing(d: Difference, ctx: JudgeContext): Timing {
  const title = (name: string) => titleOf(ctx, name)
  const dueAt = d.changedAt === null ? null : windowEnd(d, ctx, d.changedAt)
  if (dueAt !== null && ctx.asOf < dueAt)
    return {
      verdict: 'in_flight',
      dueAt,
      says: {
        says: `${title(d.owner)} changed at ${iso(d.changedAt!)}; ${title(d.follower)} has until ${iso(dueAt)}.`,
        strength: 'strong',
      },
    }
  const undecided = (says: string, disproved_by: string): Timing => ({
    verdict: 'undecided',
    dueAt,
    says: { says, strength: 'strong', disproved_by },
  })
  if (d.unreadable) return undecided(d.unreadable, 'The row can be read.')
  const follower = ctx.completeThrough(d.follower, d.kind)
  if (follower === null)
    return undecided(`${title(d.follower)} has not been read completely yet.`, 'A complete read of the stream.')
  if (dueAt !== null && follower < dueAt)
    return undecided(
      `${title(d.follower)} has been read through ${iso(follower)} only, which is before the window ended.`,
      `${title(d.follower)} read through ${iso(dueAt)}.`,
    )
  const owner = ctx.completeThrough(d.owner, d.kind)
  if (owner === null)
    return undecided(`${title(d.owner)} has not been read completely yet.`, 'A complete read of the stream.')
  const latest = Math.max(d.changedAt ?? -Infinity, d.followerChangedAt ?? -Infinity)
  if (owner < Math.min(latest, ctx.asOf))
    return undecided(
      `${title(d.owner)} has been read through ${iso(owner)} only; ${title(d.follower)} may already hold something newer.`,
      `${title(d.owner)} read further.`,
    )
  return {
    verdict: 'drift',
    dueAt,
    says: {
      says:
        dueAt === null
          ? `${title(d.follower)} has been read through ${iso(follower)}; nothing says that the change is recent.`
          : `The window ended at ${iso(dueAt)}; ${title(d.follower)} has been read through ${iso(follower)}.`,
      strength: 'strong',
      disproved_by: `A newer version of the record in ${title(d.follower)}.`,
    },
  }
}

/** Why nothing is said of a record whose references contradict those of others. */
export function inDoubt(record: { platform: string; record_id: string }, ctx: Pick<JudgeContext, 'landscape'>): string {
  return `The references of ${record.record_id} in ${titleOf(ctx, record.platform)} contradict those of other records; a person must decide which of them are one.`
}

/** End of the window that starts at `from`: the check's own window counts all time, the edge's its calendar. */
export function windowEnd(
  d: Pick<Difference, 'edge' | 'windowMs'>,
  ctx: Pick<JudgeContext, 'landscape'>,
  from: number,
): number {
  if (d.windowMs !== null) return ctx.landscape.windowEnd({ ...d.edge, windowMs: d.windowMs }, from)
  return ctx.landscape.windowEnd(d.edge, from)
}

/** The platform's title for people; its name when the landscape no longer has it. */
export function titleOf(ctx: Pick<JudgeContext, 'landscape'>, name: string): string {
  return ctx.landscape.platforms.find((p) => p.name === name)?.title ?? name
}

/** Epoch ms of an ISO text or null. */
export function instant(text: string | null | undefined): number | null {
  if (text === null || text === undefined) return null
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? null : ms
}

/** Since when a record says what it says of a field: from history where that was asked for, else by the record's own stamp. */
export const saidSince = (
  subject: { platform: string; kind: string; record_id: string },
  field: string,
  holder: Stamped,
  ctx: Pick<JudgeContext, 'trail'>,
): number | null => stepAt(ctx.trail(subject, field).at(-1), holder)

/**
 * When a step of a field's history was. Of a value that was there before we first looked only the stamp of that version
 * tells; where it has none the record's making does, but never the stamp that a later change of something else gave it.
 */
export const stepAt = (step: Step | undefined, holder: Stamped): number | null =>
  step ? (step.at ?? stampedAt({ ...holder, changed_at: null })) : stampedAt(holder)

interface Stamped {
  changed_at: string | null
  created_at?: string | null
  stamp: string
  observed_at: string | null
}

/**
 * When a record last changed by its own stamp, at the latest: a stamp that says only the minute or day may mean its
 * end, but no change is later than when we saw it.
 */
export function stampedAt(record: Stamped): number | null {
  const at = instant(record.changed_at ?? record.created_at)
  if (at === null) return null
  const coarse = record.stamp === 'day' ? 86_400_000 - 1 : record.stamp === 'min' ? 60_000 - 1 : 0
  if (coarse === 0) return at
  const seen = instant(record.observed_at)
  return seen === null || seen < at ? at + coarse : Math.min(at + coarse, seen)
}
