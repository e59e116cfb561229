/** `plumbline report`: a report on today's data as a file, or to its readers. */
import { writeFileSync } from 'node:fs'
import { extname } from 'node:path'
import { nearest } from '../config/nearest.ts'
import { REPORT_FILES, type ReportFile } from '../config/reports-schema.ts'
import type { Context } from '../context.ts'
import { createCourier } from '../deliver/courier.ts'
import { unsubscribeLink } from '../deliver/unsubscribe.ts'
import { PlumblineError } from '../errors.ts'
import { originOf } from '../origin.ts'
import { reportFile } from '../report/files.ts'
import { reportHtml } from '../report/html.ts'
import { createReports } from '../report/reports.ts'
import { reportText } from '../report/text.ts'
import { withContext } from './collect.ts'
import { downloadFromServer, askServer } from './server.ts'
import { text, type Command } from './command.ts'

const FORMATS = ['html', 'txt', ...REPORT_FILES] as const
type Format = (typeof FORMATS)[number]

export const report: Command = {
  usage: 'NAME --out FILE|--send',
  about: 'Makes a report on today’s data: as a file, or sent to its readers.',
  details: [
    `--out FILE   writes it; the ending says how: .${FORMATS.join(', .')}`,
    '--send       sends it to all readers now, and keeps it',
  ],
  options: { out: { type: 'string' }, send: { type: 'boolean' } },
  async run(globals, values, [name]) {
    const out = text(values, 'out')
    if (name === undefined || (out === undefined) === (values.send !== true))
      throw new PlumblineError('config', 'Name one report, and either --out FILE or --send.', {
        remedy: 'As in plumbline report weekly-finance --out finance.pdf',
      })
    if (out === undefined) {
      const sent =
        (await askServer<{ id: string }>(globals, {
          method: 'POST',
          path: `/v1/reports/${encodeURIComponent(name)}/send`,
          json: {},
        })) ?? (await withContext(globals, (ctx) => sendHere(ctx, name)))
      globals.out(globals.json ? `${JSON.stringify({ id: sent.id })}\n` : `Sent as ${sent.id}.\n`)
      return 0
    }
    const format = formatOf(out)
    const pieces: Uint8Array[] = []
    const path = `/v1/reports/${encodeURIComponent(name)}/file?format=${format}`
    if (!(await downloadFromServer(globals, path, (piece) => pieces.push(piece))))
      pieces.push(await withContext(globals, (ctx) => made(ctx, name, format)))
    writeFileSync(out, Buffer.concat(pieces), { mode: 0o600 })
    globals.err(`Written to ${out}.\n`)
    return 0
  },
}

function formatOf(file: string): Format {
  const ending = extname(file).slice(1).toLowerCase()
  const found = FORMATS.find((f) => f === ending)
  if (found) return found
  const near = nearest(ending, FORMATS)
  throw new PlumblineError('config', `A report cannot be written as "${ending}".`, {
    remedy: near ? `Did you mean .${near}?` : `Endings: .${FORMATS.join(', .')}.`,
  })
}

const reportsOf = (ctx: Context) =>
  createReports(ctx, {
    unsubscribe: (list, address) => unsubscribeLink(ctx.control, ctx.config.server.public_url, list, address),
  })

async function made(ctx: Context, name: string, format: Format): Promise<Uint8Array> {
  const { content, data } = await reportsOf(ctx).preview(name)
  const origin = originOf(ctx.config)
  if (format === 'html') return Buffer.from(reportHtml(content, { origin, as: 'page' }))
  if (format === 'txt') return Buffer.from(reportText(content, { origin }))
  return (await reportFile(ctx, format satisfies ReportFile, { content, rows: data.rows, name, origin })).bytes
}

/** No server runs: what was put into the outbox is brought at once; what cannot be waits for the next start. */
async function sendHere(ctx: Context, name: string): Promise<{ id: string }> {
  const entry = await reportsOf(ctx).sendNow(name, 'local')
  const courier = createCourier(ctx)
  try {
    for (const channel of new Set(ctx.control.outbox({ ref: entry.id, limit: 1000 }).map((r) => r.channel)))
      await courier.drain(channel)
  } finally {
    courier.close()
  }
  return entry
}
