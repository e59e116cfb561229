/** `plumbline holds`: what is under legal hold; placed and lifted with a reason, by a person. */
import { nearest } from '../config/nearest.ts'
import { PlumblineError } from '../errors.ts'
import { callApi } from './api.ts'
import { text, type Command, type Globals, type Values } from './command.ts'
import { ask, runningDesk, signedIn } from './person.ts'

interface Hold {
  id: number
  scope: 'everything' | 'customer' | 'issue'
  subject: string
  reason: string
  placed_by: string
  placed_at: string
  lifted_by: string | null
  lifted_at: string | null
  lifted_reason: string | null
}

export const holds: Command = {
  usage: '[place everything|CUSTOMER|I-12] [lift NUMBER]',
  about: 'Legal holds: what is never removed, whatever its age.',
  details: [
    '                                        without arguments: those that stand, and those that were lifted',
    'place everything --reason TEXT          nothing at all is removed',
    'place CUSTOMER --reason TEXT            everything of a customer, by its entity',
    'place I-12 --reason TEXT                everything of an issue',
    'lift NUMBER --reason TEXT               from then on age counts again; takes an administrator',
    '--as MAIL                               your account; the password is read from standard input',
  ],
  options: { reason: { type: 'string' }, as: { type: 'string' } },
  async run(globals, values, [act, what]) {
    if (act === undefined) {
      const { holds: all } = await callApi<{ holds: Hold[] }>(globals, { method: 'GET', path: '/v1/legal-holds' })
      return said(globals, all, all.map(holdText).join('') || 'Nothing is under legal hold.\n')
    }
    if (act !== 'place' && act !== 'lift')
      throw new PlumblineError('config', `"${act}" is nothing that is done with legal holds.`, {
        remedy: `Did you mean "${nearest(act, ['place', 'lift']) ?? 'place'}"?`,
      })
    if (what === undefined || (act === 'lift' && !/^\d+$/.test(what)))
      throw new PlumblineError('config', act === 'lift' ? 'Which hold?' : 'What is to be held?', {
        remedy: act === 'lift' ? 'plumbline holds lists their numbers.' : 'Write everything, a customer, or an issue.',
      })
    const hold = await decided(globals, values, ...(act === 'lift' ? lifting(what) : placing(what)))
    return said(globals, hold, holdText(hold))
  },
}

const lifting = (id: string): [string, object] => [`/${id}/lift`, {}]
const placing = (what: string): [string, object] => [
  '',
  what === 'everything' ? { scope: what } : { scope: /^I-\d+$/.test(what) ? 'issue' : 'customer', subject: what },
]

async function decided(globals: Globals, values: Values, path: string, json: object): Promise<Hold> {
  const reason = text(values, 'reason')
  if (reason === undefined)
    throw new PlumblineError('config', 'Why?', { remedy: 'Add --reason TEXT: the audit trail keeps it.' })
  const server = runningDesk(globals)
  const cookie = await signedIn(globals, server, text(values, 'as'))
  return await ask<Hold>(server, `/legal-holds${path}`, { ...json, reason }, cookie)
}

function holdText(h: Hold): string {
  const over = h.lifted_at ? `; lifted ${h.lifted_at} by ${h.lifted_by}: ${h.lifted_reason}` : ''
  return `${h.id}  ${h.scope === 'everything' ? 'everything' : h.subject}  since ${h.placed_at} by ${h.placed_by}: ${h.reason}${over}\n`
}

function said(globals: Globals, answer: unknown, words: string): number {
  globals.out(globals.json ? `${JSON.stringify(answer, null, 2)}\n` : words)
  return 0
}
