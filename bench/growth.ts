/** Growth: the same jobs at several sizes, so that it shows what follows the size and what follows the change. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startActor } from './actor.ts'
import type { Loaded } from './load.ts'
import { median } from './measure.ts'
import type { Changed } from './ours.ts'
import type { Told } from './stage.ts'
import { PLATFORMS } from './world.ts'

/** Records that change before each incremental run. */
const CHANGED = 10_000
const TURNS = 3

interface Size {
  records: number
  /** Milliseconds, of the clock and of the processors. */
  full: [number, number]
  identify: [number, number]
  moved: [number, number]
  fullMb: number | null
}

export async function growth(sizes: readonly number[], say: (text: string) => void): Promise<void> {
  if (sizes.length < 2 || sizes.some((n) => !Number.isInteger(n) || n < 10 * CHANGED))
    throw new Error(`Say two sizes at least, of ${10 * CHANGED} records or more: --growth 300000,1000000,3000000`)
  const found: Size[] = []
  for (const records of [...sizes].sort((a, b) => a - b)) {
    say(`${records.toLocaleString('en')} records …`)
    found.push(await measured(records))
  }
  const day = new Date().toISOString().slice(0, 10)
  const text = markdown(found, day)
  process.stdout.write(`${text}\n`)
  const results = fileURLToPath(new URL('results/', import.meta.url))
  mkdirSync(results, { recursive: true })
  writeFileSync(join(results, `${day}-growth.md`), text)
}

async function measured(wanted: number): Promise<Size> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-growth-'))
  try {
    const loader = startActor('ours', folder)
    const { records } = (await loader.ask<Loaded>('load', Math.ceil(wanted / PLATFORMS.length))).result
    await loader.end()
    const ours = startActor('ours', folder)
    await ours.ask('open')
    await ours.ask<Told>('full')
    const full = await ours.ask<Told>('full')
    const identify: [number, number][] = []
    const moved: [number, number][] = []
    for (let turn = 1; turn <= TURNS; turn++) {
      const { result } = await ours.ask<Changed>('change', CHANGED, turn)
      identify.push([result.identifySeconds * 1000, result.identifyCpuMs])
      const check = await ours.ask<Told>('moved')
      moved.push([check.ms, check.cpuMs])
    }
    await ours.end()
    return {
      records,
      full: [full.ms, full.cpuMs],
      identify: middle(identify),
      moved: middle(moved),
      fullMb: full.peakMb,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const middle = (pairs: [number, number][]): [number, number] => [
  median(pairs.map(([ms]) => ms)),
  median(pairs.map(([, cpu]) => cpu)),
]

const JOBS = [
  ['full', 'full check'],
  ['identify', 'identify 10,000 changed'],
  ['moved', 'check 10,000 changed'],
] as const

function markdown(sizes: readonly Size[], day: string): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const s = ([ms, cpu]: [number, number]) => `${(ms / 1000).toFixed(2)} / ${(cpu / 1000).toFixed(2)}`
  const most = Math.max(...sizes.flatMap((size) => JOBS.map(([job]) => size[job][1])))
  return [
    `# Growth of ${day}`,
    '',
    `Seconds of the clock / of the processors; medians of ${TURNS} turns for what changed. Load average ${loadavg()[0]!.toFixed(1)} at the end: read the processor seconds.`,
    '',
    row(['records', ...JOBS.map(([, name]) => name), 'memory of the full check over idle']),
    row(['---', '---', '---', '---', '---']),
    ...sizes.map((size) =>
      row([
        size.records.toLocaleString('en'),
        ...JOBS.map(([job]) => s(size[job])),
        size.fullMb === null ? '–' : `${Math.round(size.fullMb)} MB`,
      ]),
    ),
    '',
    'Processor seconds, drawn:',
    '',
    '```',
    ...JOBS.flatMap(([job, name]) =>
      sizes.map((size) => {
        const cpu = size[job][1]
        const bar = '█'.repeat(Math.max(1, Math.round((cpu / most) * 50)))
        return `${name.padEnd(24)}${size.records.toLocaleString('en').padStart(12)}  ${bar} ${(cpu / 1000).toFixed(2)}`
      }),
    ),
    '```',
    '',
  ].join('\n')
}
