/**
 * Retention: removes what has had its time, class by class, and says beforehand what that would be. The intent is
 * written first, removing is safe to repeat, and the end is written last: a run that was cut off anywhere is ended by
 * the next one.
 */
import { randomUUID } from 'node:crypto'
import { durationMs } from '../config/duration.ts'
import { isLongEnough, LEAST_TERM, RETAINED, termKey, termOf, type RetainedClass } from '../config/retention-schema.ts'
import type { Context } from '../context.ts'
import { crashpoint } from '../crashpoint.ts'
import { PlumblineError } from '../errors.ts'
import type { Removal } from '../store/control/removals.ts'
import type { Over } from '../store/facts/retained/needed.ts'
import { takeLease } from '../store/lease.ts'
import { inTurn } from '../store/turns.ts'
import { CLASSES, type Age } from './classes.ts'
import { stillNeeded, type StillNeeded } from './needed.ts'

export interface Preview extends Over {
  class: RetainedClass
  keep: string
  /** What is older would go, epoch ms. */
  cutoff: number
  /** Everything is under legal hold: nothing would go. */
  everythingHeld: boolean
}

export interface Removed {
  class: RetainedClass
  rows: number
  bytes: number | null
}

/** A process that says nothing for so long while it removes has died. */
const LEASE_MS = 30 * 60_000

/** @throws PlumblineError schema for a term that is none or too short */
export function ageOf({ clock }: Pick<Context, 'clock'>, of: RetainedClass, keep: string): Age {
  const keptFor = durationMs(keep)
  if (keptFor === null || !isLongEnough(of, keep))
    throw new PlumblineError('schema', `${keep} is no term for ${CLASSES[of].title.toLowerCase()}.`, {
      remedy: `Write a duration like 730d, of at least ${LEAST_TERM[of]}.`,
    })
  return { cutoff: clock.now() - keptFor, keptFor }
}

/** What a rule would remove now. `keep`: left out, the configuration's; null where that keeps it for ever. */
export async function preview(ctx: Context, of: RetainedClass, keep = termOf(ctx.config, of)): Promise<Preview | null> {
  if (keep === null) return null
  const age = ageOf(ctx, of, keep)
  const needed = await stillNeeded(ctx)
  const over = await CLASSES[of].over(ctx, age, needed)
  const held = needed.everything
  const nothing = { rows: 0, oldest: null, newest: null, bytes: 0, needed: over.rows + over.needed }
  return { class: of, keep, cutoff: age.cutoff, everythingHeld: held, ...(held ? nothing : over) }
}

/**
 * Removes what has had its time: of one class, or of all that have a term. Ends first what an earlier run began.
 * @throws PlumblineError conflict while another process removes, or a person asks for it while everything is held
 */
export function retain(
  ctx: Context,
  wish: { class?: RetainedClass; actor: string; reason?: string },
): Promise<Removed[]> {
  // In the turn of the checks: none of them looks while rows go.
  return inTurn(ctx.control, 'look', async () => {
    const lease = takeLease(ctx, { what: 'retention', id: 'removal', holder: randomUUID(), ms: LEASE_MS })
    if (!lease)
      throw new PlumblineError('conflict', 'Another process is removing what has had its time.', {
        retryable: true,
        remedy: 'Try again when it has ended.',
      })
    try {
      return await run(ctx, wish, () => lease.renew())
    } finally {
      lease.release()
    }
  })
}

async function run(
  ctx: Context,
  { class: only, actor, reason }: { class?: RetainedClass; actor: string; reason?: string },
  renew: () => boolean,
): Promise<Removed[]> {
  const removed: Removed[] = []
  const needed = await stillNeeded(ctx)
  if (needed.everything) {
    // A person who asks is told; the schedule only leaves it for later.
    if (reason !== undefined)
      throw new PlumblineError('conflict', 'Everything is under legal hold: nothing is removed.', {
        remedy: 'plumbline holds says who placed the hold and why; an administrator lifts it.',
      })
    ctx.log.info('nothing is removed: everything is under legal hold')
    return removed
  }
  for (const begun of ctx.control.removals({ open: true, limit: 100 }).reverse()) {
    await end(ctx, begun, needed)
    removed.push({ class: begun.class as RetainedClass, rows: begun.rows, bytes: begun.bytes })
  }
  for (const of of only ? [only] : RETAINED) {
    ctx.signal.throwIfAborted()
    // The clock of a lease is not held by long work: who lost it stops before the next class.
    if (!renew()) break
    const done = await removeClass(ctx, of, needed, { actor, reason: reason ?? `by rule ${termKey(of)}` })
    if (done) removed.push(done)
  }
  return removed
}

async function removeClass(
  ctx: Context,
  of: RetainedClass,
  needed: StillNeeded,
  { actor, reason }: { actor: string; reason: string },
): Promise<Removed | null> {
  // Every archived report is a removal of its own, and some have terms of their own.
  if (of === 'reports') {
    const rows = removeReportsOf(ctx, needed, actor)
    return rows === 0 ? null : { class: of, rows, bytes: null }
  }
  const keep = termOf(ctx.config, of)
  if (keep === null) return null
  const age = ageOf(ctx, of, keep)
  const { rows, oldest, newest, bytes } = await CLASSES[of].over(ctx, age, needed)
  if (rows === 0) return null
  const begun = ctx.control.beginRemoval({
    ...{ class: of, ...age, rows, oldest, newest, bytes, actor, reason },
    beganAt: ctx.clock.now(),
  })
  await end(ctx, begun, needed)
  return { class: of, rows, bytes }
}

const removeReportsOf = (ctx: Context, needed: StillNeeded, actor: string): number =>
  CLASSES.reports.remove(ctx, { cutoff: 0, keptFor: 0 }, needed, actor) as number

async function end(ctx: Context, begun: Removal, needed: StillNeeded): Promise<void> {
  crashpoint('retention-begun')
  await CLASSES[begun.class as RetainedClass].remove(ctx, begun, needed, begun.actor)
  crashpoint('retention-removed')
  ctx.control.endRemoval(begun.id, ctx.clock.now())
  ctx.log.info('what has had its time was removed', { class: begun.class, rows: begun.rows })
}
