/** What is gone: deletions that a platform tells, and those that a complete enumeration shows. */
import type { Page, RawRow } from '../../connectors/contract.ts'
import { appendDeletions } from '../store/facts/deletions.ts'
import { quarantinedIdsOf, resolveQuarantine } from '../store/facts/quarantine.ts'
import { ask, conclude, settle } from './enumeration.ts'
import type { Enumeration } from './enumeration.ts'
import { createIntake } from './intake.ts'
import { CONFIRM_GONE } from './limits.ts'
import type { StreamRun } from './stream.ts'

/** Stores the platform's own tombstones. */
export async function bury(
  { ctx, open, stream, counts }: StreamRun,
  deleted: NonNullable<Page['deleted']>,
  unlessSeenSince?: number,
): Promise<void> {
  if (deleted.length === 0) return
  const of = { platform: open.name, kind: stream.kind, unlessSeenSince }
  const changed = await appendDeletions(
    ctx.facts,
    ctx.control,
    of,
    deleted.map(({ id, at, mergedInto }) => ({ record_id: id, at, mergedInto })),
    ctx.clock.now(),
  )
  counts.deleted += changed.length
  const payloads = open.payloads(stream.name)
  for (const { id } of deleted) payloads.forget(id)
  // A row that could not be read has nothing left to say once its record is gone.
  if (ctx.control.stream(open.name, stream.name)?.quarantined)
    await resolveQuarantine(ctx.facts, ctx.control, {
      platform: open.name,
      stream: stream.name,
      record_ids: deleted.map(({ id }) => id),
    })
}

/** Draws the conclusion of a complete enumeration: deletes what is gone, or stops and asks. */
export async function finishEnumeration(
  run: StreamRun,
  key: { platform: string; stream: string; kind: string },
  enumeration: Enumeration,
): Promise<void> {
  const { ctx, open, notes } = run
  const outcome = await conclude(ctx, key, enumeration, open.platform.mass_disappearance)
  if (outcome.is === 'unsure') return void notes.push(outcome.note)
  if (outcome.is === 'stopped') {
    ask(ctx, key, outcome.gone)
    ctx.log.warn('a sweep stopped: too much vanished', {
      platform: key.platform,
      stream: key.stream,
      gone: outcome.gone,
    })
    return ctx.control.commitStream(key.platform, key.stream, {
      stopped: { reason: outcome.reason, at: ctx.clock.now() },
    })
  }
  const ids = await confirmed(run, outcome.ids)
  const { lagMs } = open.connector
  await bury(
    run,
    ids.map((id) => ({ id })),
    lagMs > 0 ? enumeration.startedAt - lagMs : undefined,
  )
  await forgetUnlisted(run, enumeration)
  settle(ctx, key)
  if (ctx.control.stream(key.platform, key.stream)?.stopped)
    ctx.control.commitStream(key.platform, key.stream, { stopped: null })
}

/** Rows in quarantine whose record was never stored: what the platform lists no more has nothing left to say. */
async function forgetUnlisted({ ctx, open, stream }: StreamRun, { seen }: Enumeration): Promise<void> {
  if (!ctx.control.stream(open.name, stream.name)?.quarantined) return
  const waiting = await quarantinedIdsOf(ctx.facts, open.name, stream.name)
  const gone = [...waiting].filter((id) => !seen.has(id))
  if (gone.length === 0) return
  await resolveQuarantine(ctx.facts, ctx.control, { platform: open.name, stream: stream.name, record_ids: gone })
}

/**
 * A few missing records are asked for one by one, where the platform allows it: rows that moved between pages while
 * they were read look as if they were gone.
 */
async function confirmed(run: StreamRun, ids: string[]): Promise<string[]> {
  const { ctx, open, stream, mapper, counts } = run
  if (!stream.one || ids.length > CONFIRM_GONE) return ids
  const gone: string[] = []
  const found: RawRow[] = []
  for (const id of ids) {
    const row = await stream.one(open.context('sweep'), id)
    if (row) found.push(row)
    else gone.push(id)
  }
  if (found.length > 0) {
    const intake = createIntake({
      ctx,
      platform: open.name,
      stream,
      mapper,
      payloads: open.payloads(stream.name),
      present: true,
      unique: false,
      lagMs: open.connector.lagMs,
      counts,
    })
    await intake.take(found, null, '')
  }
  return gone
}
