/** Why what had to come did not: a deadline's causes, by the same rules as every other absence. */
import { evidenceAround } from '../../../model/cause-around.ts'
import { said, SLACK_MS } from '../../../model/cause-facts.ts'
import { carries, deliveriesInto, progress } from '../../../model/delivery.ts'
import type { Subject } from '../../../model/record.ts'
import type { HeldValue } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { blameMissing, doubtOf, eventsOf, type Blame } from '../blame.ts'
import type { JudgeContext } from '../contract.ts'
import { titleOf } from '../timing.ts'
import { subjectOf, telling, type Voice } from './rule-speaker.ts'
import type { LookupRow } from './rule-sql.ts'

export interface Waited {
  /** Canonical kind of what had to come. */
  expected: string
  row: LookupRow
  subject: Voice
  /** What is there of it and does not do. */
  there: readonly Voice[]
  platform: string
  began: number | null
}

/** Records whose events tell of it: the subject, and what is expected wherever it is. */
export function deadlineSubjects(expected: string, row: LookupRow, subject: Voice): Subject[] {
  const found = (row.found[0] ?? []).flatMap(([, copies]) => copies.map(([h]) => h))
  return [subjectOf(subject), ...found.map((h) => ({ platform: h.platform, kind: expected, record_id: h.record_id }))]
}

export function deadlineCause(w: Waited, ctx: JudgeContext): Blame {
  const { expected, row, subject, there, platform, began } = w
  const known = deadlineSubjects(expected, row, subject)
  const doubt = doubtOf([subject.holder], subject.kind, ctx)
  if (there.length === 0 || doubt !== null) {
    const owner = subject.holder.platform
    return blameMissing({ kind: expected, platform, owner, since: began, named: null, grave: null, known, doubt }, ctx)
  }
  const told = stoppedBefore(w, known, ctx)
  return { ...told, evidence: [...told.evidence, ...aroundOf(w, told.cause, known, ctx)] }
}

/** What happened to the platforms when it was to come so far. */
function aroundOf(w: Waited, cause: Blame['cause'], known: readonly Subject[], ctx: JudgeContext) {
  const sent = delivered(w, known, ctx)
  const way = { from: w.subject.holder.platform, to: w.platform, at: sent?.startedAt ?? w.began }
  return evidenceAround(cause, way, ctx.around(), (name) => titleOf(ctx, name))
}

const delivered = ({ expected, platform, began }: Waited, known: readonly Subject[], ctx: JudgeContext) =>
  deliveriesInto(eventsOf(known, ctx), platform, expected).findLast(
    (d) => carries(d, 'state') && (began === null || d.startedAt >= began - SLACK_MS),
  )

function stoppedBefore(w: Waited, known: readonly Subject[], ctx: JudgeContext): Blame {
  const { there, platform } = w
  const title = titleOf(ctx, platform)
  const moved = delivered(w, known, ctx)
  const late = `A version of the record in ${title} that does.`
  if (moved && progress(moved, 'state') === 'sent')
    return said(
      'not_acknowledged',
      'strong',
      `The change was sent to ${title} at ${iso(moved.startedAt)}, and no answer is recorded.`,
      late,
    )
  if (moved?.rejectedAt)
    return said(
      'not_applied',
      'strong',
      `${title} refused the change at ${iso(moved.rejectedAt)}${moved.message ? `: ${moved.message}` : ''}.`,
      late,
    )
  return said(
    'not_applied',
    moved ? 'strong' : 'supporting',
    `${there.map((v) => telling(v, ctx)).join('; ')}: it came, and did not come so far.`,
    late,
  )
}

/** The cell of a platform that has nothing. */
export function missingValue(platform: string, kind: string, ctx: JudgeContext): HeldValue {
  const complete = ctx.completeThrough(platform, kind)
  return {
    platform,
    record_id: null,
    state: 'missing',
    value: null,
    raw: null,
    changed_at: null,
    changed_by: null,
    observed_at: null,
    complete_through: complete === null ? null : iso(complete),
    stands: 'follower',
  }
}
