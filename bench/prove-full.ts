/**
 * Proof that looking at what moved finds what looking at everything finds: random order books live for some hours, are
 * looked at step by step, in full at every step, and once at the end, and all three must say the same.
 *
 *   npm run prove:full -- [--seeds 200] [--from 1]
 */
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { forget } from '../test/world/check-world.ts'
import { factsWorld } from '../test/world/facts.ts'
import { threeWays } from '../test/world/three-ways.ts'

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '200' }, from: { type: 'string', default: '1' } },
})
const [seeds, from] = [Number(values.seeds), Number(values.from)]
if (!Number.isInteger(seeds) || seeds < 1 || !Number.isInteger(from)) {
  process.stderr.write('Say how many: npm run prove:full -- [--seeds 200] [--from 1]\n')
  process.exit(2)
}

const world = await factsWorld()
let findings = 0
const different: number[] = []
try {
  for (let seed = from; seed < from + seeds; seed++) {
    const { step, full, standing, end } = await threeWays(world.facts, seed)
    findings += step.length
    if (!isDeepStrictEqual(step, full) || !isDeepStrictEqual(standing, end)) {
      different.push(seed)
      process.stderr.write(`seed ${seed}: step by step and in full found different things\n`)
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
