/**
 * Proof: no acknowledged delivery is lost, whatever happens to the receiving process or its disk.
 *
 * `npm run prove:intake [-- ROUNDS]` kills the receiver with SIGKILL while senders post at full speed, ROUNDS times (1,000 is
 * the full run) while it receives alone, and once more for every tenth of them while it also drains: at the named steps and at
 * random moments. Senders resend what was not acknowledged, as vendors do.
 * At the end the facts must hold every acknowledged event exactly once. Then it measures acknowledgements at 500 and 1,000
 * deliveries a second, fills the spool, and makes the disk fail. Exit 1 on any shortfall of what docs/intake.md promises.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFacts } from '../server/store/facts/open.ts'
import { diskFailure } from './prove-intake-disk.ts'
import { acknowledgements } from './prove-intake-pace.ts'
import { startReceiver, seeded, SETTINGS, type Receiver } from './prove-intake-sender.ts'

const rounds = Number(process.argv[2] ?? 1_000)
const STEPS = ['intake-stored', 'intake-committed']
const SENDERS = 16
const work = mkdtempSync(join(tmpdir(), 'prove-intake-'))
const random = seeded(20261127)
let failed = false
/** Ctrl-C ends the killing and checks what was done until then. */
let enough = false
process.on('SIGINT', () => (enough = true))
const say = (text: string) => void process.stdout.write(`${text}\n`)
const check = (good: boolean, text: string) => {
  say(`${good ? 'ok  ' : 'BAD '} ${text}`)
  failed ||= !good
}

/** Posts events until the receiver is gone; what was acknowledged is added to `acknowledged`, the rest is sent again next time. */
async function post(
  receiver: Receiver,
  next: () => number,
  acknowledged: Set<number>,
  again: Set<number>,
): Promise<void> {
  for (;;) {
    const n = again.values().next().value ?? next()
    again.delete(n)
    try {
      const status = await receiver.send(n)
      if (status === 200) acknowledged.add(n)
      else again.add(n)
    } catch {
      // Cut off: it may be kept or not, and nobody was told; the sender sends it again.
      again.add(n)
      return
    }
  }
}

async function kills(data: string): Promise<void> {
  const acknowledged = new Set<number>()
  const again = new Set<number>()
  let last = 0
  const next = () => ++last
  const byStep = new Map<string, number>()
  const began = Date.now()
  const whole = Math.ceil(rounds / 10)
  let round = 0
  for (; round < rounds + whole && !enough; round++) {
    // Every eleventh round drains as well, and half of those end at a named step.
    const drains = round % 11 === 10
    const step = drains && round % 2 === 0 ? STEPS[Math.floor(round / 22) % STEPS.length]! : null
    const receiver = await startReceiver(data, SETTINGS, step ? { CRASHPOINT: step } : {}, drains ? 'whole' : 'spool')
    const senders = Array.from({ length: SENDERS }, () => post(receiver, next, acknowledged, again))
    if (step === null) {
      // After some were acknowledged, and then in the middle of whatever the receiver is doing.
      const target = acknowledged.size + Math.floor(random() * 150)
      while (acknowledged.size < target) await new Promise((r) => setTimeout(r, 1))
      await new Promise((r) => setTimeout(r, random() * 30))
      receiver.kill()
    }
    await Promise.all(senders)
    if ((await receiver.ended()) !== 'SIGKILL') throw new Error(`round ${round}: the receiver ended by itself`)
    const where = step ?? (drains ? 'a random moment of draining' : 'a random moment of receiving')
    byStep.set(where, (byStep.get(where) ?? 0) + 1)
    if (round % 10 === 9)
      say(`${round + 1} rounds, ${acknowledged.size} acknowledged, ${Math.round((Date.now() - began) / 1000)} s`)
  }
  const receiver = await startReceiver(data, SETTINGS)
  for (;;) {
    const { depth } = await receiver.state()
    if (depth === 0) break
    await new Promise((r) => setTimeout(r, 200))
  }
  await receiver.stop()
  const facts = await openFacts({ database: 'plumbline', path: join(data, 'facts') })
  const rows = await facts.query<{ id: string; n: string }>(
    'select id, count() as n from plumbline.events final group by id',
  )
  const deliveries = await facts.query<{ n: string }>('select count() as n from plumbline.events final')
  await facts.close()
  const found = new Map(rows.map((r) => [r.id, Number(r.n)]))
  const lost = [...acknowledged].filter((n) => !found.has(`e${n}/0`)).length
  const doubled = [...found.values()].filter((n) => n > 1).length
  for (const [step, n] of [...byStep].sort()) say(`     killed at ${step}: ${n}`)
  check(
    lost === 0 && doubled === 0,
    `${round} kill -9 rounds: ${acknowledged.size} acknowledged, ${lost} lost, ${doubled} doubled, ${deliveries[0]!.n} events stored`,
  )
}

try {
  const data = (name: string) => {
    const folder = join(work, name)
    mkdirSync(folder, { recursive: true })
    return folder
  }
  if (rounds > 0) await kills(data('kills'))
  await acknowledgements(data('pace'), check)
  await diskFailure(data, check, say)
} finally {
  rmSync(work, { recursive: true, force: true })
}
process.exit(failed ? 1 : 0)
