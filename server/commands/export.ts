/** `plumbline export`: records, findings, their transitions, issues, recorded events, runs and the audit trail, for other programs. */
import { PlumblineError } from '../errors.ts'
import { nearest } from '../config/nearest.ts'
import { EXPORTS, exported, FORMATS, type ExportFormat, type ExportName } from '../export.ts'
import { withContext } from './collect.ts'
import { downloadFromServer } from './server.ts'
import { text, type Command } from './command.ts'

export const exportCommand: Command = {
  usage: `${EXPORTS.join('|')}`,
  about: 'Writes what is known as NDJSON, CSV or Parquet to standard output.',
  details: [
    '--format ndjson|csv|parquet   default ndjson',
    '--kind KIND                   canonical kind; needed for records',
    '--where FIELD=VALUE           only rows that match; may be given several times',
  ],
  options: { format: { type: 'string' }, kind: { type: 'string' }, where: { type: 'string', multiple: true } },
  async run(globals, values, positionals) {
    const what = oneOf('export', positionals[0] ?? '', EXPORTS) as ExportName
    const format = oneOf('--format', text(values, 'format') ?? 'ndjson', FORMATS) as ExportFormat
    const kind = text(values, 'kind')
    const where = (values.where as string[] | undefined) ?? []
    const query = new URLSearchParams([
      ['format', format],
      ...(kind ? [['kind', kind]] : []),
      ...where.map((w) => ['where', w]),
    ] as [string, string][])
    const write = (piece: string | Uint8Array) => void process.stdout.write(piece)
    if (await downloadFromServer(globals, `/v1/export/${what}?${query}`, write)) return 0
    await withContext(globals, async (ctx) => {
      for await (const piece of exported(ctx, { what, format, kind, where })) write(piece)
    })
    return 0
  },
}

function oneOf(name: string, value: string, known: readonly string[]): string {
  if (known.includes(value)) return value
  const near = nearest(value, known)
  throw new PlumblineError('config', value ? `${name} "${value}" does not exist.` : `What is to be exported?`, {
    remedy: near ? `Did you mean "${near}"?` : `One of ${known.join(', ')}.`,
  })
}
