/** The nearest name: what somebody who mistyped a name most likely meant. */

/** Undefined when nothing is near enough to be worth suggesting. */
export function nearest(written: string, names: Iterable<string>): string | undefined {
  const wanted = fold(written)
  let best: string | undefined
  let bestDistance = farthest(wanted.length) + 1
  for (const name of names) {
    const candidate = fold(name)
    if (Math.abs(candidate.length - wanted.length) >= bestDistance) continue
    const d = distance(wanted, candidate)
    if (d < bestDistance) [best, bestDistance] = [name, d]
  }
  return best
}

/** Edits that still look like a slip in a word of this length. */
const farthest = (length: number) => (length < 4 ? 1 : length < 8 ? 2 : length < 13 ? 3 : 4)

/** Case and the choice between `-`, `_` and a space are the commonest slips: they cost nothing. */
const fold = (name: string) => name.toLowerCase().replaceAll(/[-\s]/g, '_')

/** Edits (insert, delete, replace, swap of neighbours) that turn one word into the other. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cost = Math.min(cost, before[j - 2]! + 1)
      row.push(cost)
    }
    before = last
    last = row
  }
  return last[b.length]!
}
