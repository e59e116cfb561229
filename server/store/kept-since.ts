/** Kept since: a look into the past stops where retention has removed what was known then; nothing is guessed. */
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import type { ControlStore } from './control/control.ts'

interface Knows {
  control: Pick<ControlStore, 'keptSince'>
}

/** @throws PlumblineError not_found for an instant (epoch ms) before which earlier values may be missing */
export function stillKept({ control }: Knows, at: number): number {
  const since = control.keptSince('versions')
  if (since === null || at >= since) return at
  throw new PlumblineError(
    'not_found',
    `What the platforms said before ${iso(since).slice(0, 10)} was removed by its rule, so ${iso(at).slice(0, 10)} cannot be told.`,
    { remedy: `Ask for an instant from ${iso(since)} on; retention.versions says how long earlier values are kept.` },
  )
}

/** The same instant, or the first that can still be told. */
export const keptFrom = ({ control }: Knows, at: number): number =>
  Math.max(at, control.keptSince('versions') ?? -Infinity)
