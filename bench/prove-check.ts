/**
 * Proof that checks survive kill -9: at every crash point and at random instants, a run that was killed and run again
 * leaves the same findings, events and issues as one that was never disturbed.
 *
 *   npm run prove:check -- [--rounds 100] [--seed 1]
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openControl } from '../server/store/control/sqlite.ts'
import { openFacts } from '../server/store/facts/open.ts'
import { checkFile } from '../test/world/check-files.ts'
import { checkWorld, type CheckWorld } from '../test/world/check-world.ts'

const POINTS = [
  'started',
  'before-events',
  'before-findings',
  'between-findings',
  'after-findings',
  'before-issues',
  'after-issues',
  'committed',
]
const AS_OF = '2026-11-20T14:00:00.000Z'
const ORDERS = 120

const CHECKS = [
  checkFile('agree', 'kind: agree\nof: order\nfields: [amount, state, currency]'),
  checkFile('exist', 'kind: exist\nof: order\npast: draft\non: [crm, erp]\nowners: [crm, erp]'),
  checkFile('duplicate', 'kind: duplicate\nof: order'),
]

async function open(folder: string): Promise<{ world: CheckWorld; close(): Promise<void> }> {
  const facts = await openFacts({ database: 'plumbline', path: join(folder, 'facts'), maxQueryMb: 512 })
  const control = openControl(join(folder, 'control.sqlite'))
  const world = checkWorld({
    facts,
    control,
    platforms: { crm: { role: 'crm' }, erp: { role: 'erp' } },
    checks: CHECKS,
    at: '2026-11-20T12:00:00.000Z',
  })
  return {
    world,
    async close() {
      control.close()
      await facts.close()
    },
  }
}

type Step = 'before' | 'after'

/** Orders on both sides: before, some differ; after, some of those are right, others are wrong, missing or doubled. */
function orders(step: Step) {
  const changed = step === 'before' ? '2026-11-01T08:00:00Z' : '2026-11-20T13:30:00Z'
  return Array.from({ length: ORDERS }, (_, i) => i).flatMap((i) => {
    const order = {
      kind: 'order',
      entity: `o${i}`,
      customer_entity: `c${i % 7}`,
      state: 'booked',
      currency: 'EUR',
      changed_at: changed,
    }
    const wrong = step === 'before' ? i % 4 === 0 : i % 6 === 0
    const both = [
      { ...order, platform: 'erp', record_id: `E${i}`, amount: '101.00' },
      {
        ...order,
        platform: 'crm',
        record_id: `C${i}`,
        amount: wrong ? `${100 - (i % 3)}.00` : '101.00',
        deleted: step === 'after' && i % 9 === 0,
      },
    ]
    return step === 'after' && i % 10 === 0 ? [...both, { ...both[0]!, record_id: `E${i}b` }] : both
  })
}

/** The world just before the run that is going to be killed: findings, issues, and movements that wait for it. */
async function prepare(folder: string): Promise<void> {
  const { world, close } = await open(folder)
  await world.place(...orders('before'))
  world.read()
  await world.check()
  world.clock.set(Date.parse('2026-11-20T13:45:00.000Z'))
  await world.place(...orders('after'))
  world.read(AS_OF)
  await close()
}

/** What a killed process does when it comes back: exactly what it did before. */
async function child(folder: string, out: string): Promise<void> {
  const { world, close } = await open(folder)
  world.clock.set(Date.parse(AS_OF))
  const results = await world.check()
  const failed = results.find((r) => r.error)
  if (failed) throw failed.error!
  const { facts } = world.ctx
  const dump = {
    findings: await facts.query(`select * except (run_id, rev) from ${facts.database}.findings final order by id`),
    events: await facts.query(
      `select * except (run_id) from ${facts.database}.finding_events final order by id, transition`,
    ),
    issues: await facts.query(`select * except (rev) from ${facts.database}.issues final order by number`),
    checks: world.ctx.control.checkStates(),
  }
  writeFileSync(out, JSON.stringify(dump))
  await close()
}

interface Ended {
  killed: boolean
  ms: number
}

function run(folder: string, out: string, crash: { point?: string; afterMs?: number } = {}): Promise<Ended> {
  const started = performance.now()
  const env = { ...process.env, ...(crash.point !== undefined && { CRASHPOINT: crash.point }) }
  const process_ = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(import.meta.url), '--child', folder, '--out', out],
    { env, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const timer = crash.afterMs === undefined ? undefined : setTimeout(() => process_.kill('SIGKILL'), crash.afterMs)
  return new Promise((resolve, reject) => {
    process_.on('error', reject)
    process_.on('exit', (code, signal) => {
      clearTimeout(timer)
      if (signal === 'SIGKILL') resolve({ killed: true, ms: performance.now() - started })
      else if (code === 0) resolve({ killed: false, ms: performance.now() - started })
      else reject(new Error(`the run ended with code ${code}, signal ${signal}`))
    })
  })
}

async function prove(rounds: number, seed: number): Promise<boolean> {
  const home = mkdtempSync(join(tmpdir(), 'plumbline-prove-'))
  const base = join(home, 'base')
  const out = join(home, 'out.json')
  let place = seed
  const draw = () => (place = (place * 48_271) % 2_147_483_647) / 2_147_483_647
  try {
    await prepare(base)
    const calm = join(home, 'calm')
    cpSync(base, calm, { recursive: true })
    const { ms } = await run(calm, out)
    const expected = readFileSync(out, 'utf8')
    process.stdout.write(
      `undisturbed: ${(JSON.parse(expected) as { findings: unknown[] }).findings.length} findings in ${Math.round(ms)} ms\n`,
    )
    let broken = 0
    for (const point of [...POINTS, 'random']) {
      let kills = 0
      let wrong = 0
      for (let round = 0; round < rounds; round++) {
        const folder = join(home, 'round')
        cpSync(base, folder, { recursive: true })
        const crash =
          point === 'random'
            ? { afterMs: ms * 0.3 + draw() * ms * 0.7 }
            : { point: `check-${point}@${1 + Math.floor(draw() * CHECKS.length)}` }
        if ((await run(folder, out, crash)).killed) kills++
        // Killed a second time on the way up, now and then.
        if (round % 5 === 4 && (await run(folder, out, { afterMs: ms * 0.3 + draw() * ms * 0.7 })).killed) kills++
        await run(folder, out)
        if (readFileSync(out, 'utf8') !== expected) wrong++
        rmSync(folder, { recursive: true, force: true })
      }
      broken += wrong
      process.stdout.write(`${point.padEnd(18)} ${rounds} rounds, ${kills} kills, ${wrong} different\n`)
    }
    return broken === 0
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    child: { type: 'string' },
    out: { type: 'string' },
  },
})
if (values.child !== undefined) await child(values.child, values.out!)
else process.exitCode = (await prove(Number(values.rounds), Number(values.seed))) ? 0 : 1
