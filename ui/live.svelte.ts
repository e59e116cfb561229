/** Live: hears that something happened and tells the page to ask again. Quiet while nobody looks at the tab. */

export interface Heard {
  type: 'checked' | 'collected' | 'issue' | 'plan' | 'exceptions' | 'work' | 'reset'
  opened?: number
  resolved?: number
  platform?: string
  number?: number
}
type Listener = (event: Heard) => unknown

const TYPES = ['checked', 'collected', 'issue', 'plan', 'exceptions', 'work', 'reset'] as const
const RETRY_FIRST_MS = 1_000
const RETRY_MOST_MS = 60_000

class Live {
  #state = $state<'off' | 'connecting' | 'on' | 'paused'>('off')
  #source: EventSource | null = null
  #listeners = new Set<Listener>()
  #retry = RETRY_FIRST_MS
  #timer: ReturnType<typeof setTimeout> | undefined
  #missed = false

  get state() {
    return this.#state
  }
  /** Calls back for every event until the returned function is called; how far a job is, is news only for who asks for it. */
  on(listener: Listener): () => void {
    return this.#hear((event) => event.type !== 'work' && listener(event))
  }
  /** Calls back for events of these types, and for `reset`: any of them may then have been missed. */
  when(types: readonly Heard['type'][], listener: Listener): () => void {
    return this.#hear((event) => {
      if (event.type === 'reset' || types.includes(event.type)) listener(event)
    })
  }
  start(): void {
    if (this.#state !== 'paused') this.#open()
  }
  stop(): void {
    this.#close()
    this.#state = 'off'
  }
  /** The pause button: numbers stand still until it is pressed again. */
  toggle(): void {
    if (this.#state === 'paused') {
      this.#state = 'connecting'
      this.#missed = true
      this.#open()
    } else {
      this.#close()
      this.#state = 'paused'
    }
  }
  /** The tab was hidden or shown. */
  seen = (): void => {
    if (this.#state === 'paused' || this.#state === 'off') return
    if (document.hidden) {
      this.#close()
      this.#missed = true
    } else this.#open()
  }

  #hear(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
  #open(): void {
    this.#close()
    this.#state = 'connecting'
    const source = new EventSource('/v1/live')
    this.#source = source
    source.onopen = () => {
      this.#state = 'on'
      this.#retry = RETRY_FIRST_MS
      if (this.#missed) this.#tell({ type: 'reset' })
      this.#missed = false
    }
    source.onerror = () => {
      this.#close()
      this.#state = 'connecting'
      this.#missed = true
      this.#timer = setTimeout(() => this.#open(), this.#retry)
      this.#retry = Math.min(this.#retry * 2, RETRY_MOST_MS)
    }
    for (const type of TYPES) source.addEventListener(type, (event) => this.#tell({ ...payload(event), type }))
  }
  #close(): void {
    clearTimeout(this.#timer)
    this.#source?.close()
    this.#source = null
  }
  #tell(event: Heard): void {
    for (const listener of this.#listeners) listener(event)
  }
}

function payload(event: Event): Partial<Heard> {
  try {
    const value: unknown = JSON.parse(event instanceof MessageEvent ? String(event.data) : '{}')
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

export const live = new Live()
