/** Sum of scores: two landscapes as one table. */
import type { CauseRow, Row, Score } from './score.ts'
import type { LayerRow } from './layer.ts'

/** Ids of the second stay apart from those of the first: faults of both are numbered from one. */
export function together(a: Score, b: Score, mark = 'habits'): Score {
  const marked = <T extends { fault: string }>(all: readonly T[]) =>
    all.map((x) => ({ ...x, fault: `${mark}/${x.fault}` }))
  return {
    asOf: a.asOf,
    rows: folded([...a.rows, ...b.rows], (r) => r.drift, addRows).sort((x, y) => (x.drift < y.drift ? -1 : 1)),
    total: addRows(a.total, b.total),
    causes: folded([...a.causes, ...b.causes], (c) => c.cause, addShares).sort((x, y) => (x.cause < y.cause ? -1 : 1)),
    layers: folded([...a.layers, ...b.layers], (l) => l.layer, addShares),
    consequences: a.consequences + b.consequences,
    inFlightAlarms: a.inFlightAlarms + b.inFlightAlarms,
    lingering: a.lingering + b.lingering,
    undecided: a.undecided + b.undecided,
    missed: [...a.missed, ...marked(b.missed)],
    wrongCauses: [...a.wrongCauses, ...marked(b.wrongCauses)],
    wrongLayers: [...a.wrongLayers, ...marked(b.wrongLayers)],
    falseFindings: [...a.falseFindings, ...b.falseFindings],
  }
}

function folded<T>(all: readonly T[], nameOf: (one: T) => string, add: (a: T, b: T) => T): T[] {
  const by = new Map<string, T>()
  for (const one of all) {
    const known = by.get(nameOf(one))
    by.set(nameOf(one), known ? add(known, one) : one)
  }
  return [...by.values()]
}

/** The median is that of the larger of the two: medians do not add up. */
function addRows(a: Row, b: Row): Row {
  const larger = a.found >= b.found ? a : b
  const [expected, found, wrong] = [a.expected + b.expected, a.found + b.found, a.false + b.false]
  return {
    drift: a.drift,
    expected,
    found,
    missed: a.missed + b.missed,
    false: wrong,
    precision: found + wrong === 0 ? null : found / (found + wrong),
    recall: expected === 0 ? null : found / expected,
    medianMs: larger.medianMs ?? (larger === a ? b : a).medianMs,
    causeRight: a.causeRight + b.causeRight,
    causeKnown: a.causeKnown + b.causeKnown,
    amountRight: a.amountRight + b.amountRight,
    amountKnown: a.amountKnown + b.amountKnown,
  }
}

function addShares<T extends CauseRow | LayerRow>(a: T, b: T): T {
  const instead = { ...a.instead }
  for (const [said, n] of Object.entries(b.instead)) instead[said] = (instead[said] ?? 0) + n
  return { ...a, known: a.known + b.known, right: a.right + b.right, instead }
}
