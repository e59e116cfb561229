/** Looking at what moved finds what looking at everything finds, whatever happens in whichever order; `npm run prove:full` tries more seeds. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { forget } from './world/check-world.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { threeWays } from './world/three-ways.ts'

let world: FactsWorld
beforeAll(async () => void (world = await factsWorld()))
afterAll(() => world.end())
afterEach(() => forget(world.facts))

describe.each([1, 2])('seed %i', (seed) => {
  it('ends with the same findings', async () => {
    const { step, full, standing, end } = await threeWays(world.facts, seed)
    expect(step.length).toBeGreaterThan(10)
    expect(step).toEqual(full)
    expect(standing).toEqual(end)
  })
})
