/** Linkage report: how well and how fast, as a Markdown table beside what others published. */
import { cpus, loadavg, totalmem } from 'node:os'
import type { Skipped } from '../server/identify/linker/pairs.ts'
import type { Quality } from './linkage-quality.ts'
import type { LinkageSet } from './linkage-sets.ts'

export interface Result {
  set: Pick<LinkageSet, 'name' | 'about' | 'published' | 'least'>
  records: number
  compared: number
  /** Pairs called at the one threshold; what follows when links are carried on; the best that any threshold gives. */
  found: Quality
  closed: Quality
  best: { probability: number; quality: Quality }
  seconds: number
  cpuSeconds: number
  skipped: string
}

export interface Timed {
  records: number
  compared: number
  seconds: number
  cpuSeconds: number
  precision: number
  recall: number
  f1: number
  skipped: readonly Skipped[]
}

const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
const four = (x: number) => x.toFixed(4)

export function report(results: readonly Result[], large: Timed | null, day: string, loadAtStart: number): string {
  return [
    `# Record linkage of ${day}`,
    '',
    `${cpus().length} processors (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 1024 ** 3)} GB; load average ${loadAtStart.toFixed(1)} at the start, ${loadavg()[0]!.toFixed(1)} at the end: read the processor seconds, not the wall clock. Node ${process.versions.node}.`,
    '',
    'Nothing was trained on labels: chances come from estimation alone, and on every set a pair is called one thing from a',
    'probability of 0.5 on. Precision, recall and F1 are of pairs, against the published truth. “Carried on” counts the pairs',
    'that follow when links are transitive; “best” says what the best threshold for the set would have given, which nobody',
    'knows beforehand.',
    '',
    row([
      'set',
      'records',
      'pairs compared',
      'precision',
      'recall',
      'F1',
      'F1 carried on',
      'best F1 (at)',
      'seconds',
      'processor seconds',
    ]),
    row(Array.from({ length: 10 }, () => '---')),
    ...results.map((r) =>
      row([
        `${r.set.name}: ${r.set.about}`,
        r.records,
        r.compared,
        four(r.found.precision),
        four(r.found.recall),
        `**${four(r.found.f1)}**`,
        four(r.closed.f1),
        `${four(r.best.quality.f1)} (${r.best.probability})`,
        r.seconds.toFixed(1),
        r.cpuSeconds.toFixed(1),
      ]),
    ),
    '',
    ...results.flatMap((r) =>
      r.skipped ? [`Skipped in ${r.set.name} because too many records share them: ${r.skipped}.`, ''] : [],
    ),
    '## What others publish',
    '',
    ...results.map(
      (r) =>
        `- ${r.set.name}: ${r.set.published.join('; ') || 'no figures of Splink or dedupe on this set were found'}`,
    ),
    '- Splink says of itself that it links a million records on a laptop in around a minute (https://pypi.org/project/splink/).',
    '',
    ...(large
      ? [
          '## A million records',
          '',
          `${large.records.toLocaleString('en')} made-up customers of three platforms, each thing twice, with errors of hand entry (bench/linkage-million.ts): prepared, estimated, ${large.compared.toLocaleString('en')} pairs compared.`,
          '',
          row(['seconds', 'processor seconds', 'precision', 'recall', 'F1']),
          row(Array.from({ length: 5 }, () => '---')),
          row([
            large.seconds.toFixed(1),
            large.cpuSeconds.toFixed(1),
            four(large.precision),
            four(large.recall),
            four(large.f1),
          ]),
          '',
          ...large.skipped.map((s) => `Skipped: ${s.keys} keys of “${s.rule}” that ${s.records} records share.`),
          '',
        ]
      : []),
  ].join('\n')
}
