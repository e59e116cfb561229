/** Agenda: what happens next. Processes are generators that yield the instant at which they want to go on. */

export type Process = Generator<number, void, void>

interface Entry {
  at: number
  order: number
  process: Process
}

export class Agenda {
  #heap: Entry[] = []
  #order = 0
  now: number

  constructor(start: number) {
    this.now = start
  }

  spawn(at: number, process: Process): void {
    this.#push({ at: Math.max(at, this.now), order: this.#order++, process })
  }

  /** Lets everything happen that is due up to and including `until`, in order of time. */
  run(until: number): void {
    for (let top = this.#heap[0]; top && top.at <= until; top = this.#heap[0]) {
      this.#pop()
      this.now = top.at
      const step = top.process.next()
      if (!step.done) this.#push({ at: Math.max(step.value, this.now), order: this.#order++, process: top.process })
    }
    this.now = Math.max(this.now, until)
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let i = heap.push(entry) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!before(heap[i]!, heap[parent]!)) break
      ;[heap[i], heap[parent]] = [heap[parent]!, heap[i]!]
      i = parent
    }
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    heap[0] = last
    for (let i = 0; ;) {
      const left = 2 * i + 1
      const right = left + 1
      let least = i
      if (left < heap.length && before(heap[left]!, heap[least]!)) least = left
      if (right < heap.length && before(heap[right]!, heap[least]!)) least = right
      if (least === i) return
      ;[heap[i], heap[least]] = [heap[least]!, heap[i]!]
      i = least
    }
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at
}
