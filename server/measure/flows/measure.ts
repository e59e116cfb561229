/**
 * Measuring flows: where every instance of a declared flow stands.
 *
 * An instance is a pure function of the present records, their versions and the landscape. A run works out the roots of
 * the customers that moved since the last one; a full run works out all of them and must say the same. What time alone
 * changes (a deadline passes) is worked out when it is read.
 */
import { createHash } from 'node:crypto'
import type { Flow } from '../../../model/flow.ts'
import { FLOWS } from '../../../model/flows.ts'
import type { Context } from '../../context.ts'
import { asError, type PlumblineError } from '../../errors.ts'
import { forgetFlows, writeFlow } from '../../store/facts/flow-instances.ts'
import type { FlowScope } from '../../store/facts/flow-steps.ts'
import { heldMasks } from '../../store/facts/held-masks.ts'
import { lastRev, touchedKinds } from '../../store/facts/touched.ts'
import { inTurn } from '../../store/turns.ts'
import { measureVersion } from '../lag/version.ts'
import { planFlow, type Planned } from './plan.ts'

const KEY = 'measure.flows'

/** Roots are all worked out this often, milliseconds: records whose customer was found by a detour catch up then. */
const FULL_EVERY_MS = 24 * 3_600_000

interface State {
  version: string
  through: string
  fullAt: number
}

export interface FlowsMeasured {
  outcome: 'ok' | 'failed' | 'still'
  error: PlumblineError | null
  full: boolean
}

/** What the declared flows mean in this company now. */
export async function plannedFlows(
  ctx: Pick<Context, 'facts' | 'control' | 'landscape'>,
): Promise<{ flow: Flow; planned: Planned }[]> {
  const kept = new Set(ctx.control.streams().map((s) => `${s.platform} ${s.kind}`))
  const held = new Map<string, Map<string, string[]>>()
  for (const kind of new Set(FLOWS.flatMap((flow) => flow.legs.map((leg) => leg.kind))))
    held.set(kind, await heldMasks(ctx.facts, kind))
  return FLOWS.map((flow) => ({
    flow,
    planned: planFlow(flow, ctx.landscape, (platform, kind) => kept.has(`${platform} ${kind}`), held),
  }))
}

/** @throws only if the run is aborted; any other failure is recorded and returned, and the next run makes it good. */
export function measureFlows(ctx: Context, options: { full?: boolean } = {}): Promise<FlowsMeasured> {
  return inTurn(ctx.control, 'measure flows', () => run(ctx, options.full ?? false))
}

async function run(ctx: Context, wanted: boolean): Promise<FlowsMeasured> {
  const now = ctx.clock.now()
  const text = ctx.control.get(KEY)
  const state = text ? (JSON.parse(text) as State) : null
  const through = await lastRev(ctx.facts)
  const flows = await plannedFlows(ctx)
  const version = versionOf(ctx, flows)
  const full = wanted || state === null || state.version !== version || now - state.fullAt >= FULL_EVERY_MS
  if (!full && state.through === through) return { outcome: 'still', error: null, full }
  const runId = `measure-${ctx.control.next('run')}`
  ctx.control.startRun({ id: runId, stage: 'measure', subject: 'flows', startedAt: now })
  try {
    const rev = ctx.control.next('flow')
    const scope: FlowScope = full ? { all: true } : { all: false, after: state.through, through }
    const plans = flows.flatMap(({ planned }) => (planned.plan ? [planned.plan] : []))
    const moved = full ? null : await touchedKinds(ctx.facts, state.through, through)
    for (const plan of plans) {
      ctx.signal.throwIfAborted()
      if (moved && !plan.legs.some(({ leg }) => moved.has(leg.kind))) continue
      await writeFlow(ctx.facts, plan, scope, rev, ctx.landscape)
    }
    if (full)
      await forgetFlows(
        ctx.facts,
        plans.map((p) => p.flow),
        rev,
      )
    ctx.control.set(KEY, JSON.stringify({ version, through, fullAt: full ? now : state.fullAt } satisfies State))
    ctx.control.finishRun(runId, 'ok', ctx.clock.now(), { flows: plans.length, full: full ? 1 : 0 })
    return { outcome: 'ok', error: null, full }
  } catch (thrown) {
    const error = asError(thrown)
    ctx.control.finishRun(
      runId,
      'failed',
      ctx.clock.now(),
      {},
      {
        code: error.code,
        message: error.message,
        ...(error.remedy !== undefined && { remedy: error.remedy }),
      },
    )
    if (ctx.signal.aborted) throw thrown
    return { outcome: 'failed', error, full }
  }
}

/** A new one works everything out again: the declarations, the landscape, or which fields records hold. */
function versionOf(ctx: Context, flows: readonly { flow: Flow; planned: Planned }[]): string {
  return createHash('sha256')
    .update(measureVersion(ctx, ctx.control.streams()))
    .update(JSON.stringify(flows))
    .digest('hex')
    .slice(0, 12)
}
