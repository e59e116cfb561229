/** What we say of a channel itself, to the recipients of our own route. */
import type { Message } from '../../model/message.ts'
import type { Context } from '../context.ts'
import { originOf } from '../origin.ts'
import type { NewOutboxRow } from '../store/control/outbox-rows.ts'

export interface OwnNews {
  dedupe: string
  ref: string
  /** Channel that this is about: it carries no news of itself. */
  except: string
  said: { off: string; reason: string }
}

/** One row for each recipient of the own route that another channel reaches. */
export function ownMessage(ctx: Context, { dedupe, ref, except, said }: OwnNews): NewOutboxRow[] {
  const { config, clock } = ctx
  return config.alerts.own.tell.flatMap((name): NewOutboxRow[] => {
    const recipient = config.recipients[name]
    if (!recipient || recipient.channel === except) return []
    return [
      {
        dedupe: `${dedupe}/${name}`,
        kind: 'own',
        refs: [ref],
        channel: recipient.channel,
        recipient: name,
        address: recipient.address ?? '',
        message: channelOff(ctx, recipient.language, said.off, said.reason),
        createdAt: clock.now(),
      },
    ]
  })
}

const WORDS = {
  en: {
    severity: 'HIGH',
    subject: (c: string) => `Channel ${c} was switched off`,
    line: (c: string, why: string) => `Nothing is sent over ${c} any more: ${why}.`,
    then: 'What it could not bring is in the delivery log. Switch the channel on again there, and send it again from the time it failed.',
    open: 'Open the delivery log',
    why: 'You get this because you are told about the monitor itself.',
  },
  de: {
    severity: 'HOCH',
    subject: (c: string) => `Der Kanal ${c} wurde abgeschaltet`,
    line: (c: string, why: string) => `Über ${c} wird nichts mehr gesendet: ${why}.`,
    then: 'Was er nicht zustellen konnte, steht im Zustellprotokoll. Dort lässt sich der Kanal wieder einschalten und alles seit dem Ausfall erneut senden.',
    open: 'Zustellprotokoll öffnen',
    why: 'Sie erhalten dies, weil Sie über den Monitor selbst informiert werden.',
  },
} as const

function channelOff(ctx: Context, locale: 'en' | 'de', channel: string, reason: string): Message {
  const w = WORDS[locale]
  return {
    event: 'channel.disabled',
    state: 'open',
    severity: 'high',
    severityWord: w.severity,
    subject: w.subject(channel),
    preheader: w.line(channel, reason),
    tags: [channel],
    title: w.subject(channel),
    lines: [w.line(channel, reason), w.then],
    facts: [],
    rows: [],
    more: null,
    links: [{ label: w.open, url: `${originOf(ctx.config)}/alerts/log?q=${encodeURIComponent(`channel:${channel}`)}` }],
    why: w.why,
    whyLinks: [],
    locale,
    thread: `channel/${channel}`,
    list: null,
    data: { channel, reason },
  }
}
