/** `plumbline compare`: two exports, one command: what they disagree about, without any set-up. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { closePlatforms } from '../collect/platform.ts'
import { differences, type Comparison, type KindSummary } from '../compare/differences.ts'
import { given, guessFiles, type GuessedFile } from '../compare/files.ts'
import { page } from '../compare/page.ts'
import { settingsOf } from '../compare/settings.ts'
import { PlumblineError } from '../errors.ts'
import { identify } from '../identify/identify.ts'
import { propose } from '../identify/propose.ts'
import { createLog } from '../log.ts'
import { systemClock } from '../clock.ts'
import { openContext } from '../open.ts'
import { collectAll } from '../round.ts'
import { sideRows, type SideRow } from '../store/facts/side-by-side.ts'
import { kindOf } from '../../model/kinds.ts'
import { VERSION } from '../version.ts'
import { text, type Command } from './command.ts'

export const compare: Command = {
  usage: 'PLATFORM=FILE PLATFORM=FILE… [--out FILE]',
  about: 'Compares exports without any set-up, and writes a report with every difference.',
  details: [
    'crm=accounts.csv erp=customers.csv   any names; CSV, NDJSON or Parquet; several kinds of one platform as several pairs',
    '--map COLUMN=FIELD     what a column means, where the guess is wrong; crm.COLUMN=FIELD for one file, COLUMN= to leave it out',
    '--out FILE             the report, default comparison.html',
    '--save FILE            writes the configuration that was guessed, to go on from (plumbline.yaml)',
    'Keeps nothing but these files. Exit 1 when something differs.',
  ],
  options: {
    map: { type: 'string', multiple: true },
    out: { type: 'string' },
    save: { type: 'string' },
  },
  async run(globals, values, positionals) {
    const files = await guessFiles(positionals.map(given), (values.map as string[] | undefined) ?? [])
    if (new Set(files.map((f) => f.platform)).size < 2)
      throw new PlumblineError('config', 'A comparison takes two platforms at least.', {
        remedy: 'plumbline compare crm=accounts.csv erp=customers.csv',
      })
    const save = text(values, 'save')
    if (save !== undefined && existsSync(save))
      throw new PlumblineError('conflict', `${save} exists already.`, { remedy: 'Save under another name.' })
    const started = performance.now()
    const { comparison, unread } = await compared(files, globals.env)
    const out = text(values, 'out') ?? 'comparison.html'
    mkdirSync(dirname(resolve(out)), { recursive: true })
    writeFileSync(out, page({ files, comparison, unread, at: new Date().toISOString(), version: VERSION }))
    if (save !== undefined) {
      const from = dirname(resolve(save))
      writeFileSync(
        save,
        settingsOf(files, (folder) => `./${relative(from, folder)}`.replace(/^\.\/\.\./, '..')),
      )
    }
    if (globals.json) globals.out(`${JSON.stringify({ ...comparison, unread, report: out }, null, 2)}\n`)
    else globals.out(spoken(files, comparison, unread, { out, save, seconds: (performance.now() - started) / 1000 }))
    return comparison.lines.some((l) => l.state !== 'spelling') ? 1 : 0
  },
}

/** Runs the product itself over the files in a folder of its own, and takes the folder away again. */
export async function compared(
  files: readonly GuessedFile[],
  env: NodeJS.ProcessEnv,
): Promise<{ comparison: Comparison; unread: Record<string, number> }> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-compare-'))
  try {
    const configFile = join(folder, 'plumbline.yaml')
    writeFileSync(
      configFile,
      settingsOf(files, (path) => path),
    )
    const clock = systemClock
    const { CLICKHOUSE_URL: _, ...own } = env
    const log = createLog({ clock, level: 'error', write: () => {} })
    const opened = await openContext({ configFile, data: join(folder, 'data'), env: own, clock, log })
    try {
      const { ctx } = opened
      const unread: Record<string, number> = {}
      for (const { platform, result, error } of await collectAll(ctx)) {
        if (error) throw error
        for (const s of result!.streams) {
          if (s.error) throw s.error
          const file = files.find((f) => f.platform === platform && f.kind === s.kind)
          if (file && s.quarantined > 0) unread[file.file] = s.quarantined
        }
      }
      await identify(ctx)
      await propose(ctx, { full: true })
      const comparison: Comparison = { kinds: [], lines: [] }
      for (const kind of [...new Set(files.map((f) => f.kind))]) {
        const own = files.filter((f) => f.kind === kind)
        if (own.length < 2) continue
        const rows: SideRow[] = []
        for await (const batch of sideRows(ctx.facts, kind)) rows.push(...batch)
        const { summary, lines } = differences(kind, rows, heldOf(own))
        comparison.kinds.push(summary)
        comparison.lines.push(...lines)
      }
      if (comparison.kinds.length === 0)
        throw new PlumblineError(
          'schema',
          `The files hold different kinds: ${files.map((f) => `${f.file} ${f.kind}`).join(', ')}.`,
          {
            remedy: 'Give two files of one kind; a file name such as customers.csv or invoices.csv says the kind.',
          },
        )
      return { comparison, unread }
    } finally {
      closePlatforms(opened.ctx.control)
      await opened.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Platform → canonical fields that its file has a column for. */
function heldOf(files: readonly GuessedFile[]): Record<string, string[]> {
  return Object.fromEntries(
    files.map((f) => {
      const fields = kindOf(f.kind).fields.map((x) => x.name)
      const held = Object.keys(f.guess.columns).filter((c) => fields.includes(c))
      return [f.platform, f.guess.columns['status'] && fields.includes('state') ? [...held, 'state'] : held]
    }),
  )
}

function spoken(
  files: readonly GuessedFile[],
  { kinds }: Comparison,
  unread: Readonly<Record<string, number>>,
  { out, save, seconds }: { out: string; save: string | undefined; seconds: number },
): string {
  const lines = files.flatMap((f) => [
    `${f.platform}: ${f.file} holds ${kindOf(f.kind).plural}${f.encoding === 'utf-8' ? '' : `, written in ${f.encoding}`}`,
    `  ${Object.entries(f.guess.columns)
      .filter(([target]) => !target.startsWith('custom.'))
      .map(([target, column]) => (column === target ? column : `${column} → ${target}`))
      .join(', ')}`,
    ...(f.guess.left.length ? [`  not compared: ${f.guess.left.join(', ')}`] : []),
    ...(unread[f.file] ? [`  ${unread[f.file]} rows could not be read and are left out`] : []),
  ])
  return `${[...lines, '', ...kinds.flatMap(kindLines)].join('\n')}
Every difference is in ${out} (${seconds.toFixed(1)} s).
${save === undefined ? 'To go on from here: the same command with --save plumbline.yaml, then plumbline start.' : `The configuration is in ${save}: plumbline start --config ${save}`}
`
}

function kindLines(k: KindSummary): string[] {
  const { plural } = kindOf(k.kind)
  const fields = k.fields.filter((f) => f.differing > 0)
  const width = Math.max(0, ...fields.map((f) => f.label.length))
  return [
    `${plural}: ${Object.entries(k.records)
      .map(([p, n]) => `${n} in ${p}`)
      .join(', ')}`,
    `  ${k.matched} in all, ${k.same} of them without a difference; ${k.differing} differ`,
    `  ${Object.entries(k.only)
      .map(([p, n]) => `${n} only in ${p}`)
      .join(', ')}${k.several ? `; ${k.several} several times on one side` : ''}`,
    ...fields.map((f) => `    ${f.label.padEnd(width)}  ${f.differing} of ${f.compared} differ`),
    ...k.left.map((l) => `    ${l.label}: ${l.why}`),
    ...k.money.flatMap((m) => [
      ...(m.differing === '0' ? [] : [`  amounts differ by ${m.differing} ${m.currency}`.trimEnd()]),
      ...Object.entries(m.only).map(([p, sum]) => `  ${sum} ${m.currency} only in ${p}`),
    ]),
    '',
  ]
}
