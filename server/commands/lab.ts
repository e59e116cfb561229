/** `plumbline lab`: generate a landscape, run the product over it, and publish how well it did. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { writeCsv } from '../../lab/csv.ts'
import { createLandscape, HABITS, HEAVY, NAMED, STANDARD } from '../../lab/landscape.ts'
import type { Landscape, LandscapeOptions } from '../../lab/landscape.ts'
import type { Context } from '../context.ts'
import type { Layer } from '../../model/trace.ts'
import type { Finding } from '../../model/verdict.ts'
import { trace } from '../trace/trace.ts'
import { score, type Score } from '../../lab/score.ts'
import { together } from '../../lab/score-sum.ts'
import { scoreText } from '../../lab/score-text.ts'
import { systemClock, type Clock } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import { createLog } from '../log.ts'
import { openContext } from '../open.ts'
import { collectAll, look } from '../round.ts'
import { findingsExport } from '../store/facts/findings.ts'
import { stopped } from './start.ts'
import { text, type Command } from './command.ts'

const HOUR = 3_600_000

export const lab: Command = {
  usage: 'run|score|csv [--heavy]',
  about: 'The fault laboratory: a simulated company with known faults.',
  details: [
    'run           serves the simulated platforms and prints the plumbline.yaml that reads them',
    'score         runs the product over a landscape; prints precision, recall and time to detect per drift kind;',
    '              with --out FOLDER the truth, the findings and the score stay there, for looking into',
    'csv           writes the landscape as CSV files with their plumbline.yaml and the truth to --out FOLDER',
    '--seed TEXT   another company; --heavy: more customers, clocks that are off, APIs that fail',
    '--platforms A,B   other platforms than the usual five; `ten`: ten of them at once, each over its own API;',
    '                  `warehouse`: ClickHouse and PostgreSQL, each with a copy of the customers of its own',
    '--customers N     how many companies the laboratory hears of; default 150',
  ],
  options: {
    seed: { type: 'string' },
    heavy: { type: 'boolean' },
    out: { type: 'string' },
    looks: { type: 'string' },
    platforms: { type: 'string' },
    customers: { type: 'string' },
  },
  async run(globals, values, [what]) {
    const seed = text(values, 'seed')
    const customers = text(values, 'customers')
    const platforms = text(values, 'platforms')
    const named = NAMED[platforms ?? '']
    const options: LandscapeOptions = {
      ...(named ?? (values.heavy === true ? HEAVY : STANDARD)),
      ...(seed !== undefined && { seed }),
      ...(customers !== undefined && { customers: Number(customers) }),
      ...(platforms !== undefined && !named && { platforms: platforms.split(',') }),
    }
    if (what === 'score') {
      const out = text(values, 'out')
      const scored = await scoreLandscape(options, evenly(Number(text(values, 'looks') ?? (named ? '1' : '12'))), out)
      // Habits are those of the usual platforms: nothing that others would add.
      const result =
        platforms === undefined
          ? together(scored, await scoreLandscape({ ...options, ...HABITS }, HABIT_LOOKS, out && join(out, 'habits')))
          : scored
      globals.out(globals.json ? `${JSON.stringify(result, null, 2)}\n` : scoreText(result))
      return result.total.missed + result.total.false + result.inFlightAlarms === 0 ? 0 : 1
    }
    const landscape = await createLandscape(options)
    if (what === 'csv') {
      const out = text(values, 'out')
      if (!out) throw new PlumblineError('config', 'Where shall the files go?', { remedy: 'Give --out FOLDER.' })
      const { configFile, truthFile } = await writeCsv(landscape, out)
      globals.out(`${configFile}\n${truthFile}\n`)
      return 0
    }
    if (what !== 'run')
      throw new PlumblineError('config', `There is no "lab ${what ?? ''}".`, {
        remedy: 'Use lab run, lab score or lab csv.',
      })
    await landscape.begin()
    globals.out(landscape.configYaml())
    await stopped()
    await landscape.stop()
    return 0
  },
}

/** Hours before the end, evenly over the last two days. */
const evenly = (looks: number) =>
  Array.from({ length: looks }, (_, n) => (looks - 1 - n) * (48 / Math.max(1, looks - 1)))

/** Each look measures after it has checked, so what a pace says is told by the next one. */
const HABIT_LOOKS = [48, 1, 0]

/**
 * The product over a landscape: read and checked so many hours before its end, the last time in full.
 * Time is the laboratory's own, so a run with the same seed gives the same score.
 * @param keep folder for the truth, the findings and the score
 */
export async function scoreLandscape(
  options: LandscapeOptions,
  looks: readonly number[],
  keep?: string,
): Promise<Score> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-lab-'))
  const clock = quickClock()
  const landscape = await createLandscape({ ...options, clock, folder: join(folder, 'files') })
  const instants = looks.map((ago) => landscape.end - Math.round(ago * HOUR))
  const watched = watchedAt(options.watched ?? [], landscape.end)
  try {
    const first = Math.min(watched[0]?.at ?? instants[0]!, instants[0]!)
    clock.set(first)
    landscape.advance(first)
    await landscape.begin()
    const { findings, result } = await observe(landscape, clock, { watched, instants }, folder)
    if (keep !== undefined) {
      mkdirSync(keep, { recursive: true })
      writeFileSync(join(keep, 'truth.json'), JSON.stringify(landscape.truth, null, 2))
      writeFileSync(join(keep, 'findings.ndjson'), findings.map((f) => `${JSON.stringify(f)}\n`).join(''))
      writeFileSync(join(keep, 'score.json'), JSON.stringify(result, null, 2))
    }
    return result
  } finally {
    await landscape.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Reading {
  at: number
  mode: 'changes' | 'full'
}

/** Instants at which the platforms are only read, oldest first. */
function watchedAt(wanted: NonNullable<LandscapeOptions['watched']>, end: number): Reading[] {
  const readings = new Map<number, Reading>()
  wanted.forEach(({ days, everyHours, fullEvery }, n) => {
    const until = end - (wanted[n + 1]?.days ?? 0) * 24 * HOUR
    const from = end - days * 24 * HOUR
    for (let turn = 0, at = from; at < until; at = from + ++turn * everyHours * HOUR)
      readings.set(at, { at, mode: fullEvery !== undefined && turn % fullEvery === 0 ? 'full' : 'changes' })
  })
  return [...readings.values()].sort((a, b) => a.at - b.at)
}

export interface QuickClock extends Clock {
  set(at: number): void
}

/** How much faster than real time the laboratory's clock runs while it waits: a minute's time-out lasts three seconds. */
const SPEED = 20

/** Jumps to an instant and runs on from there, fast: waiting for a platform's rate window costs little real time. */
export function quickClock(): QuickClock {
  let at = 0
  let since = performance.now()
  return {
    now: () => Math.floor(at + (performance.now() - since) * SPEED),
    sleep: (ms, signal) => systemClock.sleep(ms / SPEED, signal),
    set(to) {
      at = to
      since = performance.now()
    },
  }
}

async function observe(
  landscape: Landscape,
  clock: QuickClock,
  { watched, instants }: { watched: readonly Reading[]; instants: readonly number[] },
  folder: string,
): Promise<{ findings: Finding[]; result: Score }> {
  const configFile = join(folder, 'plumbline.yaml')
  const schedules = { collect: 'manual', sweep: 'manual', check: 'manual', full: 'manual' }
  writeFileSync(configFile, stringify({ ...landscape.config(), schedules }, { aliasDuplicateObjects: false }))
  const opened = await openContext({
    configFile,
    data: join(folder, 'data'),
    env: {},
    clock,
    log: createLog({ clock, level: 'error' }),
  })
  try {
    const readAt = async ({ at, mode }: Reading) => {
      clock.set(at)
      landscape.advance(at)
      await landscape.deliver()
      return collectAll(opened.ctx, { mode })
    }
    for (const [n, instant] of instants.entries()) {
      // Whoever watches reads on between two looks.
      const since = instants[n - 1] ?? -Infinity
      for (const reading of watched) if (reading.at > since && reading.at < instant) await readAt(reading)
      const last = n === instants.length - 1
      const read = await readAt({ at: instant, mode: n % 4 === 0 || last ? 'full' : 'changes' })
      // What the looking itself takes must not age what is looked at.
      const checked = await look(opened.ctx, { full: last, verify: true, asOf: instant })
      tell(`look ${n + 1} of ${instants.length}`, [...read.map((r) => r.error), ...checked.map((c) => c.error)])
    }
    const findings: Finding[] = []
    for await (const batch of findingsExport(opened.ctx.facts)) findings.push(...batch)
    const layers = await layersOf(opened.ctx, findings, instants.at(-1)!)
    return { findings, result: score(landscape.truth, findings, instants.at(-1)!, { looks: instants, layers }) }
  } finally {
    await opened.close()
  }
}

/** A score of looks that failed is no score: what went wrong is told, the first few of each look. */
function tell(what: string, errors: readonly (PlumblineError | null)[]): void {
  const all = errors.filter((e) => e !== null)
  for (const e of all.slice(0, 3)) process.stderr.write(`${what}: ${e.message}\n`)
  if (all.length > 3) process.stderr.write(`${what}: ${all.length - 3} more\n`)
}

/** What traces of the open differences say, finding by finding. */
async function layersOf(ctx: Context, findings: readonly Finding[], at: number): Promise<Map<string, Layer>> {
  const layers = new Map<string, Layer>()
  for (const f of findings) {
    if (f.state !== 'open' || f.entity_id === '' || (f.category !== 'mismatch' && f.category !== 'missing')) continue
    const traced = await trace(ctx, { finding: f.id }, at).catch(() => null)
    const branch = traced?.trace.branches.find((b) => b.platform === f.platform)
    if (branch?.fault) layers.set(f.id, branch.fault.layer)
  }
  return layers
}
