/** Report: the figures as a Markdown table, with the machine and the day; ratios first, because seconds belong to one machine. */
import { cpus, loadavg, totalmem } from 'node:os'
import { median, type Measured } from './measure.ts'

export interface Report {
  records: number
  engines: string[]
  /** What all engines answered alike. */
  checks: Measured[]
  /** Fastest form of each peer, by name. */
  duckdb: Measured
  sqlite: Measured
  runs: { measured: Measured; note: string }[]
  notes: string[]
  loadAtStart: number
}

const seconds = (ms: number) =>
  Number.isNaN(ms) ? '–' : ms >= 10_000 ? (ms / 1000).toFixed(1) : (ms / 1000).toFixed(3)
const spread = ({ ms }: Measured) => [Math.min(...ms), median(ms), Math.max(...ms)].map(seconds).join(' / ')
const memory = ({ peakMb }: Measured) => (peakMb === null ? '–' : `${Math.round(peakMb)} MB`)
const ratio = (a: number, b: number) => (Number.isNaN(a) ? '–' : `${(a / b).toFixed(2)} ×`)

export function markdown(r: Report, day: string): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const against = (m: Measured, peer: Measured) => ratio(median(m.ms), median(peer.ms))
  return [
    `# Benchmark of ${day}`,
    '',
    `${r.records.toLocaleString('en')} customer records over three platforms, eight compared fields. ${cpus().length} processors (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 1024 ** 3)} GB; load average ${r.loadAtStart.toFixed(1)} at the start, ${loadavg()[0]!.toFixed(1)} at the end. Node ${process.versions.node}; ${r.engines.join('; ')}.`,
    '',
    '## One question, the same answer from all',
    '',
    'How many entities differ, in each field. Repetitions take turns; every answer was compared with what is known to be true.',
    '',
    row(['how', 'seconds (min / median / max)', 'of DuckDB', 'of SQLite', 'processor seconds', 'memory over idle']),
    row(['---', '---', '---', '---', '---', '---']),
    ...r.checks.map((m) =>
      row([m.name, spread(m), against(m, r.duckdb), against(m, r.sqlite), seconds(median(m.cpuMs)), memory(m)]),
    ),
    '',
    '## Whole jobs of the product',
    '',
    row([
      'job',
      'seconds (min / median / max)',
      'of DuckDB’s full check',
      'processor seconds',
      'memory over idle',
      'what it did',
    ]),
    row(['---', '---', '---', '---', '---', '---']),
    ...r.runs.map(({ measured: m, note }) =>
      row([m.name, spread(m), against(m, r.duckdb), seconds(median(m.cpuMs)), memory(m), note]),
    ),
    '',
    ...r.notes.flatMap((n) => [n, '']),
  ].join('\n')
}
