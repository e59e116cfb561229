/** Zendesk, Tickets API v2: a ticket per thread with private comments; found again by its `external_id`, the message's id. */
import type { ChannelOf } from '../../config/channels-schema.ts'
import { oneLine, type Door, type DoorContext } from '../door.ts'
import { exchange, JSON_HEADERS } from './exchange.ts'
import { basic, parsed, textOf, ticketDoor, ticketText, within, type Made } from './ticket.ts'

const PRIORITY = { critical: 'urgent', high: 'high', medium: 'normal', low: 'low', info: 'low' } as const

export function openZendesk(config: ChannelOf<'zendesk'>, ctx: DoorContext): Door {
  const base = config.url.replace(/\/$/, '')
  const headers = { ...JSON_HEADERS, authorization: basic(`${config.user}/token`, config.token.reveal()) }
  const call = async (path: string, ticket?: object, method: 'GET' | 'POST' | 'PUT' = ticket ? 'POST' : 'GET') => {
    const { attempt, posted } = await exchange(
      ctx,
      { method, url: `${base}/api/v2/${path}`, headers, ...(ticket && { body: JSON.stringify({ ticket }) }) },
      false,
    )
    return { attempt, answer: attempt.outcome === 'sent' ? parsed(posted?.text) : null }
  }
  const made = (ticket: unknown): Made | null => {
    const id = textOf(within(ticket, 'id'))
    return id === ''
      ? null
      : { ticket: id, url: `${base}/agent/tickets/${id}`, state: textOf(within(ticket, 'status')) || 'new' }
  }
  return ticketDoor(
    {
      async find(id) {
        const { attempt, answer } = await call(`tickets?external_id=${encodeURIComponent(id)}`)
        return { attempt, made: made(within(answer, 'tickets', 0)) }
      },
      async create(row) {
        const { attempt, answer } = await call('tickets', {
          external_id: row.id,
          subject: oneLine(row.message.title, 150),
          comment: { body: ticketText(row.message), public: false },
          priority: PRIORITY[row.message.severity],
          tags: ['plumbline'],
          ...config.fields,
        })
        return { attempt, made: made(within(answer, 'ticket')) }
      },
      comment: async (ticket, row) => {
        const comment = { body: ticketText(row.message), public: false }
        return (await call(`tickets/${encodeURIComponent(ticket.ticket)}`, { comment }, 'PUT')).attempt
      },
      async state(ticket) {
        const { attempt, answer } = await call(`tickets/${encodeURIComponent(ticket.ticket)}`)
        return { attempt, state: textOf(within(answer, 'ticket', 'status')) || null }
      },
    },
    ctx,
  )
}
