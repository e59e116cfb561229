/** Examples that share a world are judged as if each were alone: what would fail alone fails there, with the same words. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadChecks, shippedChecks } from '../server/check/read.ts'
import { forget, runExample } from './world/check-world.ts'
import { controlWorld } from './world/control.ts'
import { grouped, runGroup, type Member } from './world/example-groups.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'

const checks = loadChecks([shippedChecks()], { checks: { folders: [], disable: [], override: {} } })
const members: Member[] = checks.flatMap((check) => check.examples.map((example) => ({ check, example })))

let world: FactsWorld
beforeAll(async () => void (world = await factsWorld()))
afterAll(() => world.end())

async function fresh<T>(work: (control: ReturnType<typeof controlWorld>['control']) => Promise<T>): Promise<T> {
  const { control, end } = controlWorld()
  try {
    return await work(control)
  } finally {
    end()
    await forget(world.facts)
  }
}

/** What is wrong, without hashes of marked ids and the numbers of runs and issues, which go on from check to check. */
const plain = (problems: string[]) =>
  problems
    .map((p) => p.replace(/"(id|entity_id|customer_entity_id|eid|customer_eid|run_id|issue)":"[^"]*",?/g, ''))
    .sort()

/** The example with the opposite of what is right: it wants nothing where there is something, and something where there is nothing. */
const wrong = ({ check, example }: Member): Member => ({
  check,
  example: { ...example, findings: example.findings.length ? [] : [{ verdict: 'drift', check: check.id }] },
})

it('has every example in exactly one group, and most of them in company', () => {
  const groups = grouped(members)
  expect(groups.flat().length).toBe(members.length)
  expect(new Set(groups.flat().map((m) => m.example)).size).toBe(members.length)
  expect(groups.filter((g) => g.length > 1).flat().length).toBeGreaterThan(members.length / 2)
})

const groups = grouped(members).filter((g) => g.length > 1)
const KINDS = ['agree', 'exist', 'rule', 'deadline', 'match', 'authority', 'transition']
it.each(KINDS)(
  'fails each wrong example of %s in a group as it fails alone, and no right one beside it',
  async (kind) => {
    const found = (m: Member) => (m.check.kind === kind ? 1 + Math.sign(m.example.findings.length) : 0)
    const most = (g: Member[]) => g.reduce((sum, m) => sum + found(m), 0)
    const group = groups.reduce((best, g) => (most(g) > most(best) ? g : best))
    const some = [...group].sort((a, b) => found(b) - found(a)).slice(0, 3)
    expect(some[0]!.check.kind).toBe(kind)
    const together = await fresh((control) => runGroup(world.facts, control, some.map(wrong)))
    for (const [n, member] of some.map(wrong).entries()) {
      const alone = await fresh((control) => runExample(world.facts, control, member.check, member.example))
      expect(alone.length).toBeGreaterThan(0)
      expect(plain(together[n]!)).toEqual(plain(alone))
    }
    const mixed = await fresh((control) =>
      runGroup(
        world.facts,
        control,
        some.map((m, n) => (n === 1 ? wrong(m) : m)),
      ),
    )
    expect(mixed.map((problems) => problems.length > 0)).toEqual(some.map((_, n) => n === 1))
  },
)

it('refuses a group whose examples share what makes two records one thing', async () => {
  const one = members.find((m) => m.check.kind === 'agree' && m.example.records.some((r) => r['tax_id'] !== undefined))!
  const said = one.example.records.find((r) => r['tax_id'] !== undefined)!
  const halves = Object.keys(one.example.platforms).map((platform, n) => {
    const { refs: _, ...record } = said
    return {
      ...one,
      example: { ...one.example, records: [{ ...record, platform, record_id: `half-${n}` }], findings: [] },
    }
  })
  expect(halves.length).toBeGreaterThan(1)
  expect(grouped(halves)).toHaveLength(halves.length)
  await expect(fresh((control) => runGroup(world.facts, control, halves))).rejects.toThrow(/became one thing/)
})
