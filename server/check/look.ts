/** Look: compiles a check for a reach, runs its SELECTs, and has its kind judge the candidates. */
import { basisOf } from '../../model/exposure.ts'
import type { Observation } from '../../model/verdict.ts'
import { PlumblineError } from '../errors.ts'
import type { Context } from '../context.ts'
import { heldMasks } from '../store/facts/held-masks.ts'
import { stepwise } from '../store/facts/stepwise.ts'
import { eventsOfSubjects } from '../store/facts/subject-events.ts'
import type { Check, CheckKind, Reach, SubjectScope } from './contract.ts'
import { judgeContext, trailsOf, type Standing } from './evidence.ts'
import { CHECK_KINDS } from './kinds.ts'
import { limits } from './kinds/reach.ts'
import { CANDIDATES_MAX, CHECK_BYTES, CHECK_SECONDS } from './limits.ts'

/** The kind of a check, which was validated when the check was read. */
export function kindFor(check: Check): CheckKind<unknown, unknown> {
  const kind = CHECK_KINDS.get(check.kind)
  if (!kind)
    throw new PlumblineError('config', `The check ${check.id} is of a kind ${check.kind} that does not exist.`, {
      file: check.file,
    })
  return kind as unknown as CheckKind<unknown, unknown>
}

export function subjectOf(check: Check): SubjectScope {
  const { subject } = kindFor(check)
  return typeof subject === 'function' ? subject(check) : subject
}

/** Too many candidates for one slice: the caller cuts it smaller. */
export class TooMany extends Error {}

export type Held = Map<string, Map<string, string[]>>

/** Held masks of the kinds that a check reads; kept over the checks of one run. */
export async function heldFor(ctx: Pick<Context, 'facts'>, check: Check, held: Held): Promise<Held> {
  for (const kind of kindFor(check).reads(check)) if (!held.has(kind)) held.set(kind, await heldMasks(ctx.facts, kind))
  return held
}

/** The reach as the kind widens it: what one run looks at must hang together. */
export function widened(
  ctx: Pick<Context, 'facts' | 'landscape'>,
  check: Check,
  reach: Reach,
  asOf: number,
  held: Held,
): Reach {
  const { database } = ctx.facts
  return kindFor(check).widen?.(check, { landscape: ctx.landscape, reach, asOf, database, held }) ?? reach
}

/** True if no record is there that the check could speak of: it finds nothing, whatever its SELECTs would cost. */
function nothingThere(check: Check, held: Held): boolean {
  const kind = kindFor(check)
  const empty = (name: string) => held.get(name)?.size === 0
  if (kind.anything) return false
  const [needs, reads] = [kind.needs?.(check) ?? [], kind.reads(check)]
  return needs.some(empty) || (reads.length > 0 && reads.every(empty))
}

export interface Looked {
  observations: Observation[]
  candidates: number
}

/** @throws TooMany if a full pass finds more candidates than one slice may hold. */
export async function lookAt(
  ctx: Pick<Context, 'facts' | 'landscape' | 'signal'>,
  check: Check,
  reach: Reach,
  asOf: number,
  now: Standing,
  held: Held,
): Promise<Looked> {
  const kind = kindFor(check)
  const rows: unknown[] = []
  const { landscape } = ctx
  const compiledAll = nothingThere(check, held)
    ? []
    : kind.compile(check, { landscape, reach, asOf, database: ctx.facts.database, held })
  for (const compiled of compiledAll) {
    ctx.signal.throwIfAborted()
    const bounds = limits(CHECK_SECONDS, CHECK_BYTES, compiled.readonly)
    for await (const batch of stepwise<unknown>(ctx.facts, compiled, bounds)) {
      for (const row of batch) rows.push(row)
      if (rows.length > CANDIDATES_MAX) throw new TooMany()
    }
  }
  const judging = judgeContext(ctx, now, asOf, new Map())
  const trails = await trailsOf(ctx, kind.history?.(check, rows, judging) ?? [])
  // Where nobody ever told of an event there is none to find.
  const told = now.eventRev === '0' ? [] : (kind.correlate?.(check, rows, judging) ?? [])
  const events = await eventsOfSubjects(ctx.facts, told)
  const observations = kind.judge(check, rows, judgeContext(ctx, now, asOf, trails, events))
  return {
    observations: observations.map((o) => ({
      ...o,
      amount_basis: basisOf({ ...o, money: check.money })?.basis ?? null,
    })),
    candidates: rows.length,
  }
}
