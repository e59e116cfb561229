/**
 * Applying a plan: stage by stage, one holder at a time, each item by the journal. Ended by its last item, by a person, or
 * by itself when too much fails or new differences appear. Killed at any point, it goes on where it stood.
 */
import { randomUUID } from 'node:crypto'
import type { Subject } from '../../model/record.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { asError, PlumblineError } from '../errors.ts'
import type { PlanItemRow, PlanRow } from '../store/control/remedy-rows.ts'
import { takeLease } from '../store/lease.ts'
import { inTurn } from '../store/turns.ts'
import { freshlyProven, type Person } from './approve.ts'
import { tampered, verifyApproval, verifyPlan } from './claim.ts'
import { itemHash } from './hash.ts'
import type { Item, PlanHeader } from './item.ts'
import { ITEM_FAILED, ITEM_STATES, type ItemState } from './item-state.ts'
import { moveItem } from './journal.ts'
import { takenUp } from './leave.ts'
import { createPace } from './pace.ts'
import { planAfter, planBefore, type PlanState } from './plan-state.ts'
import { nextStage, type StageOutcome } from './ramp.ts'
import type { Reach } from './reach.ts'
import { openWindow } from './window.ts'
import { readBack, resolveUnknown, writeItem, type Writing, type Written } from './write.ts'

type Applying = Pick<Context, 'control' | 'clock' | 'config' | 'landscape' | 'log' | 'signal'>

/** A holder of a plan that says nothing for so long has died. */
const LEASE_MS = 5 * 60_000
/** Customers worked on side by side. */
const SIDE_BY_SIDE = 4

interface Progress {
  /** It was begun by its window, and pauses when that closes (epoch ms). */
  until?: number
  /** Since the ramp began, which a person who continues begins anew. */
  stages: StageOutcome[]
  /** Counts at which the ramp began. */
  base: { tried: number; failed: number }
}

/**
 * Sets a plan going: by a person, by its window that is open, or by the standing remediation that made it.
 * @throws PlumblineError; then nothing was written
 */
export function startPlan(ctx: Applying, plan: PlanRow, person: Person | null): void {
  const { control, clock } = ctx
  const whole = verifyPlan(ctx, plan)
  const { header } = whole
  verifyApproval(ctx, plan, whole)
  const window = !person && plan.state === 'armed' ? openWindow(ctx, plan) : null
  if (person) freshlyProven(ctx, person)
  else if (!window && header.standing === null)
    throw new PlumblineError('forbidden', `P-${plan.number} is applied by a person.`, {
      remedy: 'Sign in and apply it.',
    })
  const actor = person?.user.id ?? window?.armedBy ?? `automation ${header.standing}`
  const move = planAfter(plan.state as PlanState, 'apply') ? 'apply' : 'continue'
  const moved = control.movePlan(plan.id, planBefore(move), 'applying', {
    actor,
    at: clock.now(),
    action: move === 'apply' ? 'plan.applied' : 'plan.continued',
    ...(window && { detail: { window: window.name, armed_at: iso(window.armedAt), closes_at: iso(window.closesAt) } }),
  })
  if (!moved)
    throw new PlumblineError('conflict', `P-${plan.number} is ${plan.state} and cannot be applied.`, {
      remedy: plan.state === 'waiting' ? 'It waits for approval.' : 'Look at it again.',
    })
  takenUp(ctx, plan.id)
  const { tried, failed } = totals(ctx, plan.id)
  const until = window ? { until: window.closesAt } : {}
  control.planProgress(plan.id, JSON.stringify({ stages: [], base: { tried, failed }, ...until } satisfies Progress))
}

/**
 * Works on a plan that is being applied until it is no longer. Called again after a restart, it goes on.
 * @param told after every record: how many were tried, of how many
 */
export function workPlan(
  ctx: Applying,
  reach: Reach,
  id: string,
  told: (done: number, of: number) => void = () => undefined,
): Promise<PlanRow> {
  return inTurn(ctx.control, `plan ${id}`, () => work(ctx, reach, id, told))
}

async function work(ctx: Applying, reach: Reach, id: string, told: Work['told']): Promise<PlanRow> {
  const { control, clock } = ctx
  const plan = control.plan(id)!
  const me = randomUUID()
  const lease = plan.state === 'applying' ? takeLease(ctx, { what: 'plan', id, holder: me, ms: LEASE_MS }) : null
  if (!lease) return plan
  try {
    const whole = verifyPlan(ctx, plan)
    const { header } = whole
    // What was begun in time may go on.
    verifyApproval(ctx, { ...plan, expiresAt: Number.MAX_SAFE_INTEGER }, whole)
    const pace = createPace(clock, header.rate, ctx.signal)
    const writing: Writing = { ctx, reach, plan: id, holder: `${me}#${lease.fence}`, pace }
    await recover(writing)
    await stages({ ctx, writing, plan, header, hashes: whole.hashes, still: lease.renew, told })
  } catch (thrown) {
    const error = asError(thrown)
    if (ctx.signal.aborted) return control.plan(id)!
    ctx.log.error('plan stopped', { plan: `P-${plan.number}`, code: error.code, error: error.message })
    halt(ctx, id, 'stop', error.message)
  } finally {
    lease.release()
  }
  return control.plan(id)!
}

interface Work {
  ctx: Applying
  writing: Writing
  plan: PlanRow
  header: PlanHeader
  hashes: readonly Buffer[]
  /** False once somebody else holds the plan. */
  still(): boolean
  told(done: number, of: number): void
}

async function stages({ ctx, writing, plan, header, hashes, still, told }: Work): Promise<void> {
  const { control } = ctx
  const ramp = { stages: header.stages, stopShare: header.stop_share }
  for (;;) {
    if (!still() || ctx.signal.aborted || control.plan(plan.id)!.state !== 'applying') return
    const progress = JSON.parse(control.plan(plan.id)!.progress) as Progress
    const { stages: done, base, until = Infinity } = progress
    const closed = () => ctx.clock.now() >= until
    const closing = `Its window closed on ${until === Infinity ? '' : iso(until)}; what is left waits for a person.`
    const before = totals(ctx, plan.id)
    const step = nextStage(ramp, done, before.pending)
    if ('stop' in step) return halt(ctx, plan.id, 'stop', step.stop)
    if ('over' in step) return finish(ctx, plan.id)
    if (closed()) return halt(ctx, plan.id, 'pause', closing)
    const rows = control.planItems(plan.id, 0, step.go, ['pending'])
    for (const row of rows) if (!hashes[row.seq - 1]?.equals(itemHash(row.body))) throw tampered(plan)
    const now = () => still() && !closed()
    const { written, later } = await stage(rows, writing, now, (n) =>
      told(before.tried + n, before.tried + before.pending),
    )
    await writing.reach.readAgain(effects(written))
    record(ctx, plan, written)
    if (written.length === 0 && !later && !closed() && control.plan(plan.id)!.state === 'applying')
      return halt(ctx, plan.id, 'pause', 'Another plan is at work on the same records; continue when it is over.')
    const after = totals(ctx, plan.id)
    // What an interrupted stage did before counts with this one.
    const counted = done.reduce((n, s) => ({ tried: n.tried + s.tried, failed: n.failed + s.failed }), base)
    const outcome: StageOutcome = {
      tried: after.tried - counted.tried,
      failed: after.failed - counted.failed,
      newDrift: written.filter((w) => w.beside.length > 0).length,
    }
    if (later) {
      return halt(ctx, plan.id, 'pause', later.message)
    }
    control.planProgress(plan.id, JSON.stringify({ ...progress, stages: [...done, outcome] } satisfies Progress))
  }
}

/** One stage: customers side by side, the items of one customer in their order. */
async function stage(
  rows: readonly PlanItemRow[],
  writing: Writing,
  still: () => boolean,
  told: (written: number) => void,
): Promise<{ written: Written[]; later: PlumblineError | null }> {
  const { control, clock } = writing.ctx
  const entities = new Map<string, PlanItemRow[]>()
  for (const row of rows) entities.set(row.entity, [...(entities.get(row.entity) ?? []), row])
  const queue = [...entities.values()]
  const written: Written[] = []
  let later: PlumblineError | null = null
  const worker = async () => {
    for (let own = queue.shift(); own; own = queue.shift())
      for (const row of own) {
        if (later || !still()) return
        const result = await writeItem(writing, row)
        if (!result) break
        written.push(result)
        told(written.length)
        later ??= result.later
        if (!ITEM_FAILED.has(result.state) && result.state !== 'unknown') continue
        // What follows for this customer may rest on it.
        const says = JSON.stringify({ says: `Item ${row.seq} of the same customer did not come true.` })
        control.moveItemsOfEntity(row.plan, row.entity, 'pending', 'blocked', clock.now(), says)
        break
      }
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
  return { written, later }
}

/** After a restart: what was only claimed is given back, what may have been sent is read back. */
async function recover(writing: Writing): Promise<void> {
  const { control, clock } = writing.ctx
  for (const intent of control.openIntents(writing.plan)) {
    const row = control.planItem(intent.plan, intent.seq)!
    if (intent.state === 'claimed') moveItem(control, { ...row, state: 'claimed' }, 'release', clock.now())
    else if (intent.state === 'sending')
      moveItem(control, { ...row, state: 'sending' }, 'lost', clock.now(), {
        ...(JSON.parse(row.result ?? '{}') as object),
        says: 'We were interrupted while it was on its way.',
      })
  }
  const reread: Written[] = []
  for (const row of control.planItems(writing.plan, 0, 10_000, ['unknown', 'sent'])) {
    const result = await (row.state === 'unknown' ? resolveUnknown : readBack)(writing, row)
    if (result?.later) throw result.later
    if (result) reread.push(result)
  }
  await writing.reach.readAgain(effects(reread))
  const plan = control.plan(writing.plan)!
  record(writing.ctx, plan, reread)
  // Of what was verified right before the interruption nobody may have taken note.
  for (let after = 0; ;) {
    const rows = control.planItems(plan.id, after, 2_000, ['verified'])
    const seen = rows.map((row) => ({ item: JSON.parse(row.body) as Item, state: 'verified' as const, seq: row.seq }))
    record(writing.ctx, plan, seen)
    if (rows.length < 2_000) break
    after = rows.at(-1)!.seq
  }
}

function totals(
  { control }: Pick<Applying, 'control'>,
  id: string,
): { tried: number; failed: number; pending: number } {
  const of = new Map(control.itemCounts(id).map((c) => [c.state, c.n]))
  const sum = (states: Iterable<ItemState>) => [...states].reduce((n, s) => n + (of.get(s) ?? 0), 0)
  const untried: ItemState[] = ['pending', 'claimed', 'sending', 'blocked']
  return {
    tried: sum(ITEM_STATES.filter((s) => !untried.includes(s))),
    failed: sum([...ITEM_FAILED].filter((s) => s !== 'blocked')) + (of.get('unknown') ?? 0),
    pending: of.get('pending') ?? 0,
  }
}

function finish({ control, clock }: Applying, id: string): void {
  const counts = control.itemCounts(id)
  const well = counts.every((c) => c.state === 'verified' || c.state === 'skipped')
  const detail = Object.fromEntries(counts.map((c) => [c.state, c.n]))
  control.movePlan(id, planBefore(well ? 'finish' : 'finish_partly'), well ? 'done' : 'partly', {
    actor: 'plumbline',
    at: clock.now(),
    action: well ? 'plan.done' : 'plan.partly done',
    detail,
  })
}

function halt({ control, clock }: Applying, id: string, move: 'stop' | 'pause', reason: string): void {
  const to: PlanState = move === 'stop' ? 'stopped' : 'paused'
  control.movePlan(id, planBefore(move), to, { actor: 'plumbline', at: clock.now(), action: `plan.${to}`, reason })
}

/** What is read again as collecting does: the records written, and those that show the effect of a replay. */
function effects(written: readonly Written[]): Subject[] {
  return written.flatMap(({ item, recordId, state }): Subject[] => {
    if (state === 'skipped' || state === 'pending' || state === 'blocked') return []
    if (item.effect) return [item.effect]
    return recordId === null || item.request.action === 'redeliver'
      ? []
      : [{ platform: item.platform, kind: item.request.kind, record_id: recordId }]
  })
}

/** Remembers which findings a verified write should have closed: whether they do is learned later, from evidence. */
function record(
  { control, clock }: Pick<Applying, 'control' | 'clock'>,
  plan: PlanRow,
  written: readonly Pick<Written, 'item' | 'state' | 'seq'>[],
): void {
  for (const { item, state, seq } of written) {
    if (state !== 'verified' || item.issue === null || item.check === null) continue
    for (const finding of item.findings)
      control.addFixOutcome({
        plan: plan.id,
        seq,
        issue: item.issue,
        finding,
        check: item.check,
        action: item.request.action,
        appliedAt: clock.now(),
      })
  }
}
