/** Compose: data becomes content, with the parts that an audience needs in the order in which it needs them. */
import type { Audience, Language } from '../config/reports-schema.ts'
import { method, periodsBlock } from './closing.ts'
import type { Block, ReportContent } from './content.ts'
import type { ReportData } from './data.ts'
import { oneLine } from './escape.ts'
import { factsOf } from './gather.ts'
import { formatIn } from './format.ts'
import {
  accepted,
  changed,
  decisions,
  issuesHref,
  numbers,
  pairs,
  resolved,
  riskNow,
  top,
  unverified,
  type Told,
} from './parts.ts'
import { titlesIn } from '../titles.ts'
import { weekOf } from './span.ts'
import { de } from './words/de.ts'
import { en } from './words/en.ts'
import type { Words } from './words/words.ts'

const WORDS: Record<Language, Words> = { en, de }

type Part = (data: ReportData, t: Told) => Block
const figures: Part = (data, t) => numbers(data, t, false)
const moneyFirst: Part = (data, t) => numbers(data, t, true)

/** Executives get four parts without ids; whoever mends things sees first what is new; finance sees money first. */
const ORDER: Record<Audience, readonly Part[]> = {
  operations: [changed, decisions, figures, pairs, top, resolved, accepted, unverified, method],
  finance: [decisions, moneyFirst, periodsBlock, top, pairs, changed, resolved, accepted, unverified, method],
  sales: [decisions, figures, top, changed, pairs, resolved, accepted, unverified, method],
  customer_success: [decisions, figures, top, changed, pairs, resolved, accepted, unverified, method],
  support: [decisions, figures, changed, top, pairs, resolved, unverified, method],
  stewards: [decisions, figures, changed, pairs, unverified, accepted, top, resolved, method],
  executives: [decisions, figures, pairs, method],
}

export const told = (language: Language, zone: string): Told => ({
  w: WORDS[language],
  f: formatIn(language, zone),
  // Titles of checks are in the data; kinds and fields are the model's.
  titles: titlesIn(language, { checks: [] }),
})

/** True if there is nothing to tell: nothing wrong, nothing moved, nothing to decide, and all of it was looked at. */
export function isEmpty(data: ReportData): boolean {
  const { figures: n, moves } = data
  return (
    n.open + n.inFlight + n.undecided + moves.opened + moves.regressed + moves.resolved === 0 &&
    data.standing.stale.length === 0 &&
    data.failingChecks.length === 0 &&
    data.ending.length === 0 &&
    data.periods.every((p) => p.state === 'ready' || p.state === 'running')
  )
}

export function compose(data: ReportData): ReportContent {
  const t = told(data.language, data.timezone)
  const { w, f } = t
  const title = oneLine(data.title ?? w.title(data.audience, data.period))
  const clear = isEmpty(data)
  const fresh = data.standing.all - data.standing.stale.length
  const blocks = ORDER[data.audience].map((part) => part(data, t))
  const first = decisions(data, t)
  return {
    version: 1,
    language: data.language,
    company: data.company,
    subject: oneLine(subjectOf(data, title, clear, t)),
    preheader: clear || first.is !== 'lines' ? w.clear : first.lines[0]!.text,
    title,
    meta: [
      `${spanText(data, t)}, ${data.timezone}`,
      data.standing.completeThrough === null
        ? w.nothingRead
        : w.dataTo(f.time(Date.parse(data.standing.completeThrough))),
      w.fresh(f.count(fresh), f.count(data.standing.all)),
    ],
    notice: data.late && data.plannedAt !== null ? w.late(f.time(Date.parse(data.plannedAt))) : null,
    clear: clear ? w.clear : null,
    blocks,
    links: [{ text: w.live, href: issuesHref(data) }],
    why: w.why(title, data.company),
    footer: w.footer,
  }
}

/** The period is in the subject, so that reports do not collapse into one thread. */
function subjectOf(data: ReportData, title: string, clear: boolean, { w, f }: Told): string {
  // From Monday to Monday is the week that most of its days lie in.
  const middle = (Date.parse(data.from) + Date.parse(data.to)) / 2
  const week = data.period === 'week' ? `${w.week(weekOf(middle, data.timezone))} ` : ''
  const when = data.month ?? (week ? `${week}(${spanText(data, { f })})` : spanText(data, { f }))
  if (clear) return w.subjectClear({ title, when })
  const { open } = factsOf(data)
  const was = data.before?.facts.open
  const risk = riskNow(data)
  const moved = was === undefined || was === 0 || was === open ? null : (open - was) / was
  return w.subject({
    title,
    when,
    open: w.openCount(f.count(open), open),
    risk: risk === null || Number(risk) === 0 ? null : f.money(risk, data.currency, true),
    change: moved === null ? null : (moved < 0 ? w.down : w.up)(f.percent(Math.abs(moved))),
  })
}

function spanText(data: ReportData, { f }: Pick<Told, 'f'>): string {
  const [from, to] = [Date.parse(data.from), Date.parse(data.to)]
  return data.month === null ? f.days(from, to) : f.month(from)
}
