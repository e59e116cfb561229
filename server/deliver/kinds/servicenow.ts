/** ServiceNow, Table API: a record per thread, comments as work notes, its state in the instance's own words. */
import type { ChannelOf } from '../../config/channels-schema.ts'
import { oneLine, type Door, type DoorContext } from '../door.ts'
import { exchange, JSON_HEADERS } from './exchange.ts'
import { basic, parsed, textOf, ticketDoor, ticketText, within, type Made } from './ticket.ts'

/** 1 high, 2 medium, 3 low. */
const IMPACT = { critical: '1', high: '1', medium: '2', low: '3', info: '3' } as const
const FIELDS = 'sysparm_display_value=true&sysparm_fields=number,sys_id,state'

export function openServiceNow(config: ChannelOf<'servicenow'>, ctx: DoorContext): Door {
  const base = config.url.replace(/\/$/, '')
  const table = `${base}/api/now/table/${config.table}`
  const headers = { ...JSON_HEADERS, authorization: basic(config.user, config.password.reveal()) }
  const call = async (url: string, body?: object, method: 'GET' | 'POST' | 'PUT' = body ? 'POST' : 'GET') => {
    const { attempt, posted } = await exchange(
      ctx,
      { method, url, headers, ...(body && { body: JSON.stringify(body) }) },
      false,
    )
    return { attempt, answer: attempt.outcome === 'sent' ? parsed(posted?.text) : null }
  }
  const made = (record: unknown): Made | null => {
    const number = textOf(within(record, 'number'))
    const id = textOf(within(record, 'sys_id'))
    return number === ''
      ? null
      : { ticket: number, url: `${base}/${config.table}.do?sys_id=${id}`, state: textOf(within(record, 'state')) }
  }
  const idOf = (url: string) => encodeURIComponent(new URL(url).searchParams.get('sys_id') ?? '')
  return ticketDoor(
    {
      async find(id) {
        const { attempt, answer } = await call(
          `${table}?sysparm_query=correlation_id%3D${id}&sysparm_limit=1&${FIELDS}`,
        )
        return { attempt, made: made(within(answer, 'result', 0)) }
      },
      async create(row) {
        const { attempt, answer } = await call(`${table}?${FIELDS}`, {
          short_description: oneLine(row.message.title, 160),
          description: ticketText(row.message),
          correlation_id: row.id,
          correlation_display: 'Plumbline',
          impact: IMPACT[row.message.severity],
          urgency: IMPACT[row.message.severity],
          ...config.fields,
        })
        return { attempt, made: made(within(answer, 'result')) }
      },
      comment: async (ticket, row) =>
        (await call(`${table}/${idOf(ticket.url)}?${FIELDS}`, { work_notes: ticketText(row.message) }, 'PUT')).attempt,
      async state(ticket) {
        const { attempt, answer } = await call(`${table}/${idOf(ticket.url)}?${FIELDS}`)
        return { attempt, state: textOf(within(answer, 'result', 'state')) || null }
      },
    },
    ctx,
  )
}
