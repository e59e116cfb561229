/**
 * A message: what is said to one recipient, before it is known over which channel. One object, from which a mail, a
 * chat card, a page on somebody's phone, a webhook and a ticket are made, so that all of them say the same.
 */

export const MESSAGE_SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const
export type MessageSeverity = (typeof MESSAGE_SEVERITIES)[number]

export const LOCALES = ['en', 'de'] as const
export type Locale = (typeof LOCALES)[number]

export interface MessageLink {
  label: string
  /** Needs a sign-in and carries no token. */
  url: string
}

export interface MessageRow {
  /** What it is called: `I-3000`, a customer. */
  ref: string
  title: string
  /** One line below the title. */
  detail: string
  /** Written amount, or empty. */
  amount: string
  url: string | null
}

export interface Message {
  /** What happened, for machines: `issue.new`, `own.opened`, `report`, `test`. */
  event: string
  /** `open` asks for somebody, `closed` says that an earlier one of the same thread is over, `info` asks for nothing. */
  state: 'open' | 'closed' | 'info'
  severity: MessageSeverity
  /** The severity in the reader's language. */
  severityWord: string
  /** Readable in 60 characters. */
  subject: string
  /** The sentence behind the subject in a list of mails. */
  preheader: string
  /** Beside the severity: state, platforms, owner. */
  tags: string[]
  /** The whole in one sentence. */
  title: string
  /** Paragraphs. */
  lines: string[]
  facts: { name: string; value: string }[]
  rows: MessageRow[]
  /** How many rows are not shown, in words; null when all are. */
  more: string | null
  /** The first is the button. */
  links: MessageLink[]
  /** Why the reader gets this, and what comes next. */
  why: string
  whyLinks: MessageLink[]
  locale: Locale
  /** Messages with one thread follow each other: `issue/3000`. */
  thread: string
  /** Name of the list for List-Id and unsubscribing: `alerts/finance-critical`, `reports/weekly`; null: no list. */
  list: string | null
  /** For machines: identifiers and figures, never a masked value. */
  data: Record<string, unknown>
  /** Rendered by the sender; left out: made from the rest. */
  mail?: MailParts
  /** What it said was kept for its term and then removed; it is not sent again. */
  removed?: true
}

export interface MailParts {
  subject: string
  html: string
  text: string
  /** Further headers; the courier sets its own and lets nobody replace them. */
  headers: Record<string, string>
  attachments: AttachmentRef[]
}

export interface AttachmentRef {
  /** File name as the reader sees it. */
  name: string
  type: string
  /** SHA-256 of the bytes, hex: they are kept by content. */
  hash: string
  bytes: number
}

/** Largest attachment that is kept. */
export const ATTACHMENT_BYTES_MAX = 20 * 1024 * 1024

export const OUTBOX_KINDS = ['alert', 'report', 'ticket', 'test', 'own'] as const
export type OutboxKind = (typeof OUTBOX_KINDS)[number]
export const OUTBOX_STATES = ['waiting', 'claimed', 'sent', 'retry', 'dead', 'cancelled'] as const
export type OutboxState = (typeof OUTBOX_STATES)[number]
