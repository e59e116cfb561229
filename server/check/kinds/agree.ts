/** agree: fields that differ between the owner and each follower, over any number of platforms at once. */
import { z } from 'zod'
import type { Field } from '../../../model/fields.ts'
import { hasKind, kindOf } from '../../../model/kinds.ts'
import type { Whereabouts } from '../../../model/landscape.ts'
import type { Evidence, HeldValue, Observation } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { parsePattern } from '../../config/pattern.ts'
import { isCustom, isCustomName } from '../../store/facts/custom-field.ts'
import { kindName } from '../../config/words.ts'
import { blameDifference, subjectsOf } from '../blame.ts'
import { defineCheckKind, type Check, type FieldAsk, type JudgeContext } from '../contract.ts'
import { inDoubt, instant, saidSince, timing, titleOf } from '../timing.ts'
import { agreeSql, type AgreeRow, type Cell } from './agree-sql.ts'
import { anyField, customFields } from './agree-custom.ts'
import { amountAtRisk } from './agree-money.ts'
import { same, type Same } from './agree-same.ts'
import { customerEntity } from './customer-scope.ts'
import { known, placed, primaries, type Holder } from './holders.ts'

const params = z.strictObject({
  of: kindName.describe('Kind of record.'),
  fields: z
    .array(z.string())
    .min(1)
    .describe(
      'Fields or groups: `tax_id`, `bill_to.*`, `legal.*`, `*` for all of the model, `custom.<name>` for one beyond it.',
    ),
  except: z.array(z.string()).default([]).describe('Fields or groups left out.'),
  advisory: z.boolean().default(false).describe('Tell also of differences that are only information.'),
})
type Params = z.output<typeof params>

export default defineCheckKind<Params, AgreeRow>({
  name: 'agree',
  about: 'Fields that differ between the owner and each follower, over any number of platforms at once.',
  params,
  category: 'mismatch',
  subject: 'entity',
  problems: ({ params: p }) => [
    ...p.fields.flatMap((text, i) => wrong(p.of, text).map((says) => ({ path: ['fields', i], says }))),
    ...p.except.flatMap((text, i) => wrong(p.of, text).map((says) => ({ path: ['except', i], says }))),
  ],
  compares: ({ params: p }) => compared(p).map((f) => ({ kind: p.of, field: f.name })),
  reads: ({ params: p }) => [p.of],
  timed: () => false,
  compile: (check, ctx) => [agreeSql(kindOf(check.params.of), compared(check.params), ctx)],
  history: (check, rows, { landscape }) =>
    rows.flatMap((row) =>
      asks(check.params.of, row, primaries(known(row.holders, landscape), kindOf(check.params.of).ended)),
    ),
  correlate: (check, rows, { landscape }) =>
    rows.flatMap((row) => subjectsOf(known(row.holders, landscape), check.params.of)),
  judge: (check, rows, ctx) => rows.flatMap((row) => judgeRow(check, row, ctx)),
})

function wrong(kind: string, text: string): string[] {
  if (!hasKind(kind) || isCustomName(text)) return []
  if (isCustom(text))
    return [`${JSON.stringify(text)} names no custom field: letters, digits, spaces, - and _ after the dot`]
  const parsed = parsePattern(`${kind}.${text}`)
  if (!('wrong' in parsed)) return []
  return [
    parsed.suggestion === undefined
      ? parsed.wrong
      : `${parsed.wrong}; did you mean ${JSON.stringify(parsed.suggestion.slice(kind.length + 1))}?`,
  ]
}

/** Fields that the check compares, in table order. */
export function compared(p: Pick<Params, 'of' | 'fields' | 'except'>): Field[] {
  const matcher = (texts: readonly string[]) => {
    const patterns = texts.map((t) => parsePattern(`${p.of}.${t}`))
    return (field: Field) => patterns.some((parsed) => !('wrong' in parsed) && parsed.matches(p.of, field.name))
  }
  const wanted = matcher(p.fields)
  const unwanted = matcher(p.except)
  return [...kindOf(p.of).fields.filter((f) => wanted(f) && !unwanted(f)), ...customFields(p.fields, p.except)]
}

/** Histories of the records that speak for their platforms, where the platforms differ. */
function asks(kind: string, row: AgreeRow, holders: ReadonlyMap<string, Holder>): FieldAsk[] {
  return [...holders.values()].map((h) => ({ platform: h.platform, kind, record_id: h.record_id, field: row.field }))
}

/** One field of one entity, with everything that its edges share. */
interface Case {
  check: Check<Params>
  row: AgreeRow
  field: Field
  at: Whereabouts
  holders: ReadonlyMap<string, Holder>
  cells: ReadonlyMap<string, Cell>
  owner: Holder
  ownerCell: Cell
}

function judgeRow(check: Check<Params>, row: AgreeRow, ctx: JudgeContext): Observation[] {
  const kind = kindOf(check.params.of)
  const field = anyField(kind.name, row.field)
  const holders = primaries(known(row.holders, ctx.landscape), kind.ended)
  const byRecord = new Map(row.cells.map((c) => [`${c.platform}\n${c.record_id}`, c]))
  const cells = new Map([...holders.values()].map((h) => [h.platform, byRecord.get(`${h.platform}\n${h.record_id}`)!]))
  const at = placed(ctx.landscape, kind, holders.values(), customerEntity(row.customer_scope, ctx.landscape))
  const owners = ctx.landscape.owners(kind.name, field.name, at)
  const owner = owners.map((name) => cells.get(name)).find((cell) => cell !== undefined && !SILENT.has(cell.is))
  if (!owner)
    return [...cells.values()].flatMap((cell) => waiting(check, row, field, at, cell, owners, holders, cells, ctx))
  // What the owner wrote cannot be read, or points to nothing: other checks say so, and nobody else may speak instead.
  if (owner.is === 'invalid' || (owner.is === 'value' && owner.key === null)) return []
  const c: Case = { check, row, field, at, holders, cells, owner: holders.get(owner.platform)!, ownerCell: owner }
  if (owner.is === 'unmapped') return [unmapped(c, owner.platform, ctx)]
  // Owners before the one that speaks were silent: that is no difference of theirs.
  const passed = new Set(owners.slice(0, owners.indexOf(owner.platform) + 1))
  return [...cells.values()].flatMap((cell) => (passed.has(cell.platform) ? [] : judgeEdge(c, cell, ctx)))
}

/** These have no voice: the next owner in the list speaks. */
const SILENT: ReadonlySet<Cell['is']> = new Set(['empty', 'absent', 'cannot_hold'])

/** A code that waits for its entry is told of even where nobody can be held against it. */
function waiting(
  check: Check<Params>,
  row: AgreeRow,
  field: Field,
  at: Whereabouts,
  cell: Cell,
  owners: readonly string[],
  holders: ReadonlyMap<string, Holder>,
  cells: ReadonlyMap<string, Cell>,
  ctx: JudgeContext,
): Observation[] {
  if (cell.is !== 'unmapped') return []
  const owner = owners.find((name) => cells.has(name)) ?? owners[0] ?? cell.platform
  if (ctx.landscape.standing(check.params.of, field.name, cell.platform, owner, at) === 'absent') return []
  const c: Case = {
    check,
    row,
    field,
    at,
    holders,
    cells,
    owner: holders.get(owner) ?? holders.get(cell.platform)!,
    ownerCell: cells.get(owner) ?? cell,
  }
  return [unmapped(c, cell.platform, ctx)]
}

function judgeEdge(c: Case, cell: Cell, ctx: JudgeContext): Observation[] {
  const { check, field, ownerCell, at } = c
  const stands = ctx.landscape.standing(check.params.of, field.name, cell.platform, c.owner.platform, at)
  if (stands === 'owner' || stands === 'absent') return []
  if (stands === 'advisory' && !check.params.advisory) return []
  if (cell.is === 'unmapped') return [unmapped(c, cell.platform, ctx)]
  if (cell.is === 'cannot_hold' || cell.is === 'absent' || cell.is === 'invalid') return []
  const edge = ctx.landscape.edge(check.params.of, field.name, c.owner.platform, cell.platform)
  const verdict = same(field, ownerCell, cell, check.tolerance ?? edge.tolerance)
  if (verdict.equal || (verdict.advisory && !check.params.advisory)) return []
  return [difference(c, cell, stands === 'advisory' || verdict.advisory, verdict.why, ctx)]
}

function difference(c: Case, cell: Cell, advisory: boolean, shown: Same['why'], ctx: JudgeContext): Observation {
  const { check, field, ownerCell, owner } = c
  const kind = check.params.of
  const follower = c.holders.get(cell.platform)!
  const edge = ctx.landscape.edge(kind, field.name, owner.platform, follower.platform)
  const changedAt = changeTime(owner, kind, field.name, ctx)
  const time = timing(
    {
      kind,
      owner: owner.platform,
      follower: follower.platform,
      edge,
      windowMs: check.windowMs,
      changedAt,
      followerChangedAt: changeTime(follower, kind, field.name, ctx),
      unreadable: unreadable([owner, follower], kind, ctx),
    },
    ctx,
  )
  const why = blameDifference(
    { kind, field, shown, owner: [owner, ownerCell], follower: [follower, cell], holders: c.holders.values() },
    ctx,
  )
  const evidence: Evidence[] = [time.says, ...why.evidence]
  if (advisory) evidence.push({ says: 'advisory: a difference here is information.', strength: 'supporting' })
  const [ownerTitle, followerTitle] = [titleOf(ctx, owner.platform), titleOf(ctx, follower.platform)]
  return {
    ...base(c, follower.platform, ctx),
    verdict: time.verdict,
    cause: why.cause,
    actual: { [follower.platform]: cell.value },
    evidence,
    ...amountAtRisk(kind, field, owner, ownerCell, cell),
    severity: advisory ? 'low' : check.severity,
    since: changedAt === null ? null : iso(changedAt),
    due_at: time.dueAt === null ? null : iso(time.dueAt),
    title:
      cell.is === 'empty'
        ? `${field.label}: empty in ${followerTitle} but not in ${ownerTitle}`
        : `${field.label}: ${followerTitle} differs from ${ownerTitle}`,
  }
}

function unmapped(c: Case, platform: string, ctx: JudgeContext): Observation {
  const holder = c.holders.get(platform)!
  const cell = c.cells.get(platform)!
  const changedAt = changeTime(holder, c.check.params.of, c.field.name, ctx)
  return {
    ...base(c, platform, ctx),
    verdict: 'unmapped',
    cause: 'unmapped_code',
    expected: c.owner.platform === platform ? {} : { [c.owner.platform]: c.ownerCell.value },
    actual: { [platform]: cell.value },
    evidence: [
      {
        says: `${titleOf(ctx, platform)} says ${JSON.stringify(cell.value)}, and no reference map says what that means.`,
        strength: 'strong',
        disproved_by: 'An entry for this code in the reference map.',
      },
    ],
    amount_at_risk: null,
    currency: null,
    severity: c.check.severity,
    since: changedAt === null ? null : iso(changedAt),
    due_at: null,
    title: `${c.field.label}: a code of ${titleOf(ctx, platform)} has no entry in its reference map`,
  }
}

/** What all observations about one field of one entity share. */
function base(c: Case, platform: string, ctx: JudgeContext) {
  const kind = c.check.params.of
  const subject = [c.owner, c.holders.get(platform)!]
    .filter((h, i, all) => all.findIndex((o) => o.platform === h.platform) === i)
    .map((h) => ({ platform: h.platform, kind, record_id: h.record_id }))
  return {
    key: `${c.row.entity_id}|${c.field.name}|${platform}`,
    check: c.check.id,
    category: c.check.category,
    kind,
    entity_id: c.row.entity_id,
    customer_entity_id: c.row.customer_entity_id,
    subject,
    scope: c.at.scope,
    field: c.field.name,
    owner_platform: c.owner.platform === platform ? null : c.owner.platform,
    platform,
    expected: { [c.owner.platform]: c.ownerCell.value },
    values: [...c.cells.values()].map((cell) => held(c, cell, ctx)),
  }
}

function held(c: Case, cell: Cell, ctx: JudgeContext): HeldValue {
  const kind = c.check.params.of
  const holder = c.holders.get(cell.platform)!
  const changed = ctx.changed({ platform: holder.platform, kind, record_id: holder.record_id }, c.field.name)
  const complete = ctx.completeThrough(cell.platform, kind)
  return {
    platform: cell.platform,
    record_id: cell.record_id,
    state: cell.is,
    value: cell.is === 'value' || cell.is === 'unmapped' ? cell.value : null,
    raw: cell.raw,
    changed_at: changed.at === null ? holder.changed_at : iso(changed.at),
    changed_by: changed.by ?? holder.changed_by,
    observed_at: holder.observed_at,
    complete_through: complete === null ? null : iso(complete),
    stands:
      cell.platform === c.owner.platform
        ? 'owner'
        : ctx.landscape.standing(kind, c.field.name, cell.platform, c.owner.platform, c.at),
  }
}

/** When the field took its value: from history where that knows, else the record's own stamp. */
export function changeTime(holder: Holder, kind: string, field: string, ctx: JudgeContext): number | null {
  return saidSince({ platform: holder.platform, kind, record_id: holder.record_id }, field, holder, ctx)
}

/** A record whose newer version could not be read says nothing about today. */
export function unreadable(holders: readonly Holder[], kind: string, ctx: JudgeContext): string | null {
  const doubt = holders.find((h) => ctx.doubted(h.platform, kind).has(h.record_id))
  if (doubt) return inDoubt(doubt, ctx)
  const stuck = holders.find((h) => ctx.quarantined(h.platform, kind).has(h.record_id))
  return stuck ? `A newer version of ${stuck.record_id} in ${titleOf(ctx, stuck.platform)} could not be read.` : null
}
