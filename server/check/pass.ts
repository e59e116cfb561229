/** A pass: observe, read again what is about to open, settle, write; slice by slice. */
import type { Finding } from '../../model/verdict.ts'
import type { Subject } from '../../model/record.ts'
import type { Context } from '../context.ts'
import { crashpoint } from '../crashpoint.ts'
import { PlumblineError } from '../errors.ts'
import type { ControlStore } from '../store/control/control.ts'
import { writeFindingEvents } from '../store/facts/finding-events.ts'
import { issueNumber, writeFindings, type StoredFinding } from '../store/facts/findings.ts'
import { ageingIssues, byIds, hasResolved, issueNumbersOf, reachedFindings } from '../store/facts/reached-findings.ts'
import type { Check, Observation, Reach } from './contract.ts'
import { judgeContext, standing, type Standing } from './evidence.ts'
import { healing } from './healing.ts'
import { assignIssues, foldIssues } from './issues.ts'
import { cut, keptReach, reachParams, these, within } from './kinds/reach.ts'
import { CHECK_MS, VERIFY_MAX, WRITE_BATCH } from './limits.ts'
import { heldFor, lookAt, subjectOf, TooMany, widened, type Held, type Looked } from './look.ts'
import { findingId, identified, settle, type Settled } from './settle.ts'

export interface Pass {
  check: Check
  reaches: Reach[]
  asOf: number
  now: Standing
  held: Held
  /** It looks also where nothing moved: time alone may change its answer, or it judges all of it together. */
  always: boolean
  /** It never had a finding: there is nothing to compare with. */
  unfound: boolean
  runId: string
  startedAt: number
  /** Keeps the lease; throws when it is lost. */
  renew(): void
  verify?: ((subjects: Subject[]) => Promise<unknown>) | undefined
}

export interface Passed {
  candidates: number
  counts: Settled['counts']
  opened: Finding[]
  issuesWritten: number
  /** Findings written. */
  found: number
}

export async function passOver(ctx: Context, pass: Pass): Promise<Passed> {
  const { check } = pass
  const done: Passed = {
    candidates: 0,
    counts: { opened: 0, resolved: 0, regressed: 0, in_flight: 0, undecided: 0, open: 0 },
    opened: [],
    issuesWritten: 0,
    found: 0,
  }
  const issues = new Set<string>()
  const resumed = wasWriting(ctx.control, check)
  await heldFor(ctx, check, pass.held)
  const queue = pass.reaches.map((reach) => widened(ctx, check, reach, pass.asOf, pass.held))
  for (let reach = queue.shift(); reach; reach = queue.shift()) {
    pass.renew()
    if (ctx.clock.now() - pass.startedAt > CHECK_MS)
      throw new PlumblineError('full', `The check ${check.id} took longer than ${CHECK_MS / 60_000} minutes.`, {
        remedy: 'Narrow what it looks at; the next run begins where the last good one ended.',
      })
    const kept = await keptReach(ctx.facts, reach)
    try {
      if (kept.empty && !pass.always) continue
      const looked = await lookOrCut(ctx, pass, kept.reach, queue)
      if (!looked) continue
      await verifyFirst(ctx, pass, kept.reach, looked)
      await settleSlice(ctx, pass, kept.reach, looked, done, issues)
    } finally {
      await kept.drop()
    }
  }
  const numbers = [...issues].filter((i) => i !== '').map((i) => Number(issueNumber(i)))
  // After a run that was interrupted, findings may have moved that this one sees as they are: all issues are folded again.
  const all = resumed
    ? await issueNumbersOf(ctx.facts, check.id)
    : pass.unfound
      ? []
      : await ageingIssues(ctx.facts, check.id)
  crashpoint('check-before-issues')
  done.issuesWritten = await foldIssues(ctx, check, [...numbers, ...all], pass.asOf)
  crashpoint('check-after-issues')
  return done
}

/** A full slice with too many candidates is cut in four and put back. */
async function lookOrCut(ctx: Context, pass: Pass, reach: Reach, queue: Reach[]): Promise<Looked | null> {
  try {
    return await lookAt(ctx, pass.check, reach, pass.asOf, pass.now, pass.held)
  } catch (thrown) {
    if (!(thrown instanceof TooMany)) throw thrown
    const parts = subjectOf(pass.check) === 'entity' ? cut(reach, 4) : []
    if (parts.length === 0)
      throw new PlumblineError('full', `The check ${pass.check.id} finds more candidates than it may hold.`, {
        remedy: 'Narrow it, or run it with --full, which goes piece by piece.',
      })
    queue.unshift(...parts)
    return null
  }
}

/**
 * What would open now is read again from its platforms; what that brought replaces what was seen. A look at everything
 * brings a backlog and no news: reading all of it again would spend the budgets of the platforms on what was just read.
 * Asked for even then is a record that others name and no read ever brought: lists leave out what was merged or deleted,
 * and only the platform can say which of the two it was.
 */
async function verifyFirst(ctx: Context, pass: Pass, reach: Reach, looked: Looked): Promise<void> {
  if (!pass.verify || (reach.full && reach.slice)) return
  const read = (o: Observation) => [...(reach.full ? [] : o.subject), ...(o.verify ?? [])]
  const opening = looked.observations.filter(
    (o) => o.verdict === 'drift' && o.entity_id !== '' && o.subject.length > 0 && read(o).length > 0,
  )
  if (opening.length === 0) return
  const known = new Set(
    (
      await byIds(
        ctx.facts,
        opening.map((o) => findingId(o.check, o.key)),
      )
    )
      .filter((f) => f.state === 'open')
      .map((f) => f.id),
  )
  const fresh = opening.filter((o) => !known.has(findingId(o.check, o.key))).slice(0, VERIFY_MAX)
  if (fresh.length === 0) return
  await pass.verify(fresh.flatMap(read))
  const now = await standing(ctx)
  const entities = [...new Set(fresh.map((o) => o.entity_id))]
  const customers = [...new Set(fresh.map((o) => o.customer_entity_id).filter((c) => c !== ''))]
  const once = widened(ctx, pass.check, these(entities, customers, pass.asOf), pass.asOf, pass.held)
  const again = await lookAt(ctx, pass.check, once, pass.asOf, now, pass.held)
  const replaced = new Set(subjectOf(pass.check) === 'customer' ? customers : entities)
  const of = (o: { entity_id: string; customer_entity_id: string }) =>
    subjectOf(pass.check) === 'customer' ? o.customer_entity_id : o.entity_id
  if (subjectOf(pass.check) === 'none') looked.observations = again.observations
  else
    looked.observations = [
      ...looked.observations.filter((o) => !replaced.has(of(o))),
      ...again.observations.filter((o) => replaced.has(of(o))),
    ]
}

async function settleSlice(
  ctx: Context,
  pass: Pass,
  reach: Reach,
  looked: Looked,
  done: Passed,
  issues: Set<string>,
): Promise<void> {
  const { check } = pass
  // What an earlier slice of this pass wrote counts as well.
  const previous = pass.unfound && done.found === 0 ? [] : await previousFindings(ctx, check, reach, looked)
  const seen = identified(looked.observations)
  const healed = await healing(
    ctx,
    previous.filter((f) => f.state === 'in_flight' && !seen.has(f.id)),
    pass.now,
    pass.asOf,
  )
  const judging = judgeContext(ctx, pass.now, pass.asOf, new Map())
  const settled = settle({
    previous,
    observations: looked.observations,
    asOf: pass.asOf,
    runId: pass.runId,
    healedAt: (f) => healed.get(f.id) ?? null,
    unverifiable(f) {
      const named = [f.platform, f.owner_platform].filter(
        (p): p is string => p !== null && ctx.landscape.platforms.some((x) => x.name === p),
      )
      const unread =
        f.kind === '' || f.entity_id === ''
          ? undefined
          : named.find((p) => judging.keeps(p, f.kind) && judging.completeThrough(p, f.kind) === null)
      return unread === undefined ? null : `${unread} has not been read completely.`
    },
  })
  await write(ctx, pass, settled)
  done.found += settled.findings.length
  for (const f of settled.findings) issues.add(f.issue)
  for (const i of settled.issues) issues.add(i)
  done.candidates += looked.candidates
  for (const key of Object.keys(done.counts) as (keyof Settled['counts'])[]) done.counts[key] += settled.counts[key]
  const events = new Map(settled.events.map((e) => [e.id, e]))
  for (const f of settled.findings) {
    if (done.opened.length >= VERIFY_MAX) break
    const event = events.get(f.id)
    if (event && f.state === 'open' && event.from_state !== 'open') done.opened.push(f)
  }
}

/** Every unresolved finding in reach, and the resolved ones that are seen again. */
async function previousFindings(ctx: Context, check: Check, reach: Reach, looked: Looked): Promise<StoredFinding[]> {
  const scope = subjectOf(check)
  const condition =
    scope === 'none' ? '1' : scope === 'customer' ? within(reach, 'customer_eid', 'customers') : within(reach, 'eid')
  const active = await reachedFindings(ctx.facts, check.id, condition, scope === 'none' ? {} : reachParams(reach))
  const known = new Set(active.map((f) => f.id))
  const others = [...identified(looked.observations).keys()].filter((id) => !known.has(id))
  if (others.length === 0 || !(await hasResolved(ctx.facts, check.id))) return active
  // Those that are not resolved lie outside the reach by its conditions, and are known by their id all the same.
  return [...active, ...(await byIds(ctx.facts, others))]
}

/** A run of the check was killed while it wrote. */
export function wasWriting(control: Pick<ControlStore, 'get'>, check: Check): boolean {
  return (control.get(intentKey(check)) ?? '') !== ''
}

const intentKey = (check: Check) => `check.writing.${check.id}`

/** The run's intent is done: part of the transaction that moves the high water. */
export function closeIntent(control: ControlStore, check: Check): void {
  control.set(intentKey(check), '')
}

/** Events before findings: what a reader of findings sees has its event; an event ahead of its finding is written again the same. */
async function write(ctx: Context, pass: Pass, settled: Settled): Promise<void> {
  if (settled.findings.length === 0) return
  ctx.control.set(intentKey(pass.check), pass.runId)
  assignIssues(ctx, settled.findings, pass.asOf)
  crashpoint('check-before-events')
  for (let at = 0; at < settled.events.length; at += WRITE_BATCH)
    await writeFindingEvents(ctx.facts, settled.events.slice(at, at + WRITE_BATCH))
  crashpoint('check-before-findings')
  for (let at = 0; at < settled.findings.length; at += WRITE_BATCH) {
    await writeFindings(ctx.facts, ctx.control, settled.findings.slice(at, at + WRITE_BATCH))
    crashpoint('check-between-findings')
  }
  crashpoint('check-after-findings')
}
