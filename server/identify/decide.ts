/** Deciding: a person joins records, keeps them apart, or takes back what was decided; identification carries it out at once. */
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import { hasKind } from '../../model/kinds.ts'
import type { IdentityAction, IdentityDecision } from '../store/control/identity-decisions.ts'
import { JOINING } from '../store/control/identity-decisions.ts'
import { linksNamed, membersOf, recordsOf } from '../store/facts/links.ts'
import { identify } from './identify.ts'

export interface Wish {
  kind: string
  action: IdentityAction
  /** Records as `platform:id`: one group to join, two or more to keep apart. */
  groups: readonly (readonly string[])[]
  reason: string
  actor: string
  /** Version of the model whose proposal is answered. */
  model?: string | null
}

/** Records that one decision may name: more are not a decision but a migration. */
const RECORDS_MAX = 500

/**
 * Writes the decision, then carries it out. A process that dies in between carries it out at its next round.
 * @throws PlumblineError schema, not_found
 */
export async function decide(ctx: Context, wish: Wish): Promise<IdentityDecision> {
  const decision = ctx.control.decideIdentity(await prepared(ctx, wish))
  await identify(ctx)
  return decision
}

/** Writes many decisions of one kind and carries them out together: the linker's own. */
export async function decideAll(ctx: Context, kind: string, wishes: readonly Omit<Wish, 'kind'>[]): Promise<void> {
  if (wishes.length === 0) return
  const links = await linksNamed(ctx.facts, kind, [...new Set(wishes.flatMap((w) => w.groups.flat()))])
  const entityOf = new Map(links.map((l) => [`${l.platform}:${l.record_id}`, l.entity_id]))
  const members = await membersOf(ctx.facts, kind, [...new Set(entityOf.values())])
  ctx.control.transaction(() => {
    for (const { action, groups, reason, actor, model = null } of wishes) {
      const entities = new Set(groups.flat().flatMap((r) => entityOf.get(r) ?? []))
      const before = Object.fromEntries([...entities].flatMap((e) => (members.get(e) ?? []).map((r) => [r, e])))
      ctx.control.decideIdentity({
        kind,
        action,
        groups: groups.map((g) => [...g]),
        before,
        reason,
        actor,
        at: ctx.clock.now(),
        model,
      })
    }
  })
  await identify(ctx)
}

export async function undo(ctx: Context, id: number, by: { reason: string; actor: string }): Promise<IdentityDecision> {
  const decision = ctx.control.undoIdentity(id, { ...by, at: ctx.clock.now() })
  await identify(ctx)
  return decision
}

/** The decision with what it would change: who belongs to which entity before it. */
export async function prepared(
  ctx: Context,
  { kind, action, groups, reason, actor, model = null }: Wish,
): Promise<Omit<IdentityDecision, 'id' | 'changed' | 'undoneAt' | 'undoneBy' | 'undoneReason'>> {
  const invalid = (text: string, remedy: string) => new PlumblineError('schema', text, { remedy })
  if (!hasKind(kind)) throw invalid(`There is no kind "${kind}".`, 'Write customer, contact or product.')
  const records = [...new Set(groups.flat())]
  if (JOINING.has(action) ? records.length < 2 : groups.length < 2 || groups.some((g) => g.length === 0))
    throw invalid(
      JOINING.has(action) ? 'Joining takes two records at least.' : 'Keeping apart takes two groups of records.',
      'Name records as platform:id.',
    )
  if (records.length !== groups.flat().length)
    throw invalid('A record is named twice.', 'A record is on one side only.')
  if (records.length > RECORDS_MAX)
    throw invalid(`${records.length} records are more than one decision takes.`, `Name at most ${RECORDS_MAX}.`)
  const links = await linksNamed(ctx.facts, kind, records)
  const missing = records.find((r) => !links.some((l) => `${l.platform}:${l.record_id}` === r))
  if (missing)
    throw new PlumblineError('not_found', `There is no ${kind} ${missing}.`, {
      remedy: 'Name records as platform:id, as plumbline export records shows them.',
    })
  const before: Record<string, string> = {}
  for (const entity of new Set(links.map((l) => l.entity_id)))
    for (const l of await recordsOf(ctx.facts, kind, entity)) before[`${l.platform}:${l.record_id}`] = l.entity_id
  return { kind, action, groups: groups.map((g) => [...g]), before, reason, actor, at: ctx.clock.now(), model }
}
