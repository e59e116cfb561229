/** Agenda: the instants that a replay stops at, in order; more may be added while it runs. */

export class Agenda {
  /** Length of a cell where there are too many instants to stop at each, milliseconds; null: every one is kept. */
  cellMs: number | null = null
  readonly #known: Set<number>
  /** Instants still to come, the latest first. */
  #coming: number[]
  readonly #from: number
  readonly #to: number
  readonly #most: number

  /** Epoch ms; both ends are stops. */
  constructor(from: number, to: number, most: number) {
    this.#from = from
    this.#to = to
    this.#most = most
    this.#known = new Set([from, to])
    this.#coming = to > from ? [to, from] : [from]
  }

  get left(): number {
    return this.#coming.length
  }

  /** Instants outside of the window, and those already passed, are left out. */
  add(at: number): void {
    const stop = this.#rounded(at)
    if (stop <= this.#from || stop >= this.#to || this.#known.has(stop)) return
    this.#known.add(stop)
    let i = this.#coming.length
    while (i > 0 && this.#coming[i - 1]! < stop) i--
    this.#coming.splice(i, 0, stop)
    if (this.#known.size > this.#most && this.cellMs === null) this.#coarsen()
  }

  next(): number | null {
    return this.#coming.pop() ?? null
  }

  /** The end of the cell that an instant lies in. */
  #rounded(at: number): number {
    if (this.cellMs === null) return at
    return Math.min(this.#to, this.#from + Math.ceil((at - this.#from) / this.cellMs) * this.cellMs)
  }

  #coarsen(): void {
    this.cellMs = Math.ceil((this.#to - this.#from) / this.#most)
    const coming = new Set(this.#coming.map((at) => (at === this.#from ? at : this.#rounded(at))))
    this.#coming = [...coming].sort((a, b) => b - a)
    for (const at of coming) this.#known.add(at)
  }
}
