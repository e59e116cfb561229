/** Agreement over custom fields: what only the configuration knows is compared, owned and explained like everything else. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkFile } from './world/check-files.ts'
import { checkWorld, forget, type CheckWorld } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'

let facts: FactsWorld
let control: ControlWorld
beforeAll(async () => void (facts = await factsWorld()))
afterAll(() => facts.end())
beforeEach(() => void (control = controlWorld()))
afterEach(async () => {
  control.end()
  await forget(facts.facts)
})

const LONG_AGO = '2026-11-01T08:00:00Z'
const tier = checkFile('tier', 'kind: agree\nof: customer\nfields: [custom.tier, name]')

function begin(config: Record<string, unknown> = {}): CheckWorld {
  const platforms = { crm: { role: 'crm' }, erp: { role: 'erp' }, support: { role: 'support' } }
  return checkWorld({ facts: facts.facts, control: control.control, platforms, checks: [tier], config })
}

const customer = (platform: string, custom: Record<string, string>, changed_at = LONG_AGO) => ({
  platform,
  kind: 'customer',
  record_id: `${platform}-1`,
  state: 'customer',
  name: 'Nordwind',
  changed_at,
  custom,
  ...(platform === 'crm' ? {} : { refs: { crm: 'crm-1' } }),
})

async function found(world: CheckWorld, options: { full?: boolean } = {}) {
  world.read()
  for (const result of await world.check(options)) expect(result.error).toBeNull()
  return (await world.findings())
    .filter((f) => f.state !== 'resolved')
    .map(({ field, owner_platform, platform, verdict, expected, actual }) =>
      [field, `${owner_platform}>${platform}`, verdict, ...Object.values(expected), ...Object.values(actual)].join(' '),
    )
    .sort()
}

describe('a custom field', () => {
  it('that differs is found at the follower, and heals', async () => {
    const world = begin()
    await world.put(customer('crm', { tier: 'gold' }), customer('erp', { tier: ' gold ' }), customer('support', {}))
    // Spaces around it mean nothing, and who does not have the field is not asked.
    expect(await found(world)).toEqual([])
    await world.put(customer('erp', { tier: 'silver' }, '2026-11-10T08:00:00Z'))
    expect(await found(world)).toEqual(['custom.tier crm>erp drift gold silver'])
    const [f] = await world.findings()
    expect(f!.evidence.filter((e) => e.for === 'cause').length).toBeGreaterThan(0)
    expect(await found(world, { full: true })).toEqual(['custom.tier crm>erp drift gold silver'])
    await world.put(customer('erp', { tier: 'gold' }, '2026-11-11T08:00:00Z'))
    expect(await found(world)).toEqual([])
  })

  it('that is empty at the follower is a difference; that its owner leaves empty has no voice', async () => {
    const world = begin()
    await world.put(customer('crm', { tier: 'gold' }), customer('erp', { tier: '' }))
    expect(await found(world)).toHaveLength(1)
    await world.put(customer('crm', { tier: '' }, '2026-11-10T08:00:00Z'))
    expect(await found(world)).toEqual([])
  })

  it('belongs to whom the configuration says', async () => {
    const world = begin({ ownership: { 'customer.custom.tier': ['erp', 'crm'] } })
    await world.put(customer('crm', { tier: 'gold' }), customer('erp', { tier: 'silver' }))
    expect(await found(world)).toEqual(['custom.tier erp>crm drift silver gold'])
  })

  it('whose name could be more than a name is refused', () => {
    expect(() => checkFile('wrong', `kind: agree\nof: customer\nfields: ["custom.x'] or 1"]`)).toThrow(
      /names no custom field/,
    )
  })
})
