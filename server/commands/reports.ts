/** `plumbline reports`: what goes to whom and when, what was sent, who reads it, and pausing. */
import { writeFileSync } from 'node:fs'
import { extname } from 'node:path'
import type { ReportFile } from '../config/reports-schema.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import { originOf } from '../origin.ts'
import { archived } from '../report/archive.ts'
import { reportFile } from '../report/files.ts'
import { reportHtml } from '../report/html.ts'
import { linksOf } from '../report/reports.ts'
import { reportText } from '../report/text.ts'
import { callApi } from './api.ts'
import { withContext } from './collect.ts'
import { text, type Command, type Globals, type Values } from './command.ts'
import { downloadFromServer } from './server.ts'

interface Schedule {
  name: string
  schedule: string
  timezone: string
  readers: number
  paused: { by: string } | null
  next: string[]
  runs: { planned_at: string; outcome: string; why: string; again_at: string | null }[]
}
interface Sent {
  id: string
  made_at: string
  subject: string
  late: boolean
  removed: { at: string } | null
}

const DOES = ['list', 'archive', 'pause', 'resume', 'subscribe', 'leave'] as const
type Does = (typeof DOES)[number]

export const reports: Command = {
  usage: `${DOES.join('|')} [NAME|ID] [ADDRESS]`,
  about: 'Which report goes to whom and when; what was sent, who reads it, and pausing.',
  details: [
    'list                      schedules with their next run and what became of the last',
    'archive [ID --out FILE]   what was sent; one of them as a file: .html, .txt, .pdf, .csv, .xlsx, .parquet',
    'pause NAME, resume NAME   planned runs are skipped, and run again',
    'subscribe NAME ADDRESS    sends it to that mail address too',
    'leave NAME ADDRESS        sends it there no more',
  ],
  options: { out: { type: 'string' } },
  async run(globals, values, [verb, ...rest]) {
    const does = DOES.find((d) => d === verb)
    if (!does)
      throw new PlumblineError('config', verb === undefined ? 'Say what to do.' : `There is no "reports ${verb}".`, {
        remedy: `plumbline reports ${DOES.join('|')}; --help explains them.`,
      })
    return await RUN[does](globals, values, rest)
  },
}

const path = (name: string, what: string) => `/v1/reports/${encodeURIComponent(name)}/${what}`

const paused = async (globals: Globals, name: string, on: boolean): Promise<number> => {
  await callApi(globals, { method: 'POST', path: path(name, 'pause'), json: { paused: on } })
  globals.out(on ? `${name} is paused.\n` : `${name} runs again.\n`)
  return 0
}

const subscribed = async (globals: Globals, name: string, address: string, on: boolean): Promise<number> => {
  await callApi(globals, { method: 'POST', path: path(name, 'subscription'), json: { subscribed: on, address } })
  globals.out(on ? `${address} gets ${name}.\n` : `${address} gets ${name} no more.\n`)
  return 0
}

const RUN: Record<Does, (globals: Globals, values: Values, rest: string[]) => Promise<number>> = {
  async list(globals) {
    const all = await callApi<Schedule[]>(globals, { method: 'GET', path: '/v1/reports' })
    if (globals.json) globals.out(`${JSON.stringify(all, null, 2)}\n`)
    else for (const r of all) globals.out(scheduled(r))
    return 0
  },
  async archive(globals, values, [id]) {
    const out = text(values, 'out')
    if (id === undefined) {
      const all = await callApi<Sent[]>(globals, { method: 'GET', path: '/v1/reports/archive' })
      if (globals.json) globals.out(`${JSON.stringify(all, null, 2)}\n`)
      else
        for (const r of all)
          globals.out(
            `${r.made_at} ${r.id}${r.late ? ' late' : ''}${r.removed ? ` removed ${r.removed.at}` : ''}: ${r.subject}\n`,
          )
      return 0
    }
    if (out === undefined) {
      const sent = await callApi<Sent>(globals, {
        method: 'GET',
        path: `/v1/reports/archive/${encodeURIComponent(id)}`,
      })
      globals.out(`${JSON.stringify(sent, null, 2)}\n`)
      return 0
    }
    const format = formatOf(out)
    const pieces: Uint8Array[] = []
    const file = { html: 'page', txt: 'page?as=text', pdf: 'report.pdf' }[format as string] ?? `data.${format}`
    if (
      !(await downloadFromServer(globals, `/v1/reports/archive/${encodeURIComponent(id)}/${file}`, (p) =>
        pieces.push(p),
      ))
    )
      pieces.push(await withContext(globals, (ctx) => sentAs(ctx, id, format)))
    writeFileSync(out, Buffer.concat(pieces), { mode: 0o600 })
    globals.err(`Written to ${out}.\n`)
    return 0
  },
  pause: (globals, _, [name = '']) => paused(globals, name, true),
  resume: (globals, _, [name = '']) => paused(globals, name, false),
  subscribe: (globals, _, [name = '', address = '']) => subscribed(globals, name, address, true),
  leave: (globals, _, [name = '', address = '']) => subscribed(globals, name, address, false),
}

function scheduled({ name, schedule, timezone, readers, paused: by, next, runs: [last] }: Schedule): string {
  const when = by ? `paused by ${by.by}` : next[0] ? `next ${next[0]}` : 'by hand'
  const fate = last ? `; last ${last.planned_at} ${last.outcome}: ${last.why}` : ''
  const again = last?.again_at ? `; again ${last.again_at}` : ''
  return `${name}: ${schedule} (${timezone}), ${readers} ${readers === 1 ? 'reader' : 'readers'}, ${when}${fate}${again}\n`
}

const FORMATS = ['html', 'txt', 'pdf', 'csv', 'xlsx', 'parquet'] as const

function formatOf(file: string): (typeof FORMATS)[number] {
  const found = FORMATS.find((f) => f === extname(file).slice(1).toLowerCase())
  if (found) return found
  throw new PlumblineError('config', `A report cannot be written as "${file}".`, {
    remedy: `Endings: .${FORMATS.join(', .')}.`,
  })
}

async function sentAs(ctx: Context, id: string, format: (typeof FORMATS)[number]): Promise<Uint8Array> {
  const { content, data } = archived(ctx, id)
  const options = { origin: originOf(ctx.config), links: linksOf(id, content) }
  if (format === 'html') return Buffer.from(reportHtml(content, { ...options, as: 'page' }))
  if (format === 'txt') return Buffer.from(reportText(content, options))
  return (
    await reportFile(ctx, format satisfies ReportFile, { content, rows: data.rows, name: id, origin: options.origin })
  ).bytes
}
