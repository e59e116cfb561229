/** What `plumbline alerts` changes: silences, acknowledgements and channels that were switched off. */
import { iso, systemClock } from '../clock.ts'
import { durationMs } from '../config/duration.ts'
import { PlumblineError } from '../errors.ts'
import { callApi } from './api.ts'
import { text, type Globals, type Values } from './command.ts'

export const ACTS = ['silences', 'silence', 'unsilence', 'acknowledge', 'enable'] as const

export const ACT_DETAILS = [
  'silences                     those that hold, with author, reason and end',
  'silence [I-42] --for 4h|--until INSTANT --reason TEXT   holds news back: of issues, or --check, --severity, --from, --to, --field, --team,',
  '  --legal-entity, --environment, --category, --cause, --kind; --end-on-resolve ends it with its issue; --try says what it',
  '  would have muted in seven days and makes nothing',
  'unsilence NUMBER             ends a silence now',
  'acknowledge I-42… [--note TEXT]   nobody further is told because of the time that passes; members of a group one by one',
  'enable CHANNEL               switches a channel on again',
] as const

export const ACT_OPTIONS = {
  for: { type: 'string' },
  until: { type: 'string' },
  reason: { type: 'string' },
  note: { type: 'string' },
  'end-on-resolve': { type: 'boolean' },
  try: { type: 'boolean' },
} as const

/** Options that are conditions of a silence, as the configuration names them. */
const CONDITIONS = {
  check: 'check',
  category: 'category',
  cause: 'cause',
  kind: 'kind',
  field: 'field',
  from: 'from',
  to: 'to',
  severity: 'severity',
  'legal-entity': 'legal_entity',
  team: 'team',
  environment: 'environment',
} as const

interface Silence {
  id: number
  words: string
  ends_at: string
  author: string
  reason: string
  active: boolean
}

type Act = (globals: Globals, values: Values, rest: string[]) => Promise<number>

export const ACT: Record<(typeof ACTS)[number], Act> = {
  async silences(globals) {
    const { silences } = await callApi<{ silences: Silence[] }>(globals, { method: 'GET', path: '/v1/alerts/silences' })
    const holding = silences.filter((s) => s.active)
    if (globals.json) globals.out(`${JSON.stringify(holding, null, 2)}\n`)
    else for (const s of holding) globals.out(said(s))
    return 0
  },
  async silence(globals, values, issues) {
    const match = matchOf(values, issues)
    if (values['try'] === true) {
      const would = await callApi<{ events: number; of: number; issues: string[] }>(globals, {
        method: 'POST',
        path: '/v1/alerts/silences/preview',
        json: { match },
      })
      globals.out(
        globals.json
          ? `${JSON.stringify(would, null, 2)}\n`
          : `It would have muted ${would.events} of ${would.of} in seven days${would.issues.length ? `: ${would.issues.join(', ')}` : ''}.\n`,
      )
      return 0
    }
    const ms = durationMs(text(values, 'for') ?? '4h')
    if (ms === null)
      throw new PlumblineError('config', `"${text(values, 'for')}" is no duration.`, {
        remedy: 'Write it as in --for 30m, 4h or 2d.',
      })
    const silence = await callApi<Silence>(globals, {
      method: 'POST',
      path: '/v1/alerts/silences',
      json: {
        match,
        ends_at: text(values, 'until') ?? iso(systemClock.now() + ms),
        reason: text(values, 'reason') ?? '',
        end_on_resolve: values['end-on-resolve'] === true,
      },
    })
    globals.out(globals.json ? `${JSON.stringify(silence, null, 2)}\n` : said(silence))
    return 0
  },
  async unsilence(globals, _, [id = '']) {
    const { ended } = await callApi<{ ended: boolean }>(globals, {
      method: 'POST',
      path: `/v1/alerts/silences/${encodeURIComponent(id)}/end`,
    })
    globals.out(
      ended ? `Silence ${id} has ended; what it held back is told if it still holds.\n` : 'It did not hold.\n',
    )
    return ended ? 0 : 1
  },
  async acknowledge(globals, values, issues) {
    const { acknowledged } = await callApi<{ acknowledged: string[] }>(globals, {
      method: 'POST',
      path: '/v1/alerts/acknowledge',
      json: { issues, note: text(values, 'note') ?? '' },
    })
    globals.out(`Acknowledged: ${acknowledged.join(', ')}.\n`)
    return 0
  },
  async enable(globals, _, [channel = '']) {
    await callApi(globals, { method: 'POST', path: `/v1/deliveries/channels/${encodeURIComponent(channel)}/enable` })
    globals.out(
      `${channel} is on. Send again what died meanwhile: plumbline alerts again --channel ${channel} --since …\n`,
    )
    return 0
  },
}

function matchOf(values: Values, issues: readonly string[]): Record<string, string[]> {
  const given = Object.entries(CONDITIONS).flatMap(([option, key]): [string, string[]][] => {
    const value = text(values, option)
    return value === undefined ? [] : [[key, value.split(',')]]
  })
  return Object.fromEntries([...given, ...(issues.length ? [['issue', [...issues]] as [string, string[]]] : [])])
}

const said = (s: Silence) => `${s.id} until ${s.ends_at}, by ${s.author}: ${s.words} (${s.reason})\n`
