/** The benchmark: `npm run bench`. Loads the product's own tables, asks it and two other engines the same question in turns, and reports. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startActor, type Actor } from './actor.ts'
import type { Loaded } from './load.ts'
import { median, one, percentile, takeTurns, type Measured } from './measure.ts'
import type { Changed } from './ours.ts'
import { markdown, type Report } from './report.ts'
import type { Stored } from './first-load.ts'
import { growth } from './growth.ts'
import { holdsAt, issueRuns } from './issue-runs.ts'
import type { Tested } from './past.ts'
import type { Told } from './stage.ts'
import { findPostgres } from './postgres.ts'
import { PLATFORMS } from './world.ts'

const { values } = parseArgs({
  options: {
    records: { type: 'string' },
    quick: { type: 'boolean', default: false },
    assert: { type: 'boolean', default: false },
    turns: { type: 'string', default: '3' },
    growth: { type: 'string' },
    issues: { type: 'string' },
  },
})
const wanted = Number(values.records ?? (values.quick ? 1_000_000 : 10_000_000))
const turns = Number(values.turns)
if (!Number.isInteger(wanted) || wanted < 30_000 || !Number.isInteger(turns) || turns < 3) {
  process.stderr.write(
    'Say how many: npm run bench -- [--records 10000000 | --quick] [--turns 3] [--assert]; at least 30,000 records and three turns.\n',
  )
  process.exit(2)
}

/** Targets, as shares of the peers' times. */
const OF_DUCKDB = 0.5
const OF_SQLITE = 0.2

const say = (text: string) => process.stderr.write(`${text}\n`)
const fastest = (list: readonly Measured[]) => [...list].sort((a, b) => median(a.ms) - median(b.ms))[0]!

/** Full checks of all engines, in turns. */
async function compare(folder: string, loaded: Loaded, ours: Actor, engines: string[]) {
  const [duck, lite] = [startActor('duckdb', folder), startActor('sqlite', folder)]
  const elephant = findPostgres() === null ? null : startActor('postgres', folder)
  try {
    say('Loading the peers …')
    engines.push(
      `DuckDB ${(await duck.ask<string>('open')).result}`,
      `SQLite ${(await lite.ask<string>('open')).result}`,
    )
    if (elephant) engines.push(`PostgreSQL ${(await elephant.ask<string>('open')).result}`)
    else engines.push('PostgreSQL is not installed here and was left out')
    say('Full checks, in turns …')
    const checks = await takeTurns(
      [
        { name: 'Plumbline, the SELECT it compiles', actor: ours, what: 'compiled' },
        { name: 'DuckDB, full joins', actor: duck, what: 'joined' },
        { name: 'SQLite, joins', actor: lite, what: 'joined' },
        { name: 'Plumbline’s tables, SQL by hand', actor: ours, what: 'hand' },
        { name: 'DuckDB, grouped', actor: duck, what: 'grouped' },
        { name: 'SQLite, grouped', actor: lite, what: 'grouped' },
        { name: 'DuckDB with the hashes that Plumbline stores', actor: duck, what: 'hashed' },
        ...(elephant
          ? [
              { name: 'PostgreSQL, full joins', actor: elephant, what: 'joined' },
              { name: 'PostgreSQL, grouped', actor: elephant, what: 'grouped' },
            ]
          : []),
      ],
      turns,
      loaded.truth,
    )
    // Its memory is that of another process than the one that asks.
    for (const m of checks.slice(7)) m.peakMb = null
    return { checks, duckdb: fastest([checks[1]!, checks[4]!]), sqlite: fastest([checks[2]!, checks[5]!]) }
  } finally {
    await Promise.all([duck.end(), lite.end(), elephant?.end()])
  }
}

type Run = Report['runs'][number]

async function ownRuns(ours: Actor, loaded: Loaded): Promise<Run[]> {
  const runs: Run[] = []
  const did = ({ candidates, newlyOpen, resolved, open }: Told) =>
    `${candidates} candidates, ${newlyOpen} opened, ${resolved} resolved, ${open} open`
  const run = async (name: string, what: string) => {
    say(`${name} …`)
    const answer = await ours.ask<Told>(what)
    runs.push({ measured: one(name, answer), note: did(answer.result) })
    return answer.result
  }
  const differences = Object.values(loaded.truth).reduce((sum, n) => sum + n, 0)
  const first = await run('check --full, first: findings open', 'full')
  if (first.open !== differences)
    throw new Error(`${first.open} findings are open, but ${differences} differences are there.`)
  const again = await run('check --full, again: nothing new', 'full')
  if (again.newlyOpen + again.resolved > 0)
    throw new Error('The second run over the same records found something else than the first.')
  for (const [turn, count] of [10_000, 10_000, 10_000, 100_000].entries()) {
    if (count * 10 > loaded.records) continue
    const changed = (await ours.ask<Changed>('change', count, turn + 1)).result
    runs.push({
      measured: {
        name: `identify ${count.toLocaleString('en')} changed records`,
        ms: [changed.identifySeconds * 1000],
        cpuMs: [changed.identifyCpuMs],
        peakMb: null,
      },
      note: `stored in ${changed.appendSeconds.toFixed(2)} s before`,
    })
    await run(`check, ${count.toLocaleString('en')} changed records`, 'moved')
  }
  await run('check, nothing changed', 'moved')
  await past(ours, loaded, runs)
  return runs
}

/** The time machine and a back-test, over what was stored and changed so far. */
async function past(ours: Actor, loaded: Loaded, runs: Run[]): Promise<void> {
  say('The past …')
  const asked = await ours.ask<number[]>('past', Math.floor(loaded.records / PLATFORMS.length))
  runs.push({
    measured: {
      name: 'one customer everywhere at an instant',
      ms: asked.result,
      cpuMs: [asked.cpuMs / asked.result.length],
      peakMb: null,
    },
    note: `95 of 100 within ${percentile(asked.result, 0.95).toFixed(0)} ms`,
  })
  const name = 'back-test of the check over 90 days'
  try {
    const tested = await ours.ask<Tested>('backtest')
    const { instants, findings } = tested.result
    runs.push({ measured: one(name, tested), note: `${instants} instants, ${findings} findings` })
  } catch (thrown) {
    // What it cannot do at this size is a result as well.
    const [says] = (thrown as Error).message.split('\n')
    runs.push({ measured: { name, ms: [NaN], cpuMs: [NaN], peakMb: null }, note: `did not end: ${says}` })
  }
}

/** Open findings among which issues are listed. */
const ISSUE_SIZES = values.quick ? [100_000] : [100_000, 1_000_000]

/** Entities of a first load, and of what comes after it. */
const FIRST_ENTITIES = Math.min(values.quick ? 100_000 : 333_333, Math.ceil(wanted / 3))
const LATER_ENTITIES = 3_333

async function firstLoad(folder: string): Promise<Run[]> {
  const ours = startActor('ours', folder)
  try {
    await ours.ask('open')
    say('A first load, record by record …')
    const runs: Run[] = []
    for (const [from, to] of [
      [0, FIRST_ENTITIES],
      [FIRST_ENTITIES, FIRST_ENTITIES + LATER_ENTITIES],
    ] as const) {
      const stored = await ours.ask<Stored>('store', from, to)
      const { records, canonicaliseSeconds, appendSeconds } = stored.result
      const rate = (s: number) => `${Math.round(records / s).toLocaleString('en')} a second`
      const name = `${records.toLocaleString('en')} records`
      runs.push({
        measured: one(`read and store ${name}`, stored),
        note: `read ${rate(canonicaliseSeconds)}, stored ${rate(appendSeconds)}`,
      })
      const identified = await ours.ask<{ entities: number }>('identify', to)
      runs.push({
        measured: one(
          `identify ${name}${from ? `, new among ${(FIRST_ENTITIES * 3).toLocaleString('en')}` : ' from scratch'}`,
          identified,
        ),
        note: `${identified.result.entities.toLocaleString('en')} entities in all`,
      })
    }
    return runs
  } finally {
    await ours.end()
  }
}

async function main(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'plumbline-bench-'))
  const folder = join(home, 'world')
  const other = join(home, 'first-load')
  for (const f of [folder, other]) mkdirSync(f)
  const loadAtStart = loadavg()[0]!
  try {
    say(`Making ${wanted.toLocaleString('en')} records …`)
    const loader = startActor('ours', folder)
    const loaded = (await loader.ask<Loaded>('load', Math.ceil(wanted / PLATFORMS.length))).result
    await loader.end()
    // A fresh process: what loading left in memory is no part of checking.
    const ours = startActor('ours', folder)
    const engines = [`ClickHouse ${(await ours.ask<string>('open')).result} embedded`]
    const { checks, duckdb, sqlite } = await compare(folder, loaded, ours, engines)
    const runs = await ownRuns(ours, loaded)
    await ours.end()
    runs.push(...(await firstLoad(other)), ...(await issueRuns(ISSUE_SIZES, say)))
    const day = new Date().toISOString().slice(0, 10)
    const text = markdown(
      {
        records: loaded.records,
        engines,
        checks,
        duckdb,
        sqlite,
        runs,
        loadAtStart,
        notes: [
          `Loading the data took ${loaded.seconds.toFixed(0)} s. The faster form of each peer is what the ratios stand against.`,
          ...faster(checks),
        ],
      },
      day,
    )
    process.stdout.write(`${text}\n`)
    const results = fileURLToPath(new URL('results/', import.meta.url))
    mkdirSync(results, { recursive: true })
    writeFileSync(join(results, `${day}${values.quick ? '-quick' : ''}.md`), text)
    if (values.assert) hold(checks[0]!, duckdb, sqlite)
    if (values.assert && !holdsAt(runs, say)) process.exitCode = 1
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** Where a peer is faster, said plainly. */
function faster(checks: readonly Measured[]): string[] {
  const [ours, ...others] = checks
  const ahead = others.filter((m) => !m.name.startsWith('Plumbline') && median(m.ms) < median(ours!.ms))
  const names = ahead.map((m) => `${m.name} (${(median(m.ms) / 1000).toFixed(2)} s)`).join(', ')
  return [
    ahead.length === 0
      ? 'No peer is faster than the SELECT that a check compiles.'
      : `Faster than the SELECT that a check compiles (${(median(ours!.ms) / 1000).toFixed(2)} s, with all that a judge reads of each difference): ${names}.`,
  ]
}

/** The promise: shares of the peers' times, never seconds. */
function hold(ours: Measured, duckdb: Measured, sqlite: Measured): void {
  const shares = [
    ['DuckDB', median(ours.ms) / median(duckdb.ms), OF_DUCKDB],
    ['SQLite', median(ours.ms) / median(sqlite.ms), OF_SQLITE],
  ] as const
  for (const [name, share, most] of shares) {
    if (share <= most) continue
    say(`The full check took ${share.toFixed(2)} of the time of ${name}; at most ${most} is wanted.`)
    process.exitCode = 1
  }
}

if (values.issues !== undefined) {
  const runs = await issueRuns(values.issues.split(',').map(Number), say)
  if (values.assert && !holdsAt(runs, say)) process.exitCode = 1
} else if (values.growth === undefined) await main()
else await growth(values.growth.split(',').map(Number), say)
