/**
 * A row of the outbox as a mail for the wire. Its Message-ID is made from the row's id, so every attempt is the same
 * mail; mails of one thread share a reference, so that readers' programs put them together.
 */
import { createHash } from 'node:crypto'
import type { SendMailOptions } from 'nodemailer'
import { messageMail } from '../../mail/message-mail.ts'
import { clean } from '../../mail/parts.ts'
import type { OutboxRow } from '../../store/control/outbox-rows.ts'
import { PlumblineError } from '../../errors.ts'
import type { DoorContext } from '../door.ts'

/** Headers that belong to the courier: a sender may add others, never these. */
const OURS =
  /^(from|to|cc|bcc|sender|reply-to|subject|date|message-id|in-reply-to|references|list-.*|auto-submitted|x-auto-response-suppress|dkim-.*|mime-.*|content-.*|received|return-path)$/i

export function composeMail(row: OutboxRow, from: string, ctx: DoorContext): SendMailOptions {
  const { message } = row
  if (row.address === '')
    throw new PlumblineError('config', `The recipient ${row.recipient} has no mail address.`, {
      remedy: `Give recipients.${row.recipient} an address.`,
    })
  const mail = messageMail(message)
  const domain = senderDomain(from)
  const thread = `<${threadId(message.thread)}@${domain}>`
  const unsubscribe = message.list === null ? null : ctx.unsubscribeLink(message.list, row.address)
  const further = Object.entries(mail.headers).filter(
    ([name]) => /^[A-Za-z][A-Za-z0-9-]*$/.test(name) && !OURS.test(name),
  )
  return {
    from: clean(from),
    to: { name: '', address: row.address },
    subject: clean(mail.subject),
    date: new Date(row.createdAt),
    messageId: `<${row.id}@${domain}>`,
    inReplyTo: thread,
    references: [thread],
    html: mail.html,
    text: mail.text,
    textEncoding: 'quoted-printable',
    headers: {
      ...Object.fromEntries(further.map(([name, value]) => [name, clean(value)])),
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      // Prepared: a list's name is its identifier, not text to be encoded.
      ...(message.list !== null && { 'List-Id': { prepared: true, value: `<${listId(message.list)}.${domain}>` } }),
      ...(unsubscribe !== null && {
        'List-Unsubscribe': { prepared: true, value: `<${unsubscribe}>` },
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      }),
    },
    attachments: mail.attachments.map(({ name, type, hash }) => {
      const bytes = ctx.control.attachment(hash)
      if (!bytes) throw new PlumblineError('not_found', `The attachment ${name} is no longer kept.`)
      return { filename: clean(name).replaceAll('/', '_'), contentType: type, content: Buffer.from(bytes) }
    }),
    // What a message names is never opened: no file and no address is read to make a mail.
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

export function senderDomain(from: string): string {
  const domain = /@([a-z0-9.-]+)>?\s*$/i.exec(from)?.[1]
  return domain ?? 'localhost'
}

const threadId = (thread: string) => `t${createHash('sha256').update(thread).digest('hex').slice(0, 24)}`

/** `alerts/Finance critical` → `finance-critical.alerts`. */
export function listId(list: string): string {
  return list
    .toLowerCase()
    .split('/')
    .reverse()
    .map((part) => part.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'list')
    .join('.')
}
