/** Report content: what is said, in order, in the reader's language. Mail, text and page are drawn from this one object. */
import type { Language } from '../config/reports-schema.ts'

export interface Line {
  text: string
  /** Path below the product's address. */
  href: string | null
}

export interface NumberCell {
  label: string
  value: string
  /** Change since the last report, with its direction in words or an arrow; null: nothing to compare with. */
  change: string | null
  /** Whether the change is for the better; null: neither. */
  good: boolean | null
  note: string | null
}

export interface ItemRow {
  ref: string
  href: string
  title: string
  /** One line below, parts divided by middle dots. */
  detail: string
  right: string
  severity: string | null
}

export interface Bar {
  label: string
  value: string
  /** 0 to 1 of the longest. */
  share: number
}

export type Block =
  | { is: 'lines'; title: string; lines: Line[]; strong: string | null }
  | { is: 'numbers'; title: string; cells: NumberCell[] }
  | { is: 'bars'; title: string; bars: Bar[]; more: string | null; none: string | null }
  | { is: 'items'; title: string; rows: ItemRow[]; more: Line | null; none: string | null }
  | { is: 'notes'; title: string; lines: string[] }

export interface ReportContent {
  version: 1
  language: Language
  company: string
  subject: string
  /** The sentence behind the subject in a list of mails. */
  preheader: string
  title: string
  /** Period, zone, how far the data reaches. */
  meta: string[]
  /** Said before everything else: it came late. */
  notice: string | null
  /** Nothing is wrong, and everything could be read. */
  clear: string | null
  blocks: Block[]
  links: Line[]
  /** Why the reader gets it. */
  why: string
  footer: string
}
