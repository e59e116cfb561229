/** Now: one clock for all relative times of the page, so that they change together. */

const TICK_MS = 20_000

class Now {
  #ms = $state(Date.now())
  /** How far the server's clock is from ours: a demo runs on a day of its own. */
  #ahead = $state(0)

  get ms(): number {
    return this.#ms + this.#ahead
  }
  tick = (): void => void (this.#ms = Date.now())
  /** The server said what time it is. */
  told(asOf: string): void {
    const ahead = Date.parse(asOf) - Date.now()
    // Seconds of travel are no difference worth showing.
    if (Math.abs(ahead - this.#ahead) > 90_000) this.#ahead = Math.abs(ahead) > 90_000 ? ahead : 0
  }
  start(): () => void {
    const timer = setInterval(this.tick, TICK_MS)
    return () => clearInterval(timer)
  }
}

export const now = new Now()
