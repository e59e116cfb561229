/** Zendesk tickets → canonical cases. */
import type { ConnectorContext, Page, RawRow, Stream, StreamContext } from '../../contract.ts'
import type { ZendeskConfig } from '../config.ts'
import { exported } from '../export.ts'
import type { Fields } from '../fields.ts'
import { asObject, changedOf, customFields, heldOf, idOf, listOf, opened, record, textOf } from '../fields.ts'
import { pages } from '../lists.ts'
import { rowOf } from './organizations.ts'

const HOLDS = ['state', 'customer', 'number', 'priority', 'opened_at'] as const
const PATH = '/api/v2/tickets'
/** Statuses in which an escalation still means something. */
const ALIVE = ['new', 'open', 'pending', 'hold']

export const tickets: Stream<ZendeskConfig> = {
  name: 'tickets',
  kind: 'case',
  source: 'Ticket',
  holds: HOLDS,
  deletes: 'tombstone',
  async *read(ctx, cursor) {
    const source = {
      path: '/api/v2/incremental/tickets/cursor',
      member: 'tickets',
      style: 'cursor',
      query: included(ctx.config),
    } as const
    // The sweep exports everything too: the plain list leaves out archived tickets, which would look gone.
    for await (const { rows, body, cursor: next, completeThrough } of exported(ctx, source, cursor)) {
      const page: Page = { rows: rows.filter((row) => !isDeleted(row)).map((row) => withMetrics(row, body)) }
      if (ctx.mode === 'changes')
        yield {
          ...page,
          deleted: rows.filter(isDeleted).flatMap(tombstone),
          cursor: next,
          ...(completeThrough !== undefined && { completeThrough }),
        }
      else if (completeThrough === undefined) yield { ...page, cursor: next }
      else {
        yield page
        yield { rows: await recent(ctx, completeThrough - 60_000), last: true, cursor: null, completeThrough }
      }
    }
  },
  map(row, { config }) {
    const ticket = opened(row, ['status'])
    const status = textOf(ticket['status'])
    const fields: Fields = { number: ticket.id }
    if (ticket['organization_id'] !== undefined) fields['customer'] = idOf(ticket['organization_id'])
    if (ticket['priority'] !== undefined) fields['priority'] = textOf(ticket['priority'])
    if (ticket['created_at'] !== undefined) fields['opened_at'] = ticket['created_at']
    const metrics = asObject(ticket['metric_set'])
    if (config.metrics && metrics) fields['resolved_at'] = textOf(metrics['solved_at'])
    if (
      config.escalation_tag !== undefined &&
      listOf(ticket['tags']).includes(config.escalation_tag) &&
      ALIVE.includes(status ?? '')
    )
      fields['state'] = 'escalated'
    return record(ticket, customFields(ticket, 'custom_fields'), config.ticket, fields, status)
  },
  async one(ctx, id) {
    const reply = await ctx.http.request({
      url: `${PATH}/${encodeURIComponent(id)}`,
      query: included(ctx.config),
      accept: [404],
    })
    const body = reply.status === 404 ? null : asObject(reply.json())
    const ticket = asObject(body?.['ticket'])
    return ticket === null || isDeleted(ticket) ? null : withMetrics(ticket, body!)
  },
}

/** What the configuration makes of a ticket. */
export function ticketFields({ ticket, metrics }: ZendeskConfig): string[] {
  return heldOf([...HOLDS, ...(metrics ? ['resolved_at'] : [])], ticket)
}

function included({ metrics }: ZendeskConfig): Record<string, string> {
  return metrics ? { include: 'metric_sets' } : {}
}

/** Metrics come inside the ticket or beside the tickets; inside is where `map` looks. */
function withMetrics(value: unknown, body: Record<string, unknown>): RawRow {
  const ticket = asObject(value)
  const id = idOf(ticket?.['id'])
  const beside = listOf(body['metric_sets'])
    .map(asObject)
    .find((set) => set !== null && idOf(set['ticket_id']) === id)
  return rowOf(ticket && beside && ticket['metric_set'] === undefined ? { ...ticket, metric_set: beside } : value)
}

function isDeleted(row: unknown): boolean {
  return asObject(row)?.['status'] === 'deleted'
}

/** A deleted ticket's text is scrubbed, so nothing else of the row is taken. */
function tombstone(row: unknown): { id: string; at?: number }[] {
  const id = idOf(asObject(row)?.['id'])
  const at = changedOf(row)
  return id === null ? [] : [{ id, ...(at !== null && { at }) }]
}

/**
 * Tickets that changed so lately that the export leaves them out: without them a sweep would call them gone. Newest
 * first is asked for; where the order is not kept, the list is read to its end.
 */
async function recent(
  ctx: StreamContext<ZendeskConfig> | ConnectorContext<ZendeskConfig>,
  since: number,
): Promise<RawRow[]> {
  const found: RawRow[] = []
  let before = Infinity
  let ordered = true
  for await (const { rows } of pages(ctx, PATH, 'tickets', { ...included(ctx.config), sort: '-updated_at' })) {
    for (const row of rows) {
      const changed = changedOf(row)
      if (changed === null) continue
      ordered &&= changed <= before
      before = changed
      if (changed >= since && !isDeleted(row)) found.push(withMetrics(row, {}))
    }
    if (ordered && before < since) break
  }
  return found
}
