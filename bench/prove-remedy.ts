/**
 * Proof: remediation cannot do harm. Plans are applied to platforms over HTTP under lost answers, failures before and after the
 * write, writes that arrive late, throttling, records that others change, and kill -9 at every step; the platforms' own
 * ledger of mutations judges. `npm run prove:remedy` prints the figures; exit 1 on any shortfall.
 *
 *   --executions N   fault-injected executions (default 10,000)
 *   --kills N        processes killed (default 240)
 *   --events N       events replayed (default 10,000)
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { systemClock } from '../server/clock.ts'
import { startPlan, workPlan } from '../server/remedy/apply.ts'
import { undoPlan } from '../server/remedy/undo.ts'
import { remedyWorld, type RemedyWorld } from '../test/world/remedy-world.ts'
import { startWritePlatform } from '../test/world/write-platform.ts'
import { proveReplay } from './prove-remedy-replay.ts'
import { proveTampering, proveUnapproved } from './prove-remedy-refusals.ts'
import { aWish, faults, judge, platformsAt, seeded, underWay, VARIANTS, type Judgement } from './prove-remedy-world.ts'

const { values } = parseArgs({
  options: { executions: { type: 'string' }, kills: { type: 'string' }, events: { type: 'string' } },
})
const wanted = Number(values.executions ?? 10_000)
const kills = Number(values.kills ?? 240)
const events = Number(values.events ?? 10_000)
const CHILD = fileURLToPath(new URL('./prove-remedy-child.ts', import.meta.url))
const STEPS = ['claimed', 'looked', 'sending', 'performed', 'accepted', 'read-back', 'verified'].map(
  (s) => `remedy-${s}`,
)

const random = seeded(20261127)
const platform = await startWritePlatform(() => Date.now())
const platforms = platformsAt(platform.url)
const world: RemedyWorld = await remedyWorld({ platforms, clock: systemClock })
const operator = world.person('olga', 'operator')
const approver = world.person('anna', 'approver')
const plans: string[] = []
const began = Date.now()
let good = true
const say = (line: string) => process.stdout.write(`${line}\n`)
const must = (what: string, holds: boolean) => {
  say(`${holds ? 'ok  ' : 'FAIL'} ${what}`)
  good &&= holds
}

/** A plan of `size` items over the variants; some records move on before it is applied. */
async function plan(size: number): Promise<string> {
  platform.fault = () => undefined
  const wishes = Array.from({ length: size }, (_, i) => aWish(platform, VARIANTS[i % VARIANTS.length]!.name, random))
  const made = await underWay(world, wishes, operator, approver)
  for (const w of wishes)
    if (w.recordId !== null && random() < 0.1) platform.move(w.platform, w.recordId, { name: 'Others' })
  plans.push(made.id)
  platform.fault = faults(random, 0.35)
  return made.id
}

/** Sets what paused or stopped by itself going again, until nothing is left to try. */
async function goOn(id: string): Promise<void> {
  for (let i = 0; i < 50; i++) {
    const now = world.ctx.control.plan(id)!
    if (['done', 'partly', 'cancelled'].includes(now.state)) return
    if (now.state !== 'applying') startPlan(world.ctx, now, { ...operator, provenAt: Date.now() })
    // Two operators at once.
    await Promise.all([workPlan(world.ctx, world.reach, id), workPlan(world.ctx, world.reach, id)])
  }
}

/** Applies in a process of its own, killed at a step or at a random moment. */
function killed(crash: { point?: string; afterMs?: number }): Promise<boolean> {
  const env = { ...process.env, ...(crash.point && { CRASHPOINT: crash.point }) }
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, world.folder, JSON.stringify(platforms)], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const timer = crash.afterMs === undefined ? null : setTimeout(() => child.kill('SIGKILL'), crash.afterMs)
  return new Promise((resolve) =>
    child.on('exit', (_, signal) => {
      if (timer) clearTimeout(timer)
      resolve(signal === 'SIGKILL')
    }),
  )
}

// Kills: each child gets a plan under way, dies in it, and the next process finds what it left.
const byStep = new Map<string, number>()
let usual = 1_500
for (let i = 0; i < kills; i++) {
  const id = await plan(10)
  const point = i % 8 < 7 ? `${STEPS[i % 8]}@${1 + Math.floor(random() * 8)}` : undefined
  const since = Date.now()
  const dead = await killed(point ? { point } : { afterMs: usual * (0.6 + random() * 0.4) })
  if (dead)
    byStep.set(point?.split('@')[0] ?? 'random moment', (byStep.get(point?.split('@')[0] ?? 'random moment') ?? 0) + 1)
  else usual = Date.now() - since
  if (i % 3 === 0) await killed({ point: `${STEPS[Math.floor(random() * STEPS.length)]}@1` })
  await goOn(id)
  if (i % 40 === 39) say(`${i + 1} processes, ${Math.round((Date.now() - began) / 1000)} s`)
}
// Faults alone, in this process, until the wanted number of executions is reached.
for (let n = kills * 10; n < wanted; n += 250) await goOn(await plan(Math.min(250, wanted - n)))

platform.fault = () => undefined
const found: Judgement = judge(world.ctx, platform, plans)
say(
  `${found.executions} executions in ${plans.length} plans, ${[...byStep.values()].reduce((a, b) => a + b, 0)} processes killed:`,
)
for (const [step, n] of [...byStep].sort()) say(`     ${step}: ${n}`)
say(`     ended as ${JSON.stringify(found.states)}`)
must(`${found.doubled} double writes`, found.doubled === 0)
must(`${found.lost} lost updates`, found.lost === 0)
must(`${found.unplanned} writes without an approved plan`, found.unplanned === 0)
must(`${found.stuck} items stuck`, found.stuck === 0)
must(`${found.wrong} items whose state is not what the ledger says`, found.wrong === 0)
must(`audit chain whole`, world.ctx.control.verifyAudit().broken === null)

// Undo: every verified change is taken back, to the value before.
let [undone, back] = [0, 0]
const undoStates = new Map<string, number>()
for (const id of plans.slice(0, Math.max(5, Math.ceil(plans.length / 4)))) {
  const row = world.ctx.control.plan(id)!
  const written = world.ctx.control.planItems(id, 0, 1_000, ['verified'])
  if (written.length === 0) continue
  const draft = await undoPlan(world.ctx, world.reach, row, { requester: 'olga', reason: 'Taken back.' })
  if (!draft.plan) continue
  // What cannot be taken back again wants two approvers.
  const first = world.approve(draft.plan, { ...approver, provenAt: Date.now() })
  const undo = first.state === 'waiting' ? world.approve(first, world.person('bert', 'approver')) : first
  startPlan(world.ctx, undo, { ...operator, provenAt: Date.now() })
  await workPlan(world.ctx, world.reach, undo.id)
  const before = new Map(platform.ledger.filter((m) => m.key?.startsWith(id)).map((m) => [`${m.platform} ${m.id}`, m]))
  for (const item of world.ctx.control.planItems(undo.id, 0, 1_000)) {
    undone++
    undoStates.set(item.state, (undoStates.get(item.state) ?? 0) + 1)
    const [on, , recordId] = item.target.split(' ') as [string, string, string]
    const now = platform.records.get(on)!.get(recordId)!
    const was = before.get(`${on} ${recordId}`)?.before
    if (was === null ? now.deleted : was && Object.keys(was).every((f) => was[f] === now.fields[f])) back++
  }
}
say(`     undo ended as ${JSON.stringify(Object.fromEntries(undoStates))}`)
must(`${back} of ${undone} undone records are as they were before`, back === undone && (undone > 0 || wanted === 0))

must(...(await proveUnapproved(world, platform)))
must(...(await proveTampering(world, platform, 100)))
await world.end()
for (const line of await proveReplay(platform, events)) must(...line)
await platform.stop()
say(`${Math.round((Date.now() - began) / 1000)} s`)
process.exit(good ? 0 : 1)
