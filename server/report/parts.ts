/** The parts of a report: each makes one block from the data, and says in words when there is nothing to list. */
import { compare, format as text, subtract } from '../../model/decimal.ts'
import type { Block, ItemRow, NumberCell } from './content.ts'
import type { Exposure, FindingLine, ReportData } from './data.ts'
import { decisionsOf, issueHref } from './decisions.ts'
import type { Format } from './format.ts'
import { together } from './money.ts'
import type { Titles } from '../titles.ts'
import type { Words } from './words/words.ts'

/** Words and formats of one language and zone. */
export interface Told {
  w: Words
  f: Format
  titles: Pick<Titles, 'kind' | 'field'>
}

/** Bars beyond these are added up in one line. */
const PAIRS = 8

/** `EUR 41,300`, in the reporting currency; null where nothing is known of it. */
export function shortRisk(e: Exposure, data: ReportData, { f }: Told): string | null {
  if (e.known === null || Object.keys(e.amounts).length === 0) return null
  return f.money(e.known, data.currency, true)
}

/** Every currency by itself: `EUR 9,200 + USD 10`. */
const amounts = (all: Record<string, string>, { f }: Told) =>
  Object.entries(all)
    .map(([currency, amount]) => f.money(amount, currency))
    .join(' + ')

export function decisions(data: ReportData, t: Told): Block {
  const lines = decisionsOf(data, t)
  return {
    is: 'lines',
    title: t.w.decisions,
    strong: null,
    lines: lines.length > 0 ? lines : [{ text: t.w.noDecision, href: null }],
  }
}

export function numbers(data: ReportData, t: Told, moneyFirst: boolean): Block {
  const [open, risk, ...rest] = [openCell(data, t), riskCell(data, t), slaCell(data, t), fixedCell(data, t)]
  return { is: 'numbers', title: t.w.numbers, cells: moneyFirst ? [risk!, open!, ...rest] : [open!, risk!, ...rest] }
}

function openCell({ figures, before }: ReportData, { w, f }: Told): NumberCell {
  const was = before?.facts.open
  const moved = was === undefined ? null : figures.open - was
  return {
    label: w.open,
    value: f.count(figures.open),
    change: change(moved, (n) => (was! > 0 ? f.percent(n / was!) : f.count(n)), w),
    good: moved === null || moved === 0 ? null : moved < 0,
    note: `${w.customers}: ${f.count(figures.customers)}`,
  }
}

/** In the reporting currency; null where it is unknown, which is not zero. */
export function riskNow({ money, figures }: Pick<ReportData, 'money' | 'figures'>): string | null {
  if (figures.open > 0 && figures.unpriced === figures.open) return null
  return together([money.confirmed, money.estimated])
}

function riskCell(data: ReportData, t: Told): NumberCell {
  const { w, f } = t
  const now = riskNow(data)
  const { confirmed, estimated } = data.money
  const was = data.before?.facts.currency === data.currency ? data.before.facts.risk : null
  const moved = now === null || was === null || data.before === null ? null : text(subtract(now, was))
  const unconverted = [...new Set([...confirmed.unconverted, ...estimated.unconverted])]
  const notes = [
    ...(Object.keys(estimated.amounts).length > 0 && estimated.known !== null
      ? [w.estimatedPart(f.money(estimated.known, data.currency, true))]
      : []),
    ...(unconverted.length > 0
      ? [w.noRate(amounts(pick({ ...estimated.amounts, ...confirmed.amounts }, unconverted), t))]
      : []),
    ...(data.figures.unpriced > 0 ? [w.unpriced(data.figures.unpriced, f.count(data.figures.unpriced))] : []),
  ]
  const sign = moved === null ? null : compare(moved, '0')
  return {
    label: w.atRisk,
    value: now === null ? w.unknownMoney : f.money(now, data.currency, true),
    change:
      data.before === null
        ? w.first
        : moved === null
          ? null
          : sign === 0
            ? w.same
            : (sign! < 0 ? w.down : w.up)(f.money(moved.replace('-', ''), data.currency, true)),
    good: sign === null || sign === 0 ? null : sign < 0,
    note: notes.join('; ') || null,
  }
}

const pick = (all: Record<string, string>, keys: readonly string[]) =>
  Object.fromEntries(keys.flatMap((k) => (all[k] === undefined ? [] : [[k, all[k]]])))

function slaCell({ windows, before }: ReportData, { w, f }: Told): NumberCell {
  const all = windows.kept + windows.missed
  const share = all === 0 ? null : windows.kept / all
  const wasAll = before ? before.facts.kept + before.facts.missed : 0
  const moved = share === null || wasAll === 0 ? null : share - before!.facts.kept / wasAll
  return {
    label: w.slaMet,
    value: share === null ? '–' : f.percent(share),
    change: moved === null ? null : change(moved, (n) => w.points(f.percent(n).replace(/\s?%/, '')), w),
    good: share === null ? null : share >= windows.target,
    note:
      share === null
        ? w.noChanges
        : `${w.target(f.percent(windows.target))}; ${w.ofChanges(f.count(windows.kept), f.count(all))}`,
  }
}

function fixedCell({ moves, unaided, before }: ReportData, { w, f }: Told): NumberCell {
  const moved = before ? moves.resolved - before.facts.fixed : null
  const by = [
    ...(unaided > 0 ? [w.unaided(f.count(unaided))] : []),
    ...(moves.resolved > unaided ? [w.byPeople(f.count(moves.resolved - unaided))] : []),
  ]
  return {
    label: w.fixed,
    value: f.count(moves.resolved),
    change: change(moved, f.count, w),
    good: null,
    note: by.join('; ') || null,
  }
}

function change(moved: number | null, show: (n: number) => string, w: Words): string | null {
  if (moved === null) return w.first
  return moved === 0 ? w.same : (moved < 0 ? w.down : w.up)(show(Math.abs(moved)))
}

export function pairs({ pairs: all }: ReportData, { w, f }: Told): Block {
  const shown = all.slice(0, PAIRS)
  const longest = shown[0]?.findings ?? 1
  return {
    is: 'bars',
    title: w.pairs,
    bars: shown.map((p) => ({
      label: [p.owner, p.follower].filter((x) => x !== '').join(' → ') || w.noOwner,
      value: f.count(p.findings),
      share: p.findings / longest,
    })),
    more: all.length > PAIRS ? w.morePairs(f.count(all.length - PAIRS)) : null,
    none: all.length === 0 ? w.noOpen : null,
  }
}

export function changed(data: ReportData, t: Told): Block {
  const { w, f } = t
  const { lines, total } = data.issues
  return {
    is: 'items',
    title: w.changed,
    rows: lines.map((i): ItemRow => ({
      ref: `I-${i.number}`,
      href: issueHref(i.number),
      title: i.title,
      severity: i.severity,
      detail: parts(
        w.severity[i.severity],
        w.state[i.state],
        [i.owner, i.platforms.join(', ')].filter(Boolean).join(' → '),
        w.findings(f.count(i.findings), i.findings),
        i.customers > 0 ? w.onCustomers(f.count(i.customers), i.customers) : '',
        i.team,
      ),
      right: amounts(i.money.amounts, t),
    })),
    more: total > lines.length ? { text: w.moreIssues(f.count(total - lines.length)), href: issuesHref(data) } : null,
    none: lines.length === 0 ? w.noneChanged : null,
  }
}

export const issuesHref = (data: ReportData) => `/issues?q=${encodeURIComponent(data.search)}&sort=risk`

export function top(data: ReportData, t: Told): Block {
  const { w, f } = t
  const priced = data.figures.open - data.figures.unpriced
  const more = priced - data.top.length
  return {
    is: 'items',
    title: w.top,
    rows: data.top.map((line) => topRow(line, data, t)),
    more: more > 0 ? { text: w.moreTop(f.count(more)), href: issuesHref(data) } : null,
    none: data.top.length === 0 ? w.noneTop : null,
  }
}

function topRow(line: FindingLine, data: ReportData, { w, f }: Told): ItemRow {
  const values = line.values.map((v) => `${v.platform} ${v.value ?? '–'}`).join(' | ')
  return {
    ref: `I-${line.issue}`,
    href: `${issueHref(line.issue)}?finding=${encodeURIComponent(line.id)}`,
    title: line.customer === null ? line.title : `${line.title}: ${line.customer}`,
    severity: line.severity,
    detail: parts(values, w.openFor(f.age(Date.parse(data.asOf) - Date.parse(line.since))), line.team),
    right: `${line.amount === null || line.currency === null ? w.unknownMoney : f.money(line.amount, line.currency)}${line.estimated ? ` (${w.estimated})` : ''}`,
  }
}

const parts = (...all: (string | undefined | null)[]) =>
  all.filter((x) => x !== undefined && x !== null && x !== '').join(' · ')

export function resolved(data: ReportData, t: Told): Block {
  const { w, f } = t
  const { lines, total } = data.healed
  return {
    is: 'items',
    title: w.resolved,
    rows: lines.map((h) => ({
      ref: `I-${h.number}`,
      href: issueHref(h.number),
      title: h.title,
      severity: null,
      detail: parts(w.findings(f.count(h.findings), h.findings), h.decided ? w.healedDecided : w.healedUnaided),
      right: Object.keys(h.recovered).length > 0 ? amounts(h.recovered, t) : '',
    })),
    more: total > lines.length ? { text: w.moreResolved(f.count(total - lines.length)), href: null } : null,
    none: lines.length === 0 ? w.noneResolved : null,
  }
}

export function accepted(data: ReportData, { w, f }: Told): Block {
  const lines = data.ending.map((e) => ({
    text: `I-${e.number} ${e.title} · ${w.endsOn(f.day(Date.parse(e.until)), e.reason)}`,
    href: issueHref(e.number),
  }))
  return {
    is: 'lines',
    title: w.accepted,
    strong: null,
    lines: lines.length > 0 ? lines : [{ text: w.noneAccepted, href: null }],
  }
}

export function unverified(data: ReportData, { w, f }: Told): Block {
  const lines = [
    ...data.standing.stale.map((s) => ({
      text: w.staleLine(s.title, s.since === null ? null : f.time(Date.parse(s.since)), s.error),
      href: `/connectors/${encodeURIComponent(s.platform)}`,
    })),
    ...data.undecided.map((u) => ({
      text: w.undecidedLine(u.platform === '' ? '–' : u.platform, f.count(u.findings), u.findings),
      href: `/issues?q=${encodeURIComponent('is:undecided')}`,
    })),
    ...data.failingChecks.map((c) => ({ text: w.failingCheck(c.title, c.error), href: `/checks/${c.id}` })),
  ]
  return {
    is: 'lines',
    title: w.unverified,
    strong: null,
    lines: lines.length > 0 ? lines : [{ text: w.allVerified, href: null }],
  }
}
