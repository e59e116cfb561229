/** The story of an issue: what people did and what its findings went through, newest first. */
import type { IssueDetail } from '../api.ts'
import { counted } from './numbers.ts'

export interface Moment {
  at: string
  who: string | null
  says: string
  /** Words of a person, in Markdown. */
  text: string | null
}

const STATES: Record<string, string> = {
  open: 'open',
  in_flight: 'in flight',
  undecided: 'undecided',
  resolved: 'resolved',
}
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** Why something ended by itself. */
const because = (value: unknown): string | null => (text(value) === null ? null : `Because ${text(value)!}.`)

export function storyOf({ activity, history }: Pick<IssueDetail, 'activity' | 'history'>): Moment[] {
  const people = activity.map((a): Moment => ({
    at: a.at,
    who: a.actor,
    says: a.what === 'rechecked' ? 'checked again' : a.what,
    text: text(a.detail.text) ?? text(a.detail.reason) ?? because(a.detail.because),
  }))
  // Findings that moved together in one look are one moment.
  const moved = new Map<string, { at: string; to: string; from: string | null; reason: string; n: number }>()
  for (const h of history) {
    const key = `${h.at} ${h.from ?? ''} ${h.to} ${h.reason}`
    const seen = moved.get(key)
    if (seen) seen.n++
    else moved.set(key, { ...h, n: 1 })
  }
  const machine = [...moved.values()].map((m): Moment => ({
    at: m.at,
    who: null,
    says: `${counted(m.n, 'finding')} ${m.from === null ? 'seen first,' : 'now'} ${STATES[m.to] ?? m.to}${m.reason ? `: ${m.reason}` : ''}`,
    text: null,
  }))
  return [...people, ...machine].sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
}
