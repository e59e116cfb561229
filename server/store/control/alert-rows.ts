/** What is kept of alerts: standings, events, notices, silences and acknowledgements. Instants are epoch milliseconds. */

export interface AlertEvent {
  id: number
  /** `I-12`, `burn/crm>erp/customer/status`, `own/stale/crm`. */
  subject: string
  /** Counts up for each subject. */
  transition: number
  trigger: string
  at: number
  /** The subject as it was at that moment. */
  about: Record<string, unknown>
}

/**
 * queued: will be told at `dueAt`. held: waits for a silence, a dead connector or a snooze to end. sent: it is in the
 * outbox. dropped: it was over before anybody needed to know. none: nobody was to be told, and why.
 */
export type NoticeState = 'queued' | 'held' | 'sent' | 'dropped' | 'none'

export interface AlertNotice {
  id: number
  eventId: number
  subject: string
  route: string
  recipient: string
  channel: string
  state: NoticeState
  /** In words, for whoever asks later. */
  reason: string
  groupKey: string
  dueAt: number
  sentAt: number | null
  outboxId: string | null
  /** 0: told by the route itself; 1 and more: because nobody acknowledged. */
  step: number
}

export interface AlertSilence {
  id: number
  match: Record<string, unknown>
  createdAt: number
  endsAt: number
  author: string
  reason: string
  /** Ends as soon as an issue that it names is resolved. */
  endOnResolve: boolean
  endedAt: number | null
  endedBy: string | null
}

export interface Acknowledgement {
  subject: string
  actor: string
  at: number
  note: string
}

export interface AlertStore {
  alertStanding(subject: string): Record<string, unknown> | null
  alertStandings(prefix: string): { subject: string; standing: Record<string, unknown> }[]
  setAlertStanding(subject: string, standing: Record<string, unknown>): void
  /** Adds the next transition of a subject and returns its event. */
  addAlertEvent(event: Omit<AlertEvent, 'id' | 'transition'>): AlertEvent
  alertEvent(id: number): AlertEvent | null
  /** Newest first. */
  alertEvents(filter: { subject?: string; since?: number; limit: number }): AlertEvent[]
  /** Adds what is not there yet, by event, recipient and channel. */
  addAlertNotices(notices: readonly Omit<AlertNotice, 'id' | 'sentAt' | 'outboxId'>[]): number
  changeAlertNotices(
    ids: readonly number[],
    change: Partial<Pick<AlertNotice, 'state' | 'reason' | 'groupKey' | 'dueAt' | 'sentAt' | 'outboxId'>>,
    onlyIn: readonly NoticeState[],
  ): number
  alertNotices(filter: {
    subject?: string
    states?: readonly NoticeState[]
    dueBy?: number
    groupKey?: string
    eventId?: number
    limit: number
  }): AlertNotice[]
  /** When a group was last told, and when it will be next. */
  alertGroup(groupKey: string): { lastSentAt: number | null; nextDueAt: number | null }
  addSilence(silence: Omit<AlertSilence, 'id' | 'endedAt' | 'endedBy'>): AlertSilence
  endSilence(id: number, at: number, by: string): boolean
  /** Those that hold at an instant; left out: all, newest first. */
  silences(at?: number): AlertSilence[]
  acknowledge(ack: Acknowledgement): void
  unacknowledge(subject: string): boolean
  acknowledgements(): Acknowledgement[]
}
