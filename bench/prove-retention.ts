/**
 * Proof that retention survives kill -9: before and after every change of either store and at random instants. What a
 * run that was killed left behind has lost nothing that is needed or held, and reopened nothing; the next run leaves
 * exactly what one leaves that was never disturbed; and the audit trail is whole all the way.
 *
 *   npm run prove:retention -- [--rounds 20] [--seed 1]
 *
 * `--rounds`: kills for each point, and at least one for each of its passings.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { RETAINED } from '../server/config/retention-schema.ts'
import { bundled } from './bundled.ts'
import type { Left } from './prove-retention-left.ts'
import { prepare } from './prove-retention-world.ts'

interface Written {
  /** Before removing, after a restart. */
  found: Left
  left: Left
  removed: { class: string; rows: number }[]
  /** Changes of the stores, and how long all of them took. */
  changes: number
  ms: number
}

const child = await bundled(new URL('./prove-retention-child.ts', import.meta.url), true)
const HAS_HAD_ITS_TIME = /^gone-/

/** True if it was killed. @param crash a crash point, or milliseconds from when removing began */
function run(folder: string, out: string, crash: { point?: string; afterMs?: number } = {}): Promise<boolean> {
  const env = { ...process.env, ...(crash.point !== undefined && { CRASHPOINT: crash.point }) }
  const process_ = spawn(process.execPath, [child, folder, out], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let timer: NodeJS.Timeout | undefined
  process_.stdout.once('data', () => {
    if (crash.afterMs !== undefined) timer = setTimeout(() => process_.kill('SIGKILL'), crash.afterMs)
  })
  return new Promise((resolve, reject) => {
    process_.on('error', reject)
    process_.on('exit', (code, signal) => {
      clearTimeout(timer)
      if (signal === 'SIGKILL') resolve(true)
      else if (code === 0) resolve(false)
      else reject(new Error(`the run ended with code ${code}, signal ${signal}`))
    })
  })
}

/** What is wrong between two runs, in words. */
function wrongBetween(before: Left, now: Left): string[] {
  const had = new Set(before.things)
  const has = new Set(now.things)
  return [
    ...before.things.filter((t) => !HAS_HAD_ITS_TIME.test(t) && !has.has(t)).map((t) => `was lost: ${t}`),
    ...now.things.filter((t) => !had.has(t)).map((t) => `came to life: ${t}`),
    ...(now.things.length > has.size ? ['something is there twice'] : []),
    ...(now.broken === null ? [] : [`the audit trail is broken at ${now.broken}`]),
  ]
}

const say = (line: string) => void process.stdout.write(`${line}\n`)

/** True if nothing is. */
function told(wrong: readonly string[]): boolean {
  for (const line of wrong.slice(0, 20)) say(line)
  return wrong.length === 0
}

const same = (a: readonly string[], b: readonly string[]) => JSON.stringify(a) === JSON.stringify(b)

/** What is wrong when the next run has ended. */
function wrongAfter(before: Left, calm: Left, { found, left }: Written): string[] {
  return [
    ...wrongBetween(before, found),
    ...wrongBetween(before, left),
    ...left.things.filter((t) => HAS_HAD_ITS_TIME.test(t)).map((t) => `is still there: ${t}`),
    ...(same(left.things, calm.things) ? [] : ['other things are left than in an undisturbed run']),
    ...(same(left.told, calm.told) ? [] : ['something else is written down than in an undisturbed run']),
  ]
}

async function prove(rounds: number, seed: number): Promise<boolean> {
  const home = mkdtempSync(join(tmpdir(), 'plumbline-prove-'))
  const [base, calm, round, out] = ['base', 'calm', 'round', 'out.json'].map((name) => join(home, name)) as [
    ...[string, string, string, string],
  ]
  const written = () => JSON.parse(readFileSync(out, 'utf8')) as Written
  let place = seed
  const draw = () => (place = (place * 48_271) % 2_147_483_647) / 2_147_483_647
  try {
    await prepare(base)
    cpSync(base, calm, { recursive: true })
    await run(calm, out)
    const { found: before, left, removed, changes, ms } = written()
    const began = left.told.filter((t) => t.includes('"removal began"')).length
    const old = before.things.filter((t) => HAS_HAD_ITS_TIME.test(t)).length
    say(`undisturbed: ${old} of ${before.things.length} things go, ${changes} changes in ${Math.round(ms)} ms`)
    const wrong = wrongAfter(before, left, { found: before, left, removed, changes, ms })
    if (old === 0 || removed.length !== RETAINED.length) wrong.push('not every class had something to remove')
    // What goes wrong by itself says nothing about being killed.
    if (wrong.length > 0) return told(wrong)
    const points = { 'retention-begun': began, 'retention-removed': began, change: changes, random: 0 }
    for (const [point, passings] of Object.entries(points)) {
      let kills = 0
      let different = 0
      // Each passing at least once, however few rounds are asked for.
      const times = Math.max(rounds, passings)
      for (let n = 0; n < times; n++) {
        cpSync(base, round, { recursive: true })
        const at = point === 'random' ? { afterMs: draw() * ms } : { point: `${point}@${1 + (n % passings)}` }
        const killed = await run(round, out, at)
        if (killed) kills++
        // Killed a second time on the way up, now and then.
        if (n % 5 === 4 && (await run(round, out, { afterMs: draw() * ms }))) kills++
        await run(round, out)
        const bad = wrongAfter(before, left, written())
        if (!killed && point !== 'random') bad.push(`it never came to ${at.point}`)
        if (bad.length > 0) different++
        wrong.push(...bad.map((b) => `${at.point ?? `after ${Math.round(at.afterMs!)} ms`}: ${b}`))
        rmSync(round, { recursive: true, force: true })
      }
      say(`${point.padEnd(18)} ${times} rounds, ${kills} kills, ${different} different`)
    }
    return told(wrong)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } },
})
process.exitCode = (await prove(Number(values.rounds), Number(values.seed))) ? 0 : 1
