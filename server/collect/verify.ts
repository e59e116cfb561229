/** Verification: a record is read again from its platform right before something is claimed about it. */
import type { RawRow, Stream } from '../../connectors/contract.ts'
import type { Subject } from '../../model/record.ts'
import type { Context } from '../context.ts'
import { asError } from '../errors.ts'
import { appendDeletions } from '../store/facts/deletions.ts'
import type { Counts } from './intake.ts'
import { createIntake } from './intake.ts'
import { VERIFY_MAX } from './limits.ts'
import { createMapper } from './mapping.ts'
import type { OpenPlatform } from './platform.ts'
import { openPlatform } from './platform.ts'

/** `unable`: the platform cannot be asked for one record, or not now; the stored version stands. */
export type Verified = 'same' | 'changed' | 'gone' | 'unable'

/** Reads one record now and stores what came. */
export async function verify(ctx: Context, subject: Subject): Promise<Verified> {
  try {
    const open = openPlatform(ctx, subject.platform)
    const streams = (await open.streams()).filter((s) => s.kind === subject.kind && s.one)
    return streams.length === 0 ? 'unable' : await readAgain(ctx, open, streams, subject)
  } catch (thrown) {
    const error = asError(thrown)
    ctx.log.info('a record could not be read again', {
      platform: subject.platform,
      kind: subject.kind,
      code: error.code,
    })
    return 'unable'
  }
}

async function readAgain(
  ctx: Context,
  open: OpenPlatform,
  streams: readonly Stream<never>[],
  { kind, record_id }: Subject,
): Promise<Verified> {
  const context = open.context('verify')
  for (const stream of streams) {
    const row: RawRow | null = await stream.one!(context, record_id)
    if (!row) continue
    const counts: Counts = { read: 0, stored: 0, unchanged: 0, stale: 0, quarantined: 0, deleted: 0 }
    const mapper = createMapper(ctx.config, open.name, stream, context)
    const intake = createIntake({
      ctx,
      platform: open.name,
      stream,
      mapper,
      payloads: open.payloads(stream.name),
      present: false,
      unique: false,
      lagMs: open.connector.lagMs,
      counts,
    })
    await intake.take([row], null, '')
    return counts.stored > 0 ? 'changed' : counts.quarantined > 0 ? 'unable' : 'same'
  }
  const changed = await appendDeletions(
    ctx.facts,
    ctx.control,
    { platform: open.name, kind },
    [{ record_id }],
    ctx.clock.now(),
  )
  return changed.length > 0 ? 'gone' : 'same'
}

/** Reads each of these again, once; a platform that says it cannot be asked now is left alone. Says how many moved. */
export async function verifySubject(ctx: Context, subjects: readonly Subject[]): Promise<number> {
  const wanted = new Map(subjects.map((s) => [`${s.platform} ${s.kind} ${s.record_id}`, s]))
  const unable = new Map<string, number>()
  let moved = 0
  for (const subject of [...wanted.values()].slice(0, VERIFY_MAX)) {
    // Three refusals in a row are an answer.
    if ((unable.get(subject.platform) ?? 0) >= 3) continue
    const result = await verify(ctx, subject)
    unable.set(subject.platform, result === 'unable' ? (unable.get(subject.platform) ?? 0) + 1 : 0)
    if (result === 'changed' || result === 'gone') moved++
  }
  return moved
}
