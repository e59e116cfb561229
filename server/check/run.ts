/**
 * The check stage: looks at what moved or fell due since each check's last run, or at everything, and settles it.
 *
 * A run that was killed is simply run again: it sees the same findings and the same movements, events and findings are
 * written under keys that depend on nothing else, and the high water moves last. A check that fails is recorded as
 * failed; it never reads as "found nothing", and the others go on.
 */
import type { Finding, Severity } from '../../model/verdict.ts'
import type { Subject } from '../../model/record.ts'
import type { Context } from '../context.ts'
import { crashpoint } from '../crashpoint.ts'
import { asError, PlumblineError } from '../errors.ts'
import type { CheckState } from '../store/control/control.ts'
import { findingCounts } from '../store/facts/findings.ts'
import { checksWithFindings } from '../store/facts/reached-findings.ts'
import { lastRev } from '../store/facts/touched.ts'
import { takeLease } from '../store/lease.ts'
import { inTurn } from '../store/turns.ts'
import type { Check, Reach } from './contract.ts'
import { eventReach, logMarks, moved, retreated, standing, type Standing } from './evidence.ts'
import { looksAlways, movements, neverFound, rememberUnfound } from './idle.ts'
import { landscapeVersion } from './landscape-version.ts'
import { LEASE_MS } from './limits.ts'
import { kindFor, type Held } from './look.ts'
import { incremental } from './kinds/reach.ts'
import { carryOut } from './match/decide.ts'
import { checksInOrder } from './order.ts'
import { closeIntent, passOver, type Passed } from './pass.ts'

export interface RunOptions {
  /** Ids of checks; default: all. */
  checks?: readonly string[] | undefined
  /** Looks at everything; must find the same as looking at what moved. */
  full?: boolean | undefined
  /** Epoch ms that the run speaks for; default: now. */
  asOf?: number | undefined
  /**
   * Reads records again from their platforms (and identifies them) before findings about them open. What it brought
   * is looked at once more before anything is settled.
   */
  verify?: ((subjects: Subject[]) => Promise<unknown>) | undefined
  /** Does between two checks what must not wait for the end of the run; true if it did anything. Only for runs of the present. */
  between?: (() => Promise<boolean>) | undefined
  /** Told before each check: how many were looked at, of how many, and which comes now. */
  progress?: ((done: number, of: number, check: string) => void) | undefined
}

export interface CheckRunResult {
  check: string
  severity: Severity
  runId: string
  /** `skipped`: another run of the check holds its lease. */
  outcome: 'ok' | 'failed' | 'skipped'
  error: PlumblineError | null
  full: boolean
  /** Candidates that the SELECTs brought. */
  candidates: number
  /** Findings of the check after this run, by state. */
  open: number
  inFlight: number
  undecided: number
  /** What this run did. */
  newlyOpen: number
  resolved: number
  regressed: number
  /** The first findings that became open in this run. */
  opened: Finding[]
  durationMs: number
}

/** @throws only if the run itself is aborted, or names a check that does not exist. */
export async function runChecks(ctx: Context, options: RunOptions = {}): Promise<CheckRunResult[]> {
  const wanted = checksInOrder(ctx, options.checks)
  // What a person decided about matches and the facts do not know yet, after a crash in between.
  await carryOut(ctx)
  let round = await begun(ctx, options)
  const results: CheckRunResult[] = []
  for (const [n, check] of wanted.entries()) {
    ctx.signal.throwIfAborted()
    // What was looked at in between is newer than what this run spoke for: from there on it speaks for that.
    if (await options.between?.()) round = await begun(ctx, options)
    options.progress?.(n, wanted.length, check.id)
    results.push(await inTurn(ctx.control, `check ${check.id}`, () => runOne(ctx, check, round)))
  }
  const counts = await findingCounts(ctx.facts)
  for (const r of results) {
    const of = (state: string) => counts.find((c) => c.check === r.check && c.state === state)?.n ?? 0
    Object.assign(r, { open: of('open'), inFlight: of('in_flight'), undecided: of('undecided') })
  }
  return results
}

async function begun(ctx: Context, options: RunOptions): Promise<Round> {
  return {
    asOf: options.asOf ?? ctx.clock.now(),
    now: await standing(ctx),
    // What moves from here on is looked at by the next run.
    through: await lastRev(ctx.facts),
    held: new Map(),
    moved: movements(ctx.facts),
    found: await checksWithFindings(ctx.facts),
    options,
  }
}

/** What all checks of one run share. */
interface Round {
  asOf: number
  now: Standing
  /** Highest revision that this run looks at. */
  through: string
  held: Held
  moved: ReturnType<typeof movements>
  /** Checks that had a finding when the run began. */
  found: ReadonlySet<string>
  options: RunOptions
}

async function runOne(ctx: Context, check: Check, round: Round): Promise<CheckRunResult> {
  const { asOf, now, through, options } = round
  const startedAt = ctx.clock.now()
  const runId = `check-${ctx.control.next('run')}`
  const result: CheckRunResult = {
    check: check.id,
    severity: check.severity,
    runId,
    outcome: 'ok',
    error: null,
    full: false,
    candidates: 0,
    open: 0,
    inFlight: 0,
    undecided: 0,
    newlyOpen: 0,
    resolved: 0,
    regressed: 0,
    opened: [],
    durationMs: 0,
  }
  const lease = takeLease(ctx, { what: 'check', id: check.id, holder: runId, ms: LEASE_MS })
  if (!lease)
    return {
      ...result,
      outcome: 'skipped',
      error: new PlumblineError('conflict', `The check ${check.id} is already running.`, { retryable: true }),
    }
  ctx.control.startRun({ id: runId, stage: 'check', subject: check.id, startedAt })
  const state = ctx.control.checkState(check.id)
  try {
    crashpoint('check-started')
    const version = `${check.version}.${landscapeVersion(ctx.config, now.streams)}`
    const unfound = neverFound(ctx.control, check, round.found)
    const reach = reachOf(ctx, check, state, { asOf, through, version, now, full: options.full === true })
    result.full = reach.full
    const idle = !reach.full && unfound && !looksAlways(check) && !(await round.moved(check, state!.through!, through))
    const renew = () => {
      ctx.signal.throwIfAborted()
      if (!lease.renew())
        throw new PlumblineError('conflict', `Another process took over the check ${check.id}.`, { retryable: true })
    }
    const passed = await passOver(ctx, {
      check,
      reaches: idle ? [] : [reach],
      asOf,
      now,
      held: round.held,
      always: looksAlways(check),
      unfound,
      runId,
      startedAt,
      renew,
      verify: options.verify,
    })
    const lastFullAt = result.full ? asOf : (state?.lastFullAt ?? null)
    commit(ctx, check, { version, through, asOf, lastFullAt, unfound: unfound && passed.found === 0 }, now)
    crashpoint('check-committed')
    Object.assign(result, summary(passed))
    ctx.control.finishRun(runId, 'ok', ctx.clock.now(), {
      candidates: passed.candidates,
      ...passed.counts,
      issues: passed.issuesWritten,
      full: result.full ? 1 : 0,
    })
  } catch (thrown) {
    const error = asError(thrown)
    result.outcome = 'failed'
    result.error = error
    const { code, message, remedy } = error
    const told = { code, message, ...(remedy !== undefined && { remedy }) }
    ctx.control.finishRun(runId, 'failed', ctx.clock.now(), { candidates: result.candidates }, told)
    // What was looked at before stays as it was: the next run begins where the last good one ended.
    ctx.control.commitCheck({
      check: check.id,
      version: state?.version ?? '',
      through: state?.through ?? null,
      lastRunAt: state?.lastRunAt ?? null,
      lastFullAt: state?.lastFullAt ?? null,
      lastError: { ...told, at: ctx.clock.now() },
    })
    if (ctx.signal.aborted) throw thrown
  } finally {
    lease.release()
  }
  result.durationMs = ctx.clock.now() - startedAt
  return result
}

function summary(passed: Passed): Partial<CheckRunResult> {
  return {
    candidates: passed.candidates,
    newlyOpen: passed.counts.opened,
    resolved: passed.counts.resolved,
    regressed: passed.counts.regressed,
    opened: passed.opened,
  }
}

type Wanted = Pick<Round, 'asOf' | 'through' | 'now'> & { version: string; full: boolean }

/** What to look at: everything if asked, at first, or when the check or what it is judged by has changed; else what moved. */
function reachOf(ctx: Context, check: Check, state: CheckState | null, w: Wanted): Reach {
  const full =
    w.full ||
    state === null ||
    state.through === null ||
    state.version !== w.version ||
    state.lastRunAt === null ||
    w.asOf < state.lastRunAt
  if (full) return { full: true, slice: null }
  const before = evidenceBefore(ctx, check)
  const kept = kindFor(check).keptMs?.(check) ?? null
  return incremental({
    database: ctx.facts.database,
    check: check.id,
    kinds: kindFor(check).reads(check),
    from: state.through!,
    through: w.through,
    asOf: w.asOf,
    since: state.lastRunAt!,
    advanced: moved(before.complete, w.now.complete),
    unsettled: [
      ...new Set([...moved(before.unsettled, w.now.unsettled), ...retreated(before.complete, w.now.complete)]),
    ],
    keptFrom: kept === null ? null : w.asOf - kept,
    events: eventReach(w.now, state.through!, before.logs ?? {}),
  })
}

type Seen = Pick<Standing, 'complete' | 'unsettled'> & { logs?: Record<string, number> }
const evidenceKey = (check: Check) => `check.evidence.${check.id}`

function evidenceBefore(ctx: Context, check: Check): Seen {
  const text = ctx.control.get(evidenceKey(check))
  return text ? (JSON.parse(text) as Seen) : { complete: {}, unsettled: {} }
}

function commit(
  ctx: Context,
  check: Check,
  c: { version: string; through: string; asOf: number; lastFullAt: number | null; unfound: boolean },
  now: Standing,
): void {
  ctx.control.transaction(() => {
    ctx.control.set(
      evidenceKey(check),
      JSON.stringify({ complete: now.complete, unsettled: now.unsettled, logs: logMarks(now) } satisfies Seen),
    )
    closeIntent(ctx.control, check)
    rememberUnfound(ctx.control, check, c.unfound)
    ctx.control.commitCheck({
      check: check.id,
      version: c.version,
      through: c.through,
      lastRunAt: c.asOf,
      lastFullAt: c.lastFullAt,
      lastError: null,
    })
  })
}
