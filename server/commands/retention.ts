/** `plumbline retention`: how long each class of data is kept, what a term would remove, and removing it now. */
import { nearest } from '../config/nearest.ts'
import { RETAINED, type RetainedClass } from '../config/retention-schema.ts'
import { PlumblineError } from '../errors.ts'
import { callApi } from './api.ts'
import { text, type Command, type Globals, type Values } from './command.ts'
import { ask, runningDesk, signedIn } from './person.ts'

interface Shown {
  everything_held: boolean
  classes: { class: string; title: string; keep: string | null; key: string; kept_since: string | null }[]
}
interface Seen {
  class: string
  keep: string | null
  rows: number
  oldest: string | null
  newest: string | null
  bytes: number | null
  needed: number
  everything_held: boolean
}

export const retention: Command = {
  usage: '[preview [CLASS]|apply [CLASS]]',
  about: 'How long data is kept; what a term would remove, and removing it now.',
  details: [
    `classes: ${RETAINED.join(', ')}`,
    '                                  without arguments: the term of every class',
    'preview [CLASS] [--keep 730d]     what it would remove now; removes nothing. With a class another term may be tried',
    'apply [CLASS] --reason TEXT       removes now what has had its time; by itself it goes by retention.schedule',
    '--as MAIL                         your account, an administrator’s; the password is read from standard input',
  ],
  options: { keep: { type: 'string' }, reason: { type: 'string' }, as: { type: 'string' } },
  async run(globals, values, [act, name]) {
    if (act === undefined) return await listed(globals)
    if (act !== 'preview' && act !== 'apply')
      throw new PlumblineError('config', `"${act}" is nothing that is done with retention.`, {
        remedy: `Did you mean "${nearest(act, ['preview', 'apply']) ?? 'preview'}"?`,
      })
    if (name !== undefined && !RETAINED.includes(name as RetainedClass))
      throw new PlumblineError('config', `There is no class "${name}".`, {
        remedy: `Did you mean "${nearest(name, RETAINED) ?? RETAINED[0]}"? There are ${RETAINED.join(', ')}.`,
      })
    return act === 'preview' ? await previewed(globals, values, name) : await applied(globals, values, name)
  },
}

async function listed(globals: Globals): Promise<number> {
  const shown = await callApi<Shown>(globals, { method: 'GET', path: '/v1/retention' })
  const lines = shown.classes.map(
    (c) =>
      `${c.class.padEnd(9)} ${(c.keep ?? 'for ever').padEnd(9)} ${c.title} (${c.key})${c.kept_since ? `; complete since ${c.kept_since.slice(0, 10)}` : ''}\n`,
  )
  const held = shown.everything_held ? 'Everything is under legal hold: nothing is removed.\n' : ''
  return said(globals, shown, lines.join('') + held)
}

async function previewed(globals: Globals, values: Values, name: string | undefined): Promise<number> {
  const keep = text(values, 'keep')
  if (keep !== undefined && name === undefined)
    throw new PlumblineError('config', 'Which class is to be kept so long?', {
      remedy: `Name one of ${RETAINED.join(', ')}.`,
    })
  const seen: Seen[] = []
  for (const of of name ? [name] : RETAINED) {
    const query = new URLSearchParams({ class: of, ...(keep !== undefined && { keep }) })
    seen.push(await callApi<Seen>(globals, { method: 'GET', path: `/v1/retention/preview?${query.toString()}` }))
  }
  return said(globals, seen, seen.map(previewText).join(''))
}

function previewText(s: Seen): string {
  const start = `${s.class.padEnd(9)} ${(s.keep ?? 'for ever').padEnd(9)}`
  if (s.keep === null) return `${start} nothing would go\n`
  const span = s.oldest && s.newest ? ` from ${s.oldest.slice(0, 10)} to ${s.newest.slice(0, 10)}` : ''
  const size = s.bytes === null ? '' : `, about ${Math.ceil(s.bytes / 1000)} KB`
  const held = s.everything_held ? ' (everything is under legal hold)' : ''
  return `${start} ${s.rows} rows would go${s.rows ? span + size : ''}; ${s.needed} as old are kept because they are needed or held${held}\n`
}

async function applied(globals: Globals, values: Values, name: string | undefined): Promise<number> {
  const reason = text(values, 'reason')
  if (reason === undefined)
    throw new PlumblineError('config', 'Why?', { remedy: 'Add --reason TEXT: the audit trail keeps it.' })
  const server = runningDesk(globals)
  const cookie = await signedIn(globals, server, text(values, 'as'))
  const { removed } = await ask<{ removed: { class: string; rows: number }[] }>(
    server,
    '/retention/removals',
    { reason, ...(name !== undefined && { class: name }) },
    cookie,
  )
  const words = removed.map((r) => `${r.class}: ${r.rows} rows removed\n`).join('') || 'Nothing had had its time.\n'
  return said(globals, removed, words)
}

function said(globals: Globals, answer: unknown, words: string): number {
  globals.out(globals.json ? `${JSON.stringify(answer, null, 2)}\n` : words)
  return 0
}
