/** `plumbline plan`: drafts a plan, or lists what there is. Drafting looks at every record and changes nothing. */
import { PlumblineError } from '../errors.ts'
import type { Command, Values } from './command.ts'
import { text } from './command.ts'
import { ask, draftText, planText, runningDesk, signedIn, type ShownDraft, type ShownPlan } from './person.ts'

export const plan: Command = {
  usage: '[I-4… | QUERY] [--link | --unlink | --code | --ticket | --undo | --change …] [--reason TEXT]',
  about: 'Drafts the fix of an issue or of a query, or lists the plans.',
  details: [
    'I-4 I-7 …           every open finding of the issues, one plan',
    'QUERY               issues by the search grammar, in quotes: "severity:high field:segment"',
    '--reason TEXT       why; needed to draft',
    '--link "A B"        makes records one thing; --unlink keeps them apart; records as platform:id, --kind if no customers',
    '--code M/W/C=VALUE  reference map M: code C of W (platform, role or *) means VALUE; nothing after = takes it out',
    '--ticket CHANNEL    asks for a ticket about each of the issues, or of a query, over that channel (ServiceNow, Zendesk, Jira, webhook)',
    '--undo P-12         drafts the plan that takes back what P-12 wrote',
    '--change P-12       drafts the plan that takes its place, asked for by you; needs --as MAIL',
    '  --without 3,4     leaves these records out',
    '  --set 2:segment=smb  another value for a field of record 2, once for each; nothing after = empties it',
    '--rate N            calls a second to each platform at most',
    'Exit 1 when nothing is left to do.',
  ],
  options: {
    reason: { type: 'string' },
    undo: { type: 'string' },
    change: { type: 'string' },
    without: { type: 'string' },
    set: { type: 'string', multiple: true },
    as: { type: 'string' },
    rate: { type: 'string' },
    link: { type: 'string' },
    unlink: { type: 'string' },
    kind: { type: 'string' },
    code: { type: 'string' },
    ticket: { type: 'string' },
  },
  async run(globals, values, positionals) {
    const server = runningDesk(globals)
    const [what] = positionals
    const undo = text(values, 'undo')
    const reason = text(values, 'reason')
    const show = (value: unknown, words: string) =>
      globals.out(`${globals.json ? JSON.stringify(value, null, 2) : words}\n`)
    const change = text(values, 'change')
    if (change !== undefined) {
      const cookie = await signedIn(globals, server, text(values, 'as'))
      const draft = await ask<ShownDraft>(server, `/plans/${change}/revise`, { reason, ...changes(values) }, cookie)
      show(draft, draftText(draft))
      return draft.plan ? 0 : 1
    }
    const own = asked(values, positionals)
    if (what === undefined && undo === undefined && own === null) {
      const plans = await ask<ShownPlan[]>(server, '/plans')
      show(plans, plans.length ? plans.map(planText).join('\n') : 'No plans.')
      return 0
    }
    const rate = text(values, 'rate')
    const body = {
      reason,
      ...(rate !== undefined && { rate: Number(rate) }),
      ...(own ?? about(positionals)),
    }
    const draft = await ask<ShownDraft>(server, undo ? `/plans/${undo}/undo` : '/plans', undo ? { reason } : body)
    show(draft, draftText(draft))
    return draft.plan ? 0 : 1
  },
}

/** What is to be different in the plan that takes the place of another. */
function changes(values: Values): Record<string, unknown> {
  const without = text(values, 'without')
  const rate = text(values, 'rate')
  const set = Array.isArray(values['set']) ? values['set'].map(String) : []
  return {
    ...(without !== undefined && {
      without: without
        .split(/[\s,]+/)
        .filter(Boolean)
        .map(Number),
    }),
    ...(rate !== undefined && { rate: Number(rate) }),
    ...(set.length > 0 && {
      values: set.map((one) => {
        const [, seq, field, value] = /^(\d+):([^=]+)=(.*)$/.exec(one) ?? []
        if (seq === undefined)
          throw new PlumblineError('config', `"${one}" names no field of a record.`, {
            remedy: 'Write it like 2:segment=smb.',
          })
        return { seq: Number(seq), fields: { [field!]: value === '' ? null : value } }
      }),
    }),
  }
}

/** One issue, several, or all that a search finds. */
function about(what: readonly string[]): { issue?: string; issues?: readonly string[]; query?: string } {
  if (what.length === 0 || !what.every((w) => /^I-\d+$/i.test(w))) return { query: what.join(' ') }
  return what.length === 1 ? { issue: what[0]! } : { issues: what }
}

/** What is asked for by an option; null: an issue or a query is. */
function asked(values: Values, what: readonly string[]): Record<string, unknown> | null {
  const [link, unlink, kind, code, ticket] = ['link', 'unlink', 'kind', 'code', 'ticket'].map((n) => text(values, n))
  const group = link ?? unlink
  if (group !== undefined)
    return { [link ? 'link' : 'unlink']: { ...(kind && { kind }), records: group.split(/[\s,]+/).filter(Boolean) } }
  if (code !== undefined) {
    const [, map, who, name, means] = /^([^/]+)\/([^/]+)\/([^=]+)=(.*)$/.exec(code) ?? []
    if (map === undefined)
      throw new PlumblineError('config', `"${code}" names no entry of a reference map.`, {
        remedy: 'Write it like payment_terms/erp/N30=net_30.',
      })
    return { code: { map, who, code: name, means: means === '' ? null : means } }
  }
  if (ticket === undefined) return null
  const { issue, ...many } = about(what)
  return issue ? { ticket: { channel: ticket, issue } } : { tickets: { channel: ticket, ...many } }
}
