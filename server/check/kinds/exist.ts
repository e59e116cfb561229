/** exist: records that should exist on another platform and do not, or exist there only. */
import { format } from '../../../model/decimal.ts'
import { hasKind, kindOf } from '../../../model/kinds.ts'
import type { Landscape, Platform } from '../../../model/landscape.ts'
import { blameOrphan } from '../../../model/cause-absent.ts'
import type { Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { EXISTENCE } from '../../config/pattern.ts'
import { blameMissing, doubtOf, eventsOf, graveOf, subjectsOf } from '../blame.ts'
import { defineCheckKind, type Check, type JudgeContext } from '../contract.ts'
import { instant, stampedAt, timing, titleOf } from '../timing.ts'
import { speaksFor } from '../whereabouts.ts'
import { customerEntity } from './customer-scope.ts'
import { base, idIn, params, reachedAt, requiredStates, unreadable, type Case, type Params } from './exist-case.ts'
import { existSql, type ExistRow, type ExistWanted } from './exist-sql.ts'
import { known, placed, primaries, type Holder } from './holders.ts'

export default defineCheckKind<Params, ExistRow>({
  name: 'exist',
  about: 'Records that should exist on another platform and do not, or exist there only.',
  params,
  category: 'missing',
  subject: 'entity',
  problems: ({ params: p }) => {
    const words = hasKind(p.of) ? kindOf(p.of).states : []
    const named = [
      ...(p.states ?? []).map((state, i) => ({ state, path: ['states', i] as (string | number)[] })),
      ...(p.past === undefined ? [] : [{ state: p.past, path: ['past'] }]),
    ]
    return named
      .filter(({ state }) => !words.includes(state))
      .map(({ state, path }) => ({
        path,
        says: `${p.of} has no state ${JSON.stringify(state)}; use ${words.join(', ')}`,
      }))
  },
  compares: ({ params: p }) => [{ kind: p.of, field: null }],
  reads: ({ params: p }) => [p.of],
  timed: () => false,
  compile: (check, ctx) => [existSql(kindOf(check.params.of), wanted(check.params, ctx.landscape), ctx)],
  history: (check, rows, { landscape }) =>
    rows.flatMap((row) =>
      [...primaries(known(row.holders, landscape), kindOf(check.params.of).ended).values()].map((h) => ({
        platform: h.platform,
        kind: check.params.of,
        record_id: h.record_id,
        field: 'state',
      })),
    ),
  correlate: (check, rows, { landscape }) =>
    rows.flatMap((row) => subjectsOf(known(row.holders, landscape), check.params.of)),
  judge: (check, rows, ctx) => rows.flatMap((row) => judgeRow(check, row, ctx)),
})

function wanted(p: Params, landscape: Landscape): ExistWanted {
  const scoped = (platform: Platform) => ({
    name: platform.name,
    legalEntities: platform.scope['legal_entity'] ?? null,
  })
  const requirements = p.on.flatMap((name) => {
    // Which of them issues depends on the record, so each is looked at by itself.
    if (name === 'issuer')
      return landscape.platforms
        .filter((x) => x.role === 'erp' || x.role === 'billing')
        .map((x) => ({ platforms: [scoped(x)] }))
    const platforms = landscape.named(name).map(scoped)
    return platforms.length ? [{ platforms }] : []
  })
  return { requirements, states: requiredStates(p) }
}

function judgeRow(check: Check<Params>, row: ExistRow, ctx: JudgeContext): Observation[] {
  const kind = kindOf(check.params.of)
  const holders = known(row.holders, ctx.landscape)
  const live = primaries(holders, kind.ended)
  const dead = new Map<string, Holder>()
  for (const h of holders) {
    const other = dead.get(h.platform)
    if (h.deleted && !live.has(h.platform) && (!other || h.observed_at > other.observed_at)) dead.set(h.platform, h)
  }
  const at = placed(ctx.landscape, kind, live.values(), customerEntity(row.customer_scope, ctx.landscape))
  const refs = new Map(row.holders.map((h, i) => [h, row.refs[i] ?? {}]))
  const c: Case = { check, kind, row, at, live, dead, refs }
  const owners = expectedOwners(c, ctx)
  const owner = owners.map((name) => live.get(name)).find((h) => h !== undefined)
  if (!owner)
    return check.params.orphans && owners.length ? [...live.values()].flatMap((h) => orphan(c, h, owners, ctx)) : []
  const states = requiredStates(check.params)
  if (states.length && at.state !== null && !states.includes(at.state)) return []
  return lacking(c, ctx).map((platform) => missing(c, owner, platform, ctx))
}

/** Platforms whose record proves the existence, that keep such records at all and speak for this one; in order. */
function expectedOwners({ check, kind, at }: Case, ctx: JudgeContext): string[] {
  const names = check.params.owners
    ? check.params.owners
        .flatMap((name) => ctx.landscape.named(name))
        .filter((p) => speaksFor(p, at.scope))
        .map((p) => p.name)
    : ctx.landscape.owners(kind.name, EXISTENCE, at)
  return [...new Set(names)].filter((name) => ctx.keeps(name, kind.name))
}

/** Platforms at fault for lacking the record: one for each requirement that none of its platforms meets. */
function lacking(c: Case, ctx: JudgeContext): string[] {
  const found = c.check.params.on.flatMap((name) => {
    const issuer = name === 'issuer' ? ctx.landscape.issuer(c.at.scope['legal_entity'] ?? null) : null
    const named =
      name === 'issuer' ? ctx.landscape.platforms.filter((p) => p.name === issuer) : ctx.landscape.named(name)
    const fit = named.filter((p) => speaksFor(p, c.at.scope) && ctx.keeps(p.name, c.kind.name)).map((p) => p.name)
    if (fit.length === 0 || fit.some((p) => c.live.has(p))) return []
    const mentioned = [...c.refs.values()].flatMap((r) => Object.keys(r))
    return [fit.find((p) => c.dead.has(p)) ?? fit.find((p) => mentioned.includes(p)) ?? fit[0]!]
  })
  return [...new Set(found)]
}

function missing(c: Case, owner: Holder, platform: string, ctx: JudgeContext): Observation {
  const kind = c.kind.name
  const edge = ctx.landscape.edge(kind, EXISTENCE, owner.platform, platform)
  const changedAt = reachedAt(c, owner, ctx)
  const gone = c.dead.get(platform)
  const time = timing(
    {
      kind,
      owner: owner.platform,
      follower: platform,
      edge,
      windowMs: c.check.windowMs,
      changedAt,
      followerChangedAt: gone ? stampedAt(gone) : null,
      unreadable: unreadable(c, platform, ctx),
    },
    ctx,
  )
  const title = titleOf(ctx, platform)
  const id = idIn(c, platform, ctx)
  const why = blameMissing(
    {
      kind,
      platform,
      owner: owner.platform,
      since: changedAt,
      named: id,
      grave: gone ?? null,
      known: subjectsOf([...c.live.values(), ...c.dead.values()], kind),
      doubt: doubtOf(c.live.values(), kind, ctx),
    },
    ctx,
  )
  return {
    ...base(c, 'missing', owner.platform, platform, time, ctx),
    category: c.check.category,
    cause: why.cause,
    evidence: [time.says, ...why.evidence],
    subject: [
      { platform: owner.platform, kind, record_id: owner.record_id },
      ...(gone ? [{ platform, kind, record_id: gone.record_id }] : []),
    ],
    ...(id !== null && !gone && { verify: [{ platform, kind, record_id: id }] }),
    expected: { [owner.platform]: owner.record_id },
    actual: { [platform]: null },
    amount_at_risk: owner.worth === null ? null : format(owner.worth),
    currency: owner.worth === null ? null : owner.worth_currency,
    since: changedAt === null ? null : iso(changedAt),
    title: gone
      ? `${c.kind.title} is deleted in ${title} but not in ${titleOf(ctx, owner.platform)}`
      : `${c.kind.title} is missing in ${title}`,
  }
}

function orphan(c: Case, holder: Holder, owners: readonly string[], ctx: JudgeContext): Observation[] {
  const kind = c.kind.name
  const states = requiredStates(c.check.params)
  if (states.length && holder.state !== null && !states.includes(holder.state)) return []
  const buried = owners.find((name) => c.dead.has(name))
  const owner = buried ?? owners[0]!
  const grave = buried === undefined ? undefined : c.dead.get(buried)
  const title = titleOf(ctx, holder.platform)
  // Deleted at the owner: the follower had to follow. Never there: the owner may not have been read that far yet.
  const changedAt = grave ? stampedAt(grave) : (instant(holder.created_at) ?? reachedAt(c, holder, ctx))
  const [from, to] = grave ? [owner, holder.platform] : [holder.platform, owner]
  const edge = ctx.landscape.edge(kind, EXISTENCE, owner, holder.platform)
  const time = timing(
    {
      kind,
      owner: from,
      follower: to,
      edge,
      windowMs: c.check.windowMs,
      changedAt,
      unreadable: unreadable(c, owner, ctx),
    },
    ctx,
  )
  const made = ctx.trail({ platform: holder.platform, kind, record_id: holder.record_id }, 'state')[0]
  const why = blameOrphan({
    kind,
    platform: holder.platform,
    title,
    owner,
    ownerTitle: titleOf(ctx, owner),
    owners: owners.map((o) => titleOf(ctx, o)),
    grave: grave ? graveOf(grave) : null,
    since: instant(holder.created_at),
    maker: made?.by ?? holder.changed_by,
    events: eventsOf(subjectsOf([holder], kind), ctx),
    log: ctx.log(owner, holder.platform, kind),
    doubt: doubtOf([holder], kind, ctx),
  })
  return [
    {
      ...base(c, 'orphan', owner, holder.platform, time, ctx),
      category: 'orphan',
      cause: why.cause,
      evidence: [time.says, ...why.evidence],
      subject: [
        { platform: holder.platform, kind, record_id: holder.record_id },
        ...(grave ? [{ platform: owner, kind, record_id: grave.record_id }] : []),
      ],
      expected: { [owner]: null },
      actual: { [holder.platform]: holder.record_id },
      amount_at_risk: null,
      currency: null,
      since: changedAt === null ? null : iso(changedAt),
      title: grave
        ? `${c.kind.title} lives on in ${title} after ${titleOf(ctx, owner)} deleted it`
        : `${c.kind.title} in ${title} has no counterpart in ${titleOf(ctx, owner)}`,
    },
  ]
}
