/** `plumbline checks`: the catalogue, and what administrators rule about a check: off, on, back to an earlier version. */
import { nearest } from '../config/nearest.ts'
import { PlumblineError } from '../errors.ts'
import { callApi } from './api.ts'
import { text, type Command, type Globals, type Values } from './command.ts'
import { ask, runningDesk, signedIn } from './person.ts'

interface Off {
  reason: string
  by: string
  since: string
  until: string | null
}
interface Shown {
  id: string
  title: string
  severity: string
  version: string
  open: number
  off: Off | null
  last_run_at: string | null
  error: { message: string } | null
}
interface Version {
  number: number
  version: string
  at: string
  by: string | null
  reason: string | null
  live: boolean
}

type Act = (globals: Globals, values: Values, check: string, rest: string[]) => Promise<number>

const ACTS: Record<string, Act> = {
  async off(globals, values, check) {
    const until = text(values, 'until') ?? null
    const off = await ruled<Off>(globals, values, `${check}/off`, { until })
    return said(globals, off, `${check} is off ${off.until ? `until ${off.until}` : 'until it is switched on'}.\n`)
  },
  async on(globals, values, check) {
    const off = await ruled<Off | null>(globals, values, `${check}/on`, {})
    return said(globals, off, `${check} looks again from the next round on.\n`)
  },
  async versions(globals, _, check) {
    const list = await callApi<Version[]>(globals, { method: 'GET', path: `/v1/checks/${check}/versions` })
    return said(globals, list, versionsText(check, list))
  },
  async revert(globals, values, check, [number = '']) {
    const list = await ruled<Version[]>(globals, values, `${check}/revert`, { number: Number(number) })
    return said(globals, list, versionsText(check, list))
  },
}

export const checks: Command = {
  usage: '[off|on|versions|revert CHECK]',
  about: 'Lists the checks; switches one off or on, or takes it back to an earlier version.',
  details: [
    '                                            without arguments: all checks, and how each last went',
    'off CHECK --reason TEXT [--until INSTANT]   it looks at nothing until then, or until it is switched on',
    'on CHECK --reason TEXT                      it looks again from the next round on',
    'versions CHECK                              the texts that it had while it was live here, newest first',
    'revert CHECK NUMBER --reason TEXT           makes an earlier text the live one; takes no back-test',
    '--as MAIL                                   your account, an administrator’s; the password is read from standard input',
  ],
  options: { reason: { type: 'string' }, until: { type: 'string' }, as: { type: 'string' } },
  async run(globals, values, [act, check, ...rest]) {
    if (act === undefined) return await listed(globals)
    const does = ACTS[act]
    if (!does)
      throw new PlumblineError('config', `"${act}" is nothing that is done with a check.`, {
        remedy: `Did you mean "${nearest(act, Object.keys(ACTS)) ?? 'off'}"?`,
      })
    if (check === undefined || !/^[^/\s]+\/[^/\s]+$/.test(check))
      throw new PlumblineError('config', 'Which check?', { remedy: `Write plumbline checks ${act} family/name.` })
    return await does(globals, values, check, rest)
  },
}

async function listed(globals: Globals): Promise<number> {
  const list = await callApi<Shown[]>(globals, { method: 'GET', path: '/v1/checks' })
  const width = Math.max(...list.map((c) => c.id.length), 5)
  const state = (c: Shown) =>
    c.off
      ? `off${c.off.until ? ` until ${c.off.until}` : ''} by ${c.off.by}: ${c.off.reason}`
      : c.error
        ? `failed: ${c.error.message}`
        : c.last_run_at
          ? `${c.open} open, last run ${c.last_run_at}`
          : 'not run yet'
  return said(globals, list, list.map((c) => `${c.id.padEnd(width)}  ${c.severity.padEnd(8)}  ${state(c)}\n`).join(''))
}

/** What only an administrator may do: with a reason, in a session of their own. */
async function ruled<T>(globals: Globals, values: Values, path: string, json: object): Promise<T> {
  const reason = text(values, 'reason')
  if (reason === undefined)
    throw new PlumblineError('config', 'Why?', { remedy: 'Add --reason TEXT: the audit trail keeps it.' })
  const server = runningDesk(globals)
  const cookie = await signedIn(globals, server, text(values, 'as'))
  return await ask<T>(server, `/checks/${path}`, { ...json, reason }, cookie)
}

function versionsText(check: string, list: readonly Version[]): string {
  if (list.length === 0) return `${check} was never published here: the text of its file is the only one.\n`
  return list
    .map(
      (v) =>
        `${v.number}  ${v.version}  ${v.at}  ${v.by ?? 'a file'}${v.live ? '  live' : ''}${v.reason ? `  (${v.reason})` : ''}\n`,
    )
    .join('')
}

function said(globals: Globals, answer: unknown, words: string): number {
  globals.out(globals.json ? `${JSON.stringify(answer, null, 2)}\n` : words)
  return 0
}
