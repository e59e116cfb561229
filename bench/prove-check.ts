/**
 * Proof that checks survive kill -9: at every crash point and at random instants, a run that was killed and run again
 * leaves the same findings, events and issues as one that was never disturbed.
 *
 *   npm run prove:check -- [--rounds 100] [--seed 1]
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundled } from './bundled.ts'
import { CHECKS, prepare } from './prove-check-world.ts'

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
const child = await bundled(new URL('./prove-check-child.ts', import.meta.url), true)

interface Ended {
  killed: boolean
  ms: number
}

function run(folder: string, out: string, crash: { point?: string; afterMs?: number } = {}): Promise<Ended> {
  const started = performance.now()
  const env = { ...process.env, ...(crash.point !== undefined && { CRASHPOINT: crash.point }) }
  const process_ = spawn(process.execPath, [child, folder, out], { env, stdio: ['ignore', 'ignore', 'inherit'] })
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
  },
})
process.exitCode = (await prove(Number(values.rounds), Number(values.seed))) ? 0 : 1
