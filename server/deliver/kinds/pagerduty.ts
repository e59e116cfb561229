/** PagerDuty, Events API v2: one alert a thread; what is over resolves it. https://developer.pagerduty.com/docs/events-api-v2 */
import type { ChannelOf } from '../../config/channels-schema.ts'
import { iso } from '../../clock.ts'
import type { OutboxRow } from '../../store/control/outbox-rows.ts'
import { oneLine, type Door, type DoorContext } from '../door.ts'
import { exchange, JSON_HEADERS } from './exchange.ts'

const SEVERITY = { critical: 'critical', high: 'error', medium: 'warning', low: 'info', info: 'info' } as const

export function openPagerDuty(config: ChannelOf<'pagerduty'>, ctx: DoorContext): Door {
  return {
    async send(row) {
      const body = JSON.stringify(pagerDutyEvent(row, config.routing_key.reveal(), ctx.origin))
      const { attempt } = await exchange(ctx, { url: config.url, body, headers: { ...JSON_HEADERS } }, false)
      return attempt
    },
    close: () => {},
  }
}

export function pagerDutyEvent(row: Pick<OutboxRow, 'message' | 'createdAt'>, key: string, origin: string): unknown {
  const { message: m } = row
  return {
    routing_key: key,
    event_action: m.state === 'closed' ? 'resolve' : 'trigger',
    dedup_key: `plumbline/${m.thread}`.slice(0, 255),
    payload: {
      summary: oneLine(m.title, 1_024),
      source: new URL(origin).host,
      severity: SEVERITY[m.severity],
      timestamp: iso(row.createdAt),
      component: oneLine(m.tags.join(', '), 255),
      class: m.event,
      custom_details: {
        ...Object.fromEntries(m.facts.map((f) => [f.name, f.value])),
        lines: m.lines,
        rows: m.rows.map((r) => `${r.ref} ${r.title} ${r.amount}: ${r.detail}`),
        why: m.why,
      },
    },
    links: m.links.map((l) => ({ href: l.url, text: l.label })),
    client: 'Plumbline',
    client_url: m.links[0]?.url ?? origin,
  }
}
