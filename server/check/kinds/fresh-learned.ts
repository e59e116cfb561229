/** Learned: findings about a stream that is held against its own past, by its shape and by how much it brings. */
import type { Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { durationMs } from '../../config/duration.ts'
import type { StreamState } from '../../store/control/control.ts'
import type { JudgeContext } from '../contract.ts'
import { titleOf } from '../timing.ts'
import type { FreshParams } from './fresh.ts'
import { schemaFindings } from './fresh-schema.ts'
import { thin } from './fresh-thin.ts'

/** A stream counts as read when its last reading is no older than this, milliseconds. */
const LATELY_MS = 2 * 3_600_000

/** What all findings about streams share. */
type Shared = Omit<Observation, 'key' | 'cause' | 'actual' | 'evidence' | 'since' | 'title'>

export function learnedFindings(p: FreshParams, stream: StreamState, shared: Shared, ctx: JudgeContext): Observation[] {
  const name = `${titleOf(ctx, stream.platform)} ${stream.stream}`
  const found: Observation[] = []
  const shape = p.what.includes('schema') ? ctx.shape(stream.platform, stream.stream) : null
  for (const f of shape ? schemaFindings(shape, stream, name, ctx.asOf, durationMs(p.keep)!) : [])
    found.push({
      ...shared,
      key: `${stream.platform}|${stream.stream}|${f.key}`,
      field: f.field,
      severity: f.severity ?? shared.severity,
      cause: 'unknown',
      expected: f.expected === null ? {} : { [stream.platform]: f.expected },
      actual: { [stream.platform]: f.actual },
      evidence: f.evidence,
      since: iso(f.since),
      title: f.title,
    })
  const volume = p.what.includes('thin') ? ctx.volume(stream.platform, stream.stream) : null
  // A stream that is not read at all is late, failing or stopped: that is told of elsewhere.
  const read =
    stream.lastSuccessAt !== null && !stream.lastError && !stream.stopped && ctx.asOf - stream.lastSuccessAt < LATELY_MS
  const few =
    volume && read ? thin(volume, ctx.asOf, { hours: p.hours, share: p.usual, least: p.least, weeks: p.weeks }) : null
  if (few)
    found.push({
      ...shared,
      key: `thin|${stream.platform}|${stream.stream}`,
      cause: 'incomplete_stream',
      expected: { [stream.platform]: String(few.usual) },
      actual: { [stream.platform]: String(few.actual) },
      evidence: [
        {
          says: `${few.actual} changes came between ${iso(few.from)} and ${iso(few.to)}; in these hours of the ${few.weeks} weeks before it was ${few.usual} as a rule.`,
          strength: 'supporting',
          disproved_by: 'A holiday, or the platform’s own count of changes.',
        },
      ],
      since: iso(few.from),
      title: `${name} brings far fewer changes than usual`,
    })
  return found
}
