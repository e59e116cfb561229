/**
 * Payloads seen: which bytes each record last came in. A row that comes again as it was needs neither parsing nor
 * the store. A cache, nothing more: it forgets under pressure and starts empty with the process.
 */
import { hash } from 'node:crypto'
import { idHash } from './id-hash.ts'

export interface Payloads {
  same(id: string, mark: Mark): boolean
  remember(id: string, mark: Mark): void
  forget(id: string): void
}

export type Mark = readonly [low: number, high: number]

/** A mark of the bytes, to be compared and remembered. `salt`: what else their meaning depends on (a header). */
export function markOf(raw: string, [saltLow, saltHigh]: Mark): Mark {
  // As characters: a Buffer for each row costs more than the hash itself.
  const digest = hash('sha1', raw, 'binary')
  return [word(digest, 0) ^ saltLow, word(digest, 4) ^ saltHigh]
}

export function saltOf(text: string): Mark {
  return markOf(text, [0, 0])
}

function word(digest: string, at: number): number {
  return (
    digest.charCodeAt(at) |
    (digest.charCodeAt(at + 1) << 8) |
    (digest.charCodeAt(at + 2) << 16) |
    (digest.charCodeAt(at + 3) << 24)
  )
}

const FIRST_SLOTS = 1 << 12
/** Four words a slot: 32 MB a stream at most. */
const MOST_SLOTS = 1 << 21
/** Slots searched for an id; the last of them is taken over when all are in use. */
const PROBES = 8
const WORDS = 4

export function createPayloads(): Payloads {
  let slots = new Int32Array(FIRST_SLOTS * WORDS)
  let kept = 0

  /** Where the id is, or else where it may go: a free slot, or the last one searched. */
  function find(table: Int32Array, low: number, high: number): number {
    const mask = table.length / WORDS - 1
    let at = 0
    let free = -1
    for (let probe = 0; probe < PROBES; probe++) {
      at = ((low + probe) & mask) * WORDS
      if (table[at] === low && table[at + 1] === high) return at
      if (free < 0 && table[at + 1] === 0) free = at
    }
    return free < 0 ? at : free
  }

  function grow(): void {
    const wider = new Int32Array(slots.length * 2)
    for (let at = 0; at < slots.length; at += WORDS)
      if (slots[at + 1] !== 0) wider.set(slots.subarray(at, at + WORDS), find(wider, slots[at]!, slots[at + 1]!))
    slots = wider
  }

  /** The id's words as they are stored: signed, the high one never zero. */
  const words = (id: string): Mark => {
    const [low, high] = idHash(id)
    return [low | 0, high | 0]
  }

  return {
    same(id, [low, high]) {
      const [idLow, idHigh] = words(id)
      const at = find(slots, idLow, idHigh)
      return slots[at] === idLow && slots[at + 1] === idHigh && slots[at + 2] === low && slots[at + 3] === high
    },
    remember(id, [low, high]) {
      const [idLow, idHigh] = words(id)
      if (kept * WORDS * 2 > slots.length && slots.length < MOST_SLOTS * WORDS) grow()
      const at = find(slots, idLow, idHigh)
      if (slots[at + 1] === 0) kept++
      slots[at] = idLow
      slots[at + 1] = idHigh
      slots[at + 2] = low
      slots[at + 3] = high
    },
    forget(id) {
      const [idLow, idHigh] = words(id)
      const at = find(slots, idLow, idHigh)
      if (slots[at] !== idLow || slots[at + 1] !== idHigh) return
      slots.fill(0, at, at + WORDS)
      kept--
    },
  }
}
