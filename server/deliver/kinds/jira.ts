/** Jira, REST API v3: a work item per thread with comments; found again by a label that carries the message's id. */
import type { ChannelOf } from '../../config/channels-schema.ts'
import { oneLine, type Door, type DoorContext } from '../door.ts'
import { exchange, JSON_HEADERS } from './exchange.ts'
import { basic, parsed, textOf, ticketDoor, ticketText, within } from './ticket.ts'

export function openJira(config: ChannelOf<'jira'>, ctx: DoorContext): Door {
  const base = config.url.replace(/\/$/, '')
  const headers = { ...JSON_HEADERS, authorization: basic(config.user, config.token.reveal()) }
  const call = async (path: string, body?: object) => {
    const { attempt, posted } = await exchange(
      ctx,
      {
        method: body ? 'POST' : 'GET',
        url: `${base}/rest/api/3/${path}`,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      },
      false,
    )
    return { attempt, answer: attempt.outcome === 'sent' ? parsed(posted?.text) : null }
  }
  const linkOf = (key: string) => `${base}/browse/${key}`
  return ticketDoor(
    {
      async find(id) {
        const jql = encodeURIComponent(`labels = "${label(id)}"`)
        const { attempt, answer } = await call(`search/jql?jql=${jql}&fields=status&maxResults=1`)
        const key = textOf(within(answer, 'issues', 0, 'key'))
        const state = textOf(within(answer, 'issues', 0, 'fields', 'status', 'name'))
        return { attempt, made: key === '' ? null : { ticket: key, url: linkOf(key), state } }
      },
      async create(row) {
        const { attempt, answer } = await call('issue', {
          fields: {
            project: { key: config.project },
            issuetype: { name: config.issue_type },
            summary: oneLine(row.message.title, 250),
            description: written(ticketText(row.message)),
            labels: ['plumbline', label(row.id)],
          },
        })
        const key = textOf(within(answer, 'key'))
        return { attempt, made: key === '' ? null : { ticket: key, url: linkOf(key), state: 'new' } }
      },
      comment: async (ticket, row) =>
        (await call(`issue/${encodeURIComponent(ticket.ticket)}/comment`, { body: written(ticketText(row.message)) }))
          .attempt,
      async state(ticket) {
        const { attempt, answer } = await call(`issue/${encodeURIComponent(ticket.ticket)}?fields=status`)
        return { attempt, state: textOf(within(answer, 'fields', 'status', 'name')) || null }
      },
    },
    ctx,
  )
}

const label = (id: string) => `plumbline-${id}`

/** Plain paragraphs in the document format: nothing of a name is read as markup. */
function written(text: string): unknown {
  return {
    type: 'doc',
    version: 1,
    content: text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ type: 'paragraph', content: [{ type: 'text', text: line }] })),
  }
}
