/** A report as a message: what goes to each reader, and what its owner hears when it could not be made. */
import type { AttachmentRef, Message } from '../../model/message.ts'
import type { Language } from '../config/reports-schema.ts'
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

const FAILED = {
  en: {
    severity: 'HIGH',
    subject: (title: string) => `The report “${title}” was not sent`,
    line: (due: string, why: string) => `It was due at ${due} and could not be made: ${why}`,
    then: 'Nobody has received it. When the cause is mended, send it by hand from the page Reports.',
    open: 'Open the report',
    why: 'You get this because you answer for the report.',
  },
  de: {
    severity: 'HOCH',
    subject: (title: string) => `Der Bericht „${title}“ wurde nicht gesendet`,
    line: (due: string, why: string) => `Er war fällig am ${due} und ließ sich nicht erstellen: ${why}`,
    then: 'Niemand hat ihn erhalten. Ist die Ursache behoben, lässt er sich auf der Seite Berichte von Hand senden.',
    open: 'Bericht öffnen',
    why: 'Sie erhalten dies, weil Sie für den Bericht verantwortlich sind.',
  },
} as const

export function failureMessage(of: {
  report: string
  title: string
  language: Language
  origin: string
  due: string
  why: string
}): Message {
  const w = FAILED[of.language]
  const subject = oneLine(w.subject(of.title))
  return {
    event: 'report.failed',
    state: 'open',
    severity: 'high',
    severityWord: w.severity,
    subject,
    preheader: oneLine(w.line(of.due, of.why)),
    tags: [of.report],
    title: subject,
    lines: [w.line(of.due, of.why), w.then],
    facts: [],
    rows: [],
    more: null,
    links: [{ label: w.open, url: `${of.origin}/reports/${encodeURIComponent(of.report)}` }],
    why: w.why,
    whyLinks: [],
    locale: of.language,
    thread: `report-failed/${of.report}`,
    list: null,
    data: { report: of.report, due: of.due, why: of.why },
  }
}
