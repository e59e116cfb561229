/** A report as a message: what goes to each reader. */
import type { AttachmentRef, Message } from '../../model/message.ts'
import type { ReportContent } from './content.ts'
import { oneLine } from './escape.ts'
import { reportHtml } from './html.ts'
import { listOf } from './readers.ts'
import { reportText } from './text.ts'

/** Rows in a chat message; the report has the rest. */
const CHAT_ROWS = 5

export interface Letter {
  report: string
  content: ReportContent
  origin: string
  /** Of the archived report; null: a test, which is not kept. */
  id: string | null
  links: readonly { text: string; href: string }[]
  attachments: readonly AttachmentRef[]
  facts: Record<string, unknown>
}

export function reportMessage(letter: Letter, unsubscribe: string | null): Message {
  const { report, content, origin, id, links, attachments } = letter
  const items = content.blocks.flatMap((b) => (b.is === 'items' ? b.rows : []))
  const cells = content.blocks.flatMap((b) => (b.is === 'numbers' ? b.cells : []))
  const decisions = content.blocks.find((b) => b.is === 'lines')
  const subject = oneLine(id === null ? `[Test] ${content.subject}` : content.subject)
  const options = { origin, unsubscribe, links }
  return {
    event: 'report',
    state: 'info',
    severity: 'info',
    severityWord: content.language === 'de' ? 'BERICHT' : 'REPORT',
    subject,
    preheader: oneLine(content.preheader),
    tags: content.meta,
    title: content.title,
    lines: [
      ...[content.notice, content.clear].filter((x) => x !== null),
      ...(decisions?.is === 'lines' ? decisions.lines.map((l) => l.text) : []),
    ],
    facts: cells.map((c) => ({ name: c.label, value: c.change === null ? c.value : `${c.value} (${c.change})` })),
    rows: items.slice(0, CHAT_ROWS).map((r) => ({
      ref: r.ref,
      title: r.title,
      detail: r.detail,
      amount: r.right,
      url: origin + r.href,
    })),
    more: null,
    links: [
      ...links.map((l) => ({ label: l.text, url: origin + l.href })),
      ...content.links.map((l) => ({ label: l.text, url: origin + (l.href ?? '/') })),
    ],
    why: content.why,
    whyLinks: [],
    locale: content.language,
    thread: `report/${id ?? `test ${report}`}`,
    list: listOf(report),
    data: { report, id, ...letter.facts },
    mail: {
      subject,
      html: reportHtml(content, { ...options, as: 'mail' }),
      text: reportText(content, options),
      headers: {},
      attachments: [...attachments],
    },
  }
}
