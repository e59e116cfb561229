/** Faults of reading: a stream that stands still and one that leaves rows out. */
import { DAY, HOUR } from '../time.ts'
import type { FaultKind, FaultLab } from './fault.ts'

/** Streams that nobody follows and nothing points to: their standing still breaks nothing else. */
function quietStreams(lab: FaultLab): (readonly [platform: string, kind: string])[] {
  const { plans } = lab.world.company
  const wanted = [
    [lab.support, 'case'],
    [lab.crm, 'renewal'],
  ] as const
  return wanted.flatMap(([platform, kind]) =>
    platform && plans.find((p) => p.name === platform)!.kinds.has(kind) ? [[platform, kind] as const] : [],
  )
}

/** Those whose reading can be seen to stand still: an API must be able to refuse this stream alone. */
function stoppable(lab: FaultLab): (readonly [platform: string, kind: string])[] {
  return quietStreams(lab).filter(([platform, kind]) => lab.world.company.histories.get(platform)!.canStop(kind))
}

/** The latest of them begins shortly before the end and lasts; the others recover after days. */
function* span(lab: FaultLab, beforeEnd: number): Generator<number, number, void> {
  const { company } = lab.world
  if (company.now < lab.end - (lab.end - lab.start) / 3) return company.now + 3 * DAY
  yield Math.max(company.now, lab.end - beforeEnd)
  return lab.end + 3650 * DAY
}

export const staleStream: FaultKind = {
  drift: 'stale_stream',
  about: 'A platform’s stream stands still.',
  leadMs: 4 * DAY,
  possible: (lab) => stoppable(lab).length > 0,
  *plant(lab) {
    const streams = stoppable(lab)
    const [platform, kind] = streams[lab.turn % streams.length]!
    const until = yield* span(lab, 32 * HOUR)
    const { now, histories } = lab.world.company
    // Of a stream that is in trouble no second one can be told.
    if (histories.get(platform)!.troubled(kind, now)) return lab.full()
    histories.get(platform)!.freeze(kind, now, until)
    lab.done({
      category: 'quality',
      cause: 'stale_stream',
      kind,
      owner: null,
      platform,
      subjects: [],
      injectedAt: now,
      driftFrom: now + DAY,
      healsAt: until,
      alternatives: [{ categories: ['quality', 'deadline'], kinds: [kind], platforms: [platform] }],
      alsoExpected: [{ kinds: [kind], platforms: [platform] }],
      says: `the ${kind} stream of ${platform} stands still`,
    })
  },
}

export const incompleteStream: FaultKind = {
  drift: 'incomplete_stream',
  about: 'A stream leaves out rows that exist.',
  leadMs: 2 * DAY,
  possible: (lab) => quietStreams(lab).length > 0,
  *plant(lab, r) {
    const streams = quietStreams(lab)
    const [platform, kind] = streams[(lab.turn + 1) % streams.length]!
    const until = yield* span(lab, 20 * HOUR)
    const { company } = lab.world
    const { now } = company
    if (company.histories.get(platform)!.troubled(kind, now)) return lab.full()
    const ids = company.all(kind).flatMap((thing) => thing.on.get(platform)?.id ?? [])
    const hidden = r.shuffle(ids).slice(0, Math.ceil(ids.length * 0.4))
    if (hidden.length === 0) return
    company.histories.get(platform)!.hide(kind, hidden, now, until)
    const subjects = hidden.map((record_id) => ({ platform, kind, record_id }))
    lab.done({
      category: 'quality',
      cause: 'incomplete_stream',
      kind,
      owner: null,
      platform,
      subjects: [],
      injectedAt: now,
      driftFrom: now,
      healsAt: until,
      alternatives: [{ categories: ['quality', 'missing'], kinds: [kind], platforms: [platform] }],
      alsoExpected: [{ kinds: [kind], platforms: [platform] }, { subjects }],
      says: `the ${kind} stream of ${platform} leaves rows out`,
    })
  },
}
