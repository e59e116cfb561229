/** A mention told: whoever is spoken to in a comment hears of it over the channel that reaches them, in the thread of the issue. */
import type { Locale, Message } from '../../model/message.ts'
import type { Context } from '../context.ts'
import { originOf } from '../origin.ts'
import { endOfHours } from './hours.ts'

const WORDS = {
  en: {
    word: 'MENTION',
    subject: (by: string, issue: string) => `${by} mentions you: ${issue}`,
    open: 'Open issue',
    own: 'All mentions',
    by: 'Written by',
    why: 'You get this because a comment speaks to you.',
  },
  de: {
    word: 'ERWÄHNUNG',
    subject: (by: string, issue: string) => `${by} erwähnt Sie: ${issue}`,
    open: 'Vorfall öffnen',
    own: 'Alle Erwähnungen',
    by: 'Geschrieben von',
    why: 'Sie erhalten dies, weil ein Kommentar Sie anspricht.',
  },
} as const

/** What may be left like any other list. */
export const MENTIONS_LIST = 'mentions'

export interface Spoken {
  issue: number
  title: string
  /** Mail address of who spoke; their name for the subject. */
  by: { email: string; name: string }
  text: string
  at: number
  /** Mail addresses of those spoken to. */
  to: readonly string[]
}

/**
 * Puts one message a person into the outbox. Call inside the transaction that keeps the comment: both or neither. A person
 * without a channel of their own (`recipients` with this mail address) sees it in the dashboard alone.
 * @returns how many are told
 */
export function tellMentioned(ctx: Context, spoken: Spoken): number {
  const { control, config } = ctx
  const left = new Set(control.unsubscribed(MENTIONS_LIST).map((u) => u.address.toLowerCase()))
  const origin = originOf(config)
  const rows = spoken.to.flatMap((email) => {
    const found = Object.entries(config.recipients).find(
      ([, r]) => r.kind === 'person' && r.address?.toLowerCase() === email.toLowerCase(),
    )
    // Nobody is told by mail of what they wrote themselves.
    if (!found || left.has(email.toLowerCase()) || email === spoken.by.email) return []
    const [recipient, { channel, address = '', language, quiet, timezone }] = found
    const free = endOfHours(quiet, timezone, spoken.at)
    const ref = `I-${spoken.issue}`
    return [
      {
        dedupe: `mention/${ref}/${spoken.at}/${spoken.by.email}/${email}`,
        ...{ kind: 'alert' as const, refs: [ref], channel, recipient, address, createdAt: spoken.at },
        ...(free !== null && { notBefore: free }),
        message: messageOf(spoken, language, origin),
      },
    ]
  })
  return control.addOutbox(rows)
}

function messageOf({ issue, title, by, text }: Spoken, locale: Locale, origin: string): Message {
  const w = WORDS[locale]
  const ref = `I-${issue}`
  return {
    ...{ event: 'issue.mentioned', state: 'info', severity: 'info', severityWord: w.word },
    subject: `${w.subject(by.name, ref)} ${title}`,
    preheader: text.replaceAll(/\s+/g, ' ').slice(0, 200),
    tags: [ref],
    title,
    lines: text.split(/\n{2,}/),
    facts: [{ name: w.by, value: by.name }],
    rows: [],
    more: null,
    links: [
      { label: w.open, url: `${origin}/issues/${ref}` },
      { label: w.own, url: `${origin}/mentions` },
    ],
    ...{ why: w.why, whyLinks: [], locale, list: MENTIONS_LIST },
    // The thread of the issue's alerts, so that the mail stands where the others are.
    thread: `issue/${ref}`,
    data: { issue: ref, by: by.email },
  }
}
