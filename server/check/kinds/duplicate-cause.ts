/** Why a platform has one thing twice: who made the second record, and whether a repeated delivery did. */
import { said, type Blame } from '../../../model/cause-facts.ts'
import { deliveriesInto } from '../../../model/delivery.ts'
import { iso } from '../../clock.ts'
import { doubtOf, eventsOf, subjectsOf } from '../blame.ts'
import type { JudgeContext } from '../contract.ts'
import { titleOf } from '../timing.ts'
import type { DuplicateRow } from './duplicate.ts'
import type { Holder } from './holders.ts'

/** @param holders oldest first */
export function duplicateCause(
  kind: string,
  holders: readonly Holder[],
  merged: DuplicateRow['merged'],
  ctx: JudgeContext,
): Blame {
  const [first, second] = [holders[0]!, holders[1]!]
  const doubt = doubtOf(holders, kind, ctx)
  if (doubt !== null) return said('identity_in_doubt', 'strong', doubt, 'A decision which records are one.')
  const title = titleOf(ctx, first.platform)
  const elsewhere = merged.find(([platform]) => platform !== first.platform)
  if (elsewhere) {
    const [platform, lost, survivor, at, by] = elsewhere
    const when = `${at === null ? '' : ` at ${iso(Date.parse(at))}`}${by === null ? '' : ` by ${by}`}`
    return said(
      'merged',
      'supporting',
      `${titleOf(ctx, platform)} merged ${lost} into ${survivor}${when}; both live on in ${title}.`,
      `Proof that the records in ${title} were one before.`,
    )
  }
  const events = eventsOf(subjectsOf(holders, kind), ctx)
  const sent = deliveriesInto(events, first.platform, kind).flatMap((d) =>
    d.events.filter((e) => e.type === 'sent').map((e) => ({ at: e.at, thread: e.correlation_id })),
  )
  const again = sent.find((s, i) => s.thread !== null && sent.slice(0, i).some((t) => t.thread === s.thread))
  if (again)
    return said(
      'duplicate_created',
      'strong',
      `One change was sent to ${title} more than once, again at ${again.at}; the second time made ${second.record_id}.`,
      'A key that makes the second delivery find the first record.',
    )
  const made = second.created_at === null ? '' : ` at ${iso(Date.parse(second.created_at))}`
  return said(
    'duplicate_created',
    'supporting',
    `${second.record_id} was made${made}, although ${first.record_id} was there.`,
    'Evidence that the two are not one thing.',
  )
}
