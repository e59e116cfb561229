/** The context: what every stage is a function of. Made once by main.ts (and by test/world), passed everywhere. */
import type { Connector } from '../connectors/contract.ts'
import type { LiveLandscape } from './config/landscape.ts'
import type { Check } from './check/contract.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config/schema.ts'
import type { Log } from './log.ts'
import type { ControlStore } from './store/control/control.ts'
import type { Facts } from './store/facts/facts.ts'

export interface Context {
  config: Config
  landscape: LiveLandscape
  connectors: ReadonlyMap<string, Connector<never>>
  checks: readonly Check[]
  facts: Facts
  control: ControlStore
  clock: Clock
  log: Log
  signal: AbortSignal
  /** Data folder, absolute; left out where there is none. */
  data?: string
  /** Program that prints pages as PDF; left out: the usual places are tried. */
  chromium?: string
}
