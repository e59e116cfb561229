/** Long jobs that run now, as the server tells of them; asked for again while any runs. */
import type { InferResponseType } from 'hono/client'
import { asked } from './asked.ts'
import { v1 } from './client.ts'
import { live } from './live.svelte.ts'

export type Work = InferResponseType<typeof v1.works.$get, 200>[number]

/** How often a job that runs is asked how far it is. */
const ASK_MS = 1_000

class Works {
  #all = $state.raw<Work[]>([])
  #timer: ReturnType<typeof setTimeout> | undefined
  #asking = false

  get all(): readonly Work[] {
    return this.#all
  }
  get running(): readonly Work[] {
    return this.#all.filter((w) => w.state === 'running')
  }
  /** Follows the jobs until the returned function is called. */
  follow(): () => void {
    void this.load()
    const off = live.when(['work'], () => void this.load())
    return () => {
      off()
      clearTimeout(this.#timer)
    }
  }
  async load(): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    clearTimeout(this.#timer)
    try {
      this.#all = await asked<Work[]>(v1.works.$get())
      if (this.running.length > 0) this.#timer = setTimeout(() => void this.load(), ASK_MS)
    } catch {
      // The banner says that the server cannot be reached; the next event asks again.
    } finally {
      this.#asking = false
    }
  }
  async stop(id: string): Promise<void> {
    await asked<Work>(v1.works[':id'].$delete({ param: { id } }))
    await this.load()
  }
}

export const works = new Works()
