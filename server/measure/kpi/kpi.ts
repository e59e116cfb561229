/**
 * A key figure: what one number of the company means, and how it is worked out. One table lists them all (table.ts);
 * API, metrics, dashboard and docs are made from it, and nothing about a figure is written twice.
 *
 * What is not known is null with a reason, never 0: a figure of 0 says that it was looked for.
 */
import type { Readings } from './readings.ts'

export const UNITS = ['count', 'share', 'seconds', 'money'] as const
export type Unit = (typeof UNITS)[number]

/** What a figure is split by. */
export const SPLITS = ['platform', 'edge', 'legal_entity'] as const
export type Split = (typeof SPLITS)[number]

export const READERS = [
  'integration operations',
  'operations',
  'finance',
  'sales operations',
  'support',
  'customer success',
  'data stewards',
  'compliance',
  'executives',
] as const
export type Reader = (typeof READERS)[number]

const DAY = 86_400_000
/** `now`: as things stand; else over the time before the instant of measuring. */
export const PERIODS = {
  now: 0,
  '24 hours': DAY,
  '30 days': 30 * DAY,
  '90 days': 90 * DAY,
  'last month': 31 * DAY,
} as const
export type Period = keyof typeof PERIODS

/** One value of a figure. Money is decimal text, everything else a number. */
export interface Figure {
  /** Platform, `owner>follower` or legal entity; empty for the total. */
  name: string
  value: number | string | null
  /** How many things it rests on. */
  n: number
  /** Why it is not known; empty where it is. */
  why: string
}

export interface Kpi {
  /** Lower-case words with hyphens: part of the API, never changed. */
  id: string
  /** Numbers of the requirements that it answers (docs/kpis.md). */
  answers: readonly number[]
  title: string
  unit: Unit
  /** One plain sentence that says what is counted, over what and when. */
  definition: string
  period: Period
  split: Split
  better: 'higher' | 'lower' | 'neither'
  reader: Reader
  /** The total first, then one figure each part. */
  read(readings: Readings): Promise<Figure[]> | Figure[]
}

/** A family of figures, in the order in which people read them. */
export interface Family {
  title: string
  kpis: readonly Kpi[]
}

/** Part of what belongs to no platform or legal entity. */
export const NONE = 'none'

/** Nothing can be said, and why. */
export const unknown = (why: string): Figure[] => [{ name: '', value: null, n: 0, why }]

/** Counts add up. `names` get a 0 where nothing was counted: they were looked at. */
export function counts(rows: readonly { name: string; n: number }[], names: readonly string[] = []): Figure[] {
  const by = grouped(rows, names, (r) => [r.n])
  const total = sumOf(rows.map((r) => r.n))
  return [figure('', total, total), ...by.map(([name, [n]]) => figure(name, n!, n!))]
}

/** Shares: parts over wholes, never the mean of shares. */
export function shares(rows: readonly { name: string; part: number; n: number }[], why: string): Figure[] {
  const by = grouped(rows, [], (r) => [r.part, r.n])
  return [
    ratio('', sumOf(rows.map((r) => r.part)), sumOf(rows.map((r) => r.n)), why),
    ...by.map(([name, [part, n]]) => ratio(name, part!, n!, why)),
  ]
}

/** Means: sums over how many, never the mean of means. */
export function means(rows: readonly { name: string; seconds: number; n: number }[], why: string): Figure[] {
  return shares(
    rows.map((r) => ({ name: r.name, part: r.seconds, n: r.n })),
    why,
  )
}

export const ratio = (name: string, part: number, n: number, why: string): Figure =>
  n === 0 ? { name, value: null, n: 0, why } : { name, value: part / n, n, why: '' }

const figure = (name: string, value: number, n: number): Figure => ({ name, value, n, why: '' })
const sumOf = (list: readonly number[]) => list.reduce((a, b) => a + b, 0)

function grouped<R extends { name: string }>(
  rows: readonly R[],
  names: readonly string[],
  parts: (row: R) => number[],
): [string, number[]][] {
  const by = new Map<string, number[]>(names.map((name) => [name, [0, 0]]))
  for (const row of rows) {
    const name = row.name || NONE
    const have = by.get(name)
    const add = parts(row)
    by.set(name, have ? have.map((n, i) => n + (add[i] ?? 0)) : add)
  }
  return [...by].sort(([a], [b]) => (a < b ? -1 : 1))
}
