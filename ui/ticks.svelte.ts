/** Ticks: which steps of a runbook somebody has done for one issue, kept in this browser. */

export class Ticks {
  readonly #key: string
  #done = $state.raw<readonly string[]>([])

  constructor(of: string) {
    this.#key = `plumbline.ticks.${of}`
    try {
      this.#done = (localStorage.getItem(this.#key) ?? '').split(',').filter(Boolean)
    } catch {
      // Storage may be forbidden; ticks then last as long as the page.
    }
  }
  has(step: string): boolean {
    return this.#done.includes(step)
  }
  toggle(step: string): void {
    this.#done = this.has(step) ? this.#done.filter((s) => s !== step) : [...this.#done, step]
    try {
      localStorage.setItem(this.#key, this.#done.join(','))
    } catch {
      // As above.
    }
  }
}
