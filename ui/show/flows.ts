/** Flows in words and bars: what the lifecycle screens show, worked out from the API's figures. */
import type { Flow, FlowDetail, RenewalPage } from '../api.ts'
import { money } from './numbers.ts'

type Stage = FlowDetail['instance']['stage']

export const STAGES = ['stopped', 'running', 'complete', 'ended'] as const satisfies readonly Stage[]

const STAGE: Record<Stage, { word: string; mark: string }> = {
  stopped: { word: 'Stopped', mark: '◆' },
  running: { word: 'Running', mark: '…' },
  complete: { word: 'Complete', mark: '✓' },
  ended: { word: 'Ended', mark: '–' },
}
export const stageWords = (stage: Stage): string => STAGE[stage].word
export const stageMark = (stage: Stage): string => STAGE[stage].mark

export const LEG_WORDS: Record<FlowDetail['instance']['legs'][number]['state'], { word: string; mark: string }> = {
  reached: { word: 'reached', mark: '✓' },
  waiting: { word: 'waits here', mark: '◆' },
  later: { word: 'not yet', mark: '…' },
  not_needed: { word: 'not needed', mark: '–' },
}

/** The leg at which most instances stop; null where none does. */
export function worstLeg(flow: Flow): Flow['legs'][number] | null {
  const [worst] = flow.legs.filter((l) => l.stopped > 0).toSorted((a, b) => b.stopped - a.stopped)
  return worst ?? null
}

export interface Bar {
  /** Widths of 100. */
  reached: number
  running: number
  stopped: number
  says: string
}

/** Widths by the leg that most instances have come to, so that the bars of one flow can be compared. */
export function barsOf(flow: Flow): Bar[] {
  const most = Math.max(1, ...flow.legs.map((l) => l.reached + l.running + l.stopped))
  const width = (n: number) => Math.round((n / most) * 1000) / 10
  return flow.legs.map((l) => ({
    reached: width(l.reached),
    running: width(l.running),
    stopped: width(l.stopped),
    says: `${l.title}: ${l.reached} reached, ${l.running} waiting, ${l.stopped} stopped`,
  }))
}

/** Sums by currency, never added up; null where nothing is known. */
export function sumWords(amounts: Record<string, string>): string | null {
  const entries = Object.entries(amounts).filter(([, amount]) => Number(amount) !== 0)
  return entries.length ? entries.map(([currency, amount]) => money(amount, currency, 'whole')).join(' + ') : null
}

type Readiness = RenewalPage['renewals'][number]['readiness']

/** Those that need somebody first. */
export const READY_ORDER = ['at_risk', 'unknown', 'watch', 'ready'] as const satisfies readonly Readiness[]

export const READY: Record<Readiness, { word: string; mark: string; tone: string }> = {
  at_risk: { word: 'At risk', mark: '◆', tone: 'late' },
  unknown: { word: 'Unknown', mark: '?', tone: 'quiet' },
  watch: { word: 'Watch', mark: '▲', tone: '' },
  ready: { word: 'Ready', mark: '✓', tone: 'fine' },
}

export const PARTS = [
  { name: 'billing', title: 'Billing' },
  { name: 'pipeline', title: 'Pipeline' },
  { name: 'health', title: 'Health' },
  { name: 'support', title: 'Support' },
] as const
