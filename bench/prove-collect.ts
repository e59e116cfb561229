/**
 * Proof: a collector that is killed at any moment loses nothing and stores nothing twice.
 *
 * A platform over HTTP, which changes between the rounds, and a folder of snapshot files are collected by
 * a child process. In each round the child is killed with SIGKILL: at one of the named steps, or at a random moment.
 * Then an undisturbed run follows, and what is stored is held against a store that was never disturbed: the same
 * versions of every record, in the same order, each once. `npm run prove:collect` prints the figures; exit 1 on any shortfall.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openCollector } from './prove-collect-child.ts'
import { openFacts } from '../server/store/facts/open.ts'
import { serveShelf, startHttpPlatform } from '../test/world/http-platform.ts'

const STEPS = ['collect-read', 'collect-inserted', 'collect-quarantined', 'collect-before-commit', 'collect-committed']
const rounds = Number(process.argv[2] ?? 100)
const CHILD = fileURLToPath(new URL('./prove-collect-child.ts', import.meta.url))

const work = mkdtempSync(join(tmpdir(), 'prove-collect-'))
const random = seeded(20261120)
const platform = await startHttpPlatform()
const shelf = serveShelf(platform, () => Date.now())
shelf.lists.set('customers', [])
const folder = join(work, 'drop')
mkdirSync(folder)
const platforms = {
  shop: {
    connector: 'shelf',
    role: 'crm',
    allow_private_network: true,
    streams: ['customers'],
    mass_disappearance: 1,
    config: { url: platform.url, page: 40, lag: 0 },
  },
  erp: { connector: 'files', role: 'erp', mass_disappearance: 1, config: { folder } },
}

/** What the world does before a round: some rows change, some are new, some go; one cannot be mapped. */
function move(round: number): void {
  const rows = shelf.lists.get('customers')!
  const at = Date.now()
  for (let i = 0; i < 60; i++) {
    const old = rows[Math.floor(random() * rows.length)]
    if (old && random() < 0.5) Object.assign(old, { name: `Name ${round}-${i}`, at })
    else rows.push({ id: `c${round}-${i}`, at, name: `Name ${round}-${i}` })
  }
  rows.push({ id: `p${round}`, at, name: 'x', poison: true })
  if (round % 5 === 4) rows.splice(Math.floor(random() * rows.length), 1)
  const lines = rows
    .filter((r) => !r['poison'])
    .slice(0, 150)
    .map((r) => `${r.id},${String(r['name'])}`)
  const next = join(folder, 'customers.csv')
  writeFileSync(`${next}.part`, `record_id,name\n${lines.join('\n')}\nbroken row\n`)
  renameSync(`${next}.part`, next)
}

interface Ended {
  killed: boolean
  code: number | null
  ms: number
}

function child(
  data: string,
  mode: 'changes' | 'full',
  crash: { point?: string; afterMs?: number } = {},
): Promise<Ended> {
  const began = Date.now()
  const env = { ...process.env, ...(crash.point && { CRASHPOINT: crash.point }) }
  const running = spawn(process.execPath, ['--import', 'tsx', CHILD, data, JSON.stringify(platforms), mode], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const timer = crash.afterMs === undefined ? null : setTimeout(() => running.kill('SIGKILL'), crash.afterMs)
  return new Promise((resolve) => {
    running.on('exit', (code, signal) => {
      if (timer) clearTimeout(timer)
      resolve({ killed: signal === 'SIGKILL', code, ms: Date.now() - began })
    })
  })
}

/** Every stored version without the numbers that differ from store to store. */
async function stored(data: string): Promise<Map<string, string[]>> {
  const facts = await openFacts({ database: 'plumbline', path: join(data, 'facts') })
  const rows = await facts.query<{ id: string; platform: string; version: string }>(
    "select platform, record_id as id, concat(toString(version_hash), ' ', toString(deleted), ' ', ifNull(name, '')) as version from plumbline.versions_customer order by seq",
  )
  const quarantined = await facts.query<{ id: string; platform: string }>(
    "select platform, record_id as id from plumbline.quarantine final where state = 'open' order by platform, id",
  )
  await facts.close()
  const found = new Map<string, string[]>()
  for (const { platform: p, id, version } of rows)
    found.set(`${p}/${id}`, [...(found.get(`${p}/${id}`) ?? []), version])
  for (const { platform: p, id } of quarantined) found.set(`quarantine ${p}/${id}`, ['open'])
  return found
}

const disturbed = join(work, 'disturbed')
const calm = join(work, 'calm')
mkdirSync(disturbed)
mkdirSync(calm)
const undisturbed = await openCollector(calm, platforms)
let kills = 0
let usual = 2_000
const byStep = new Map<string, number>()
/** A round for every named step in turn, and as many at random moments. */
for (let round = 0; round < rounds * 2; round++) {
  move(round)
  const mode = round % 5 === 4 ? 'full' : 'changes'
  const step = round % 2 === 0 ? STEPS[(round / 2) % STEPS.length]! : null
  const crash = step
    ? { point: `${step}@${1 + Math.floor(random() * 2)}` }
    : { afterMs: Math.floor(random() * usual * 1.1) }
  const ended = await child(disturbed, mode, crash)
  if (ended.killed) {
    kills++
    byStep.set(step ?? 'random moment', (byStep.get(step ?? 'random moment') ?? 0) + 1)
  } else if (ended.code !== 0) fail(`round ${round}: the child ended with ${ended.code}`)
  const again = await child(disturbed, mode)
  if (again.code !== 0 || (await undisturbed.once(mode)) > 0) fail(`round ${round}: an undisturbed run failed`)
  usual = again.ms
  if (round % 20 === 19) process.stdout.write(`${round + 1} rounds, ${kills} kills\n`)
}

await undisturbed.close()
const [theirs, ours] = [await stored(calm), await stored(disturbed)]
let missing = 0
let doubled = 0
let different = 0
for (const [key, versions] of theirs) {
  const have = ours.get(key)
  if (!have) missing++
  else if (have.join() !== versions.join()) {
    if (have.some((v, i) => i > 0 && v === have[i - 1])) doubled++
    else different++
    if (missing + doubled + different < 5)
      process.stdout.write(`${key}\n  undisturbed ${versions.join(' | ')}\n  disturbed   ${have.join(' | ')}\n`)
  }
}
const extra = [...ours.keys()].filter((key) => !theirs.has(key)).length
await platform.stop()
rmSync(work, { recursive: true, force: true })
for (const [step, count] of [...byStep].sort()) process.stdout.write(`killed at ${step}: ${count}\n`)
const versions = [...theirs.values()].reduce((sum, v) => sum + v.length, 0)
process.stdout.write(
  `${kills} kills; ${theirs.size} records and ${versions} versions undisturbed; ${missing} missing, ${extra} extra, ${doubled} doubled, ${different} different\n`,
)
process.exit(missing + extra + doubled + different === 0 && kills >= rounds ? 0 : 1)

function fail(reason: string): never {
  process.stdout.write(`${reason}\n`)
  process.exit(1)
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
