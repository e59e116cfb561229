/** The door of a channel: what every kind of channel can do, and what came of one attempt. */
import type { ChannelConfig } from '../config/channels-schema.ts'
import type { Clock } from '../clock.ts'
import type { Poster } from '../http/post.ts'
import type { ControlStore } from '../store/control/control.ts'
import type { OutboxRow, Ticket } from '../store/control/outbox-rows.ts'

/** What one attempt came to. */
export interface Attempt {
  outcome: 'sent' | 'later' | 'never'
  /** HTTP status or SMTP code. */
  status: number | null
  /** What the other side said, one line of plain text. */
  answer: string
  /** The other side asks for at least so long a pause. */
  retryAfterMs?: number
  /** The other side wants nothing more, ever: the channel is switched off. */
  gone?: true
  /** The other side is busy rather than broken: the pause is at least a minute. */
  throttled?: true
}

export interface DoorContext {
  /** Name of the channel. */
  channel: string
  clock: Clock
  control: ControlStore
  poster: Poster
  /** Address of the dashboard, without a path. */
  origin: string
  /** Data folder, for channels that write files; null where there is none. */
  data: string | null
  signal: AbortSignal
  /** Link that takes an address off a list; null where no public https address is known. */
  unsubscribeLink(list: string, address: string): string | null
}

export interface Door {
  send(row: OutboxRow): Promise<Attempt>
  /** Reads back the state of a ticket; only where the channel makes tickets. */
  readBack?(ticket: Ticket): Promise<Ticket>
  close(): void
}

export type OpenDoor<C extends ChannelConfig = ChannelConfig> = (config: C, ctx: DoorContext) => Door

/** One line: control and direction characters out, length bounded. */
export function oneLine(text: string, most = 300): string {
  return text
    .replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, most)
}
