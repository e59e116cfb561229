/** `plumbline check CHECK --backtest 90d`: the check over the past, here or in the server that is running. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { backtest, type Backtest, type Figures } from '../check/past/backtest.ts'
import { readCheck } from '../check/read.ts'
import type { Check } from '../check/contract.ts'
import { durationMs } from '../config/duration.ts'
import { formatProblems } from '../config/problem.ts'
import { systemClock } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import { withContext } from './collect.ts'
import type { Globals } from './command.ts'
import { askServer } from './server.ts'

export interface BacktestAsk {
  /** Id of a check; with a file the id that the text is taken for. */
  check: string | undefined
  window: string
  file: string | undefined
}

interface Job {
  id: string
  state: 'running' | 'done' | 'failed' | 'stopped'
  done: number
  of: number
  error: { message: string; remedy?: string } | null
  result: Backtest | null
}

/** How often a running server is asked how far it has come. */
const ASK_MS = 500

export async function runBacktest(globals: Globals, ask: BacktestAsk): Promise<number> {
  const span = durationMs(ask.window)
  if (span === null)
    throw new PlumblineError('config', `--backtest "${ask.window}" is no span.`, {
      remedy: 'Write it like 90d or 24h.',
    })
  const yaml = ask.file === undefined ? undefined : readFileSync(ask.file, 'utf8')
  const id = ask.check ?? (ask.file === undefined ? undefined : `draft/${basename(ask.file).replace(/\.ya?ml$/, '')}`)
  if (id === undefined)
    throw new PlumblineError('config', 'Name the check to replay.', {
      remedy: 'plumbline check customer-master/credit-hold --backtest 90d',
    })
  const result = (await inServer(globals, id, ask.window, yaml)) ?? (await here(globals, id, span, yaml))
  globals.out(globals.json ? `${JSON.stringify(result, null, 2)}\n` : report(result))
  return 0
}

async function inServer(
  globals: Globals,
  check: string,
  window: string,
  yaml: string | undefined,
): Promise<Backtest | null> {
  const wish = { check, window, ...(yaml !== undefined && { yaml }) }
  let job = await askServer<Job>(globals, { method: 'POST', path: '/v1/checks/backtest', json: wish })
  if (!job) return null
  while (job.state === 'running') {
    progress(globals, job.done, job.of)
    await systemClock.sleep(ASK_MS)
    job = (await askServer<Job>(globals, { method: 'GET', path: `/v1/checks/backtest/${job.id}` })) ?? {
      ...job,
      state: 'stopped',
    }
  }
  if (job.result) return job.result
  const { error } = job
  throw new PlumblineError('upstream', error?.message ?? 'The back-test was stopped.', {
    ...(error?.remedy !== undefined && { remedy: error.remedy }),
  })
}

async function here(globals: Globals, id: string, span: number, yaml: string | undefined): Promise<Backtest> {
  return await withContext(globals, async (ctx) => {
    const live = ctx.checks.find((c) => c.id === id) ?? null
    const check = yaml === undefined ? live : written(id, yaml)
    if (!check)
      throw new PlumblineError('config', `There is no check "${id}".`, {
        remedy: 'plumbline check --explain lists them.',
      })
    const to = ctx.clock.now()
    return await backtest(ctx, {
      check,
      live: yaml === undefined ? null : live,
      from: to - span,
      to,
      progress: (done, of) => progress(globals, done, of),
    })
  })
}

/** @throws PlumblineError config with every problem of the file */
function written(id: string, yaml: string): Check {
  const { check, problems } = readCheck(`${id}.yaml`, id, yaml, undefined)
  if (check) return check
  throw new PlumblineError('config', `The check cannot be read.\n${formatProblems(problems)}`, {
    remedy: 'Correct what is named above.',
  })
}

/** On a terminal only: a log file needs no rising numbers. */
function progress(globals: Globals, done: number, of: number): void {
  if (!globals.json && process.stderr.isTTY) globals.err(`\r${done} of ${of} instants `)
}

function report(r: Backtest): string {
  const lines = [
    `${r.check}: ${r.title}`,
    `from ${r.from} to ${r.to}, ${r.instants} instants${r.cell_s === null ? ', every change' : `; what came and went within ${span(r.cell_s)} was not seen`}`,
    '',
    ...table(r.figures, r.live),
  ]
  if (r.compared)
    lines.push(
      '',
      `Against the live version: ${r.compared.added} findings more, ${r.compared.removed} fewer, ${r.compared.same} the same; ${r.compared.alerts_added} alerts more, ${r.compared.alerts_removed} fewer.`,
    )
  for (const f of r.findings.slice(0, 10))
    lines.push(
      `  ${f.opened_at}  ${f.amount === null ? 'amount unknown' : `${f.amount} ${f.currency ?? ''}`}  ${f.title}${f.closed_at === null ? '' : `, until ${f.closed_at}`}`,
    )
  return `${lines.join('\n')}\n`
}

function table(own: Figures, live: Figures | null): string[] {
  const money = (f: Figures) =>
    Object.entries(f.money)
      .map(([currency, sum]) => `${sum} ${currency}`)
      .join(', ') || (f.findings === 0 ? '–' : 'unknown')
  const rows: [string, (f: Figures) => string][] = [
    ['times it fired', (f) => String(f.fired)],
    ['findings', (f) => String(f.findings)],
    ['customers', (f) => String(f.customers)],
    ['alerts', (f) => String(f.alerts)],
    ['money at risk', money],
    ['still open at the end', (f) => String(f.still_open)],
    ['healed by itself', (f) => String(f.healed)],
    ['half of them within', (f) => (f.healed_median_s === null ? '–' : span(f.healed_median_s))],
    ['only ever in flight', (f) => String(f.only_in_flight)],
    ['only ever undecided', (f) => String(f.only_undecided)],
  ]
  const head = live ? [`${''.padEnd(24)}${'this version'.padEnd(22)}live version`] : []
  return [
    ...head,
    ...rows.map(([name, of]) => `${name.padEnd(24)}${of(own).padEnd(22)}${live ? of(live) : ''}`.trimEnd()),
  ]
}

function span(seconds: number): string {
  if (seconds >= 86_400) return `${(seconds / 86_400).toFixed(1)} d`
  if (seconds >= 3_600) return `${(seconds / 3_600).toFixed(1)} h`
  return `${Math.round(seconds / 60)} min`
}
