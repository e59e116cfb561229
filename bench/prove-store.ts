/**
 * Proof of the stores: a child collects as the product does, is killed with SIGKILL at random moments, and after each
 * kill everything it acknowledged must be there, once. `npm run prove:store [rounds] [seed]`; exit 1 on any shortfall.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CanonicalRecord } from '../model/record.ts'
import type { ControlStore } from '../server/store/control/control.ts'
import { openControl } from '../server/store/control/sqlite.ts'
import type { Facts } from '../server/store/facts/facts.ts'
import { openFacts } from '../server/store/facts/open.ts'
import { appendVersions, heads } from '../server/store/facts/versions.ts'

const PLATFORM = 'proof'
const STREAM = 'products'
const KIND = 'product'
const DATABASE = 'proof'
/** Versions in one batch at most, and control commits beside each batch. */
const BATCH = 400
const COMMITS = 4
/** Longest life of a child after its first word. */
const LIFE_MS = 500

interface Ledger {
  /** Records stored, by an acknowledged append: indexes below this. */
  stored: number
  /** Cursor last acknowledged. */
  cursor: number
  /** Highest number of a sequence that was acknowledged, and audit entries. */
  numbered: number
  audited: number
  batches: number
  commits: number
  /** Versions that a later child found stored already and left alone. */
  again: number
}

async function open(folder: string): Promise<{ facts: Facts; control: ControlStore }> {
  const control = openControl(join(folder, 'control.sqlite'))
  const facts = await openFacts({ database: DATABASE, path: join(folder, 'facts'), maxQueryMb: 512 })
  return { facts, control }
}

/** The record that the imaginary platform has at this place of its list. */
function recordAt(index: number): CanonicalRecord {
  return {
    platform: PLATFORM,
    kind: KIND,
    record_id: `r-${index}`,
    status: null,
    refs: {},
    created_at: null,
    changed_at: null,
    stamp: 'ms',
    deleted: false,
    merged_into: null,
    changed_by: null,
    correlation_id: null,
    values: { name: `Product ${index}` },
    keys: { name: `product ${index}` },
    raw: {},
    held: ['name'],
    empty: [],
    unmapped: [],
    invalid: {},
    custom: {},
    version_hash: String(index + 1),
  }
}

/** In the child: read on from the cursor, drop what is stored already, store the rest, then move the cursor. */
async function collectForever(folder: string, batch: () => number): Promise<never> {
  const { facts, control } = await open(folder)
  const say = (what: string, n: number) => writeSync(1, `${what} ${n}\n`)
  control.declareStream(PLATFORM, STREAM, KIND)
  let audited = control.verifyAudit().entries
  say('ready', 0)
  for (;;) {
    const cursor = cursorOf(control)
    const page = Array.from({ length: batch() }, (_, i) => recordAt(cursor + i))
    const known = await heads(
      facts,
      PLATFORM,
      KIND,
      page.map((r) => r.record_id),
    )
    const news = page.filter((r) => known.get(r.record_id)?.versionHash !== r.version_hash)
    // Stored before the last kill, though its cursor was not moved any more: exactly what must not be stored again.
    if (known.size) say('again', known.size)
    await appendVersions(facts, control, KIND, STREAM, news, Date.now())
    say('stored', cursor + page.length)
    control.commitStream(PLATFORM, STREAM, { cursor: cursor + page.length })
    say('cursor', cursor + page.length)
    for (let i = 0; i < COMMITS; i++) {
      control.audit({ at: Date.now(), actor: 'proof', action: 'act', object: String(i) })
      say('audited', ++audited)
      say('numbered', control.next('proof', 3) + 2)
    }
  }
}

function cursorOf(control: ControlStore): number {
  return (control.stream(PLATFORM, STREAM)?.cursor as number | null) ?? 0
}

/** Starts a child, listens to what it acknowledges, and kills it after so many milliseconds, counted from its first word or from its start. */
function roundOf(
  folder: string,
  ledger: Ledger,
  seed: number,
  killAfter: { ms: number; from: 'start' | 'ready' },
): Promise<void> {
  const self = fileURLToPath(import.meta.url)
  const child = spawn(process.execPath, ['--import', 'tsx', self, '--child', folder, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = () => setTimeout(() => child.kill('SIGKILL'), killAfter.ms)
  if (killAfter.from === 'start') kill()
  let rest = ''
  child.stdout.on('data', (data: Buffer) => {
    const lines = (rest + data.toString()).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      const [what, n] = line.split(' ') as [string, string]
      if (what === 'ready') {
        if (killAfter.from === 'ready') kill()
        continue
      }
      if (what === 'again') {
        ledger.again += Number(n)
        continue
      }
      const key = what as 'stored' | 'cursor' | 'numbered' | 'audited'
      ledger[key] = Math.max(ledger[key], Number(n))
      if (key === 'stored') ledger.batches += 1
      else ledger.commits += 1
    }
  })
  return new Promise((resolve, reject) =>
    child.once('close', (code, signal) =>
      signal === 'SIGKILL' ? resolve() : reject(new Error(`the child ended by itself with ${code ?? signal}`)),
    ),
  )
}

type Figure = 'rows' | 'records' | 'numbers' | 'below_acknowledged' | 'below_cursor'

/** What is wrong after a kill, in words; empty when all is well. */
async function verify(folder: string, ledger: Ledger): Promise<string[]> {
  const { facts, control } = await open(folder)
  try {
    const faults: string[] = []
    const cursor = cursorOf(control)
    const [row] = await facts.query<Record<Figure, string>>(
      `select count() as rows, uniqExact(record_id) as records, uniqExact(seq) as numbers,
         uniqExactIf(record_id, version_hash <= {stored:UInt64}) as below_acknowledged, uniqExactIf(record_id, version_hash <= {cursor:UInt64}) as below_cursor
       from ${facts.database}.versions_${KIND}`,
      { stored: ledger.stored, cursor },
    )
    const is = (name: Figure) => Number(row![name])
    if (is('below_acknowledged') !== ledger.stored)
      faults.push(`facts: ${ledger.stored - is('below_acknowledged')} acknowledged versions are lost`)
    if (is('below_cursor') !== cursor)
      faults.push(`facts: ${cursor - is('below_cursor')} versions before the cursor are lost`)
    if (is('rows') !== is('records')) faults.push(`facts: ${is('rows') - is('records')} versions are doubled`)
    if (is('rows') !== is('numbers'))
      faults.push(`facts: ${is('rows') - is('numbers')} sequence numbers are used twice`)
    if (cursor < ledger.cursor) faults.push(`control: the cursor went back from ${ledger.cursor} to ${cursor}`)
    const audit = control.verifyAudit()
    if (audit.broken !== null) faults.push(`control: the audit chain breaks at ${audit.broken}`)
    if (audit.entries < ledger.audited)
      faults.push(`control: ${ledger.audited - audit.entries} acknowledged audit entries are lost`)
    const next = control.next('proof', 3) + 2
    if (next <= ledger.numbered) faults.push(`control: sequence number ${next} was given out twice`)
    ledger.numbered = next
    return faults
  } finally {
    await facts.close()
    control.close()
  }
}

async function main(rounds: number, seed: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-proof-'))
  const ledger: Ledger = { stored: 0, cursor: 0, numbered: 0, audited: 0, batches: 0, commits: 0, again: 0 }
  const random = randomFrom(seed)
  const faults: string[] = []
  const started = performance.now()
  try {
    for (let round = 1; round <= rounds; round++) {
      // Every eighth child dies while it starts: in migrations, in loading, in recovery itself.
      const from = round % 8 === 0 ? 'start' : 'ready'
      await roundOf(folder, ledger, seed + round, {
        from,
        ms: Math.floor(random() * (from === 'start' ? 2 * LIFE_MS : LIFE_MS)),
      })
      for (const fault of await verify(folder, ledger)) faults.push(`round ${round}: ${fault}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const say = (line: string) => process.stdout.write(`${line}\n`)
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  say(`rounds of kill -9        ${rounds} (seed ${seed}, ${seconds} s)`)
  say(`acknowledged versions    ${ledger.stored} in ${ledger.batches} appends`)
  say(`acknowledged commits     ${ledger.commits}`)
  say(`stored, not yet told     ${ledger.again} versions that were found and not stored again`)
  say(`lost or doubled          ${faults.length === 0 ? 'none' : faults.length}`)
  for (const fault of faults) process.stderr.write(`${fault}\n`)
  if (rounds >= 10 && ledger.batches < rounds / 2) faults.push('too few appends were acknowledged to prove anything')
  process.exitCode = faults.length ? 1 : 0
}

/** The same numbers for the same seed, so that a failing run can be run again. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const [first, second, third] = process.argv.slice(2)
if (first === '--child') {
  const random = randomFrom(Number(third))
  await collectForever(second!, () => 1 + Math.floor(random() * BATCH))
} else {
  const rounds = Number(first ?? 100)
  if (!Number.isInteger(rounds) || rounds < 1) {
    process.stderr.write('Say how many rounds: npm run prove:store -- 100\n')
    process.exitCode = 2
  } else await main(rounds, Number(second ?? Date.now() % 1_000_000))
}
