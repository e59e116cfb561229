/** `plumbline alerts`: the rules in words, who would be told and why not, what was delivered, and sending again. */
import { PlumblineError } from '../errors.ts'
import { ACT, ACT_DETAILS, ACT_OPTIONS, ACTS } from './alert-acts.ts'
import { callApi, type ApiCall } from './api.ts'
import { text, type Command, type Globals, type Values } from './command.ts'

interface TrialAnswer {
  decisions: { recipient: string; title: string; channel: string; state: string; reason: string; not_before: string }[]
  routes: { name: string; takes: boolean; asked: boolean; why: string }[]
}
interface Overview {
  routes: { name: string; enabled: boolean; words: string }[]
  channels: {
    name: string
    kind: string
    waiting: number
    dead: number
    disabled: string | null
    last_answer: string | null
  }[]
  own: { condition: string; what: string; since: string }[]
}
interface Row {
  id: string
  created_at: string
  channel: string
  recipient: string
  state: string
  attempts: number
  title: string
  answer: string | null
}
interface Told {
  events: {
    news: string
    at: string
    notices: { recipient: string; channel: string; state: string; reason: string }[]
  }[]
}

const DOES = ['routes', 'test', 'told', 'log', 'again', 'send', ...ACTS] as const

export const alerts: Command = {
  usage: `${DOES.join('|')} [ISSUE|ID…|CHANNEL]`,
  about: 'Who is told of what, who would be, and what was delivered; silences and acknowledging.',
  details: [
    'routes                       the rules in words, and how the channels fare',
    'test I-42                    who would be told of it now, and why the others not',
    '  or of one that is not there: --check, --severity, --from, --to, --field, --team, --money, --legal-entity,',
    '  --environment, --category, --cause, --kind; --news what happened, --at INSTANT as if it were then',
    'told I-42                    who was told of it, and why others were not',
    'log                          messages with their last answer; --issue, --channel, --state',
    'again ID…                    sends these again; or --channel NAME --since INSTANT: all that died since',
    'send CHANNEL                 sends a test; --recipient NAME. Exit 1 when it does not arrive',
    ...ACT_DETAILS,
  ],
  options: {
    ...ACT_OPTIONS,
    ...Object.fromEntries(
      [
        'check',
        'severity',
        'from',
        'to',
        'field',
        'team',
        'money',
        'legal-entity',
        'environment',
        'category',
        'cause',
        'kind',
        'news',
        'at',
        'issue',
        'channel',
        'state',
        'since',
        'recipient',
      ].map((name) => [name, { type: 'string' as const }]),
    ),
  },
  async run(globals, values, [verb, ...rest]) {
    if (!DOES.includes(verb as (typeof DOES)[number]))
      throw new PlumblineError('config', verb === undefined ? 'Say what to do.' : `There is no "alerts ${verb}".`, {
        remedy: `plumbline alerts ${DOES.join('|')}; --help explains them.`,
      })
    return await RUN[verb as (typeof DOES)[number]](globals, values, rest)
  },
}

const RUN: Record<(typeof DOES)[number], (g: Globals, v: Values, rest: string[]) => Promise<number>> = {
  ...ACT,
  async routes(globals) {
    const o = await told<Overview>(globals, { method: 'GET', path: '/v1/alerts' })
    if (!o) return 0
    o.value.routes.forEach((r, i) => globals.out(`${i + 1}. ${r.name}${r.enabled ? '' : ' (off)'}\n   ${r.words}\n`))
    if (o.value.routes.length === 0)
      globals.out('There is no route: nobody is told of anything. Add one under alerts.routes.\n')
    for (const c of o.value.channels)
      globals.out(
        `${c.name} (${c.kind}): ${c.disabled ? `off, ${c.disabled}` : `${c.waiting} waiting, ${c.dead} dead`}\n`,
      )
    for (const c of o.value.own) globals.out(`BLIND ${c.condition} ${c.what} since ${c.since}\n`)
    return 0
  },
  async test(globals, values, [issue]) {
    const answer = await told<TrialAnswer>(globals, {
      method: 'POST',
      path: '/v1/alerts/trial',
      json: asked(values, issue),
    })
    if (!answer) return 0
    for (const d of answer.value.decisions)
      globals.out(
        d.state === 'none'
          ? `nobody${d.recipient ? ` (${d.title})` : ''}: ${d.reason}\n`
          : `${d.title} over ${d.channel}, ${d.state === 'held' ? 'held until' : 'not before'} ${d.not_before}: ${d.reason}\n`,
      )
    for (const r of answer.value.routes)
      globals.out(`  ${r.asked ? (r.takes ? 'takes it ' : 'passes   ') : 'not asked'} ${r.name}: ${r.why}\n`)
    return 0
  },
  async told(globals, _, [issue = '']) {
    const answer = await told<Told>(globals, { method: 'GET', path: `/v1/alerts/told/${encodeURIComponent(issue)}` })
    for (const e of answer?.value.events ?? []) {
      globals.out(`${e.at} ${e.news}\n`)
      for (const n of e.notices)
        globals.out(
          `  ${n.state.padEnd(7)} ${n.recipient || 'nobody'}${n.channel ? ` over ${n.channel}` : ''}: ${n.reason}\n`,
        )
    }
    return 0
  },
  async log(globals, values) {
    const query = new URLSearchParams()
    for (const name of ['issue', 'channel', 'state', 'recipient']) {
      const value = text(values, name)
      if (value !== undefined) query.set(name, value)
    }
    const answer = await told<{ messages: Row[] }>(globals, {
      method: 'GET',
      path: `/v1/deliveries?${query.toString()}`,
    })
    for (const m of answer?.value.messages ?? [])
      globals.out(
        `${m.created_at} ${m.id} ${m.state.padEnd(9)} ${m.channel} → ${m.recipient}, ${m.attempts} attempts: ${m.title}${m.answer ? ` (${m.answer})` : ''}\n`,
      )
    return 0
  },
  async again(globals, values, ids) {
    const [channel, since] = [text(values, 'channel'), text(values, 'since')]
    const json = ids.length ? { ids } : { channel, since }
    const answer = await told<{ waiting: number }>(globals, { method: 'POST', path: '/v1/deliveries/again', json })
    if (answer) globals.out(`${answer.value.waiting} wait again.\n`)
    return 0
  },
  async send(globals, values, [channel = '']) {
    const recipient = text(values, 'recipient')
    const { message } = await callApi<{ message: Row }>(globals, {
      method: 'POST',
      path: `/v1/deliveries/channels/${encodeURIComponent(channel)}/test`,
      json: recipient === undefined ? {} : { recipient },
    })
    globals.out(globals.json ? `${JSON.stringify(message, null, 2)}\n` : `${message.state}: ${message.answer ?? ''}\n`)
    return message.state === 'sent' ? 0 : 1
  },
}

/** The answer, or null where it was written as it is. */
async function told<T>(globals: Globals, call: ApiCall): Promise<{ value: T } | null> {
  const value = await callApi<T>(globals, call)
  if (!globals.json) return { value }
  globals.out(`${JSON.stringify(value, null, 2)}\n`)
  return null
}

function asked(values: Values, issue: string | undefined): unknown {
  const news = text(values, 'news')
  if (issue !== undefined) return { issue, ...(news !== undefined && { news }) }
  const one = (name: string, key = name) => {
    const value = text(values, name)
    return value === undefined ? {} : { [key]: value }
  }
  const many = (name: string, key: string) => {
    const value = text(values, name)
    return value === undefined ? {} : { [key]: value.split(',') }
  }
  return {
    ...(news !== undefined && { news }),
    ...one('at'),
    about: {
      ...one('check'),
      ...one('severity'),
      ...one('from'),
      ...one('field'),
      ...one('team'),
      ...one('money'),
      ...one('category'),
      ...one('cause'),
      ...one('kind'),
      ...many('to', 'to'),
      ...many('legal-entity', 'legal_entities'),
      ...many('environment', 'environments'),
    },
  }
}
