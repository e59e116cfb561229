/**
 * Decisions about matches: a person confirms or rejects that records belong together. The decision is written first
 * (control), carried out after (facts, repeatable), and what was not carried out is carried out again.
 */
import { abs, add, compare, format, subtract } from '../../../model/decimal.ts'
import type { Context } from '../../context.ts'
import { PlumblineError } from '../../errors.ts'
import type { ControlStore, MatchRow } from '../../store/control/control.ts'
import { confirmKeys, releaseKeys, type MatchedKey } from '../../store/facts/matched-keys.ts'
import { groupsOf, sumsOf, type Group } from '../kinds/match-group.ts'
import { outcome } from '../kinds/match-met.ts'
import { hangsOn, partsOf, type Params } from '../kinds/match-params.ts'
import { widened } from '../kinds/match-reach.ts'
import { matchSql, type MatchRow as GroupRow } from '../kinds/match-sql.ts'
import { limited, these } from '../kinds/reach.ts'
import { CHECK_BYTES } from '../limits.ts'
import { compileContext, type MatchCheck } from './standing.ts'

type Deciding = Pick<Context, 'facts' | 'landscape' | 'clock' | 'control'>

/** Records that one decision may join. */
export const MEMBERS_MAX = 200

export interface Decision {
  members: readonly MatchedKey[]
  reason: string
  actor: string
  /** Confirm although the sums do not meet; what is missing now is let pass, and not more. */
  letPass?: boolean
}

/** @throws PlumblineError conflict when the sums do not meet and the difference is not let pass. */
export async function confirm(ctx: Deciding, check: MatchCheck, d: Decision): Promise<MatchRow> {
  const members = ordered(check.params, d.members)
  const { gap, currency } = await difference(ctx, check, members)
  if (gap !== null && d.letPass !== true)
    throw new PlumblineError('conflict', `The two sides differ by ${gap} ${currency}.`, {
      remedy: 'Add the record that is missing, or confirm with the difference let pass.',
    })
  const row = ctx.control.decideMatch({
    check: check.id,
    state: 'confirmed',
    members,
    allowance: gap,
    currency: gap === null ? null : currency,
    reason: d.reason,
    actor: d.actor,
    at: ctx.clock.now(),
  })
  await carryOut(ctx)
  return row
}

/** Rejects a suggestion so that it is not made again, or undoes a confirmed match. */
export async function reject(ctx: Deciding, check: MatchCheck, d: Omit<Decision, 'letPass'>): Promise<MatchRow> {
  const row = ctx.control.decideMatch({
    check: check.id,
    state: 'rejected',
    members: ordered(check.params, d.members),
    allowance: null,
    currency: null,
    reason: d.reason,
    actor: d.actor,
    at: ctx.clock.now(),
  })
  await carryOut(ctx)
  return row
}

/** The left side first: findings are filed under its first record. */
function ordered(p: Params, members: readonly MatchedKey[]): MatchedKey[] {
  const kinds = partsOf(p).map((x) => x.of)
  const strange = members.find((m) => !kinds.includes(m.kind))
  const refuse = (says: string, remedy: string) => new PlumblineError('schema', says, { remedy })
  if (strange)
    throw refuse(`This check matches nothing of kind ${strange.kind}.`, `Use ${[...new Set(kinds)].join(', ')}.`)
  if (hangsOn(p) !== 'entity')
    throw refuse(
      'This check goes by shared keys; its matches are not confirmed one by one.',
      'Correct the keys on the platforms.',
    )
  const unique = [...new Map(members.map((m) => [`${m.kind} ${m.entity_id}`, m])).values()]
  if (unique.length < 2 || unique.length > MEMBERS_MAX)
    throw refuse(`A match joins 2 to ${MEMBERS_MAX} records.`, 'Name records of both sides.')
  return unique.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || (a.entity_id < b.entity_id ? -1 : 1))
}

/** What would be missing if these were one group; null where they meet. */
async function difference(
  ctx: Deciding,
  check: MatchCheck,
  members: readonly MatchedKey[],
): Promise<{ gap: string | null; currency: string }> {
  const compile = await compileContext(ctx, check)
  const entities = members.map((m) => m.entity_id)
  const reach = widened(check.params, { ...compile, reach: these(entities, [], ctx.clock.now()) })
  const rows: GroupRow[] = []
  for (const compiled of matchSql(check.params, { ...compile, reach }, true)) {
    const { sql, params } = limited(compiled, 60, CHECK_BYTES)
    rows.push(...(await ctx.facts.query<GroupRow>(sql, params)))
  }
  const wanted = new Set(entities)
  const groups = groupsOf(check.params, rows, ctx).filter((g) => wanted.has(g.entity_id))
  const lost = entities.find(
    (id) => !groups.some((g) => g.entity_id === id || g.members.some((m) => m.entity_id === id)),
  )
  if (lost !== undefined)
    throw new PlumblineError('not_found', `${lost} is not among the records of this check.`, {
      remedy: 'Take the ids from the list of unmatched records.',
    })
  const [first] = groups as [Group, ...Group[]]
  const union: Group = { ...first, confirmed: true, members: groups.flatMap((g) => g.members) }
  const sums = sumsOf(check.params, union)
  const both = sums.filter((s) => s.left.count > 0 && s.right.count > 0)
  if (both.length !== 1 || sums.length !== 1)
    throw new PlumblineError(
      'schema',
      sums.length > 1 ? 'These records are in different currencies.' : 'These records are all on one side.',
      {
        remedy: 'A match joins records of both sides in one currency.',
      },
    )
  const [{ left, right, currency }] = both as [(typeof both)[number]]
  const met = outcome(check.params, left, right, { confirmed: true }) === 'met'
  return { gap: met ? null : format(abs(subtract(right.sum, left.sum))), currency }
}

/** Writes every decision that the facts do not know yet; may run any number of times. */
export async function carryOut(ctx: Pick<Context, 'facts' | 'clock' | 'control'>): Promise<void> {
  const open = ctx.control.matches({ written: false })
  if (open.length === 0) return
  const touched = new Set(open.flatMap((m) => m.members.map(name)))
  const together = components(ctx.control)
  for (const group of together) {
    if (!group.members.some((m) => touched.has(name(m)))) continue
    await confirmKeys(ctx, group.members, compare(group.allowance, '0') === 0 ? null : group.allowance)
    for (const m of group.members) touched.delete(name(m))
  }
  const free = open.flatMap((m) => m.members).filter((m) => touched.has(name(m)))
  // Rejecting what never was confirmed sets nothing free.
  if (free.length) await releaseKeys(ctx, [...new Map(free.map((m) => [name(m), m])).values()])
  ctx.control.matchWritten(open.map((m) => m.id))
}

const name = (m: MatchedKey) => `${m.kind} ${m.entity_id}`

/** Confirmed matches that share a record are one group. */
export function components(control: Pick<ControlStore, 'matches'>): { members: MatchedKey[]; allowance: string }[] {
  const found: { members: MatchedKey[]; allowance: string }[] = []
  for (const match of control.matches({ state: 'confirmed' })) {
    const names = new Set(match.members.map(name))
    const joined = found.filter((c) => c.members.some((m) => names.has(name(m))))
    const members = new Map([...joined.flatMap((c) => c.members), ...match.members].map((m) => [name(m), m]))
    const allowance = joined.reduce((sum, c) => format(add(sum, c.allowance)), match.allowance ?? '0')
    const at = joined.length ? found.indexOf(joined[0]!) : found.length
    for (const c of joined) found.splice(found.indexOf(c), 1)
    found.splice(at, 0, { members: [...members.values()], allowance })
  }
  return found
}
