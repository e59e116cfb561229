/** The desk: remediation at work inside the running product. Plans go on after a restart; every minute it looks what has to be done. */
import type { CheckRunResult } from './check/run.ts'
import { iso } from './clock.ts'
import type { Context } from './context.ts'
import { asError } from './errors.ts'
import type { Live } from './live.ts'
import { createReach } from './reach.ts'
import { startPlan, workPlan } from './remedy/apply.ts'
import type { Person } from './remedy/approve.ts'
import { effectPlatforms, proveEffects } from './remedy/effects.ts'
import type { Item } from './remedy/item.ts'
import { keepExceptions } from './remedy/exceptions/keep.ts'
import { settleOutcomes } from './remedy/outcomes.ts'
import { planBefore } from './remedy/plan-state.ts'
import type { Reach } from './remedy/reach.ts'
import { disarmPlan, dueWindows } from './remedy/window.ts'
import { runAutomations } from './remedy/standing.ts'
import { followProbes, startProbe } from './remedy/probes.ts'
import type { PlanRow } from './store/control/remedy-rows.ts'
import type { Drain } from './ticket-actions.ts'
import type { Works } from './works.ts'

export interface Desk {
  reach: Reach
  /** Sets a plan going and works on it in the background. @throws PlumblineError if it may not be applied */
  apply(plan: PlanRow, person: Person | null): PlanRow
  /** The work on a plan that is under way; resolves when it is not any more. */
  worked(id: string): Promise<void>
  /** Plans that were being applied when the process ended go on. */
  resume(): void
  /** Starts a probe; applied at once where the policy lets it run by itself. @throws PlumblineError not_found, config */
  probe(name: string, requester: string): Promise<PlanRow | null>
  /** Expires plans, keeps the exceptions, learns what held, runs what may run by itself. */
  tick(): Promise<void>
  /** After a look: did the fixes hold? */
  looked(results: readonly CheckRunResult[]): Promise<void>
}

const PAGE = 5_000
/** How often open pages are told that a plan has gone on. */
const TELL_MS = 1_000

/** What the desk has done by the other stages. */
export interface Rounds {
  /** Looks at these checks soon; at none of them: identifies what was read. */
  look(checks: string[]): Promise<unknown>
  /** Reads what changed on these platforms. */
  collect(platforms: string[]): Promise<unknown>
}

export function createDesk(ctx: Context, live: Live, { look, collect }: Rounds, drain?: Drain, works?: Works): Desk {
  const { control, clock } = ctx
  const reach = createReach(ctx, drain)
  const working = new Map<string, Promise<void>>()
  const tell = (number: number) => live.publish({ type: 'plan', at: iso(clock.now()), number })

  /** As a long job that can be paused; without a list of jobs, only worked on. */
  function followed(plan: PlanRow): Promise<PlanRow> {
    if (!works) return workPlan(ctx, reach, plan.id)
    const spec = { kind: 'apply', subject: `P-${plan.number}`, unit: 'records', by: plan.requester } as const
    return works.run(spec, (step) => {
      // Stopping a plan is pausing it: what was begun is ended, and it goes on where it was.
      step.signal.addEventListener('abort', () =>
        control.movePlan(plan.id, planBefore('pause'), 'paused', {
          ...{ actor: step.stoppedBy()!, at: clock.now(), action: 'plan.paused' },
        }),
      )
      let told = 0
      return workPlan(ctx, reach, plan.id, (done, of) => {
        step.at(done, of)
        // Ten thousand records are not ten thousand news: every open page reads the plan anew at each.
        if (performance.now() - told < TELL_MS) return
        told = performance.now()
        tell(plan.number)
      })
    })
  }

  function work(plan: PlanRow): void {
    const run = (async () => {
      try {
        const after = await followed(plan)
        tell(after.number)
        // A replay is proved by what its targets hold then, and not by what they answered.
        const targets = effectPlatforms(ctx, plan.id)
        if (targets.length > 0) {
          await collect(targets)
          await look([])
          if ((await proveEffects(ctx, plan.id)) > 0)
            ctx.log.warn('a replay made a second record', { plan: `P-${plan.number}` })
          tell(after.number)
        }
        // What was written has been read again: the checks say whether the differences are gone.
        const checks = checksOf(ctx, plan.id)
        if (checks.length > 0) await look(checks)
      } catch (thrown) {
        const error = asError(thrown)
        ctx.log.error('a plan could not be worked on', {
          plan: `P-${plan.number}`,
          code: error.code,
          error: error.message,
        })
      } finally {
        working.delete(plan.id)
      }
    })()
    working.set(plan.id, run)
  }

  function disarm(plan: PlanRow, reason: string): void {
    ctx.log.warn('a plan was not applied in its window', { plan: `P-${plan.number}`, reason })
    disarmPlan(ctx, plan, 'plumbline', reason)
    tell(plan.number)
  }

  const desk: Desk = {
    reach,
    apply(plan, person) {
      startPlan(ctx, plan, person)
      tell(plan.number)
      const under = control.plan(plan.id)!
      work(under)
      return under
    },
    worked: (id) => working.get(id) ?? Promise.resolve(),
    resume() {
      for (const plan of control.plans({ states: ['applying'], limit: 1_000 })) work(plan)
    },
    async probe(name, requester) {
      const { plan } = await startProbe(ctx, reach, name, requester)
      return plan?.state === 'approved' ? desk.apply(plan, null) : plan
    },
    async tick() {
      const now = clock.now()
      for (const plan of control.plans({ states: [...planBefore('expire')], limit: 1_000 }))
        if (plan.expiresAt <= now)
          control.movePlan(plan.id, planBefore('expire'), 'expired', {
            actor: 'plumbline',
            at: now,
            action: 'plan.expired',
          })
      for (const { plan, window } of dueWindows(ctx)) {
        if (window === 'missed') disarm(plan, 'Its window has passed, and nothing of it was applied.')
        else
          try {
            desk.apply(plan, null)
          } catch (thrown) {
            disarm(plan, asError(thrown).message)
          }
      }
      await keepExceptions(ctx, reach)
      for (const plan of await runAutomations(ctx, reach)) desk.apply(plan, null)
      for (const plan of await followProbes(ctx, reach)) desk.apply(plan, null)
      await settleOutcomes(ctx)
    },
    async looked() {
      const { held, failed } = await settleOutcomes(ctx)
      if (held + failed > 0) tell(0)
    },
  }
  return desk
}

/** Checks whose findings the plan mends, as far as they still run. */
function checksOf({ control, checks }: Context, plan: string): string[] {
  const named = new Set<string | null>()
  for (let after = 0; ; after += PAGE) {
    const rows = control.planItems(plan, after, PAGE)
    for (const row of rows) named.add((JSON.parse(row.body) as Item).check)
    if (rows.length < PAGE) break
  }
  return checks.filter((k) => named.has(k.id)).map((k) => k.id)
}
