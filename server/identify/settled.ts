/** Settled pairs: what people have answered, joined or kept apart or taken back, is not proposed again. */
import type { ControlStore } from '../store/control/control.ts'

/** `a\nb` with the names in order, for every pair that a decision is about. */
export function settledPairs(control: Pick<ControlStore, 'identityDecisions'>, kind: string): string[] {
  const pairs: string[] = []
  for (const d of control.identityDecisions({ kind })) {
    // What a person took back may be asked again; what the linker joined and a person took back may not.
    if (d.undoneAt !== null && d.action !== 'link') continue
    const names = d.groups.flat()
    for (const [i, a] of names.entries()) for (const b of names.slice(i + 1)) pairs.push([a, b].sort().join('\n'))
  }
  return pairs
}
