/** Every shipped check does what its own examples say, and its SQL is the one that was reviewed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configSchema, type Config } from '../server/config/schema.ts'
import { buildLandscape } from '../server/config/landscape.ts'
import { compiledFull } from '../server/check/explain.ts'
import { loadChecks, shippedChecks } from '../server/check/read.ts'
import { forget, runExample } from './world/check-world.ts'
import { controlWorld } from './world/control.ts'
import { grouped, runGroup, type Member } from './world/example-groups.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'

const checks = loadChecks([shippedChecks()], { checks: { folders: [], disable: [], override: {} } })

const members: Member[] = checks.flatMap((check) => check.examples.map((example) => ({ check, example })))
/** Example → the group that it is run in, when the first of its members asks. */
const groupOf = new Map(grouped(members).flatMap((group) => group.map((m, n) => [m.example, { group, n }] as const)))
const ran = new Map<Member[], Promise<string[][]>>()

let world: FactsWorld
beforeAll(async () => void (world = await factsWorld()))
afterAll(() => world.end())

/** What is wrong with what was found in an example, and nothing left of it afterwards. */
async function run(group: Member[]): Promise<string[][]> {
  const { control, end } = controlWorld()
  try {
    if (group.length > 1) return await runGroup(world.facts, control, group)
    return [await runExample(world.facts, control, group[0]!.check, group[0]!.example)]
  } finally {
    end()
    await forget(world.facts)
  }
}

describe.each(checks.map((check) => ({ id: check.id, check })))('$id', ({ check }) => {
  it.each(check.examples.map((example) => ({ name: example.name, example })))('$name', async ({ example }) => {
    const { group, n } = groupOf.get(example)!
    ran.set(group, ran.get(group) ?? run(group))
    expect((await ran.get(group))![n]).toEqual([])
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
