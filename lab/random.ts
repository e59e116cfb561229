/** Random: the laboratory's only source of chance. One seed gives one company, to the last digit. */

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Whole number from `low` to `high`, both included. */
  int(low: number, high: number): number
  chance(probability: number): boolean
  pick<T>(from: readonly T[]): T
  /** The first of each pair with the weight of the second. */
  weighted<T>(from: readonly (readonly [T, number])[]): T
  /** Skewed towards `low` as real delays are: most are short, few come near `high`. */
  skewed(low: number, high: number): number
  shuffle<T>(items: readonly T[]): T[]
  digits(count: number): string
  /** A stream of its own: what one part draws never shifts what another part draws. */
  fork(label: string): Random
}

/** FNV-1a over the text, finished so that neighbouring texts fall far apart. */
export function hash32(text: string, start = 0x811c9dc5): number {
  let h = start
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return mix32(h)
}

/** One round of a 32-bit finaliser: cheap enough for millions of rows. */
export function mix32(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad)
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97)
  return (h ^ (h >>> 15)) >>> 0
}

export function createRandom(seed: string | number): Random {
  const name = String(seed)
  // Four words from the name; xoshiro128** needs at least one of them to differ from zero.
  let [a, b, c, d] = [1, 2, 3, 4].map((n) => hash32(`${n}/${name}`) | n) as [number, number, number, number]
  const next = (): number => {
    const product = Math.imul(b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return result / 4294967296
  }
  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  const random: Random = {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (from) => from[int(0, from.length - 1)]!,
    weighted: (from) => {
      let left = next() * from.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [item, weight] of from) if ((left -= weight) < 0) return item
      return from[from.length - 1]![0]
    },
    skewed: (low, high) => low + (high - low) * next() ** 3,
    shuffle: (items) => {
      const out = [...items]
      for (let i = out.length - 1; i > 0; i--) {
        const j = int(0, i)
        ;[out[i], out[j]] = [out[j]!, out[i]!]
      }
      return out
    },
    digits: (count) => Array.from({ length: count }, () => int(0, 9)).join(''),
    fork: (label) => createRandom(`${name}/${label}`),
  }
  return random
}
