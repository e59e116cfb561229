/** Tickets: one a thread. Later messages become comments on it, and its state is read back. */
import type { Message } from '../../../model/message.ts'
import type { OutboxRow, Ticket } from '../../store/control/outbox-rows.ts'
import type { Attempt, Door, DoorContext } from '../door.ts'

export interface TicketSystem {
  /** Looks for one that an earlier attempt made before its answer was lost, by the id of that message. */
  find(id: string): Promise<{ attempt: Attempt; made: Made | null }>
  create(row: OutboxRow): Promise<{ attempt: Attempt; made: Made | null }>
  comment(ticket: Ticket, row: OutboxRow): Promise<Attempt>
  state(ticket: Ticket): Promise<{ attempt: Attempt; state: string | null }>
}

export interface Made {
  ticket: string
  url: string
  state: string
}

export function ticketDoor(system: TicketSystem, { control, channel, clock }: DoorContext): Door {
  const keep = (thread: string, made: Made): Ticket => {
    const ticket = { channel, thread, ...made, readAt: clock.now() }
    control.saveTicket(ticket)
    return ticket
  }
  return {
    async send(row) {
      const { thread } = row.message
      const known = control.ticket(channel, thread)
      if (known) return await system.comment(known, row)
      if (row.message.state === 'closed')
        return { outcome: 'sent', status: null, answer: 'nothing to close: there is no ticket for it' }
      // A first attempt whose answer was lost may have made it: look before making another.
      if (row.fence > 1) {
        const found = await system.find(row.id)
        if (found.attempt.outcome !== 'sent') return found.attempt
        if (found.made) {
          keep(thread, found.made)
          return { ...found.attempt, answer: `${found.made.ticket} was there already` }
        }
      }
      const { attempt, made } = await system.create(row)
      if (made) keep(thread, made)
      return made ? { ...attempt, answer: made.ticket } : attempt
    },
    async readBack(ticket) {
      const { state } = await system.state(ticket)
      return state === null ? ticket : keep(ticket.thread, { ...ticket, state })
    },
    close: () => {},
  }
}

/** The message as plain text, for a description or a comment. */
export function ticketText(m: Message): string {
  return [
    m.title,
    ...m.lines,
    ...m.facts.map((f) => `${f.name}: ${f.value}`),
    ...m.rows.map((r) => `${r.ref} ${r.title} ${r.amount}: ${r.detail}`),
    ...(m.more ? [m.more] : []),
    ...m.links.map((l) => `${l.label}: ${l.url}`),
  ].join('\n')
}

export function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? null : (JSON.parse(text) as unknown)
  } catch {
    return null
  }
}

/** The value behind a path of names and positions; null where there is none. */
export function within(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (v, step) => (v !== null && typeof v === 'object' ? (v as Record<string | number, unknown>)[step] : null),
    value,
  )
}

/** Text or number as text, else empty. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''

export const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`
