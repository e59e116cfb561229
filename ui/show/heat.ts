/** The heat map: owner by follower, in six steps of lightness. Zero, not checked and one's own are three different things. */
import type { Overview, Platform } from '../api.ts'
import { money } from './numbers.ts'
import { duration } from './times.ts'

export const MEASURES = ['count', 'money', 'age'] as const
export type Measure = (typeof MEASURES)[number]

export interface HeatCell {
  is: 'own' | 'unchecked' | 'value'
  step: 0 | 1 | 2 | 3 | 4 | 5
  text: string
  says: string
  href: string | null
}
export interface HeatRow {
  owner: Platform
  cells: HeatCell[]
}

type Pair = Overview['pairs'][number]

function amount(pair: Pair, by: Measure): number {
  return by === 'count'
    ? pair.findings
    : by === 'money'
      ? Number(pair.money ?? 0)
      : pair.findings
        ? pair.median_age_seconds
        : 0
}

function text(pair: Pair, by: Measure, currency: string): string {
  if (by === 'count' || pair.findings === 0) return String(pair.findings)
  if (by === 'age') return duration(pair.median_age_seconds * 1000)
  return pair.money === null ? '?' : money(pair.money, currency, 'whole')
}

/** Estimates stand beside the confirmed sum, never in it. */
const estimate = (pair: Pair, currency: string) =>
  Number(pair.money_estimated ?? 0) === 0
    ? ' confirmed'
    : ` confirmed, ${money(pair.money_estimated!, currency, 'whole')} estimated`

/** 0 only for nothing; the other five by the square root, so that a single large cell does not wash out the rest. */
export function stepOf(value: number, most: number): HeatCell['step'] {
  if (value <= 0 || most <= 0) return 0
  return Math.min(5, Math.max(1, Math.ceil(5 * Math.sqrt(value / most)))) as HeatCell['step']
}

/** Owners that own nothing anybody follows are left out; followers all stay, so that a gap is seen. */
export function heatOf(
  pairs: readonly Pair[],
  by: Measure,
  currency: string,
): { columns: Platform[]; rows: HeatRow[] } {
  const columns = [...new Map(pairs.flatMap((p) => [p.owner, p.follower]).map((p) => [p.name, p])).values()]
  const most = Math.max(0, ...pairs.map((p) => amount(p, by)))
  const owners = columns.filter((c) => pairs.some((p) => p.owner.name === c.name && p.checked))
  return { columns, rows: owners.map((owner) => ({ owner, cells: columns.map((follower) => cell(owner, follower)) })) }

  function cell(owner: Platform, follower: Platform): HeatCell {
    const pair = pairs.find((p) => p.owner.name === owner.name && p.follower.name === follower.name)
    if (owner.name === follower.name) return { is: 'own', step: 0, text: 'own', says: '', href: null }
    if (!pair?.checked)
      return {
        is: 'unchecked',
        step: 0,
        text: '',
        says: `${owner.title} and ${follower.title}: not checked`,
        href: null,
      }
    const shown = text(pair, by, currency)
    return {
      is: 'value',
      step: stepOf(amount(pair, by), most),
      text: shown,
      says: `${owner.title} to ${follower.title}: ${pair.findings} open findings${by === 'count' ? '' : `, ${shown}`}${by === 'money' ? estimate(pair, currency) : ''}`,
      href: pair.findings > 0 ? `/issues?q=${encodeURIComponent(`is:open pair:${owner.name}>${follower.name}`)}` : null,
    }
  }
}
