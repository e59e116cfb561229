/** Codes without an entry: how many records wait, what they most likely mean, what the entry would do, and what means two things. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { kindOf, KINDS } from '../model/kinds.ts'
import { conflicting, proposals, snippet, waiting, wilson } from '../server/check/codes.ts'
import { mappedCodes, unmappedFindings, waitingCodes } from '../server/store/facts/codes.ts'
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

const customer = kindOf('customer')
const agree = checkFile('agree', 'kind: agree\nof: customer\nfields: [payment_terms]')

function begin(): CheckWorld {
  return checkWorld({
    facts: facts.facts,
    control: control.control,
    platforms: { crm: { role: 'crm' }, erp: { role: 'erp' }, billing: { role: 'billing' } },
    checks: [agree],
  })
}

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i)
const record = (platform: string, n: number, terms: string) => ({
  platform,
  kind: 'customer',
  record_id: `${platform}-${n}`,
  entity: `c${n}`,
  state: 'customer',
  payment_terms: terms,
  changed_at: '2026-11-01T08:00:00Z',
})

/** 20 customers whose CRM says `Z030`; the ERP says net_30 for 18 of them, net_60 for one, and does not know one. */
async function waitingWorld() {
  const world = begin()
  await world.place(...numbers(20).map((n) => record('crm', n, 'Z030')))
  await world.place(...numbers(19).map((n) => record('erp', n, n === 18 ? 'net_60' : 'net_30')))
  world.read()
  return world
}

describe('a code that waits', () => {
  it('counts the records and learns its meaning from the owner, with support, doubt and counter-examples', async () => {
    const { ctx } = await waitingWorld()
    const groups = await waitingCodes(ctx.facts, customer)
    expect(waiting(groups)).toMatchObject([
      { platform: 'crm', kind: 'customer', field: 'payment_terms', code: 'Z030', records: 20 },
    ])
    const [p] = proposals(groups, ctx.landscape)
    expect(p).toMatchObject({
      value: 'net_30',
      support: 18,
      against: 1,
      silent: 1,
      others: [{ value: 'net_60', support: 1 }],
      counter_examples: [{ entity_id: 'c18', platform: 'erp', value: 'net_60' }],
      effect: { vanish: 19, appear: 1 },
    })
    expect(p!.confidence).toBe(wilson(18, 19))
    expect([wilson(0, 0), wilson(1, 1) < 0.25, wilson(18, 19) > 0.75, wilson(500, 500) > 0.99]).toEqual([
      0,
      true,
      true,
      true,
    ])
  })

  it('has the effect that was foretold once the entry is made', async () => {
    const world = await waitingWorld()
    await world.check()
    const before = (await world.findings()).filter((f) => f.state === 'open')
    expect(before.map((f) => f.verdict)).toEqual(Array(20).fill('unmapped'))
    expect(await unmappedFindings(facts.facts)).toEqual([
      { platform: 'crm', kind: 'customer', field: 'payment_terms', code: 'Z030', n: 20 },
    ])
    const [p] = proposals(await waitingCodes(facts.facts, customer), world.ctx.landscape)
    // What a re-read under the new entry brings.
    await world.place(...numbers(20).map((n) => record('crm', n, p!.value!)))
    await world.check()
    const after = (await world.findings()).filter((f) => f.state === 'open')
    expect(before.length - after.length).toBe(p!.effect.vanish)
    expect(after.map((f) => [f.entity_id, f.verdict])).toEqual(
      p!.effect.appear_on.map(({ entity_id }) => [entity_id, 'drift']),
    )
  })

  it('has no proposal where nobody else says anything, and never one that the field does not know', async () => {
    const { ctx, place } = begin()
    await place(
      record('crm', 1, 'QQ'),
      { ...record('crm', 2, 'net_30'), state: 'dormant' },
      { ...record('erp', 2, 'net_30') },
    )
    const found = proposals(await waitingCodes(ctx.facts, customer), ctx.landscape)
    expect(found.find((p) => p.field === 'payment_terms')).toMatchObject({
      value: null,
      support: 0,
      silent: 1,
      effect: { vanish: 0 },
    })
    expect(found.find((p) => p.field === 'state')).toMatchObject({ code: 'dormant', value: 'customer', sure: false })
  })

  it('is looked for in every kind, whatever its columns are called', async () => {
    const { ctx, place } = begin()
    await place({
      platform: 'crm',
      kind: 'product',
      record_id: 'p',
      entity: 'p',
      code: 'A-1',
      state: 'on sale',
      changed_at: '2026-11-01T08:00:00Z',
    })
    const found = (await Promise.all(KINDS.map((kind) => waitingCodes(ctx.facts, kind)))).flat()
    expect(found).toMatchObject([{ kind: 'product', field: 'state', code: 'on sale', records: 1 }])
    expect(
      (
        await Promise.all(
          KINDS.map((kind) =>
            mappedCodes(
              ctx.facts,
              kind,
              kind.fields.map((f) => f.name),
            ),
          ),
        )
      ).flat(),
    ).toEqual([])
  })

  it('gives the lines to copy, under the map that is used or with a new one', () => {
    const p = { platform: 'crm', kind: 'customer', field: 'payment_terms', code: 'Z: 30', value: 'net_30' }
    expect(snippet(p, 'terms')).toBe('reference_maps:\n  terms:\n    entries:\n      crm:\n        "Z: 30": net_30\n')
    expect(snippet(p, null)).toContain(
      'platforms:\n  crm:\n    maps: { customer.payment_terms: customer_payment_terms }\n',
    )
  })
})

describe('a code that means two things', () => {
  it('is shown with what it means where, by its entry and as learned', async () => {
    const { ctx, place } = begin()
    // As written → what the entry makes of it: the record keeps both.
    await place(...numbers(30).map((n) => record('erp', n, 'net_60')))
    await place(...['billing', 'crm'].flatMap((p) => numbers(30).map((n) => record(p, n, 'NET 45'))))
    const mapped = await mappedCodes(ctx.facts, customer, ['payment_terms'])
    expect(mapped.find((g) => g.platform === 'crm')).toMatchObject({ code: 'NET 45', value: 'net_45', records: 30 })
    expect(conflicting(mapped, [], ctx.landscape)).toMatchObject([
      {
        field: 'payment_terms',
        code: 'NET 45',
        means: [
          { platform: 'billing', value: 'net_45', by: 'entry', records: 30 },
          { platform: 'billing', value: 'net_60', by: 'learned', records: 30 },
          { platform: 'crm', value: 'net_45', by: 'entry', records: 30 },
          { platform: 'crm', value: 'net_60', by: 'learned', records: 30 },
        ],
      },
    ])
  })

  it('is none where all agree', async () => {
    const { ctx, place } = begin()
    await place(...numbers(30).flatMap((n) => [record('erp', n, 'net_45'), record('crm', n, 'NET 45')]))
    expect(conflicting(await mappedCodes(ctx.facts, customer, ['payment_terms']), [], ctx.landscape)).toEqual([])
  })
})
