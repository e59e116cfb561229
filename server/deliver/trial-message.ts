/** A test message: shows that a channel reaches somebody, and how a message looks there. */
import type { Locale, Message } from '../../model/message.ts'

const WORDS = {
  en: {
    subject: 'Test from Plumbline: this channel works',
    line: 'Somebody asked for this test. Nothing is wrong, and nothing is to be done.',
    by: 'Asked by',
    open: 'Open alerts',
    why: 'You get this because a test was asked for.',
  },
  de: {
    subject: 'Test von Plumbline: Dieser Kanal funktioniert',
    line: 'Jemand hat diesen Test angefordert. Es liegt nichts vor, und es ist nichts zu tun.',
    by: 'Angefordert von',
    open: 'Meldungen öffnen',
    why: 'Sie erhalten dies, weil ein Test angefordert wurde.',
  },
} as const

export function trialMessage(locale: Locale, channel: string, actor: string, origin: string): Message {
  const w = WORDS[locale]
  return {
    event: 'test',
    state: 'info',
    severity: 'info',
    severityWord: 'TEST',
    subject: w.subject,
    preheader: w.line,
    tags: [channel],
    title: w.subject,
    lines: [w.line],
    facts: [{ name: w.by, value: actor }],
    rows: [],
    more: null,
    links: [{ label: w.open, url: `${origin}/alerts/routes` }],
    why: w.why,
    whyLinks: [],
    locale,
    thread: `test/${channel}`,
    list: null,
    data: { channel },
  }
}
