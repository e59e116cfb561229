/** Pulse: the numbers of the first screen, which the shell needs on every screen for its banner and its counts. */
import { api, type Overview, type Range } from './api.ts'
import { now } from './now.svelte.ts'
import { Resource } from './resource.svelte.ts'

/** Several events at once cause one reading. */
const GATHER_MS = 1_500

class Pulse {
  #overview = new Resource<Overview>()
  #range: Range = '7d'
  #timer: ReturnType<typeof setTimeout> | undefined

  get overview(): Resource<Overview> {
    return this.#overview
  }
  async load(range: Range = this.#range): Promise<void> {
    this.#range = range
    await this.#overview.load(async () => {
      const overview = await api.overview(range)
      now.told(overview.as_of)
      return overview
    })
  }
  soon = (): void => {
    // A reading that is due is not put off: events that never stop would put it off for ever.
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.load()
    }, GATHER_MS)
  }
}

export const pulse = new Pulse()
