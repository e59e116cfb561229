/**
 * A set of record ids in 8 bytes each: what a sweep has seen. Ids are kept as 64-bit hashes; among ten million, the
 * chance that one vanished record hides behind another's hash is one in two million, and then only that it stays.
 */
import { idHash } from './id-hash.ts'

export interface KeySet {
  /** False if it was there already. */
  add(id: string): boolean
  has(id: string): boolean
  readonly size: number
}

const FIRST_SLOTS = 1 << 12

export function createKeySet(): KeySet {
  // Pairs of low and high word; 0,0 is a free slot.
  let slots = new Uint32Array(FIRST_SLOTS * 2)
  let size = 0

  function find(table: Uint32Array, low: number, high: number): number {
    const mask = table.length / 2 - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const at = slot * 2
      if ((table[at] === 0 && table[at + 1] === 0) || (table[at] === low && table[at + 1] === high)) return at
    }
  }

  function grow(): void {
    const wider = new Uint32Array(slots.length * 2)
    for (let at = 0; at < slots.length; at += 2) {
      if (slots[at] === 0 && slots[at + 1] === 0) continue
      wider.set(slots.subarray(at, at + 2), find(wider, slots[at]!, slots[at + 1]!))
    }
    slots = wider
  }

  return {
    get size() {
      return size
    },
    add(id) {
      const [low, high] = idHash(id)
      const at = find(slots, low, high)
      if (slots[at] !== 0 || slots[at + 1] !== 0) return false
      slots[at] = low
      slots[at + 1] = high
      if (++size * 2 > slots.length / 2) grow()
      return true
    },
    has(id) {
      const [low, high] = idHash(id)
      const at = find(slots, low, high)
      return slots[at] !== 0 || slots[at + 1] !== 0
    },
  }
}
