/**
 * Proof: remediation cannot do harm. Plans are applied to platforms over HTTP under lost answers, failures before and after the
 * write, writes that arrive late, throttling, records that others change, and kill -9 at every step; the platforms' own
 * ledger of mutations judges. `npm run prove:remedy` prints the figures; exit 1 on any shortfall.
 *
 *   --executions N   fault-injected executions (default 10,000)
 *   --kills N        processes killed (default 768)
 *   --events N       events replayed (default 10,000)
 */
import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { systemClock } from '../server/clock.ts'
import { startPlan } from '../server/remedy/apply.ts'
import { undoPlan } from '../server/remedy/undo.ts'
import { remedyWorld, type RemedyWorld } from '../test/world/remedy-world.ts'
import { startWritePlatform } from '../test/world/write-platform.ts'
import { bundled } from './bundled.ts'
import { proveReplay } from './prove-remedy-replay.ts'
import { proveTampering, proveUnapproved } from './prove-remedy-refusals.ts'
import {
  aWish,
  faults,
  goOn,
  judge,
  platformsAt,
  seeded,
  underWay,
  VARIANTS,
  type Judgement,
} from './prove-remedy-world.ts'

const { values } = parseArgs({
  options: { executions: { type: 'string' }, kills: { type: 'string' }, events: { type: 'string' } },
})
const wanted = Number(values.executions ?? 10_000)
const kills = Number(values.kills ?? 768)
const events = Number(values.events ?? 10_000)
/** Plans that one process works on side by side, and their records. */
const [PLANS, ITEMS] = [8, 40]
const STEPS = ['claimed', 'looked', 'sending', 'performed', 'accepted', 'read-back', 'verified'].map(
  (s) => `remedy-${s}`,
)

const random = seeded(20261127)
const platform = await startWritePlatform(() => Date.now())
const platforms = platformsAt(platform.url)
const world: RemedyWorld = await remedyWorld({ platforms, clock: systemClock })
const { control } = world.ctx
// Reading what was written into the facts has its own proof (prove:collect).
const reach = { ...world.reach, readAgain: () => Promise.resolve() }
const child = await bundled(new URL('./prove-remedy-child.ts', import.meta.url))
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
  const wishes = Array.from({ length: size }, (_, i) => aWish(platform, VARIANTS[i % VARIANTS.length]!.name, random))
  const made = await underWay(world, wishes, operator, approver)
  for (const w of wishes)
    if (w.recordId !== null && random() < 0.1) platform.move(w.platform, w.recordId, { name: 'Others' })
  plans.push(made.id)
  return made.id
}

/** Applies in a process of its own, killed at a step or at a random moment of its work. */
function applied(crash: { point?: string; afterMs?: number }): Promise<boolean> {
  const env = { ...process.env, ...(crash.point && { CRASHPOINT: crash.point }) }
  const process_ = spawn(process.execPath, [child, world.folder, JSON.stringify(platforms)], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let timer: NodeJS.Timeout | undefined
  process_.stdout.once('data', () => {
    if (crash.afterMs !== undefined) timer = setTimeout(() => process_.kill('SIGKILL'), crash.afterMs)
  })
  return new Promise((resolve) =>
    process_.on('exit', (code, signal) => {
      clearTimeout(timer)
      if (signal !== 'SIGKILL' && code !== 0) broken++
      resolve(signal === 'SIGKILL')
    }),
  )
}

// Rounds: plans under way at once, in processes that die in them one after the other; the next finds what the last has left.
const byStep = new Map<string, number>()
let [interrupted, broken] = [0, 0]
const rounds = Math.ceil(wanted / (PLANS * ITEMS))
for (let round = 0; round < rounds; round++) {
  platform.fault = () => undefined
  const ids: string[] = []
  for (let p = 0; p < PLANS && plans.length * ITEMS < wanted; p++) ids.push(await plan(ITEMS))
  platform.fault = faults(random, 0.35)
  const over = () => ids.every((id) => ['done', 'partly'].includes(control.plan(id)!.state))
  const planned = Math.round(((round + 1) * kills) / rounds) - Math.round((round * kills) / rounds)
  for (let i = 0; i < planned && !over(); i++) {
    const step = (round + i) % (STEPS.length + 1)
    const point = STEPS[step] && `${STEPS[step]}@${1 + Math.floor(random() * 12)}`
    // Now and then a second process is at work on the same plans.
    const rival = i % 8 === 7 ? applied({}) : null
    const dead = await applied(point ? { point } : { afterMs: 20 + random() * 400 })
    await rival
    if (!dead) continue
    interrupted += rival ? 0 : ids.reduce((n, id) => n + control.openIntents(id).length, 0)
    byStep.set(STEPS[step] ?? 'random moment', (byStep.get(STEPS[step] ?? 'random moment') ?? 0) + 1)
  }
  await Promise.all(ids.map((id) => goOn(world.ctx, reach, id, operator)))
  if (round % 4 === 3)
    say(
      `${plans.length * ITEMS} executions, ${sum(byStep)} processes killed, ${Math.round((Date.now() - began) / 1000)} s`,
    )
}

platform.fault = () => undefined
const found: Judgement = judge(world.ctx, platform, plans)
say(
  `${found.executions} executions in ${plans.length} plans, ${sum(byStep)} processes killed while ${interrupted} of them were under way:`,
)
for (const [step, n] of [...byStep].sort()) say(`     ${step}: ${n}`)
say(`     ended as ${JSON.stringify(found.states)}`)
must(`${found.doubled} double writes`, found.doubled === 0)
must(`${found.lost} lost updates`, found.lost === 0)
must(`${found.unplanned} writes without an approved plan`, found.unplanned === 0)
must(`${found.stuck} items stuck`, found.stuck === 0)
must(`${found.wrong} items whose state is not what the ledger says`, found.wrong === 0)
must(`${byStep.size} of ${STEPS.length + 1} kinds of kill happened`, byStep.size === STEPS.length + 1 || kills < 100)
must(`${found.executions} executions, as many as asked for`, found.executions === wanted)
must(`${broken} processes that failed by themselves`, broken === 0)
must(`audit chain whole`, control.verifyAudit().broken === null)

// Undo: every verified change is taken back, to the value before.
let [undone, back] = [0, 0]
const undoStates = new Map<string, number>()
for (const id of plans.filter((_, n) => n % 3 === 0)) {
  const row = control.plan(id)!
  const written = control.planItems(id, 0, 1_000, ['verified'])
  if (written.length === 0) continue
  const draft = await undoPlan(world.ctx, reach, row, { requester: 'olga', reason: 'Taken back.' })
  if (!draft.plan) continue
  // What cannot be taken back again wants two approvers.
  const first = world.approve(draft.plan, { ...approver, provenAt: Date.now() })
  const undo = first.state === 'waiting' ? world.approve(first, world.person('bert', 'approver')) : first
  startPlan(world.ctx, undo, { ...operator, provenAt: Date.now() })
  await goOn(world.ctx, reach, undo.id, operator)
  const before = new Map(platform.ledger.filter((m) => m.key?.startsWith(id)).map((m) => [`${m.platform} ${m.id}`, m]))
  for (const item of control.planItems(undo.id, 0, 1_000)) {
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

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((a, b) => a + b, 0)
}
