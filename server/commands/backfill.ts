/** `plumbline backfill`: a range of time read again; without --yes it only says what that would cost. */
import type { Backfill } from '../api/backfill.ts'
import { backfillAsk, runBackfill } from '../api/backfill.ts'
import { PlumblineError } from '../errors.ts'
import { withContext } from './collect.ts'
import type { Command } from './command.ts'
import { text } from './command.ts'
import { askServerToRun } from './server.ts'

export const backfillCommand: Command = {
  usage: 'PLATFORM --from DAY --to DAY [--stream NAME] [--yes]',
  about: 'Reads a range of time again; says first what that costs in calls.',
  details: [
    '--from   first day or instant, UTC unless it says otherwise',
    '--to     the day or instant up to which',
    '--stream only this one',
    '--yes    reads; without it the cost is shown and nothing is read',
    'Exit 1 when a stream could not be read; start it again and it goes on there.',
  ],
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    stream: { type: 'string' },
    yes: { type: 'boolean' },
  },
  async run(globals, values, [platform]) {
    if (platform === undefined)
      throw new PlumblineError('config', 'Which platform?', {
        remedy: 'plumbline backfill PLATFORM --from DAY --to DAY',
      })
    const stream = text(values, 'stream')
    const ask = backfillAsk.parse({
      from: instantOf('from', text(values, 'from')),
      to: instantOf('to', text(values, 'to')),
      ...(stream !== undefined && { streams: [stream] }),
      dry_run: values['yes'] !== true,
    })
    const result =
      (await askServerToRun<Backfill>(globals, { do: 'backfill', platform, ...ask })) ??
      (await withContext(globals, (ctx) => runBackfill({ ctx }, platform, ask)))
    if (globals.json) globals.out(`${JSON.stringify(result, null, 2)}\n`)
    else globals.out(told(result))
    return result.done?.some((s) => s.error) ? 1 : 0
  },
}

function instantOf(name: string, given: string | undefined): string {
  const at = Date.parse(given ?? '')
  if (Number.isNaN(at))
    throw new PlumblineError('config', `--${name} is no day or instant.`, {
      remedy: `Write --${name} 2026-11-01, or with a time and offset.`,
    })
  return new Date(at).toISOString()
}

function told({ dry_run, calls, streams, done }: Backfill): string {
  const about = (exact: boolean, n: number | null, what: string) =>
    n === null ? `unknown ${what}` : `${exact ? '' : 'about '}${n} ${what}`
  const lines = streams.map(
    (s) =>
      `  ${s.stream}: ${about(s.exact, s.calls, 'calls')}, ${about(s.exact, s.rows, 'rows')} by ${s.by}${s.resumes ? ', goes on where it stopped' : ''}`,
  )
  for (const s of done ?? [])
    lines.push(
      `  ${s.stream}: ${s.read} read, ${s.stored} stored${s.quarantined ? `, ${s.quarantined} in quarantine` : ''}${s.error ? ` — ${s.error.message}` : ''}`,
    )
  lines.unshift(calls === null ? 'Cost in calls: not known for every stream' : `Cost: ${calls} calls`)
  if (dry_run) lines.push('Nothing was read. Add --yes to read it.')
  return `${lines.join('\n')}\n`
}
