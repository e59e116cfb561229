/** The step that carries decisions into identification: whose records are to be looked at again, and by what was decided. */
import type { Context } from '../context.ts'
import { decidedFrom, NOTHING_DECIDED, type Decided } from './decided.ts'
import { MOVED } from './reach.ts'

const key = (kind: string) => `identify.decided.${kind}`

/** Number of the last change that identification has carried out. */
export const decidedThrough = (ctx: Context, kind: string): number => Number(ctx.control.get(key(kind)) ?? '0')

/** Decisions wait to be carried out. */
export const waiting = (ctx: Context, kind: string): boolean =>
  ctx.control.identityChanged(kind) > decidedThrough(ctx, kind)

export const carriedOut = (ctx: Context, kind: string, through: number): void =>
  ctx.control.set(key(kind), String(through))

/**
 * Adds the records of decisions that are new or were taken back to what moved, as step `asked`, with a claim that they share, so that
 * whoever looks at one of them later finds the others.
 * @returns number of the last change it took
 */
export async function markDecided(ctx: Context, kind: string): Promise<number> {
  const through = ctx.control.identityChanged(kind)
  const changed = ctx.control.identityDecisions({ kind, changedAfter: decidedThrough(ctx, kind) })
  if (changed.length === 0) return through
  const claims = changed.flatMap((d) => {
    const records = [...new Set([...d.groups.flat(), ...Object.keys(d.before)])]
    return records.map((name) => {
      const at = name.indexOf(':')
      return { kind, claim: `d:${d.id}`, platform: name.slice(0, at), record_id: name.slice(at + 1) }
    })
  })
  await ctx.facts.insert('claims', claims)
  const names = [...new Set(claims.map((c) => `${c.platform}:${c.record_id}`))]
  const db = ctx.facts.database
  await ctx.facts.command(
    `insert into ${db}.identify_scratch (step, platform, record_id)
     select distinct 'asked', platform, record_id from ${db}.links
     where kind = {kind:String} and concat(platform, ':', record_id) in {names:Array(String)}`,
    { kind, names },
  )
  await ctx.facts.command(
    `insert into ${db}.identify_scratch (step, platform, record_id)
     select arrayJoin([${MOVED}]), platform, record_id from ${db}.identify_scratch
     where step = 'asked' and (platform, record_id) not in (select platform, record_id from ${db}.identify_scratch where step = 'moved')`,
  )
  return through
}

/** What clustering goes by now. */
export function decidedOf(ctx: Context, kind: string): Decided {
  if (ctx.control.identityChanged(kind) === 0) return NOTHING_DECIDED
  const undone = ctx.control
    .identityDecisions({ kind, changedAfter: decidedThrough(ctx, kind) })
    .filter((d) => d.undoneAt !== null)
  return decidedFrom(ctx.control.identityDecisions({ kind, inForce: true }), undone)
}

/** Record → the newest decision about it that this step carries out. */
export function causedBy(ctx: Context, kind: string): Map<string, number> {
  const caused = new Map<string, number>()
  for (const d of ctx.control.identityDecisions({ kind, changedAfter: decidedThrough(ctx, kind) }))
    for (const name of [...d.groups.flat(), ...Object.keys(d.before)]) caused.set(name, d.id)
  return caused
}
