/** `plumbline check`: one round of checks now. */
import { explainChecks } from '../check/explain.ts'
import { refuseOff } from '../check/off.ts'
import type { CheckRunResult } from '../check/run.ts'
import { PlumblineError } from '../errors.ts'
import { SEVERITIES, type Severity } from '../../model/verdict.ts'
import { nearest } from '../config/nearest.ts'
import { look } from '../round.ts'
import { checksThen, hasPast } from '../check/past/then.ts'
import { runBacktest } from './backtest.ts'
import { withContext } from './collect.ts'
import { askServerToRun } from './server.ts'
import { text, type Command } from './command.ts'

export const check: Command = {
  usage: '[CHECK…] [--full]',
  about: 'Compares what has been collected, once, now.',
  details: [
    '--full               looks at everything instead of what moved; finds the same',
    '--explain            prints the SQL of the checks and runs nothing',
    '--as-of INSTANT      answers from the facts as of then and writes nothing; before the first reading, from those of now',
    '--backtest SPAN      replays one check over the past (90d): how often it fired, whom, how much, how long',
    '--file FILE          with --backtest: a new or changed check, held against the live version',
    '--fail-on SEVERITY   exit 1 when open findings of that severity or worse exist',
  ],
  options: {
    full: { type: 'boolean' },
    explain: { type: 'boolean' },
    'as-of': { type: 'string' },
    backtest: { type: 'string' },
    file: { type: 'string' },
    'fail-on': { type: 'string' },
  },
  async run(globals, values, checks) {
    const backtest = text(values, 'backtest')
    if (backtest !== undefined)
      return await runBacktest(globals, { check: checks[0], window: backtest, file: text(values, 'file') })
    const asOf = instant(text(values, 'as-of'))
    const failOn = severity(text(values, 'fail-on'))
    const job = { do: 'check', checks, full: values.full === true, ...(asOf !== undefined && { asOf }) }
    if (values.explain === true) {
      globals.out(await withContext(globals, (ctx) => Promise.resolve(explainChecks(ctx, known(ctx.checks, checks)))))
      return 0
    }
    const results =
      (await askServerToRun<CheckRunResult[]>(globals, job)) ??
      (await withContext(globals, async (ctx) => {
        const wanted = known(ctx.checks, checks)
        if (asOf === undefined) refuseOff(ctx, checks)
        if (asOf !== undefined && (await hasPast(ctx, asOf)))
          return await checksThen(
            ctx,
            ctx.checks.filter((c) => wanted.includes(c.id)),
            asOf,
          )
        return await look(ctx, {
          ...(checks.length && { checks: wanted }),
          full: values.full === true,
          ...(asOf !== undefined && { asOf }),
        })
      }))
    if (globals.json) globals.out(`${JSON.stringify(results, null, 2)}\n`)
    else globals.out(report(results))
    if (results.some((r) => r.error)) return 1
    return failOn && results.some((r) => r.open > 0 && SEVERITIES.indexOf(r.severity) >= SEVERITIES.indexOf(failOn))
      ? 1
      : 0
  },
}

function known(all: readonly { id: string }[], wanted: readonly string[]): string[] {
  const ids = all.map((c) => c.id)
  for (const id of wanted) {
    if (ids.includes(id)) continue
    throw new PlumblineError('config', `There is no check "${id}".`, {
      remedy: `Did you mean "${nearest(id, ids) ?? ids[0]}"?`,
    })
  }
  return wanted.length ? [...wanted] : ids
}

function instant(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const ms = Date.parse(value)
  if (Number.isNaN(ms))
    throw new PlumblineError('config', `--as-of "${value}" is not an instant.`, {
      remedy: 'Write it like 2026-11-20T12:00:00Z.',
    })
  return ms
}

function severity(value: string | undefined): Severity | undefined {
  if (value === undefined) return undefined
  if (!(SEVERITIES as readonly string[]).includes(value))
    throw new PlumblineError('config', `--fail-on "${value}" is not a severity.`, {
      remedy: `Use one of ${SEVERITIES.join(', ')}.`,
    })
  return value as Severity
}

function report(results: readonly CheckRunResult[]): string {
  const width = Math.max(...results.map((r) => r.check.length), 5)
  const lines = results.map((r) => {
    if (r.error)
      return `${r.check.padEnd(width)}  failed: ${r.error.message}${r.error.remedy ? ` ${r.error.remedy}` : ''}`
    const parts = [
      `${r.open} open`,
      r.newlyOpen ? `${r.newlyOpen} new` : '',
      r.resolved ? `${r.resolved} resolved` : '',
      r.inFlight ? `${r.inFlight} in flight` : '',
      r.undecided ? `${r.undecided} undecided` : '',
    ]
    return `${r.check.padEnd(width)}  ${parts.filter(Boolean).join(', ')}`
  })
  const sum = (pick: (r: CheckRunResult) => number) => results.reduce((n, r) => n + pick(r), 0)
  return `${lines.join('\n')}\n\n${results.length} checks: ${sum((r) => r.open)} open findings, ${sum((r) => r.inFlight)} in flight, ${sum((r) => r.undecided)} undecided\n`
}
