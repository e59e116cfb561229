/** Writing about the monitor itself, an edge whose error budget burns, and events that are soon forgotten. Pure. */
import type { Message } from '../../model/message.ts'
import { frame, why, type Item, type Letter } from './write.ts'

export function own({ news, about: s, at, transition }: Item, l: Letter): Message {
  const { pen } = l
  const w = pen.words
  const words = w.own[String(s.more['condition'])] ?? w.own['run']!
  const what = String(s.more['what'] ?? '')
  const title = words.title(s.from ? l.title(s.from) : what)
  const since = sinceOf(s, pen)
  const until = typeof s.more['until'] === 'number' ? ` – ${pen.instant(s.more['until'])}` : ''
  const closed = news === 'own_closed'
  return {
    ...frame(l, s.severity, closed ? 'closed' : 'open', closed ? 'own.closed' : 'own.opened'),
    list: null,
    subject: closed ? w.ownOver(title) : `[${w.severity[s.severity]}] ${title}`,
    preheader: words.line(`${since}${until}`),
    tags: [w.news[news]],
    title: closed ? w.ownOver(title) : title,
    lines: closed ? [] : [words.line(`${since}${until}`), words.then],
    facts: [{ name: closed ? w.resolvedAt : w.started, value: pen.instant(at) }],
    rows: [],
    more: null,
    links: [{ label: w.openAlerts, url: `${l.origin}/alerts/own` }],
    why: w.becauseOwn,
    whyLinks: [],
    thread: s.ref,
    data: { condition: s.more['condition'], what, ref: s.ref, transition },
  }
}

function sinceOf({ more }: Item['about'], pen: Letter['pen']): string {
  if (typeof more['at'] === 'number') return pen.instant(more['at'])
  return more['condition'] === 'stale' ? pen.words.never : String(more['detail'] ?? '')
}

export function burn({ about: s, at, transition }: Item, l: Letter): Message {
  const { pen } = l
  const w = pen.words
  const m = s.more
  const part = l.fieldTitle(s.recordKind, s.field)
  const title = w.burnTitle(s.from ? l.title(s.from) : '—', pen.list(s.to.map(l.title)), part)
  const line = w.burnLine(
    m['rate'] === null ? '—' : pen.number(Number(m['rate'])),
    String(m['long']),
    m['short'] == null ? null : String(m['short']),
    pen.number(Number(m['bad'])),
    pen.number(Number(m['changes'])),
  )
  return {
    ...frame(l, s.severity, 'open', 'edge.burn_rate'),
    subject: `[${w.severity[s.severity]}] ${title}`,
    preheader: line,
    tags: [w.news.burn_rate],
    title,
    lines: [line],
    facts: [{ name: w.started, value: pen.instant(at) }],
    rows: [],
    more: null,
    links: [{ label: w.openEdges, url: `${l.origin}/flows/${encodeURIComponent(String(m['edge'] ?? ''))}` }],
    ...why(l, null),
    thread: s.ref,
    data: {
      ref: s.ref,
      from: s.from,
      to: s.to,
      kind: s.recordKind,
      part: s.field,
      rate: m['rate'],
      window: m['long'],
      bad: m['bad'],
      changes: m['changes'],
      transition,
    },
  }
}

export function closing({ news, about: s, at, transition }: Item, l: Letter): Message {
  const { pen } = l
  const w = pen.words
  const title = w.closingTitle(pen.number(s.findings), s.from ? l.title(s.from) : '—')
  const until = pen.instant(Number(s.more['until']))
  return {
    ...frame(l, s.severity, 'open', 'exceptions.recoverability_ending'),
    subject: `[${w.severity[s.severity]}] ${title}`,
    preheader: w.closingLine(until),
    tags: [w.news[news]],
    title,
    lines: [s.title, w.closingLine(until)],
    facts: [
      { name: w.recoverableUntil, value: until },
      { name: w.started, value: pen.instant(at) },
    ],
    rows: [],
    more: null,
    links: [
      {
        label: w.openExceptions,
        url: `${l.origin}/exceptions?group=${encodeURIComponent(String(s.more['fingerprint']))}`,
      },
    ],
    ...why(l, null),
    thread: s.ref,
    data: {
      ref: s.ref,
      from: s.from,
      to: s.to,
      kind: s.recordKind,
      waiting: s.findings,
      until: s.more['until'],
      transition,
    },
  }
}
