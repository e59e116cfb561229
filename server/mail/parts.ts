/** The parts of a mail: one list of them says everything, and both the HTML and the plain text are made from it. */
import type { MessageLink, MessageRow, MessageSeverity } from '../../model/message.ts'

export type MailPart =
  | { part: 'badge'; severity: MessageSeverity; word: string; tags: readonly string[] }
  | { part: 'title'; text: string }
  | { part: 'heading'; text: string }
  | { part: 'text'; text: string }
  | { part: 'facts'; facts: readonly { name: string; value: string }[] }
  | { part: 'rows'; rows: readonly MessageRow[]; more: string | null }
  | { part: 'figures'; figures: readonly { name: string; value: string; change: string }[] }
  /** Bars are table cells; `share` is 0 to 1, and the number is always written beside. */
  | { part: 'bars'; bars: readonly { name: string; value: string; share: number }[] }
  | { part: 'table'; head: readonly string[]; rows: readonly (readonly string[])[]; numeric: readonly number[] }
  /** The first is the button. */
  | { part: 'actions'; links: readonly MessageLink[] }
  | { part: 'small'; text: string; links: readonly MessageLink[] }

export interface MailContent {
  locale: string
  title: string
  preheader: string
  parts: readonly MailPart[]
}

/** Marks beside the words, because colour alone says nothing. */
export const SEVERITY_MARKS: Record<MessageSeverity, string> = {
  critical: '◆',
  high: '▲',
  medium: '■',
  low: '●',
  info: '○',
}

/** One line without control, direction and invisible characters: what a hostile name would hide behind. */
export function clean(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]+/gu, ' ').trim()
}
