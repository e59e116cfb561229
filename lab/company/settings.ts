/** Settings of the laboratory's company: when it begins, what it runs on, and how its changes travel. */
import type { PlatformHistory } from '../history.ts'
import type { Latency } from './ownership.ts'
import type { PlatformPlan } from './platforms.ts'

export interface CompanySettings {
  seed: string
  origin: number
  plans: readonly PlatformPlan[]
  histories: ReadonlyMap<string, PlatformHistory>
  /** Legal entity → role that issues its invoices; `*` for all others. */
  issuer: Record<string, string>
  /** Share of followers' values that are spelled in another way that means the same. */
  spelling: number
  lags?: Record<Latency, readonly [number, number]>
  windows?: Record<Latency, number>
}
