/** Blame: puts together what the rules of model/cause.ts go by, from the candidates and the evidence that judges may use. */
import { blame } from '../../model/cause.ts'
import { blameAbsence, type AbsenceFacts } from '../../model/cause-absent.ts'
import type { Blame, DifferenceFacts, Log, Side } from '../../model/cause-facts.ts'
import type { RecordedEvent } from '../../model/event.ts'
import type { Subject } from '../../model/record.ts'
import type { JudgeContext } from './contract.ts'
import type { Cell } from './kinds/agree-sql.ts'
import type { Holder } from './kinds/holders.ts'
import { inDoubt, instant, titleOf } from './timing.ts'

/** The record that speaks for a platform, and its cell of the field. */
export type Spoken = readonly [Holder, Pick<Cell, 'value' | 'key' | 'raw'>]

export type BlameContext = Pick<JudgeContext, 'landscape' | 'trail' | 'events' | 'log' | 'doubted' | 'around'>

/** Recorded events of all these records, each once. */
export function eventsOf(subjects: readonly Subject[], ctx: Pick<JudgeContext, 'events'>): RecordedEvent[] {
  const found = new Map<string, RecordedEvent>()
  for (const subject of subjects)
    for (const e of ctx.events(subject)) found.set(`${e.reported_by}\n${e.id}\n${e.record_id}`, e)
  return [...found.values()]
}

export const subjectsOf = (holders: Iterable<Holder>, kind: string): Subject[] =>
  [...holders].map((h) => ({ platform: h.platform, kind, record_id: h.record_id }))

/** Why nothing is sure of these records: the first of them whose references contradict those of others. */
export function doubtOf(
  holders: Iterable<Holder>,
  kind: string,
  ctx: Pick<JudgeContext, 'landscape' | 'doubted'>,
): string | null {
  for (const h of holders) if (ctx.doubted(h.platform, kind).has(h.record_id)) return inDoubt(h, ctx)
  return null
}

const COARSE: Record<string, number> = { day: 86_400_000, min: 60_000 }

function side([holder, cell]: Spoken, kind: string, field: string, ctx: BlameContext): Side {
  return {
    platform: holder.platform,
    title: titleOf(ctx, holder.platform),
    value: cell.value,
    key: cell.key,
    raw: cell.raw,
    recordChangedAt: instant(holder.changed_at),
    resolutionMs: COARSE[holder.stamp] ?? 0,
    changedBy: holder.changed_by,
    trail: ctx.trail({ platform: holder.platform, kind, record_id: holder.record_id }, field),
  }
}

export interface Difference {
  kind: string
  field: DifferenceFacts['field']
  shown: DifferenceFacts['shown']
  owner: Spoken
  follower: Spoken
  /** All records of the entity. */
  holders: Iterable<Holder>
}

export function blameDifference(d: Difference, ctx: BlameContext): Blame {
  const holders = [...d.holders]
  return blame({
    kind: d.kind,
    field: d.field,
    shown: d.shown,
    owner: side(d.owner, d.kind, d.field.name, ctx),
    follower: side(d.follower, d.kind, d.field.name, ctx),
    events: eventsOf(subjectsOf(holders, d.kind), ctx),
    log: ctx.log(d.owner[0].platform, d.follower[0].platform, d.kind),
    around: ctx.around(),
    doubt: doubtOf([d.owner[0], d.follower[0]], d.kind, ctx),
    titleOf: (name) => titleOf(ctx, name),
  })
}

/** Why `platform` lacks what `owner` has. */
export function blameMissing(
  f: Pick<AbsenceFacts, 'kind' | 'platform' | 'owner' | 'since' | 'named'> & {
    grave: Holder | null
    /** Records of the thing elsewhere, and of what asked for it. */
    known: readonly Subject[]
    doubt: string | null
  },
  ctx: BlameContext,
): Blame {
  // It may come from the owner, or from whoever else has it.
  const sources = [f.owner, ...f.known.filter((s) => s.kind === f.kind).map((s) => s.platform)]
  const source = sources.find((name) => ctx.log(name, f.platform, f.kind) !== null) ?? f.owner
  return blameAbsence({
    ...f,
    title: titleOf(ctx, f.platform),
    ownerTitle: titleOf(ctx, source),
    grave: f.grave && graveOf(f.grave),
    events: eventsOf(f.known, ctx),
    log: ctx.log(source, f.platform, f.kind),
    around: ctx.around(),
    titleOf: (name) => titleOf(ctx, name),
  })
}

export function graveOf(h: Holder) {
  return { record_id: h.record_id, merged_into: h.merged_into, at: instant(h.changed_at), by: h.changed_by }
}

export type { Blame, Log }
