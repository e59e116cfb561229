/** An existence case: one entity under an existence check, and what is said of it whatever the finding. */
import { z } from 'zod'
import type { Kind } from '../../../model/kind.ts'
import { kindOf } from '../../../model/kinds.ts'
import type { Whereabouts } from '../../../model/landscape.ts'
import type { HeldValue } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import { kindName } from '../../config/words.ts'
import type { Check, JudgeContext } from '../contract.ts'
import { inDoubt, stepAt, titleOf, type Timing } from '../timing.ts'
import type { ExistRow } from './exist-sql.ts'
import type { Holder } from './holders.ts'

export const params = z.strictObject({
  of: kindName.describe('Kind of record.'),
  on: z
    .array(z.string())
    .min(1)
    .describe(
      'Roles or platforms that must hold it; `issuer`: whoever issues invoices of its legal entity. One that keeps no such records is left out.',
    ),
  states: z.array(z.string()).optional().describe('States in which it must exist.'),
  past: z.string().optional().describe('It must exist in every state after this one.'),
  owners: z
    .array(z.string())
    .optional()
    .describe('Roles or platforms whose record proves that it exists; default: the owners of its existence.'),
  orphans: z.boolean().default(true).describe('Tell also of records that only a follower holds.'),
})
export type Params = z.output<typeof params>

/** States in which the record must exist; empty: in any. */
export function requiredStates(p: Pick<Params, 'of' | 'states' | 'past'>): readonly string[] {
  const all = kindOf(p.of).states
  const after = p.past === undefined ? null : all.slice(all.indexOf(p.past) + 1)
  if (p.states && after) return p.states.filter((s) => after.includes(s))
  return p.states ?? after ?? []
}

/** One entity, with everything that its edges share. */
export interface Case {
  check: Check<Params>
  kind: Kind
  row: ExistRow
  at: Whereabouts
  /** Live record that speaks for each platform. */
  live: ReadonlyMap<string, Holder>
  /** Latest deleted record of each platform that has no live one. */
  dead: ReadonlyMap<string, Holder>
  refs: ReadonlyMap<Holder, Record<string, string>>
}

export function base(
  c: Case,
  what: 'missing' | 'orphan',
  owner: string,
  platform: string,
  time: Timing,
  ctx: JudgeContext,
) {
  return {
    key: `${c.row.entity_id}|${what}|${platform}`,
    check: c.check.id,
    kind: c.kind.name,
    entity_id: c.row.entity_id,
    customer_entity_id: c.row.customer_entity_id,
    scope: c.at.scope,
    field: null,
    verdict: time.verdict,
    owner_platform: owner,
    platform,
    values: values(c, owner, platform, ctx),
    severity: c.check.severity,
    due_at: time.dueAt === null ? null : iso(time.dueAt),
  }
}

/** Whether each platform has the record: `value` is the state of the one it has. */
export function values(c: Case, owner: string, platform: string, ctx: JudgeContext): HeldValue[] {
  const names = [...new Set([...c.live.keys(), ...c.dead.keys(), owner, platform])]
  return names.map((name) => {
    const holder = c.live.get(name) ?? c.dead.get(name)
    const complete = ctx.completeThrough(name, c.kind.name)
    return {
      platform: name,
      record_id: holder?.record_id ?? null,
      state: !holder ? 'missing' : holder.deleted ? 'deleted' : holder.state === null ? 'cannot_hold' : 'value',
      value: holder && !holder.deleted ? holder.state : null,
      raw: null,
      changed_at: holder?.changed_at ?? null,
      changed_by: holder?.changed_by ?? null,
      observed_at: holder?.observed_at ?? null,
      complete_through: complete === null ? null : iso(complete),
      stands: name === owner ? 'owner' : 'follower',
    }
  })
}

/** When the record came to be in a state in which others must have it: from history, else its own stamp. */
export function reachedAt(c: Case, holder: Holder, ctx: JudgeContext): number | null {
  const states = requiredStates(c.check.params)
  const trail = ctx.trail({ platform: holder.platform, kind: c.kind.name, record_id: holder.record_id }, 'state')
  let start = trail.length - 1
  const counts = (value: string | null) => states.length === 0 || value === null || states.includes(value)
  while (start > 0 && counts(trail[start]!.value) && counts(trail[start - 1]!.value)) start--
  return stepAt(trail[start], holder)
}

/** Id that any record of the entity names for this platform, by its name or role. */
export function idIn(c: Case, platform: string, ctx: JudgeContext): string | null {
  const { role } = ctx.landscape.platform(platform)
  for (const refs of c.refs.values()) {
    const id = refs[platform] ?? (ctx.landscape.named(role).length === 1 ? refs[role] : undefined)
    if (id) return id
  }
  return null
}

/** A row that could not be read may be the very record that is missed. */
export function unreadable(c: Case, platform: string, ctx: JudgeContext): string | null {
  const doubt = [...c.live.values()].find((h) => ctx.doubted(h.platform, c.kind.name).has(h.record_id))
  if (doubt) return inDoubt(doubt, ctx)
  const id = idIn(c, platform, ctx)
  if (id === null || !ctx.quarantined(platform, c.kind.name).has(id)) return null
  return `${id} in ${titleOf(ctx, platform)} exists and could not be read.`
}
