/** Identified: how far platforms had been read when identification last began. What was read since is in no link yet. */
import type { ControlStore, StreamState } from './control/control.ts'

type Known = Pick<ControlStore, 'get' | 'set' | 'streams'>

const KEY = 'identified.through'
const nameOf = (s: Pick<StreamState, 'platform' | 'stream' | 'kind'>) => `${s.platform} ${s.stream} ${s.kind}`

/**
 * Identifies, and remembers how far every stream had been read before it began. Collecting goes on meanwhile: a stream that
 * ends its reading during identification counts as read only after the next one.
 */
export async function identifiedThrough<T>(control: Known, identify: () => Promise<T>): Promise<T> {
  const before = Object.fromEntries(control.streams().map((s) => [nameOf(s), s.completeThrough]))
  const result = await identify()
  control.set(KEY, JSON.stringify(before))
  return result
}

/** Streams as far as identification knows them: nobody may be called wrong for what was read later. */
export function identifiedStreams(control: Pick<Known, 'get' | 'streams'>): StreamState[] {
  const text = control.get(KEY)
  if (text === null) return control.streams()
  const known = JSON.parse(text) as Record<string, number | null>
  return control.streams().map((s) => {
    const through = known[nameOf(s)] ?? null
    const sooner = through === null || s.completeThrough === null ? null : Math.min(through, s.completeThrough)
    return { ...s, completeThrough: sooner }
  })
}
