/** transition: an illegal or out-of-order lifecycle move, one made by a platform that did not own the state, a record stuck in a state. */
import { kindOf } from '../../../model/kinds.ts'
import type { Kind } from '../../../model/kind.ts'
import type { Evidence, Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { durationMs } from '../../config/duration.ts'
import { defineCheckKind, type Check, type JudgeContext } from '../contract.ts'
import { titleOf } from '../timing.ts'
import { isPart, known, placed, primaries, type Holder } from './holders.ts'
import { heldValue, platformsOf, subjectOf, telling, verdict, type Voice } from './rule-speaker.ts'
import { params, problems, type Params } from './transition-params.ts'
import { transitionSql, type Stay, type TransitionRow } from './transition-sql.ts'
import { lastRun, standing, stateAt, type Misstep, type Skip } from './transition-stand.ts'

/** How long an illegal move stays open where nobody restores or accepts it. */
const KEPT_MS = 30 * 86_400_000

/** Grace where the check names no window: events that come out of order have sorted themselves out by then. */
const GRACE_MS = 15 * 60_000

export default defineCheckKind<Params, TransitionRow>({
  name: 'transition',
  about:
    'An illegal or out-of-order lifecycle move, a move by a platform that did not own the state, or a record stuck in a state.',
  params,
  category: 'transition',
  subject: 'entity',
  problems: ({ params: p }) => problems(p),
  reads: ({ params: p }) => p.of,
  timed: () => false,
  keptMs: ({ params: p }) => (p.finds === 'stuck' ? null : KEPT_MS),
  compile: (check, ctx) => transitionSql(check.params, ctx, ctx.asOf - KEPT_MS),
  judge: (check, rows, ctx) => rows.flatMap((row) => judgeRow(check, row, ctx)),
})

/** One live record of the entity, with its trail. */
interface Copy {
  voice: Voice
  stays: readonly Stay[]
}

function judgeRow(check: Check<Params>, row: TransitionRow, ctx: JudgeContext): Observation[] {
  const kind = kindOf(row.kind)
  const holders = known(
    row.copies.map(([h]) => h),
    ctx.landscape,
  ).filter((h) => !isPart(h))
  const stays = new Map(row.copies.map(([h, , s]) => [h, s]))
  const copies = holders.map((holder): Copy => ({ voice: voiceOf(row, holder), stays: stays.get(holder) ?? [] }))
  switch (check.params.finds) {
    case 'illegal':
      return illegal(check, row, kind, copies, ctx)
    case 'hand_over':
      return handOver(check, row, kind, copies, ctx)
    case 'stuck':
      return stuck(check, row, kind, copies, ctx)
  }
}

const voiceOf = (row: TransitionRow, holder: Holder): Voice => ({
  kind: row.kind,
  entity_id: row.entity_id,
  holder,
  told: { ok: '1' },
})

/** The platform that owns the state while the record is in it, among those that have the record. */
function ownerOf(kind: Kind, state: string, copies: readonly Copy[], ctx: JudgeContext): string | null {
  const { scope } = whereabouts(kind, copies, ctx)
  const owners = ctx.landscape.owners(kind.name, 'state', { state, scope })
  return owners.find((name) => copies.some((c) => c.voice.holder.platform === name)) ?? null
}

function whereabouts(kind: Kind, copies: readonly Copy[], ctx: JudgeContext) {
  const live = primaries(
    copies.map((c) => c.voice.holder),
    kind.ended,
  )
  return placed(ctx.landscape, kind, live.values())
}

function illegal(
  check: Check<Params>,
  row: TransitionRow,
  kind: Kind,
  copies: readonly Copy[],
  ctx: JudgeContext,
): Observation[] {
  const named = platformsOf(check.params.as, ctx)
  const hasNow = row.copies.reduce((bits, [, has]) => bits | BigInt(has), 0n)
  return copies.flatMap((copy) => {
    const { misstep, skips } = standing(kind, copy.stays, hasNow)
    if (!misstep) return []
    const { platform } = copy.voice.holder
    const speaks = named.length
      ? named.includes(platform)
      : [misstep.from ?? misstep.now, misstep.now].some((s) => ownerOf(kind, s.state, copies, ctx) === platform)
    const at = Date.parse(misstep.to.at)
    if (!speaks || ctx.asOf - at >= KEPT_MS) return []
    return [
      observed(check, row, ctx, {
        subject: copy.voice,
        besides: [],
        at,
        dueAt: at + (check.windowMs ?? GRACE_MS),
        owner: null,
        cause: 'unknown',
        expected: misstep.from ? { [platform]: misstep.from.state } : {},
        actual: { [platform]: misstep.now.state },
        evidence: toldOf(kind, misstep, skips),
      }),
    ]
  })
}

const plain = (text: string) => text.replaceAll('_', ' ')

function toldOf(kind: Kind, m: Misstep, skips: readonly Skip[]): Evidence[] {
  const by = m.to.writer === null ? '' : ` by ${m.to.writer}`
  const told: Evidence[] = m.from
    ? [
        {
          says: `It went from ${plain(m.from.state)} to ${plain(m.to.state)} at ${m.to.at}${by}.`,
          strength: 'strong',
          disproved_by: 'A version between the two that was not seen.',
        },
      ]
    : [{ says: `It was ${plain(m.to.state)} when it was first seen, by a version of ${m.to.at}.`, strength: 'strong' }]
  const back = m.from ? kind.transitions.find((t) => t.from === m.from!.state)?.to : undefined
  told.push(
    m.lacking.length
      ? {
          says: `${m.from ? 'That move' : 'Every way there'} requires ${m.lacking.join(' and ')}, and no version has a value there.`,
          strength: 'strong',
          disproved_by: `A value for ${m.lacking.join(' and ')}.`,
        }
      : {
          says: `No legal path leads there, also not through states that may have passed between the reads at ${m.from?.observed_at ?? ''} and ${m.to.observed_at}.`,
          strength: 'strong',
          disproved_by: `A move back to ${plain(m.from?.state ?? '')}${back === undefined ? '' : `, or to ${plain(back)}`}.`,
        },
  )
  for (const skip of skips)
    told.push({
      says: `Before that it came from ${plain(skip.from)} to ${plain(skip.to)} between two reads; ${skip.between.map(plain).join(', ')} was not seen, which is legal.`,
      strength: 'supporting',
    })
  return told
}

/** Who moved while the owner stayed: nothing is said of a platform that the owner has followed since. */
function handOver(
  check: Check<Params>,
  row: TransitionRow,
  kind: Kind,
  copies: readonly Copy[],
  ctx: JudgeContext,
): Observation[] {
  const named = platformsOf(check.params.as, ctx)
  const at = whereabouts(kind, copies, ctx)
  return copies.flatMap((copy) => {
    const { platform } = copy.voice.holder
    if (named.length && !named.includes(platform)) return []
    const [before, now] = copy.stays.slice(-2)
    if (!before || !now || now.state !== copy.voice.holder.state) return []
    const owner = ownerOf(kind, before.state, copies, ctx)
    const other = copies.find((c) => c.voice.holder.platform === owner)
    if (!owner || !other || owner === platform) return []
    if (ctx.landscape.standing(kind.name, 'state', platform, owner, { ...at, state: before.state }) === 'advisory')
      return []
    const moved = Date.parse(now.at)
    if (ctx.asOf - moved >= KEPT_MS || !stayed(other, before, now, moved)) return []
    return [
      observed(check, row, ctx, {
        subject: copy.voice,
        besides: [other.voice],
        at: moved,
        dueAt: moved + (check.windowMs ?? 4 * GRACE_MS),
        owner,
        cause: 'non_owner_write',
        expected: { [owner]: before.state },
        actual: { [platform]: now.state },
        evidence: [
          {
            says: `${titleOf(ctx, platform)} moved it from ${plain(before.state)} to ${plain(now.state)} at ${now.at}${now.writer === null ? '' : ` (${now.writer})`}, while ${titleOf(ctx, owner)} owned its state and has kept it ${plain(before.state)}.`,
            strength: 'strong',
            disproved_by: `A version of ${titleOf(ctx, owner)} that is ${plain(now.state)} and older than that.`,
          },
        ],
      }),
    ]
  })
}

/** True if the owner has been where both were before, all the time, and was never where the other one went. */
function stayed(owner: Copy, before: Stay, now: Stay, moved: number): boolean {
  const last = owner.stays.at(-1)
  if (!last || last.state !== before.state || owner.voice.holder.state !== before.state) return false
  if (stateAt(owner.stays, moved) !== last) return false
  // The owner was there and came back: the other one is late rather than early.
  return !owner.stays.some((s) => s.state === now.state && Date.parse(s.at) >= Date.parse(before.at))
}

function stuck(
  check: Check<Params>,
  row: TransitionRow,
  kind: Kind,
  copies: readonly Copy[],
  ctx: JudgeContext,
): Observation[] {
  const p = check.params
  const live = primaries(
    copies.map((c) => c.voice.holder),
    kind.ended,
  )
  const order = p.as.length
    ? platformsOf(p.as, ctx)
    : [
        ...ctx.landscape.owners(kind.name, 'state', placed(ctx.landscape, kind, live.values())),
        ...ctx.landscape.platforms.map((x) => x.name),
      ]
  const holder = order.map((name) => live.get(name)).find((h) => h !== undefined)
  const copy = copies.find((c) => c.voice.holder === holder)
  if (!copy || !holder?.state || !p.in!.includes(holder.state)) return []
  const first = lastRun(copy.stays, p.in!)
  if (!first) return []
  const at = Date.parse(first.at)
  const dueAt = at + (check.windowMs ?? durationMs(p.for!)!)
  const { platform } = holder
  return [
    observed(check, row, ctx, {
      subject: copy.voice,
      besides: [],
      at,
      dueAt,
      owner: null,
      cause: 'unknown',
      expected: {},
      actual: { [platform]: holder.state },
      evidence: [
        {
          says: `${telling(copy.voice, ctx)} since ${first.at} at least; it should have moved on by ${iso(dueAt)}.`,
          strength: 'strong',
          disproved_by: 'A newer version of the record.',
        },
      ],
    }),
  ]
}

interface Case {
  subject: Voice
  besides: readonly Voice[]
  at: number
  dueAt: number
  owner: string | null
  cause: Observation['cause']
  expected: Observation['expected']
  actual: Observation['actual']
  evidence: Evidence[]
}

function observed(check: Check<Params>, row: TransitionRow, ctx: JudgeContext, c: Case): Observation {
  const voices = [c.subject, ...c.besides]
  const { holder } = c.subject
  const needs = voices.map((v) => ({ platform: v.holder.platform, kind: row.kind }))
  const said = verdict({ dueAt: c.dueAt, needs, voices }, ctx)
  return {
    key: `${row.entity_id} ${holder.platform} ${check.params.finds === 'stuck' ? '' : holder.record_id}`,
    check: check.id,
    category: check.category,
    kind: row.kind,
    entity_id: row.entity_id,
    customer_entity_id: row.customer_entity_id,
    subject: voices.map(subjectOf),
    scope: holder.legal_entity ? { legal_entity: holder.legal_entity } : {},
    field: 'state',
    verdict: said.verdict,
    cause: c.cause,
    owner_platform: c.owner,
    platform: holder.platform,
    expected: c.expected,
    actual: c.actual,
    values: voices.map((v) => heldValue(v, v === c.subject && c.owner !== null ? 'follower' : 'owner', ctx)),
    evidence: [said.says, ...c.evidence],
    amount_at_risk: null,
    currency: null,
    severity: check.severity,
    since: iso(c.at),
    due_at: iso(c.dueAt),
    title: check.params.message ?? check.title,
  }
}
