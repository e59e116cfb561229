/** What the proofs of remediation share: variants of platforms, plans approved for them, and how the ledger judges. */
import type { Person } from '../server/remedy/approve.ts'
import { startPlan, workPlan } from '../server/remedy/apply.ts'
import type { Item } from '../server/remedy/item.ts'
import type { Reach } from '../server/remedy/reach.ts'
import { wish, type Wish } from '../server/remedy/wish.ts'
import type { Context } from '../server/context.ts'
import type { PlanRow } from '../server/store/control/remedy-rows.ts'
import { desk, type RemedyWorld } from '../test/world/remedy-world.ts'
import type { Fault, WritePlatform } from '../test/world/write-platform.ts'

/** Each way to guard with each way to recognise a repetition. */
export const VARIANTS = [
  { name: 'etag-header', guard: 'etag', idempotency: 'header' },
  { name: 'etag-journal', guard: 'etag', idempotency: 'journal' },
  { name: 'compare-header', guard: 'compare', idempotency: 'header' },
  { name: 'compare-journal', guard: 'compare', idempotency: 'journal' },
  { name: 'upsert', guard: 'etag', idempotency: 'upsert' },
] as const

export function platformsAt(url: string): Record<string, unknown> {
  return Object.fromEntries(
    VARIANTS.map(({ name, guard, idempotency }) => [name, desk(url, name, 'crm', { guard, idempotency })]),
  )
}

export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Faults of this write: where the platform has no precondition, a race inside the window is a residual risk and is not planted. */
export function faults(random: () => number, share: number): WritePlatform['fault'] {
  return ({ path }) => {
    if (random() >= share) return undefined
    const platform = path.split('/')[1]!
    const all: Fault[] = ['lost', 'after', 'before', 'late', 'slow']
    if (platform.startsWith('etag') || platform === 'upsert') all.push('race')
    return all[Math.floor(random() * all.length)]
  }
}

let made = 0

/** One wish on a record of its own: mostly a change, sometimes a record to be made. */
export function aWish(platform: WritePlatform, on: string, random: () => number): Wish {
  const id = `r${++made}`
  if (random() < 0.2)
    return wish({
      platform: on,
      kind: 'customer',
      action: 'create',
      recordId: null,
      entity: id,
      fields: { name: `New ${id}` },
    })
  platform.put(on, id, { name: `Old ${id}`, segment: 'smb' })
  return wish({
    platform: on,
    kind: 'customer',
    action: 'set_fields',
    recordId: id,
    entity: id,
    fields: { name: `New ${id}` },
  })
}

/** A plan over these wishes, approved by somebody else and set going. Stops are left out, so that every item is tried. */
export async function underWay(
  world: RemedyWorld,
  wishes: Wish[],
  operator: Person,
  approver: Person,
): Promise<PlanRow> {
  const { ctx } = world
  const { plan } = await world.draft(wishes, { requester: operator.user.id, stages: [500] })
  const approved = world.approve(plan!, { ...approver, provenAt: ctx.clock.now() })
  startPlan(ctx, approved, { ...operator, provenAt: ctx.clock.now() })
  return ctx.control.plan(plan!.id)!
}

/** Sets what paused or stopped by itself going again, until nothing is left to try or another process is at work on it. */
export async function goOn(ctx: Context, reach: Reach, id: string, operator: Person): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const now = ctx.control.plan(id)!
    if (['done', 'partly', 'cancelled'].includes(now.state)) return
    if (now.state !== 'applying' && !started(ctx, now, operator)) return
    // Two operators at once.
    const [after] = await Promise.all([workPlan(ctx, reach, id), workPlan(ctx, reach, id)])
    if (after.state === 'applying') return
  }
}

/** False where somebody else was faster. */
function started(ctx: Context, plan: PlanRow, operator: Person): boolean {
  try {
    startPlan(ctx, plan, { ...operator, provenAt: ctx.clock.now() })
    return true
  } catch (thrown) {
    if ((thrown as { code?: string }).code === 'conflict') return false
    throw thrown
  }
}

export interface Judgement {
  executions: number
  states: Record<string, number>
  doubled: number
  lost: number
  unplanned: number
  stuck: number
  wrong: number
}

/** Holds the platforms' own ledger against the plans. */
export function judge({ control }: Context, platform: WritePlatform, plans: readonly string[]): Judgement {
  const items = new Map<string, { item: Item; state: string }>()
  const states: Record<string, number> = {}
  for (const plan of plans)
    for (const row of control.planItems(plan, 0, 100_000)) {
      const item = JSON.parse(row.body) as Item
      items.set(item.request.key, { item, state: row.state })
      states[row.state] = (states[row.state] ?? 0) + 1
    }
  const written = new Map<string, number>()
  let [lost, unplanned] = [0, 0]
  for (const m of platform.ledger) {
    if (m.by !== 'plumbline') continue
    const known = m.key === null ? undefined : items.get(m.key)
    if (!known || control.approvals(m.key!.slice(0, 36)).length === 0) {
      unplanned++
      continue
    }
    written.set(m.key!, (written.get(m.key!) ?? 0) + 1)
    const { before } = known.item
    if (before !== null && Object.keys(before).some((f) => m.before?.[f] !== before[f])) lost++
  }
  let wrong = 0
  for (const [key, { item, state }] of items) {
    const n = written.get(key) ?? 0
    // What is said to be done was done once; what is said to be refused by a conflict was not done.
    if (state === 'verified' && n !== 1) wrong++
    if (state === 'conflict' && n !== 0 && item.guard !== 'compare') wrong++
  }
  const stuck = ['claimed', 'sending', 'unknown', 'sent'].reduce((n, s) => n + (states[s] ?? 0), 0)
  return {
    executions: items.size,
    states,
    doubled: [...written.values()].filter((n) => n > 1).length,
    lost,
    unplanned,
    stuck,
    wrong,
  }
}
