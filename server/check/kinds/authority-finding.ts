/** Authority findings: what is said of a foreign write and of two platforms that take turns, and when it is over. */
import type { Field } from '../../../model/fields.ts'
import type { Evidence, HeldValue, Observation } from '../../../model/verdict.ts'
import { writerSort } from '../../../model/writer.ts'
import { iso } from '../../clock.ts'
import type { Check, JudgeContext } from '../contract.ts'
import { titleOf, windowEnd } from '../timing.ts'
import { amountAtRisk } from './agree-money.ts'
import { unreadable } from './agree.ts'
import type { AuthorityParams } from './authority.ts'
import type { AuthorityRow } from './authority-sql.ts'
import { cell, stagesOf, type Scene, type Speaker, type Stage } from './authority-trail.ts'
import type { Quarrel } from './authority-turns.ts'
import type { ForeignWrite } from './authority-write.ts'
import type { Holder } from './holders.ts'

export interface Told {
  check: Check<AuthorityParams>
  row: AuthorityRow
  scene: Scene
  scope: Record<string, string>
  quietMs: number
}

/** All foreign writes of one field on one platform, oldest first; the last one is what the finding is about. */
export function observedWrite(
  t: Told,
  field: Field,
  writes: readonly ForeignWrite[],
  ctx: JudgeContext,
): Observation[] {
  const write = writes.at(-1)!
  const { stage, speaker, edge } = write
  const over = Math.min(write.undoneAt ?? Infinity, write.adoptedAt ?? Infinity)
  if (ctx.asOf >= over + t.quietMs) return []
  const owner = t.scene.holders.get(speaker.owner)!
  const follower = t.scene.holders.get(write.platform)!
  const dueAt = windowEnd({ edge, windowMs: t.check.windowMs }, ctx, stage.at)
  const [there, owns] = [titleOf(ctx, write.platform), titleOf(ctx, speaker.owner)]
  const [verdict, says] = standing(write, t.scene.kind, dueAt, [owner, follower], ctx)
  const evidence: Evidence[] = [says, ...told(write, writes.length, field, ctx)]
  if (over !== Infinity) evidence.push(ended(write, over, t.quietMs, ctx))
  const open = over === Infinity
  return [
    {
      ...blank(t, field, [owner, follower], speaker.owner, ctx),
      key: `${t.row.entity_id}|${field.name}|${write.platform}`,
      verdict,
      cause: 'non_owner_write',
      owner_platform: speaker.owner,
      platform: write.platform,
      expected: { [speaker.owner]: shown(speaker.said) },
      actual: { [write.platform]: shown(stage) },
      evidence,
      // What was undone or taken over is worth nothing any more.
      ...(open
        ? amountAtRisk(t.scene.kind, field, owner, cell(speaker.said), cell(stage))
        : { amount_at_risk: null, currency: null }),
      since: iso(stage.at),
      due_at: iso(dueAt),
      title: `${field.label}: ${there} wrote what only ${owns} may${open ? '' : '; it was put right since'}`,
    },
  ]
}

/** In flight while the owner may still take the value over; undecided until the owner was read that far. */
function standing(
  write: ForeignWrite,
  kind: string,
  dueAt: number,
  holders: readonly Holder[],
  ctx: JudgeContext,
): [Observation['verdict'], Evidence] {
  const owns = titleOf(ctx, write.speaker.owner)
  const strong = (says: string, disproved_by: string): Evidence => ({ says, strength: 'strong', disproved_by })
  if (ctx.asOf < dueAt)
    return ['in_flight', strong(`${owns} has until ${iso(dueAt)} to say the same.`, `The value in ${owns}.`)]
  const stuck = unreadable(holders, kind, ctx)
  if (stuck) return ['undecided', strong(stuck, 'The row can be read.')]
  const through = ctx.completeThrough(write.speaker.owner, kind)
  if (through === null || through < dueAt)
    return [
      'undecided',
      strong(
        through === null
          ? `${owns} has not been read completely yet.`
          : `${owns} has been read through ${iso(through)} only; it may have said the same.`,
        `${owns} read through ${iso(dueAt)}.`,
      ),
    ]
  return [
    'drift',
    strong(`${owns} has been read through ${iso(through)} and never said this.`, `A version of ${owns} that did.`),
  ]
}

const SORTS = {
  person: (by: string | null) => `by ${by}, a person as far as the name tells`,
  carrier: (by: string | null) => `by ${by}, which carries values: the value comes from elsewhere`,
  unknown: () => 'by nobody that the platform names',
}

function told(write: ForeignWrite, count: number, field: Field, ctx: JudgeContext): Evidence[] {
  const { stage, before, speaker } = write
  const there = titleOf(ctx, write.platform)
  const owns = titleOf(ctx, speaker.owner)
  const change =
    field.sensitivity === 'personal'
      ? ''
      : ` from ${quoted(before)} to ${quoted(stage)}, while ${owns} said ${quoted(speaker.said)}`
  const evidence: Evidence[] = [
    {
      says: `${there} changed ${field.label.toLowerCase()}${change} at ${iso(stage.at)}, ${SORTS[writerSort(stage.by)](stage.by)}.`,
      strength: writerSort(stage.by) === 'person' ? 'strong' : 'supporting',
      disproved_by: `A change in ${owns} that explains it.`,
    },
  ]
  if (write.standing === 'foreign') evidence.push({ says: `${there} must never write this field.`, strength: 'strong' })
  if (write.standing === 'gated')
    evidence.push({
      says: `A change in ${there} needs approval, and nothing shows that ${owns} gave it.`,
      strength: 'strong',
      disproved_by: `The value in ${owns}.`,
    })
  if (count > 1) evidence.push({ says: `It is the ${count}th such write of this field there.`, strength: 'supporting' })
  return evidence
}

function ended(write: ForeignWrite, over: number, quietMs: number, ctx: JudgeContext): Evidence {
  const who = over === write.undoneAt ? write.platform : write.speaker.owner
  const did = over === write.undoneAt ? 'holds something else' : 'holds the same'
  return {
    says: `Since ${iso(over)} ${titleOf(ctx, who)} ${did}; this closes at ${iso(over + quietMs)} if it stays so.`,
    strength: 'supporting',
  }
}

/** Two platforms that keep overwriting a value of each other. */
export function observedTurns(
  t: Told,
  field: Field,
  found: Quarrel,
  speaker: Speaker | null,
  ctx: JudgeContext,
): Observation[] {
  if (ctx.asOf >= found.last + t.quietMs) return []
  const { scene } = t
  const [a, b] = found.sides
  const wrong = speaker?.owner === a ? b : speaker?.owner === b ? a : b
  const right = wrong === a ? b : a
  // A copy that may differ may also be changed.
  if (speaker && ['advisory', 'absent'].includes(standingOf(t, field, wrong, speaker))) return []
  const holders = [right, wrong].flatMap((name) => scene.holders.get(name) ?? [])
  const last = (side: string) => found.turns.findLast((turn) => turn.side === side)!.stage
  const writers = (side: string) =>
    [...new Set(found.turns.filter((turn) => turn.side === side).map((turn) => turn.stage.by ?? 'nobody named'))].join(
      ', ',
    )
  const stuck = unreadable(holders, scene.kind, ctx)
  const [x, y] = [titleOf(ctx, right), titleOf(ctx, wrong)]
  const says: Evidence = {
    says: `The value changed hands ${found.turns.length} times since ${iso(found.since)}, last at ${iso(found.last)}; there and back takes about ${spell(found.periodMs)}.`,
    strength: 'strong',
    disproved_by: 'A history in which one of the two only follows.',
  }
  return [
    {
      ...blank(t, field, holders, speaker?.owner ?? null, ctx),
      key: `${t.row.entity_id}|${field.name}|${[a, b].sort().join('|')}`,
      verdict: stuck ? 'undecided' : 'drift',
      cause: 'overwritten',
      owner_platform: right,
      platform: wrong,
      expected: { [right]: shown(last(right)) },
      actual: { [wrong]: shown(last(wrong)) },
      evidence: [
        ...(stuck ? [{ says: stuck, strength: 'strong' as const, disproved_by: 'The row can be read.' }] : []),
        says,
        {
          says: `For ${x} wrote ${writers(right)}, for ${y} wrote ${writers(wrong)}.`,
          strength: 'supporting',
        },
      ],
      amount_at_risk: null,
      currency: null,
      since: iso(found.since),
      due_at: null,
      title: `${field.label}: ${x} and ${y} keep overwriting each other`,
    },
  ]
}

function standingOf(t: Told, field: Field, platform: string, speaker: Speaker): string {
  return t.scene.landscape.standing(t.scene.kind, field.name, platform, speaker.owner, speaker.at)
}

/** What all findings about one field of one entity share. */
function blank(t: Told, field: Field, holders: readonly Holder[], owner: string | null, ctx: JudgeContext) {
  const kind = t.scene.kind
  return {
    check: t.check.id,
    category: t.check.category,
    kind,
    entity_id: t.row.entity_id,
    customer_entity_id: t.row.customer_entity_id,
    subject: holders.map((h) => ({ platform: h.platform, kind, record_id: h.record_id })),
    scope: t.scope,
    field: field.name,
    severity: t.check.severity,
    values: [...t.scene.holders.values()].flatMap((h) => held(t, field, h, owner, ctx)),
  }
}

function held(t: Told, field: Field, holder: Holder, owner: string | null, ctx: JudgeContext): HeldValue[] {
  const stage = stagesOf(t.scene.trails, holder.platform, field.name).at(-1)
  if (!stage) return []
  const { kind, landscape } = t.scene
  const complete = ctx.completeThrough(holder.platform, kind)
  const at = { state: holder.state, scope: t.scope }
  return [
    {
      platform: holder.platform,
      record_id: holder.record_id,
      state: stage.is,
      value: stage.is === 'value' || stage.is === 'unmapped' ? stage.value : null,
      raw: null,
      changed_at: iso(stage.at),
      changed_by: stage.by,
      observed_at: iso(stage.observedAt),
      complete_through: complete === null ? null : iso(complete),
      stands:
        holder.platform === owner || owner === null
          ? 'owner'
          : landscape.standing(kind, field.name, holder.platform, owner, at),
    },
  ]
}

const shown = (stage: Stage) => (stage.is === 'value' ? stage.value : null)
const quoted = (stage: Stage) => (stage.is === 'value' ? JSON.stringify(stage.value) : stage.is)

function spell(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 120) return `${minutes} minutes`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}
