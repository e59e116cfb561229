/** What the outbox holds: its rows, their attempts, and how channels fare. Instants are epoch milliseconds. */
import type { Message, OutboxKind, OutboxState } from '../../../model/message.ts'

export interface NewOutboxRow {
  /** Unique for ever: the same words twice are one message. */
  dedupe: string
  kind: OutboxKind
  /** What it is about: `I-12`, a report's id. The log is searched by it. */
  refs: string[]
  /** Name of a channel of the configuration. */
  channel: string
  /** Name of the recipient, for people and the log. */
  recipient: string
  /** Where it goes within the channel: a mail address; empty where the channel itself is the address. */
  address: string
  message: Message
  createdAt: number
  /** Not before; default: at once. */
  notBefore?: number
}

export interface OutboxRow extends Required<Omit<NewOutboxRow, 'notBefore'>> {
  /** Made from `dedupe`: the Message-ID and webhook-id of every attempt. */
  id: string
  state: OutboxState
  attempts: number
  nextAt: number
  /** Grows with every claim: only the holder of the last one may finish it. */
  fence: number
  /** What the other side said last, one line. */
  answer: string | null
  finishedAt: number | null
}

export type DeliveryOutcome = 'sent' | 'retry' | 'dead'

export interface Delivery {
  outboxId: string
  at: number
  attempt: number
  outcome: DeliveryOutcome
  /** HTTP status or SMTP code, where there was one. */
  status: number | null
  answer: string
  ms: number
  /** When it is tried again; null: never by itself. */
  nextAt: number | null
}

export interface ChannelState {
  channel: string
  /** First failure since the last success. */
  failingSince: number | null
  lastSuccessAt: number | null
  lastAnswer: string | null
  /** Switched off because it failed for days or asked to be left alone; a person switches it on again. */
  disabledAt: number | null
  disabledReason: string | null
}

export interface Ticket {
  channel: string
  thread: string
  /** The number people know it by. */
  ticket: string
  url: string
  /** In the words of the ticket system. */
  state: string
  readAt: number
}

export interface OutboxFilter {
  ref?: string
  channel?: string
  recipient?: string
  kind?: OutboxKind
  states?: readonly OutboxState[]
  /** Created before this instant: for paging. */
  before?: number
  limit: number
}

export interface OutboxStore {
  /** Adds what is not there yet, by `dedupe`, and says how many that were. Meant for the caller's own transaction. */
  addOutbox(rows: readonly NewOutboxRow[]): number
  /** Gives due rows of a channel to one holder until `until`; what an earlier holder let lapse is given again. */
  claimOutbox(claim: { channel: string; holder: string; now: number; until: number; limit: number }): OutboxRow[]
  /** Writes one attempt and the row's new state, if the claim still stands. */
  finishOutbox(
    row: Pick<OutboxRow, 'id' | 'fence'>,
    attempt: Omit<Delivery, 'outboxId' | 'attempt'>,
    then?: () => void,
  ): boolean
  /** Waiting rows go no further. */
  cancelOutbox(ids: readonly string[], now: number, reason: string): number
  /** Starts the retry schedule anew for these: by id, or all dead ones of a channel created since an instant. */
  redeliver(what: { ids?: readonly string[]; channel?: string; since?: number }, now: number): number
  outboxRow(id: string): OutboxRow | null
  outboxByDedupe(dedupe: string): OutboxRow | null
  /** Newest first. */
  outbox(filter: OutboxFilter): OutboxRow[]
  outboxCounts(): { channel: string; state: OutboxState; n: number; oldest: number }[]
  deliveriesOf(outboxId: string): Delivery[]
  channelStates(): ChannelState[]
  setChannelState(channel: string, change: Partial<Omit<ChannelState, 'channel'>>): void
  saveTicket(ticket: Ticket): void
  ticket(channel: string, thread: string): Ticket | null
  tickets(thread?: string): Ticket[]
  /** Keeps the bytes by their SHA-256 and returns it, hex. @throws PlumblineError `full` above 20 MB */
  keepAttachment(bytes: Uint8Array, now: number): string
  attachment(hash: string): Uint8Array | null
  unsubscribe(list: string, address: string, at: number): void
  resubscribe(list: string, address: string): void
  unsubscribed(list?: string): { list: string; address: string; at: number }[]
}
