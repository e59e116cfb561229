/** A message as a mail: subject, HTML and text, from the same parts. */
import type { MailParts, Message } from '../../model/message.ts'
import { mailHtml } from './html.ts'
import { clean, type MailContent, type MailPart } from './parts.ts'
import { mailText } from './text.ts'

/** What a report or any other sender renders from its own parts. `subject` is one line, whatever it held. */
export function renderMail(content: MailContent & { subject: string }): Pick<MailParts, 'subject' | 'html' | 'text'> {
  return { subject: clean(content.subject).slice(0, 200), html: mailHtml(content), text: mailText(content) }
}

export function messageMail(m: Message): MailParts {
  if (m.mail) return m.mail
  const parts: MailPart[] = [
    { part: 'badge', severity: m.severity, word: m.severityWord, tags: m.tags },
    { part: 'title', text: m.title },
    ...m.lines.map((text): MailPart => ({ part: 'text', text })),
    ...(m.facts.length ? [{ part: 'facts', facts: m.facts } as const] : []),
    ...(m.rows.length ? [{ part: 'rows', rows: m.rows, more: m.more } as const] : []),
    ...(m.links.length ? [{ part: 'actions', links: m.links } as const] : []),
    { part: 'small', text: m.why, links: m.whyLinks },
  ]
  return {
    ...renderMail({ locale: m.locale, title: m.title, preheader: m.preheader, subject: m.subject, parts }),
    headers: {},
    attachments: [],
  }
}
