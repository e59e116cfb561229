/** Then: what checks say of an instant in the past, from the facts as known then. Looks at everything and writes nothing. */
import { randomUUID } from 'node:crypto'
import type { Finding } from '../../../model/verdict.ts'
import { iso } from '../../clock.ts'
import type { Context } from '../../context.ts'
import { asError } from '../../errors.ts'
import { known } from '../../store/facts/past/instants.ts'
import { openPast } from '../../store/facts/past/move.ts'
import { stillKept } from '../../store/kept-since.ts'
import type { Check } from '../contract.ts'
import { standing } from '../evidence.ts'
import { fingerprint } from '../issues.ts'
import type { CheckRunResult } from '../run.ts'
import { settle } from '../settle.ts'
import { heldEver, kindsRead, observe, replayable } from './observe.ts'
import { Progress, standingThen } from './standing-then.ts'

export interface ThenResult extends CheckRunResult {
  /** All that were unresolved then; `issue` is the fingerprint of what would have been theirs. */
  findings: Finding[]
}

/**
 * True if the facts at this instant were others than now, and something was known. Before the first reading there is no past: then the
 * facts as they are stand for it.
 */
export async function hasPast(ctx: Pick<Context, 'facts'>, asOf: number): Promise<boolean> {
  const span = await known(ctx.facts)
  return span !== null && span.first <= asOf && asOf < span.last
}

/** @throws only if it is aborted or the past cannot be opened; a check that fails says so in its result */
export async function checksThen(ctx: Context, checks: readonly Check[], asOf: number): Promise<ThenResult[]> {
  stillKept(ctx, asOf)
  const able = checks.filter((c) => c.kind !== 'fresh')
  const kinds = kindsRead(ctx, able, asOf)
  const held = await heldEver(ctx, kinds)
  const then = standingThen(await standing(ctx), new Progress(ctx.control.streamMarks(asOf)), asOf)
  const past = await openPast(ctx.facts, asOf, randomUUID().replaceAll('-', '').slice(0, 12), kinds)
  const there = { facts: past.facts, landscape: ctx.landscape, signal: ctx.signal }
  const results: ThenResult[] = []
  try {
    for (const check of checks) {
      ctx.signal.throwIfAborted()
      const started = ctx.clock.now()
      const result = blank(check, asOf)
      try {
        replayable(check)
        const observations = await observe(there, check, { full: true, slice: null }, asOf, then, held)
        const { findings } = settle({
          previous: [],
          observations,
          asOf,
          runId: result.runId,
          healedAt: () => null,
          unverifiable: () => null,
        })
        const n = (state: Finding['state']) => findings.filter((f) => f.state === state).length
        Object.assign(result, {
          findings: findings.map((f) => ({ ...f, issue: fingerprint(f) })),
          candidates: observations.length,
          open: n('open'),
          inFlight: n('in_flight'),
          undecided: n('undecided'),
        })
      } catch (thrown) {
        if (ctx.signal.aborted) throw thrown
        Object.assign(result, { outcome: 'failed', error: asError(thrown) })
      }
      results.push({ ...result, durationMs: ctx.clock.now() - started })
    }
  } finally {
    await past.end()
  }
  return results
}

function blank(check: Check, asOf: number): ThenResult {
  return {
    check: check.id,
    severity: check.severity,
    runId: `as of ${iso(asOf)}`,
    outcome: 'ok',
    error: null,
    full: true,
    candidates: 0,
    open: 0,
    inFlight: 0,
    undecided: 0,
    newlyOpen: 0,
    resolved: 0,
    regressed: 0,
    opened: [],
    durationMs: 0,
    findings: [],
  }
}
