/**
 * Proof that looking at what moved finds what looking at everything finds: random order books live for some hours, are
 * looked at step by step, in full at every step, and once at the end, and all three must say the same. Books of several
 * seeds lie beside each other, so that two hundred of them take minutes.
 *
 *   npm run prove:full -- [--seeds 200] [--from 1] [--together 10]
 */
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { forget } from '../test/world/check-world.ts'
import { factsWorld } from '../test/world/facts.ts'
import { seedOf, threeWays } from '../test/world/three-ways.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    together: { type: 'string', default: '10' },
  },
})
const [seeds, from, together] = [Number(values.seeds), Number(values.from), Number(values.together)]
if (![seeds, from, together].every(Number.isInteger) || seeds < 1 || together < 1) {
  process.stderr.write('Say how many: npm run prove:full -- [--seeds 200] [--from 1] [--together 10]\n')
  process.exit(2)
}

const world = await factsWorld()
let findings = 0
const different: number[] = []
try {
  for (let seed = from; seed < from + seeds; seed += together) {
    const books = Array.from({ length: Math.min(together, from + seeds - seed) }, (_, i) => seed + i)
    const { step, full, standing, end } = await threeWays(world.facts, ...books)
    findings += step.length
    const wrong = books.filter((book) => {
      const own = (f: { entity_id: string }) => seedOf(f.entity_id) === book
      const named = (f: unknown) => new RegExp(`\\D${book}-o`).test(JSON.stringify(f))
      const alike = isDeepStrictEqual(step.filter(own), full.filter(own))
      return !alike || !isDeepStrictEqual(standing.filter(named), end.filter(named))
    })
    if (!isDeepStrictEqual(step, full) || !isDeepStrictEqual(standing, end)) {
      different.push(...(wrong.length ? wrong : books))
      process.stderr.write(`seeds ${books.join(', ')}: step by step and in full found different things\n`)
    }
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
