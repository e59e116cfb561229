/**
 * Tickets as items of a plan: the message goes into the outbox of a channel (ServiceNow, Zendesk, Jira, a webhook), in one
 * transaction with the note that it is wanted, and the courier makes the ticket once however often it has to try.
 */
import { cannot } from '../connectors/mark.ts'
import type { Message, MessageSeverity } from '../model/message.ts'
import type { Context } from './context.ts'
import { originOf } from './origin.ts'
import type { OwnAction } from './own-actions.ts'
import type { ReplayRequest } from './remedy/item.ts'

/** Brings what waits on a channel. */
export type Drain = (channel: string) => Promise<unknown>

/** What a ticket says. */
export interface TicketText {
  title: string
  lines: string[]
  severity: MessageSeverity
  /** Page of the dashboard that it is about, such as `/issues/I-4`. */
  path: string
}

export const CHANNEL = 'channel:'

/** @param platform `channel:<name>`; the record is the thread, such as `issue/4` */
export function ticketAction(
  ctx: Context,
  platform: string,
  name: 'open_ticket' | 'close_ticket',
  drain: Drain,
): OwnAction | null {
  const { control, config, clock } = ctx
  const channel = platform.slice(CHANNEL.length)
  if (!platform.startsWith(CHANNEL) || !config.channels[channel]) return null
  const key = (thread: string) => `ticket by plan ${channel} ${thread}`
  return {
    name,
    fields: ['ticket'],
    guard: 'etag',
    undo: name === 'open_ticket' ? 'close_ticket' : 'open_ticket',
    check(request) {
      if (request.recordId === null) throw cannot('A ticket is about something: name its thread.')
    },
    look({ recordId }) {
      const said = control.get(key(recordId!))
      // A rule of the alerts may have opened one for it already.
      const open = said === 'open' || (said === null && control.ticket(channel, recordId!) !== null)
      return Promise.resolve({ kept: { ticket: open ? 'open' : null }, mark: said ?? '' })
    },
    async perform(_ctx, request) {
      const { event, recordId } = request as ReplayRequest
      const opens = name === 'open_ticket'
      const text = event?.payload as TicketText | undefined
      control.transaction(() => {
        control.set(key(recordId!), opens ? 'open' : 'closed')
        control.addOutbox([
          {
            dedupe: `plan>${request.key}`,
            kind: 'ticket',
            refs: [recordId!],
            channel,
            recipient: channel,
            address: '',
            message: messageOf(recordId!, opens, text ?? null, originOf(config)),
            createdAt: clock.now(),
          },
        ])
      })
      // It is brought in any case; now, so that the reader of the plan finds its number.
      await drain(channel).catch(() => null)
      return { status: 'done', recordId: recordId! }
    },
  }
}

function messageOf(thread: string, opens: boolean, text: TicketText | null, origin: string): Message {
  const title = opens ? (text?.title ?? thread) : `Withdrawn: ${thread}`
  const severity = text?.severity ?? 'info'
  return {
    ...{ event: opens ? 'ticket.opened' : 'ticket.closed', state: opens ? 'open' : 'closed', severity },
    ...{ severityWord: severity.toUpperCase(), subject: title, preheader: text?.lines[0] ?? title, tags: [], title },
    ...{ lines: opens ? (text?.lines ?? []) : ['The plan that asked for it was taken back.'], facts: [], rows: [] },
    more: null,
    links: [{ label: 'Open in Plumbline', url: `${origin}${text?.path ?? '/remediations'}` }],
    ...{ why: 'An approved plan asked for this ticket.', whyLinks: [], locale: 'en', thread, list: null },
    data: { thread },
  }
}
