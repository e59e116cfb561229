/** Causes from recorded events, through the real engine: what the middleware told of a change decides why it did not arrive. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readEvent, type RecordedEvent } from '../model/event.ts'
import { sureOf } from '../model/cause.ts'
import { KINDS } from '../model/kinds.ts'
import type { Check } from '../server/check/contract.ts'
import { appendEvents } from '../server/store/facts/events.ts'
import { issuePage } from '../server/store/facts/issue-list.ts'
import { checkFile } from './world/check-files.ts'
import { checkWorld, forget, type CheckWorld, type WishedRecord } from './world/check-world.ts'
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

const agree = checkFile('terms', 'kind: agree\nof: customer\nfields: [payment_terms]')
const exist = checkFile('there', 'kind: exist\nof: customer\non: [crm, erp, billing]')
const service = checkFile(
  'service',
  `kind: deadline
of: subscription
as: [billing]
when: { state: active }
expect: { of: entitlement, via: [subscription], where: { state: active }, on: [support] }
within: 1h`,
)

function begin(...checks: Check[]): CheckWorld {
  return checkWorld({
    facts: facts.facts,
    control: control.control,
    platforms: {
      crm: { role: 'crm' },
      erp: { role: 'erp' },
      billing: { role: 'billing' },
      support: { role: 'support' },
      bus: { role: 'middleware' },
    },
    checks,
  })
}

const CHANGED = '2026-11-20T08:00:00Z'
const LONG_AGO = '2026-11-01T08:00:00Z'
const customer = (platform: string, terms: string, more: Record<string, unknown> = {}): WishedRecord => ({
  platform,
  kind: 'customer',
  record_id: `${platform}-1`,
  state: 'customer',
  name: 'Nordwind',
  payment_terms: terms,
  changed_at: LONG_AGO,
  ...(platform === 'erp' ? {} : { refs: { erp: 'erp-1' } }),
  ...more,
})

/** Events as the bus tells them; of customer erp-1 on its way to the CRM unless said otherwise. */
async function tell(world: CheckWorld, ...written: Record<string, unknown>[]) {
  const known = { platforms: world.ctx.landscape.platforms.map((p) => p.name), kinds: KINDS.map((k) => k.name) }
  const read = written.map((w) =>
    readEvent(
      { reported_by: 'bus', from_platform: 'erp', to_platform: 'crm', kind: 'customer', record_id: 'erp-1', ...w },
      { ...known, reporter: null, now: world.clock.now() },
    ),
  )
  for (const r of read) if ('wrong' in r) throw new Error(r.wrong)
  return appendEvents(world.ctx.facts, world.ctx.control, read as RecordedEvent[])
}
/** The bus tells of what it sends to the CRM, also of other customers: its silence means something. */
const logs = (world: CheckWorld, more: Record<string, unknown> = {}) =>
  tell(
    world,
    { type: 'sent', at: LONG_AGO, record_id: 'erp-9', ...more },
    { type: 'sent', at: '2026-11-20T11:00:00Z', record_id: 'erp-9', ...more },
  )

async function found(world: CheckWorld, options: { full?: boolean } = {}) {
  for (const result of await world.check(options)) expect(result.error).toBeNull()
  return (await world.findings())
    .filter((f) => f.state !== 'resolved')
    .map((f) => `${f.platform} ${f.cause} ${sureOf(f.evidence)}`)
    .sort()
}

/** The ERP changed its terms this morning, and the CRM did not follow. */
async function behind(...checks: Check[]): Promise<CheckWorld> {
  const world = begin(...(checks.length ? checks : [agree]))
  await world.put(customer('erp', 'net_30'), customer('crm', 'net_30'))
  await world.put(customer('erp', 'net_60', { changed_at: CHANGED }))
  world.read()
  return world
}
const sent = { type: 'sent', at: '2026-11-20T08:00:05Z', correlation_id: 'c1' }
const acknowledged = { type: 'acknowledged', at: '2026-11-20T08:00:09Z', correlation_id: 'c1' }
const applied = { type: 'applied', at: '2026-11-20T08:00:12Z', correlation_id: 'c1' }

describe('a field that did not follow', () => {
  it('was never sent, for sure only where the bus tells of its deliveries', async () => {
    const world = await behind()
    expect(await found(world)).toEqual(['crm never_sent likely'])
    await logs(world)
    expect(await found(world)).toEqual(['crm never_sent certain'])
    expect(await found(world, { full: true })).toEqual(['crm never_sent certain'])
    const [f] = await world.findings()
    expect(f!.evidence.find((e) => e.for === 'cause')!.disproved_by).toMatch(/delivery/)
  })

  it('was sent and not acknowledged; then acknowledged; each event is seen by the next incremental run', async () => {
    const world = await behind()
    await logs(world)
    await tell(world, sent)
    expect(await found(world)).toEqual(['crm not_acknowledged certain'])
    await tell(world, acknowledged)
    expect(await found(world)).toEqual(['crm not_applied certain'])
    expect(await found(world, { full: true })).toEqual(['crm not_applied certain'])
  })

  it('was refused, in the words of the platform that did', async () => {
    const world = await behind()
    await tell(world, sent, { ...acknowledged, type: 'rejected', message: 'field is read only' })
    expect(await found(world)).toEqual(['crm not_applied certain'])
    expect((await world.findings())[0]!.evidence.some((e) => e.says.includes('field is read only'))).toBe(true)
  })

  it('was applied, and then overwritten by whom the record names', async () => {
    const world = await behind()
    await tell(world, sent, acknowledged, applied)
    await world.put(customer('crm', 'net_90', { changed_at: '2026-11-20T09:00:00Z', changed_by: 'k.albers' }))
    world.read()
    expect(await found(world)).toEqual(['crm overwritten certain'])
    expect((await world.findings())[0]!.evidence.some((e) => e.says.includes('k.albers'))).toBe(true)
  })

  it('was overtaken by an older change, whatever the order in which the events are told', async () => {
    const world = await behind()
    await tell(world, applied, { ...sent, correlation_id: 'c0', at: '2026-11-20T07:00:00Z' })
    await tell(world, { ...applied, correlation_id: 'c0', at: '2026-11-20T08:30:00Z' }, sent, acknowledged)
    expect(await found(world)).toEqual(['crm stale_event certain'])
  })

  it('is found by its business number where ids are not told', async () => {
    const check = checkFile('amount', 'kind: agree\nof: order\nfields: [amount]')
    const world = begin(check)
    const order = { kind: 'order', state: 'booked', number: 'SO-7', currency: 'EUR', changed_at: LONG_AGO }
    await world.put(
      { ...order, platform: 'erp', record_id: 'o1', amount: '100.00' },
      { ...order, platform: 'crm', record_id: 'o2', amount: '100.00', refs: { erp: 'o1' } },
    )
    await world.put({ ...order, platform: 'erp', record_id: 'o1', amount: '150.00', changed_at: CHANGED })
    world.read()
    expect(await found(world)).toEqual(['crm never_sent likely'])
    await tell(world, { ...sent, kind: 'order', record_id: null, number: 'SO-7' })
    expect(await found(world)).toEqual(['crm not_acknowledged certain'])
  })

  it('events of one thread belong together, also where only one of them names the record', async () => {
    const world = await behind()
    await tell(world, sent, { ...acknowledged, record_id: null })
    expect(await found(world)).toEqual(['crm not_applied certain'])
  })

  it('an event that is told again is kept once, and moves nothing', async () => {
    const world = await behind()
    expect(await tell(world, sent)).toEqual({ stored: 1, known: 0 })
    await found(world)
    expect(await tell(world, sent, sent)).toEqual({ stored: 0, known: 2 })
    const [again] = await world.check()
    expect(again!.candidates).toBe(0)
  })
})

describe('a record that is missing', () => {
  const alone = async () => {
    const world = begin(exist)
    await world.put(customer('erp', 'net_30', { changed_at: CHANGED }), customer('crm', 'net_30'))
    await world.put({ ...customer('billing', 'net_30'), record_id: 'other', refs: {}, state: 'lead', name: 'Zeta' })
    world.read()
    return world
  }

  it('was never sent, not acknowledged, or not applied, by what the bus told', async () => {
    const world = await alone()
    expect(await found(world)).toContain('billing never_sent likely')
    await logs(world, { to_platform: 'billing' })
    expect(await found(world)).toContain('billing never_sent certain')
    await tell(world, { ...sent, to_platform: 'billing' })
    expect(await found(world)).toContain('billing not_acknowledged certain')
    await tell(world, { ...acknowledged, to_platform: 'billing' })
    expect(await found(world)).toContain('billing not_applied certain')
  })

  it('was deleted, and by whom', async () => {
    const world = begin(exist)
    await world.put(customer('erp', 'net_30'), customer('crm', 'net_30'))
    await world.put(customer('crm', 'net_30', { deleted: true, changed_at: CHANGED, changed_by: 'k.albers' }))
    world.read()
    expect(await found(world)).toEqual(['crm deleted certain'])
    expect((await world.findings())[0]!.evidence.some((e) => e.says.includes('k.albers'))).toBe(true)
  })

  it('is an orphan because a person made it where nobody may', async () => {
    const world = begin(exist)
    await world.put(customer('erp', 'net_30'), customer('crm', 'net_30'))
    await world.put({
      ...customer('billing', 'net_30', { changed_by: 'k.albers', name: 'Solo' }),
      refs: {},
    })
    world.read()
    expect(await found(world)).toContain('billing non_owner_write certain')
  })
})

describe('what had to follow and did not', () => {
  it('was never sent, or sent and not acknowledged', async () => {
    const world = begin(service)
    const active = { platform: 'billing', state: 'active', customer: 'b1', changed_at: CHANGED }
    await world.put(
      { platform: 'billing', kind: 'customer', record_id: 'b1', state: 'customer', name: 'Nordwind' },
      { ...active, kind: 'subscription', record_id: 's1' },
      { ...active, kind: 'entitlement', record_id: 'n1', subscription: 's1' },
      { platform: 'support', kind: 'entitlement', record_id: 'e9', state: 'expired', subscription: 'billing:s9' },
    )
    world.read()
    expect(await found(world)).toEqual(['support never_sent likely'])
    const told = { kind: 'entitlement', record_id: 'n1', from_platform: 'billing', to_platform: 'support' }
    await tell(world, { ...sent, ...told })
    expect(await found(world)).toEqual(['support not_acknowledged certain'])
    await tell(world, { ...acknowledged, ...told })
    expect(await found(world)).toEqual(['support not_applied certain'])
  })
})

describe('what happened to the platforms', () => {
  const down = (type: string, at: string, platform: string) => ({
    type,
    at,
    from_platform: null,
    to_platform: platform,
    kind: null,
    record_id: null,
  })
  const told = async (world: CheckWorld) =>
    (await world.findings()).flatMap((f) => f.evidence.filter((e) => e.for === 'cause').map((e) => e.says))

  it('is evidence of a change that met an outage, seen by the next incremental run, and by a full one alike', async () => {
    const world = await behind()
    expect(await found(world)).toEqual(['crm never_sent likely'])
    await tell(world, down('outage_began', '2026-11-20T07:30:00Z', 'crm'))
    expect(await found(world)).toEqual(['crm never_sent likely'])
    expect((await told(world)).join()).toMatch(/crm was down from 2026-11-20T07:30:00.000Z, and the change/i)
    const step = await told(world)
    await found(world, { full: true })
    expect(await told(world)).toEqual(step)
    // It was over before the change: told late, and taken back all the same.
    await tell(world, down('outage_ended', '2026-11-20T07:45:00Z', 'crm'))
    await found(world)
    expect((await told(world)).join()).not.toMatch(/was down/)
  })

  it('explains a record that never came', async () => {
    const world = begin(exist)
    await world.put(customer('erp', 'net_30', { changed_at: CHANGED, created_at: CHANGED }))
    await world.put(customer('crm', 'net_30', { record_id: 'crm-9', refs: {}, name: 'Zeta', state: 'lead' }))
    world.read()
    await tell(world, sent, down('outage_began', '2026-11-20T08:00:00Z', 'bus'))
    expect(await found(world)).toContain('crm not_acknowledged certain')
    expect((await told(world)).join()).toMatch(/bus was down from/i)
  })
})

describe('an issue over two wrong followers', () => {
  it('carries both, and a filter by either finds it', async () => {
    const world = begin(agree)
    await world.put(customer('erp', 'net_30'), customer('crm', 'net_30'), customer('billing', 'net_30'))
    await world.put(customer('erp', 'net_60', { changed_at: CHANGED }))
    world.read()
    expect(await found(world)).toEqual(['billing never_sent likely', 'crm never_sent likely'])
    const page = (key: 'platform' | 'pair', ...values: string[]) =>
      issuePage(world.ctx.facts, { terms: [{ key, values, not: false }], sort: 'attention', after: null, limit: 10 })
    for (const [key, value] of [
      ['platform', 'crm'],
      ['platform', 'billing'],
      ['pair', 'erp>billing'],
    ] as const)
      expect((await page(key, value)).issues.map((i) => i.platforms)).toEqual([['billing', 'crm']])
    expect((await page('platform', 'support')).total).toBe(0)
  })
})
