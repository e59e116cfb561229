/**
 * Proof that looking at what moved finds what looking at everything finds: random order books live for some hours, are
 * looked at step by step, in full at every step, and once at the end, and all three must say the same. Books of several
 * seeds lie beside each other, as those of many customers do: a step then has much to leave alone, and two hundred seeds
 * take minutes. Each draws its own records; when the platforms are read is drawn once for those that lie together.
 *
 *   npm run prove:full -- [--seeds 200] [--from 1] [--together 20]
 */
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { forget } from '../test/world/check-world.ts'
import { factsWorld } from '../test/world/facts.ts'
import { threeWays } from '../test/world/three-ways.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    together: { type: 'string', default: '20' },
  },
})
const [seeds, from, together] = [Number(values.seeds), Number(values.from), Number(values.together)]
if (![seeds, from, together].every(Number.isInteger) || seeds < 1 || together < 1) {
  process.stderr.write('Say how many: npm run prove:full -- [--seeds 200] [--from 1] [--together 20]\n')
  process.exit(2)
}

/** Differences shown of each group of seeds. */
const SHOWN = 3

/** Pairs of what is not said alike, in order. */
function unlike(some: readonly unknown[], others: readonly unknown[]): [unknown, unknown][] {
  const pairs = Array.from(some.length > others.length ? some : others, (_, i): [unknown, unknown] => [
    some[i] ?? null,
    others[i] ?? null,
  ])
  return pairs.filter(([one, other]) => !isDeepStrictEqual(one, other))
}

const world = await factsWorld()
let findings = 0
const different: number[] = []
try {
  for (let seed = from; seed < from + seeds; seed += together) {
    const books = Array.from({ length: Math.min(together, from + seeds - seed) }, (_, i) => seed + i)
    const { step, full, standing, end } = await threeWays(world.facts, ...books)
    findings += step.length
    const apart = [...unlike(step, full), ...unlike(standing, end)]
    for (const [one, other] of apart.slice(0, SHOWN))
      process.stderr.write(`${JSON.stringify(one)}\n  is in full\n${JSON.stringify(other)}\n`)
    if (!isDeepStrictEqual(step, full) || !isDeepStrictEqual(standing, end)) different.push(...books)
    process.stderr.write(`${seed + books.length - from} of ${seeds} seeds looked at, ${findings} findings\n`)
    await forget(world.facts)
  }
} finally {
  await world.end()
}
// A proof over nothing proves nothing.
const proved = different.length === 0 && findings >= seeds * 10
process.stdout.write(
  `${seeds} seeds from ${from}: ${findings} findings, ${different.length} seeds differ${different.length ? ` (${different.join(', ')})` : ''}\n`,
)
process.exitCode = proved ? 0 : 1
