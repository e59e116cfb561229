import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { identityOf } from '../server/identity.ts'
import { propose } from '../server/identify/propose.ts'
import { configSchema, type Config } from '../server/config/schema.ts'
import { loadChecks } from '../server/check/read.ts'
import { foldersOf } from '../server/discover.ts'
import { openControl } from '../server/store/control/sqlite.ts'
import { openFacts } from '../server/store/facts/open.ts'
import type { Facts } from '../server/store/facts/facts.ts'
import { checkWorld, forget, type CheckWorld } from './world/check-world.ts'

let dir: string
let facts: Facts
let n = 0

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'plumbline-linker-'))
  facts = await openFacts({ path: join(dir, 'facts'), database: 'plumbline' })
})
afterAll(async () => {
  await facts.close()
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => forget(facts))

const shipped = loadChecks(foldersOf('checks', []), configSchema.parse({}) as Config)

function worldOf(config: Record<string, unknown> = {}): CheckWorld {
  return checkWorld({
    facts,
    control: openControl(join(dir, `control-${n++}.sqlite`)),
    platforms: { crm: { role: 'crm' }, erp: { role: 'erp' } },
    checks: shipped.filter((c) => ['customer-master/profile', 'existence/customer'].includes(c.id)),
    config,
  })
}

const customer = (platform: string, record_id: string, more: Record<string, unknown>) => ({
  platform,
  kind: 'customer',
  record_id,
  state: 'customer',
  created_at: '2026-01-01T00:00:00Z',
  changed_at: '2026-11-01T00:00:00Z',
  ...more,
})

const KRANICH = {
  name: 'Kranich Systeme GmbH',
  phone: '+49 30 1234567',
  bill_to: { line1: 'Hafenweg 12', city: 'Berlin', postal_code: '10115', country: 'DE' },
}
const OTHERS = [
  'Alpha Logistik',
  'Bruno Metallbau',
  'Cedar Analytics',
  'Delta Pumpen',
  'Echo Verlag',
  'Falke Optik',
].map((name, i) =>
  customer('crm', `O${i}`, {
    name,
    phone: `+49 40 55500${i}1`,
    bill_to: { line1: `Ring ${i + 1}`, city: 'Hamburg', postal_code: `2009${i}`, country: 'DE' },
  }),
)

describe('the linker', () => {
  it('proposes two spellings of one customer with the weight of every piece of evidence, and joins nothing', async () => {
    const world = worldOf()
    await world.put(
      customer('crm', 'S1', KRANICH),
      customer('erp', 'N1', { ...KRANICH, name: 'Kranich Systeme', phone: '030 1234567' }),
      ...OTHERS,
    )
    const [result] = await propose(world.ctx)
    expect(result).toMatchObject({ kind: 'customer', full: true, proposed: 1, joined: 0 })
    const identity = identityOf(world.ctx)
    const { rows } = await identity.suggestions('customer', { limit: 10, offset: 0 })
    expect(rows[0]).toMatchObject({ records: ['crm:S1', 'erp:N1'] })
    expect(rows[0]!.entities[0]).not.toBe(rows[0]!.entities[1])
    const { judged, sides, bits } = await identity.suggestion('customer', rows[0]!.id)
    expect(judged.bits).toBeCloseTo(bits, 3)
    expect(judged.prior + judged.evidence.reduce((sum, e) => sum + e.weight + e.rarity, 0)).toBeCloseTo(judged.bits, 9)
    expect(judged.evidence.find((e) => e.field === 'name')!.level).toBe('same')
    expect(judged.evidence.find((e) => e.field === 'tax_id')).toMatchObject({ level: 'missing', weight: 0 })
    expect(sides.map((s) => s.values['name'])).toEqual(['Kranich Systeme GmbH', 'Kranich Systeme'])
  })

  it('scores a new record against what is known, without looking at everything', async () => {
    const world = worldOf()
    await world.put(customer('crm', 'S1', KRANICH), ...OTHERS)
    expect((await propose(world.ctx))[0]).toMatchObject({ full: true, proposed: 0 })
    await world.put(customer('erp', 'N1', { ...KRANICH, name: 'Kranich-Systeme AG' }))
    const [result] = await propose(world.ctx)
    expect(result).toMatchObject({ full: false, records: 2, proposed: 1 })
    expect(await propose(world.ctx)).toEqual([])
    // A record that turns out to be somebody else takes its proposal with it.
    await world.put(
      customer('erp', 'N1', {
        name: 'Zander Brauerei',
        phone: '+49 89 999111',
        bill_to: { line1: 'Am Tor 3', city: 'München', postal_code: '80331', country: 'DE' },
      }),
    )
    await propose(world.ctx)
    expect((await identityOf(world.ctx).suggestions('customer', { limit: 10, offset: 0 })).total).toBe(0)
  })

  it('asks nobody twice, and asks again when an answer is taken back', async () => {
    const world = worldOf()
    await world.put(
      customer('crm', 'S1', KRANICH),
      customer('erp', 'N1', { ...KRANICH, name: 'Kranich Systeme' }),
      ...OTHERS,
    )
    await propose(world.ctx)
    const identity = identityOf(world.ctx)
    const open = async () => (await identity.suggestions('customer', { limit: 10, offset: 0 })).total
    const { id } = await identity.decide({
      kind: 'customer',
      action: 'reject',
      groups: [['crm:S1'], ['erp:N1']],
      reason: 'Two branches.',
      actor: 'ada',
    })
    expect(await open()).toBe(0)
    await identity.undo(id, { reason: 'Asked again.', actor: 'ada' })
    expect(await open()).toBe(1)
    await identity.decide({
      kind: 'customer',
      action: 'confirm',
      groups: [['crm:S1', 'erp:N1']],
      reason: 'One company.',
      actor: 'ada',
    })
    expect(await open()).toBe(0)
  })

  it('joins by itself only from the configured probability on, in its own name', async () => {
    const world = worldOf({ identity: { customer: { linker: { link_at: 0.9 } } } })
    await world.put(
      customer('crm', 'S1', KRANICH),
      customer('erp', 'N1', { ...KRANICH, name: 'Kranich Systeme' }),
      ...OTHERS,
    )
    expect((await propose(world.ctx))[0]).toMatchObject({ joined: 1 })
    const [decision] = identityOf(world.ctx).decisions('customer')
    expect(decision).toMatchObject({ action: 'link', actor: 'linker', model: 'shipped-1' })
    expect(decision!.reason).toContain('0.9')
  })

  it('tells what drift a link would bring or take away, and writes nothing', async () => {
    const world = worldOf()
    await world.put(
      customer('crm', 'S1', { ...KRANICH, segment: 'enterprise' }),
      customer('erp', 'N1', { ...KRANICH, name: 'Kranich Systemhaus', segment: 'enterprise' }),
    )
    world.read()
    await world.clock.turn(48 * 3_600_000)
    world.read()
    await world.check({ full: true })
    const before = await world.findings()
    expect(before.filter((f) => f.check === 'existence/customer' && f.state === 'open').length).toBeGreaterThan(0)
    const identity = identityOf(world.ctx)
    const wish = { kind: 'customer', action: 'merge', groups: [['crm:S1', 'erp:N1']] } as const
    const found = await identity.whatIf(wish)
    expect(found.entities).toHaveLength(1)
    expect(found.appears.map((f) => f.field)).toContain('name')
    expect(found.vanishes.map((f) => f.check)).toContain('existence/customer')
    expect(await world.findings()).toEqual(before)
    // What was foretold is what happens.
    await identity.decide({ ...wish, reason: 'One company.', actor: 'ada' })
    await world.check({ full: true })
    const open = (await world.findings()).filter((f) => f.state === 'open')
    expect(open.map((f) => [f.check, f.field]).sort()).toEqual(found.appears.map((f) => [f.check, f.field]).sort())
  })
})
