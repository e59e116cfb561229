/** Readers of a report: the recipients of the configuration, who subscribed, without those who want no more of it. */
import type { ReportConfig } from '../config/reports-schema.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'

export interface Reader {
  channel: string
  recipient: string
  /** Mail address; empty where the channel itself is the address. */
  address: string
  mail: boolean
}

type Stores = Pick<Context, 'config' | 'control'>

/** Name of the list that a report is: for List-Id and for leaving it. */
export const listOf = (report: string) => `reports/${report}`

const sendsMail = ({ config }: Pick<Context, 'config'>, channel: string): boolean =>
  ['mail', 'folder'].includes(config.channels[channel]?.kind ?? '')

/** Channel for plain addresses. @throws PlumblineError when nothing sends mail. */
export function mailChannel(ctx: Pick<Context, 'config'>, report: Pick<ReportConfig, 'channel'>): string {
  const found = report.channel ?? Object.keys(ctx.config.channels).find((name) => sendsMail(ctx, name))
  if (found === undefined)
    throw new PlumblineError('config', 'No channel sends mail.', {
      remedy: 'Add one to the configuration: channels: { mail: { kind: mail, host: …, from: … } }.',
    })
  return found
}

/** One written name or address. */
export function readerOf(ctx: Pick<Context, 'config'>, report: Pick<ReportConfig, 'channel'>, written: string): Reader {
  const recipient = ctx.config.recipients[written]
  if (!recipient) return { channel: mailChannel(ctx, report), recipient: written, address: written, mail: true }
  const mail = sendsMail(ctx, recipient.channel)
  return { channel: recipient.channel, recipient: written, address: recipient.address ?? '', mail }
}

export function readersOf(ctx: Stores, name: string, report: ReportConfig): Reader[] {
  const left = new Set(ctx.control.unsubscribed(listOf(name)).map((u) => u.address.toLowerCase()))
  const seen = new Set<string>()
  return [...report.recipients, ...ctx.control.reports.subscribers(name)]
    .map((written) => readerOf(ctx, report, written))
    .filter((r) => {
      const key = `${r.channel} ${r.address === '' ? r.recipient : r.address.toLowerCase()}`
      if (seen.has(key) || left.has(r.address.toLowerCase())) return false
      seen.add(key)
      return true
    })
}

/** Who hears that a report failed: its owner, else who is told of the monitor itself, else its first reader. */
export function ownersOf(ctx: Stores, name: string, report: ReportConfig): Reader[] {
  const written = report.owner !== undefined ? [report.owner] : ctx.config.alerts.own.tell
  if (written.length > 0) return written.map((w) => readerOf(ctx, report, w))
  return readersOf(ctx, name, report).slice(0, 1)
}
