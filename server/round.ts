/**
 * A round: collect → identify → check → measure → alert, the order in which the stages meet in the store.
 *
 * Collecting several platforms may overlap. Identifying and checking take turns, because a check must never look
 * between the two halves of an identification.
 */
import { noticeIssues } from './alert/notice.ts'
import { runChecks, type CheckRunResult } from './check/run.ts'
import { collect, type CollectResult } from './collect/collect.ts'
import { verifySubject } from './collect/verify.ts'
import type { Subject } from '../model/record.ts'
import type { Context } from './context.ts'
import { asError, type PlumblineError } from './errors.ts'
import { identify } from './identify/identify.ts'
import { proposeLinks } from './identify/propose.ts'
import { noticeOwnChanges } from './measure/changes/notice.ts'
import { measureFlows } from './measure/flows/measure.ts'
import { measureKpis } from './measure/kpi/measure.ts'
import { measureLag } from './measure/lag/measure.ts'
import { identifiedThrough } from './store/identified.ts'
import { inTurn } from './store/turns.ts'

export interface CollectOutcome {
  platform: string
  result: CollectResult | null
  error: PlumblineError | null
}

/** Reads the given platforms (default: all), side by side. One that fails does not stop the others. */
export async function collectAll(
  ctx: Context,
  options: {
    platforms?: readonly string[]
    mode?: 'changes' | 'full'
    progress?: (platform: string, read: number, of: number | null, stream: string) => void
  } = {},
): Promise<CollectOutcome[]> {
  const names = options.platforms ?? Object.keys(ctx.config.platforms)
  return await Promise.all(
    names.map(async (platform): Promise<CollectOutcome> => {
      try {
        const result = await inTurn(ctx.control, `collect ${platform}`, () =>
          collect(ctx, platform, {
            mode: options.mode ?? 'changes',
            ...(options.progress && { progress: (...at) => options.progress!(platform, ...at) }),
          }),
        )
        return { platform, result, error: null }
      } catch (thrown) {
        return { platform, result: null, error: asError(thrown) }
      }
    }),
  )
}

export interface LookOptions {
  checks?: readonly string[]
  full?: boolean
  /** Epoch ms the checks speak for; default: now. */
  asOf?: number
  /** Read a record again from its platform before a finding about it opens. */
  verify?: boolean
  /** Does not wait for a round under way to end: looked at between two of its checks. Only with `checks`. */
  soon?: boolean
  /** Told before each check: how many were looked at, of how many, and which comes now. */
  progress?: (done: number, of: number, check: string) => void
}

/** Identifies what moved, checks it, and measures how long it took. */
export async function look(ctx: Context, options: LookOptions = {}): Promise<CheckRunResult[]> {
  const { verify = false, soon = false, ...rest } = options
  if (soon && rest.checks) return await lookSoon(ctx, rest.checks)
  return await inTurn(ctx.control, 'look', async () => {
    const between = () => takeWaiting(ctx)
    noticeOwnChanges(ctx)
    // What a crash kept from being told is told before anything moves on.
    await noticeIssues(ctx)
    await identifiedThrough(ctx.control, () => identify(ctx))
    // What is about to be called drift is read again; what that brought is identified and looked at once more.
    const readAgain = async (subjects: Subject[]) =>
      (await verifySubject(ctx, subjects)) > 0 ? identify(ctx) : undefined
    const results = await runChecks(ctx, {
      ...rest,
      ...(verify && { verify: readAgain }),
      ...(rest.asOf === undefined && { between }),
    })
    await between()
    // One check looked at by hand is answered at once; the next round measures. A failure is in the run's record.
    const full = { full: rest.full === true }
    if (!rest.checks)
      // The last of them makes figures from what the others say.
      for (const measure of [measureLag, measureFlows, proposeLinks, () => measureKpis(ctx)]) {
        await measure(ctx, full)
        await between()
      }
    await noticeIssues(ctx, { full: rest.full === true })
    return results
  })
}

interface Waiting {
  checks: readonly string[]
  done(results: CheckRunResult[]): void
  failed(thrown: unknown): void
}

const waiting = new WeakMap<Context['control'], Waiting[]>()

/** A few checks whose answer somebody waits for, such as whether a fix closed its finding: a round may take minutes. */
function lookSoon(ctx: Context, checks: readonly string[]): Promise<CheckRunResult[]> {
  return new Promise((done, failed) => {
    const queue = waiting.get(ctx.control) ?? []
    waiting.set(ctx.control, queue)
    queue.push({ checks, done, failed })
    // Where no round is under way, or it ends before it comes to a next check.
    void inTurn(ctx.control, 'look', () => takeWaiting(ctx))
  })
}

/** All that wait together, in one turn. An identification is never cut in two: it is called between whole steps only. */
async function takeWaiting(ctx: Context): Promise<boolean> {
  const taken = waiting.get(ctx.control)?.splice(0) ?? []
  if (taken.length === 0) return false
  try {
    noticeOwnChanges(ctx)
    await identifiedThrough(ctx.control, () => identify(ctx))
    const results = await runChecks(ctx, { checks: [...new Set(taken.flatMap((w) => w.checks))] })
    await noticeIssues(ctx)
    for (const { checks, done } of taken) done(results.filter((r) => checks.includes(r.check)))
  } catch (thrown) {
    for (const { failed } of taken) failed(thrown)
  }
  return true
}
