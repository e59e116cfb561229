/** The difference of two texts, line by line: what a person looks at before a file is written. */

export interface DiffLine {
  is: 'same' | 'added' | 'removed'
  /** Number of the line in the new text; of a removed line, in the old one. */
  line: number
  text: string
}

/** Lines of unchanged text shown around a change. */
const AROUND = 3
/** Beyond this the middle is told as replaced: a table of the square of it is kept. */
const LINES_MAX = 2_000

/** Changes with the lines around them; unchanged stretches in between are left out. */
export function differences(before: string, after: string): DiffLine[] {
  const all = lines(before.split('\n'), after.split('\n'))
  const near = (n: number) => all.slice(Math.max(0, n - AROUND), n + AROUND + 1).some((l) => l.is !== 'same')
  return all.filter((_, n) => near(n))
}

function lines(a: string[], b: string[]): DiffLine[] {
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const same = (from: number, to: number): DiffLine[] =>
    b.slice(from, to).map((text, n) => ({ is: 'same', line: from + n + 1, text }))
  const middle = inner(a.slice(head, a.length - tail), b.slice(head, b.length - tail), head)
  return [...same(0, head), ...middle, ...same(b.length - tail, b.length)]
}

/** The longest common run of lines, by the usual table. */
function inner(a: string[], b: string[], offset: number): DiffLine[] {
  const removed = (i: number): DiffLine => ({ is: 'removed', line: offset + i + 1, text: a[i]! })
  const added = (j: number): DiffLine => ({ is: 'added', line: offset + j + 1, text: b[j]! })
  if (a.length > LINES_MAX || b.length > LINES_MAX)
    return [...a.map((_, i) => removed(i)), ...b.map((_, j) => added(j))]
  const width = b.length + 1
  const longest = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] =
        a[i] === b[j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!)
  const found: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      found.push({ is: 'same', line: offset + j + 1, text: b[j]! })
      i++
      j++
    } else if (j >= b.length || (i < a.length && longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!))
      found.push(removed(i++))
    else found.push(added(j++))
  }
  return found
}
