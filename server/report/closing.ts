/** The parts of a report about its own ground: periods to close, and how the numbers were computed. */
import { amountsOf } from '../../model/period-close.ts'
import type { Block, ItemRow } from './content.ts'
import type { ReportData } from './data.ts'
import type { Told } from './parts.ts'

/** Periods shown; those that are blocked come first. */
const PERIODS = 5
/** Blockers named for one period; the page of the period has them all. */
const BLOCKERS = 3

const blocked = (p: ReportData['periods'][number]) => p.state === 'blocked'

export function periodsBlock(data: ReportData, { w, f, titles }: Told): Block {
  return {
    is: 'items',
    title: w.periods,
    rows: [...data.periods.filter(blocked), ...data.periods.filter((p) => !blocked(p))]
      .slice(0, PERIODS)
      .map((p): ItemRow => {
        const says = p.blockers.slice(0, BLOCKERS).map((b) =>
          w.blocker(b, {
            title: b.check === null ? b.says : (data.checkTitles[b.check] ?? b.says),
            kind: b.kind === null ? '' : titles.kind(b.kind, b.block === 'stream' ? 2 : b.count),
            through: b.through === null ? '' : f.time(b.through),
          }),
        )
        const money = Object.entries(amountsOf(p.blockers)).map(([currency, amount]) => f.money(amount, currency))
        return {
          ref: p.period,
          href: `/matching?tab=periods&period=${p.period}`,
          title: `${p.legal_entity === '' ? w.noEntity : p.legal_entity}: ${w.periodState[p.state]}`,
          severity: p.state === 'blocked' ? 'high' : null,
          detail: says.length > 0 ? says.join(' · ') : w.nothingBlocks,
          right: money.join(' + '),
        }
      }),
    more:
      data.periods.length > PERIODS
        ? { text: w.moreIssues(f.count(data.periods.length - PERIODS)), href: '/matching?tab=periods' }
        : null,
    none: data.periods.length === 0 ? w.noPeriods : null,
  }
}

export function method(data: ReportData, { w, f, titles }: Told): Block {
  const time = (iso: string) => f.time(Date.parse(iso))
  const limits = data.filters.map(
    (x) => `${w.filterNames[x.key]} ${x.values.map((v) => worded(x.key, v, w, titles)).join(', ')}`,
  )
  const rates = data.rates.map(
    (r) => `1 ${r.currency} = ${f.money(r.rate, data.currency)} (${f.day(Date.parse(r.on))})`,
  )
  return {
    is: 'notes',
    title: w.method,
    lines: [
      w.methodOpen(time(data.asOf)),
      w.methodSpan(time(data.from), time(data.to)),
      limits.length > 0 ? w.methodScope(limits.join('; ')) : w.methodAll,
      w.methodMoney(data.currency),
      ...(rates.length > 0 ? [w.methodRates(rates.join(', '))] : []),
      ...(data.accepted > 0 ? [w.methodAccepted(f.count(data.accepted))] : []),
      w.methodSla,
      ...(data.before ? [w.methodBefore(time(data.before.to))] : []),
      ...(data.rowsTotal > data.rows.length ? [w.methodRows(f.count(data.rows.length), f.count(data.rowsTotal))] : []),
      data.names ? w.methodHidden : w.methodNames,
    ],
  }
}

/** A limit as people say it; names of checks, platforms and teams are what they are. */
function worded(key: string, value: string, w: Told['w'], titles: Told['titles']): string {
  if (key === 'kinds') return titles.kind(value, 2)
  if (key === 'categories') return w.category[value as keyof typeof w.category] ?? value
  return key === 'severity' ? (w.severity[value] ?? value) : value
}
