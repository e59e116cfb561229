/** Rules in words: routes and recipients as people read them. */
import type { RouteConfig } from '../config/alerts-schema.ts'
import { TRIGGERS } from '../config/alerts-schema.ts'
import type { RecipientConfig } from '../config/channels-schema.ts'
import { matchWords } from './match.ts'

const plain = (word: string) => word.replaceAll('_', ' ')

export function routeWords(route: RouteConfig): string {
  const conditions = matchWords(route.match)
  const when = route.when.length === TRIGGERS.length ? 'any news' : route.when.map(plain).join(', ')
  const tell = route.tell
    .map((t) => (t === 'owner' ? 'the owner team' : t === 'assignee' ? 'whoever works on it' : t))
    .join(', ')
  return [
    conditions.length ? `Where ${conditions.join(' and ')}` : 'Everything',
    `: on ${when}, tell ${tell}`,
    ...route.escalate.map((e) => `; after ${e.after} without acknowledgement ${e.tell.join(', ')}`),
    route.customer_names ? '' : '; without customers’ names',
    route.continue ? '; then ask the next route' : '',
  ].join('')
}

const hours = (list: RecipientConfig['quiet']) =>
  list.map((h) => `${h.hours}${h.days ? ` on ${h.days.join(', ')}` : ''}`).join('; ')

export function recipientWords(r: RecipientConfig): {
  quiet: string | null
  onCall: string | null
  digest: string | null
} {
  return {
    quiet: r.quiet.length ? `${hours(r.quiet)} (${r.timezone}), except ${r.wakes.join(', ') || 'nothing'}` : null,
    onCall: r.on_call ? `${hours(r.on_call)} (${r.timezone})${r.instead ? `, otherwise ${r.instead}` : ''}` : null,
    digest: r.digest ? `${r.digest} (${r.timezone})` : null,
  }
}
