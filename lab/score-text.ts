/** The score as a table for people. */
import type { Row, Score } from './score.ts'

const percent = (share: number | null) =>
  share === null ? '–' : `${(share * 100).toFixed(share === 1 || share === 0 ? 0 : 1)} %`

/** `42 s`, `7 min`, `3.5 h`, `2.1 d`: two figures are enough. */
export function span(ms: number | null): string {
  if (ms === null) return '–'
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const
  const [unit, size] = units.find(([, u]) => ms >= u) ?? ['s', 1000]
  const count = ms / size
  return `${count >= 10 || Number.isInteger(count) ? Math.round(count) : count.toFixed(1)} ${unit}`
}

const COLUMNS: readonly (readonly [title: string, of: (row: Row) => string])[] = [
  ['drift', (r) => r.drift],
  ['planted', (r) => String(r.expected)],
  ['found', (r) => String(r.found)],
  ['missed', (r) => String(r.missed)],
  ['false', (r) => String(r.false)],
  ['precision', (r) => percent(r.precision)],
  ['recall', (r) => percent(r.recall)],
  ['median delay', (r) => span(r.medianMs)],
  ['cause right', (r) => (r.causeKnown === 0 ? '–' : `${r.causeRight}/${r.causeKnown}`)],
  ['money right', (r) => (r.amountKnown === 0 ? '–' : `${r.amountRight}/${r.amountKnown}`)],
]

/** Blame: per true cause, how often it was named, and what was said instead. */
function causeLines({ causes, total }: Score): string[] {
  const width = Math.max('true cause'.length, ...causes.map((c) => c.cause.length))
  const line = (name: string, right: number, known: number, instead: string) =>
    `${name.padEnd(width)}  ${`${right}/${known}`.padStart(9)}  ${percent(known === 0 ? null : right / known).padStart(7)}  ${instead}`.trimEnd()
  return [
    `${'true cause'.padEnd(width)}  ${'right'.padStart(9)}  ${'share'.padStart(7)}  said instead`,
    ...causes.map((c) =>
      line(
        c.cause,
        c.right,
        c.known,
        Object.entries(c.instead)
          .map(([cause, n]) => `${cause} ${n}`)
          .join(', '),
      ),
    ),
    line('total', total.causeRight, total.causeKnown, ''),
  ]
}

/** Layers: where the faults lay, how often a trace said so, and what it said instead. */
function layerLines({ layers }: Score): string[] {
  if (layers.length === 0) return []
  const width = Math.max('layer at fault'.length, ...layers.map((l) => l.layer.length))
  const line = (name: string, right: number, known: number, instead: string) =>
    `${name.padEnd(width)}  ${`${right}/${known}`.padStart(9)}  ${percent(known === 0 ? null : right / known).padStart(7)}  ${instead}`.trimEnd()
  const sum = (pick: (l: Score['layers'][number]) => number) => layers.reduce((n, l) => n + pick(l), 0)
  return [
    '',
    `${'layer at fault'.padEnd(width)}  ${'right'.padStart(9)}  ${'share'.padStart(7)}  said instead`,
    ...layers.map((l) =>
      line(
        l.layer,
        l.right,
        l.known,
        Object.entries(l.instead)
          .map(([name, n]) => `${name} ${n}`)
          .join(', '),
      ),
    ),
    line(
      'total',
      sum((l) => l.right),
      sum((l) => l.known),
      '',
    ),
  ]
}

export function scoreText(score: Score): string {
  const cells = [
    COLUMNS.map(([title]) => title),
    ...[...score.rows, score.total].map((row) => COLUMNS.map(([, of]) => of(row))),
  ]
  const widths = COLUMNS.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)))
  const lines = cells.map((line) =>
    line
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2))
  return [
    lines[0],
    rule,
    ...lines.slice(1, -1),
    rule,
    lines.at(-1),
    '',
    ...causeLines(score),
    ...layerLines(score),
    '',
    `as of ${new Date(score.asOf).toISOString()}: ${score.consequences} findings follow from planted faults, ${score.inFlightAlarms} alarms on changes in flight, ${score.lingering} left open after healing, ${score.undecided} undecided.`,
  ].join('\n')
}
