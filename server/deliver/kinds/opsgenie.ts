/** Opsgenie, Alert API: one alert a thread by its alias; what is over closes it. https://docs.opsgenie.com/docs/alert-api */
import type { ChannelOf } from '../../config/channels-schema.ts'
import type { Message } from '../../../model/message.ts'
import { oneLine, type Door, type DoorContext } from '../door.ts'
import { exchange, JSON_HEADERS } from './exchange.ts'

const PRIORITY = { critical: 'P1', high: 'P2', medium: 'P3', low: 'P4', info: 'P5' } as const

export function openOpsgenie(config: ChannelOf<'opsgenie'>, ctx: DoorContext): Door {
  return {
    async send({ message }) {
      const closes = message.state === 'closed'
      const url = closes ? `${config.url}/${encodeURIComponent(alias(message))}/close?identifierType=alias` : config.url
      const { attempt } = await exchange(
        ctx,
        {
          url,
          body: JSON.stringify(closes ? { note: oneLine(message.title, 1_000) } : opsgenieAlert(message)),
          headers: { ...JSON_HEADERS, authorization: `GenieKey ${config.api_key.reveal()}` },
        },
        false,
      )
      return attempt
    },
    close: () => {},
  }
}

const alias = (m: Message) => `plumbline/${m.thread}`.slice(0, 512)

export function opsgenieAlert(m: Message): unknown {
  return {
    message: oneLine(m.title, 130),
    alias: alias(m),
    description: [
      ...m.lines,
      ...m.rows.map((r) => `${r.ref} ${r.title} ${r.amount}: ${r.detail}`),
      m.why,
      ...m.links.map((l) => l.url),
    ]
      .join('\n')
      .slice(0, 15_000),
    tags: m.tags.map((t) => oneLine(t, 50)).slice(0, 20),
    details: Object.fromEntries(m.facts.map((f) => [f.name, f.value])),
    source: 'Plumbline',
    priority: PRIORITY[m.severity],
  }
}
