/** Writing: news as messages. One issue, several of one cause, a storm, a digest. Pure. */
import type { Message, MessageLink, MessageRow } from '../../model/message.ts'
import { SEVERITIES, type Cause, type Severity } from '../../model/verdict.ts'
import { add, format } from '../../model/decimal.ts'
import type { Pen } from './words/words.ts'
import { burn, closing, own } from './write-own.ts'
import type { News, Subject } from './subject.ts'

export interface Item {
  news: News
  transition: number
  at: number
  about: Subject
  /** The weightiest findings, already without what must not leave. */
  rows: MessageRow[]
  /** Of what is resolved: what was last told to be at risk, and whether somebody decided something since it opened. */
  ended?: { amounts: Record<string, string>; decided: boolean } | undefined
}

export interface Letter {
  pen: Pen
  origin: string
  now: number
  route: string
  /** `cause`: told together because of one cause; `digest`: because of the time. */
  together: 'cause' | 'digest'
  /** More new issues of one cause than this are a storm. */
  storm: number
  /** Thread that the recipient knows the subject by. */
  thread: string | null
  /** Set where nobody acknowledged: after how long, ms. */
  unacknowledgedFor: number | null
  title(platform: string): string
  fieldTitle(kind: string | null, field: string | null): string
}

const ROWS = 3
const LISTED = 5

/** The worst comes first. */
const rank = (s: Subject) => SEVERITIES.indexOf(s.severity)

export function write(items: readonly Item[], letter: Letter): Message {
  const sorted = [...items].sort(
    (a, b) => rank(b.about) - rank(a.about) || Number(b.about.money ?? 0) - Number(a.about.money ?? 0),
  )
  const [first] = sorted
  if (sorted.length === 1 && first!.about.kind === 'own') return own(first!, letter)
  if (sorted.length === 1 && first!.about.kind === 'burn') return burn(first!, letter)
  if (sorted.length === 1 && first!.about.kind === 'exceptions') return closing(first!, letter)
  if (sorted.length === 1) return single(first!, letter)
  return several(sorted, letter)
}

function single({ news, about: s, rows, at, transition, ended }: Item, l: Letter): Message {
  const { pen } = l
  const w = pen.words
  const names = {
    from: s.from ? l.title(s.from) : '—',
    to: pen.list(s.to.map(l.title)) || '—',
    field: inSentence(l.fieldTitle(s.recordKind, s.field), l),
    findings: w.findings(s.findings, pen.number(s.findings)),
  }
  const money = pen.amounts(s.amounts)
  const closed = news === 'resolved'
  const size = closed
    ? ''
    : [s.customers > 0 ? w.customers(s.customers, pen.number(s.customers)) : names.findings, money && w.atRisk(money)]
        .filter(Boolean)
        .join(', ')
  const issue = `${l.origin}/issues/${s.ref}`
  const ends = typeof s.more['recoverableUntil'] === 'number' ? s.more['recoverableUntil'] : null
  const facts = [
    ...(s.since
      ? [
          {
            name: w.started,
            value: `${pen.instant(Date.parse(s.since))} (${w.ago(pen.span(l.now - Date.parse(s.since)))})`,
          },
        ]
      : []),
    ...(closed ? [{ name: w.resolvedAt, value: pen.instant(s.resolvedAt ? Date.parse(s.resolvedAt) : at) }] : []),
    ...(closed && s.since ? [{ name: w.lasted, value: pen.span(at - Date.parse(s.since)) }] : []),
    ...(ended && pen.amounts(ended.amounts) ? [{ name: w.cleared, value: pen.amounts(ended.amounts) }] : []),
    ...(ended ? [{ name: w.how, value: w.decided(ended.decided) }] : []),
    ...(!closed && s.dueAt
      ? [
          {
            name: w.window,
            value:
              Date.parse(s.dueAt) > l.now
                ? w.windowEnds(pen.instant(Date.parse(s.dueAt)))
                : w.windowEnded(pen.instant(Date.parse(s.dueAt))),
          },
        ]
      : []),
    ...(s.cause && w.cause[s.cause as Cause] ? [{ name: w.likelyCause, value: w.cause[s.cause as Cause]! }] : []),
    ...(!closed && money ? [{ name: w.money, value: [money, estimated(s, pen)].filter(Boolean).join(', ') }] : []),
    ...(s.legalEntities.length ? [{ name: w.legalEntity, value: s.legalEntities.slice(0, 5).join(', ') }] : []),
    ...(ends !== null ? [{ name: w.recoverableUntil, value: pen.instant(ends) }] : []),
  ]
  const said = w.says[news](names)
  const subject = closed
    ? `${w.resolvedPrefix}: ${s.title} ${s.ref}`
    : `[${w.severity[s.severity]}] ${s.title}${size ? `, ${size}` : ''} ${s.ref}`
  return {
    ...frame(l, s.severity, closed ? 'closed' : 'open', `issue.${news}`),
    subject,
    preheader: [said, s.cause ? w.cause[s.cause as Cause] : ''].filter(Boolean).join(' '),
    tags: [
      ...(closed ? [] : [w.news[news]]),
      ...(s.from ? [`${names.from} → ${names.to}`] : s.to.length ? [names.to] : []),
      ...(s.team ? [w.owner(s.team)] : []),
    ],
    title: size ? `${s.title}: ${size}` : s.title,
    lines: [said, ...unacknowledged(l)].filter(Boolean),
    facts,
    rows: closed ? [] : rows.slice(0, ROWS),
    more:
      !closed && s.findings > Math.min(ROWS, rows.length) && rows.length > 0
        ? w.andMore(s.findings - Math.min(ROWS, rows.length))
        : null,
    links: [
      { label: w.openIssue, url: issue },
      ...(closed ? [] : [{ label: w.previewFix, url: `${issue}?fix=1` }]),
      ...(closed ? [] : [{ label: w.acknowledge, url: `${l.origin}/alerts/routes?issue=${s.ref}` }]),
    ],
    ...why(l, closed ? null : s.ref),
    thread: l.thread ?? `issue/${s.ref}`,
    data: { ...plain(s), news, transition },
  }
}

/** English writes a field small within a sentence; German writes nouns as they are. */
const inSentence = (label: string, { pen }: Letter) => (pen.locale === 'en' ? label.toLowerCase() : label)

function several(items: readonly Item[], l: Letter): Message {
  const { pen, together } = l
  const w = pen.words
  const [worst] = items
  const fresh = items.filter((i) => i.news !== 'resolved')
  const n = pen.number(items.length)
  const s = worst!.about
  const cause = [
    w.cause[s.cause as Cause] ?? s.title,
    s.from ? `${l.title(s.from)} → ${pen.list(s.to.map(l.title))}` : pen.list(s.to.map(l.title)),
  ]
    .filter(Boolean)
    .join(', ')
  const storm = together === 'cause' && items.filter((i) => i.news === 'new').length > l.storm
  const findings = items.reduce((sum, i) => sum + i.about.findings, 0)
  const amounts = items.reduce<Record<string, string>>((sum, i) => {
    for (const [currency, amount] of Object.entries(i.about.amounts))
      sum[currency] = format(add(sum[currency] ?? '0', amount))
    return sum
  }, {})
  const money = pen.amounts(amounts)
  const head =
    together === 'digest'
      ? w.digestTitle(items.length, n)
      : storm
        ? w.stormTitle(items.length, n, cause)
        : `${w.groupTitle(items.length, n)}: ${cause}`
  const title = money ? `${head}, ${w.atRisk(money)}` : head
  const all = items.map((i) => i.about.ref)
  return {
    ...frame(
      l,
      s.severity,
      fresh.length === 0 ? 'closed' : 'open',
      storm ? 'issues.storm' : together === 'digest' ? 'issues.digest' : 'issues.group',
    ),
    subject: fresh.length === 0 ? `${w.resolvedPrefix}: ${title}` : `[${w.severity[s.severity]}] ${title}`,
    preheader: items
      .slice(0, 3)
      .map((i) => `${i.about.ref} ${i.about.title}`)
      .join(' · '),
    tags: [...new Set(items.map((i) => w.news[i.news]))],
    title,
    lines: [...(storm ? [w.stormLine(n, w.findings(findings, pen.number(findings)))] : []), ...unacknowledged(l)],
    facts: [],
    rows: items.slice(0, LISTED).map((i) => ({
      ref: i.about.ref,
      title: i.about.title,
      detail: [
        w.news[i.news],
        w.findings(i.about.findings, pen.number(i.about.findings)),
        ...(i.about.team ? [w.owner(i.about.team)] : []),
      ].join(' · '),
      amount: pen.amounts(i.about.amounts),
      url: `${l.origin}/issues/${i.about.ref}`,
    })),
    more: items.length > LISTED ? w.andMore(items.length - LISTED) : null,
    links: [{ label: w.openIssues, url: `${l.origin}/issues?q=${encodeURIComponent('is:unresolved')}` }],
    ...why(l, null),
    thread: l.thread ?? `group/${all.sort().join(',').slice(0, 200)}/${worst!.at}`,
    data: {
      issues: items.slice(0, 100).map((i) => ({ ...plain(i.about), news: i.news, transition: i.transition })),
      count: items.length,
      findings,
    },
  }
}

export function frame(
  l: Letter,
  severity: Severity,
  state: Message['state'],
  event: string,
): Pick<Message, 'event' | 'state' | 'severity' | 'severityWord' | 'locale' | 'list'> {
  const { words, locale } = l.pen
  // What is over is not urgent any more, however urgent it was.
  const said = state === 'closed' ? words.news.resolved.toUpperCase() : words.severity[severity]
  return {
    event,
    state,
    severity: state === 'closed' ? 'info' : severity,
    severityWord: said,
    locale,
    list: `alerts/${l.route}`,
  }
}

export function why(l: Letter, ref: string | null): { why: string; whyLinks: MessageLink[] } {
  const w = l.pen.words
  return {
    why: [w.because(l.route), ref === null ? '' : w.again].filter(Boolean).join(' '),
    whyLinks: [
      ...(ref === null ? [] : [{ label: w.silence, url: `${l.origin}/alerts/silences?issue=${ref}&hours=4` }]),
      { label: w.changeRoute, url: `${l.origin}/alerts/routes` },
    ],
  }
}

function unacknowledged(l: Letter): string[] {
  return l.unacknowledgedFor === null ? [] : [l.pen.words.escalated(l.pen.span(l.unacknowledgedFor))]
}

function estimated(s: Subject, pen: Pen): string {
  const amount = pen.amounts(s.estimated)
  return amount ? pen.words.estimated(amount) : ''
}

/** What machines get: identifiers and figures, no value of any record. */
function plain(s: Subject): Record<string, unknown> {
  return {
    issue: s.ref,
    check: s.check,
    category: s.category,
    cause: s.cause,
    kind: s.recordKind,
    field: s.field,
    owner_platform: s.from,
    platforms: s.to,
    severity: s.severity,
    findings: s.findings,
    customers: s.customers,
    amounts: s.amounts,
    amounts_estimated: s.estimated,
    money: s.money,
    legal_entities: s.legalEntities,
    team: s.team,
    since: s.since,
    due_at: s.dueAt,
  }
}
