/** Every shipped check does what its own examples say, and its SQL is the one that was reviewed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configSchema, type Config } from '../server/config/schema.ts'
import { buildLandscape } from '../server/config/landscape.ts'
import { compiledFull } from '../server/check/explain.ts'
import { loadChecks, shippedChecks } from '../server/check/read.ts'
import { forget, runExample } from './world/check-world.ts'
import { controlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'

const checks = loadChecks([shippedChecks()], { checks: { folders: [], disable: [], override: {} } })

let world: FactsWorld
beforeAll(async () => void (world = await factsWorld()))
afterAll(() => world.end())

describe.each(checks.map((check) => ({ id: check.id, check })))('$id', ({ check }) => {
  it.each(check.examples.map((example) => ({ name: example.name, example })))('$name', async ({ example }) => {
    const { control, end } = controlWorld()
    try {
      expect(await runExample(world.facts, control, check, example)).toEqual([])
    } finally {
      end()
      await forget(world.facts)
    }
  })

  it('compiles to the SQL that was reviewed', async () => {
    const config = configSchema.parse({
      platforms: Object.fromEntries(
        ['crm', 'erp', 'billing', 'support', 'provisioning'].map((role) => [
          role,
          { connector: 'files', role, config: { folder: '.' } },
        ]),
      ),
    }) as Config
    const compiled = compiledFull(
      { landscape: buildLandscape(config), facts: { database: 'plumbline' } },
      check,
      Date.parse('2026-11-20T12:00:00Z'),
    )
    const text = compiled
      .map(
        ({ sql, params }) =>
          `${Object.entries(params)
            .map(([name, value]) => `-- {${name}} = ${JSON.stringify(value)}\n`)
            .join('')}${sql};\n`,
      )
      .join('\n')
    await expect(text).toMatchFileSnapshot(`snapshots/checks/${check.id.replaceAll('/', '.')}.sql`)
  })
})
