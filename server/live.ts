/** Live: what just happened, told to every open dashboard. Carries no data: who hears it asks again with their own rights. */

export type LiveEvent =
  | { type: 'checked'; at: string; opened: number; resolved: number; open: number }
  | { type: 'collected'; at: string; platform: string; stored: number; failed: boolean }
  | { type: 'issue'; at: string; number: number }
  | { type: 'plan'; at: string; number: number }
  | { type: 'exceptions'; at: string; open: number }
  /** A long job began, went on or ended. Passing: whoever missed it asks how the jobs stand. */
  | { type: 'work'; at: string; id: string; state: string }

export interface Live {
  publish(event: LiveEvent): void
  /** Calls back for every event until the returned function is called. */
  subscribe(listener: (event: LiveEvent, id: number) => void): () => void
  /** Events after `id`, or null when they are no longer kept: the listener must read everything again. */
  since(id: number): { event: LiveEvent; id: number }[] | null
}

/** Events kept for a dashboard that reconnects after a short pause. */
const KEPT = 500

export function createLive(): Live {
  const listeners = new Set<(event: LiveEvent, id: number) => void>()
  const kept: { event: LiveEvent; id: number }[] = []
  let last = 0
  return {
    publish(event) {
      if (event.type === 'work') {
        for (const listener of listeners) listener(event, last)
        return
      }
      const id = ++last
      kept.push({ event, id })
      if (kept.length > KEPT) kept.shift()
      for (const listener of listeners) listener(event, id)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    since(id) {
      if (id === last) return []
      const first = kept[0]?.id ?? last + 1
      return id < first - 1 || id > last ? null : kept.filter((k) => k.id > id)
    },
  }
}
