/** Linkage quality: precision, recall and F1 of pairs against the truth. */

export interface Pair {
  l: string
  r: string
  probability: number
}

export interface Quality {
  precision: number
  recall: number
  f1: number
  /** Pairs called one, those of them that are, and all that are. */
  called: number
  right: number
  true: number
}

const platformOf = (name: string) => name.slice(0, name.indexOf(':'))

/**
 * @param truth record → the thing it is
 * @param across only pairs of two lists count
 */
export function quality(called: readonly Pair[], truth: ReadonlyMap<string, string>, across: boolean): Quality {
  const sizes = new Map<string, Map<string, number>>()
  for (const [name, thing] of truth) {
    const of = sizes.get(thing) ?? new Map<string, number>()
    sizes.set(thing, of.set(platformOf(name), (of.get(platformOf(name)) ?? 0) + 1))
  }
  let all = 0
  for (const of of sizes.values()) {
    const n = [...of.values()].reduce((a, b) => a + b, 0)
    const within = [...of.values()].reduce((sum, x) => sum + (x * (x - 1)) / 2, 0)
    all += (n * (n - 1)) / 2 - (across ? within : 0)
  }
  const right = called.filter((p) => truth.get(p.l) === truth.get(p.r)).length
  const precision = called.length === 0 ? 0 : right / called.length
  const recall = all === 0 ? 0 : right / all
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
  return { precision, recall, f1, called: called.length, right, true: all }
}

/** All pairs that follow when what is linked to one thing is one thing. */
export function closure(called: readonly Pair[], across: boolean): Pair[] {
  const parent = new Map<string, string>()
  const root = (name: string): string => {
    let at = name
    while (parent.has(at) && parent.get(at) !== at) at = parent.get(at)!
    return at
  }
  for (const { l, r } of called) parent.set(root(l), root(r))
  const groups = new Map<string, string[]>()
  for (const name of new Set(called.flatMap((p) => [p.l, p.r]))) {
    const of = root(name)
    groups.set(of, [...(groups.get(of) ?? []), name])
  }
  const pairs: Pair[] = []
  for (const members of groups.values())
    for (const [i, l] of members.entries())
      for (const r of members.slice(i + 1))
        if (!across || platformOf(l) !== platformOf(r)) pairs.push({ l, r, probability: 1 })
  return pairs
}
