/** Examples: what a check's own examples feed to the engine, and whether it found what they say. */
import type { Check, Example } from './contract.ts'
import { kindFor } from './look.ts'

/** Versions that are seen together. */
export interface ExampleStep {
  /** Epoch ms. */
  at: number
  records: Record<string, unknown>[]
}

/** Records in the order in which they are seen; two versions of one record are two steps. */
export function exampleSteps(example: Example): ExampleStep[] {
  const at = Date.parse(example.at)
  const timed = example.records.map((record) => ({
    record,
    at: typeof record['observed_at'] === 'string' ? Date.parse(record['observed_at']) : at,
  }))
  const steps: (ExampleStep & { ids: Set<string> })[] = []
  for (const { record, at: seen } of timed.sort((a, b) => a.at - b.at)) {
    const id = JSON.stringify([record['platform'], record['kind'], record['record_id']])
    const last = steps.at(-1)
    if (last && last.at === seen && !last.ids.has(id)) {
      last.records.push(record)
      last.ids.add(id)
    } else steps.push({ at: seen, records: [record], ids: new Set([id]) })
  }
  return steps.map(({ ids: _, ...step }) => step)
}

export interface ExampleStream {
  platform: string
  kind: string
  /** Epoch ms; null: never read completely. */
  completeThrough: number | null
}

/** The streams of the example: every platform keeps what the check reads and what its records show, unless it says what it keeps. */
export function exampleStreams(check: Check, example: Example): ExampleStream[] {
  const read = kindFor(check).reads(check)
  return Object.entries(example.platforms).flatMap(([platform, { keeps }]) => {
    const shown = example.records.filter((r) => r['platform'] === platform).map((r) => String(r['kind']))
    return [...new Set([...(keeps ?? read), ...shown])].map((kind) => {
      const through = example.complete_through ?? {}
      const said = through[`${platform}.${kind}`] === undefined ? through[platform] : through[`${platform}.${kind}`]
      return { platform, kind, completeThrough: said === null ? null : Date.parse(said ?? example.at) }
    })
  })
}

/** What is wrong with what was found, in words; empty when every expected finding was found and no other. */
export function compareFindings(expected: readonly Record<string, unknown>[], found: readonly object[]): string[] {
  const left = [...found]
  const problems: string[] = []
  for (const wish of expected) {
    const i = left.findIndex((f) => contains(f, wish))
    if (i >= 0) left.splice(i, 1)
    else problems.push(`not found: ${JSON.stringify(wish)}`)
  }
  return [...problems, ...left.map((f) => `found besides: ${JSON.stringify(f)}`)]
}

/** True if `actual` has everything that `wish` says; lists must have as many members, in any order. */
function contains(actual: unknown, wish: unknown): boolean {
  if (Array.isArray(wish)) {
    if (!Array.isArray(actual) || actual.length !== wish.length) return false
    const left = [...(actual as unknown[])]
    return wish.every((w) => {
      const i = left.findIndex((a) => contains(a, w))
      if (i < 0) return false
      left.splice(i, 1)
      return true
    })
  }
  if (wish !== null && typeof wish === 'object') {
    if (actual === null || typeof actual !== 'object') return false
    return Object.entries(wish).every(([key, value]) => contains((actual as Record<string, unknown>)[key], value))
  }
  // A number in YAML stands for the text that money and counts are.
  return actual === wish || (typeof wish === 'number' && actual === String(wish))
}
