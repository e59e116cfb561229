/** Causes in words: what differs, why, how sure the trigger is. */
import { patternWords } from '../../model/pattern.ts'
import type { Cause, EdgeBreak } from '../api.ts'
import { fieldLabel, kindLabel } from './labels.ts'
import { money } from './numbers.ts'
import { causeWords, inText, plain } from './words.ts'

export const GAPS = { '1h': 'an hour', '6h': '6 hours', '1d': 'a day', '7d': 'a week' } as const
export type Gap = keyof typeof GAPS

/** "Invoice, Total: the amount is multiplied by 100" */
export function causeTitle(c: Pick<Cause, 'kind' | 'field' | 'category' | 'pattern'>): string {
  const about = c.field === null ? kindLabel(c.kind) : `${kindLabel(c.kind)}, ${fieldLabel(c.kind, c.field)}`
  return `${about}: ${c.pattern === 'none' ? inText(plain(c.category)) : patternWords(c.pattern)}`
}

export const whyWords = (c: Pick<Cause, 'cause'>): string => causeWords(c.cause)

/** "subscription.state" → "Subscription, State" */
export function aboutWords(about: string): string {
  const at = about.indexOf('.')
  if (at < 0) return kindLabel(about)
  return `${kindLabel(about.slice(0, at))}, ${fieldLabel(about.slice(0, at), about.slice(at + 1))}`
}

const WHAT: Record<string, string> = {
  configured: 'Our own configuration',
  deployed: 'Deployment',
  mapping_changed: 'Mapping changed',
  key_rotated: 'Key rotated',
  schema_changed: 'Schema changed',
  outage_began: 'Outage began',
  outage_ended: 'Outage ended',
  maintenance_began: 'Maintenance began',
  maintenance_ended: 'Maintenance ended',
}
export const triggerWords = (t: Pick<Cause['triggers'][number], 'what' | 'platform'>): string =>
  `${WHAT[t.what] ?? plain(t.what)}${t.platform ? ` at ${t.platform.title}` : ''}`

type Money = Cause['money']['confirmed']

/** Null: nothing is known. Original currencies where they cannot be converted. */
export function sumWords(of: Money, currency: string): string | null {
  if (Object.keys(of.amounts).length === 0) return null
  if (of.known === null || of.unconverted.length > 0)
    return Object.entries(of.amounts)
      .map(([code, amount]) => money(amount, code))
      .join(' + ')
  return money(of.known, currency, 'whole')
}

/** What a dialog is about. */
export interface Subject {
  id: string
  title: string
  findings: number
  issues: number[]
}

export const subjectOf = (c: Cause): Subject => ({
  id: c.id,
  title: causeTitle(c),
  findings: c.findings,
  issues: c.issues,
})

export function subjectOfBreak(b: EdgeBreak, causes: readonly Cause[]): Subject {
  const parts = causes.filter((c) => b.parts.includes(c.id))
  return {
    id: b.id,
    title: `${b.about.length} kinds of difference at ${b.platform?.title ?? 'one platform'}`,
    findings: b.findings,
    issues: [...new Set(parts.flatMap((c) => c.issues))],
  }
}
