/** Sweeps, verification and the configured mapping: what is gone, what moved, and how rows are read. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openPlatform } from '../server/collect/platform.ts'
import { verify, verifySubject } from '../server/collect/verify.ts'
import type { ShelfWorld } from './world/shelf-world.ts'
import { minutesAgo, rows, shelfWorld } from './world/shelf-world.ts'

let on: ShelfWorld

beforeAll(async () => void (on = await shelfWorld()))
afterAll(() => on.end())
beforeEach(() => on.fresh())

describe('a sweep', () => {
  const settle = async () => {
    on.shelf.lists.set(
      'customers',
      rows(0, 200, (i) => minutesAgo(600 - i)),
    )
    await on.one()
    await on.world.clock.turn(3_600_000)
  }

  it('deletes what is gone, once, and publishes completeness', async () => {
    await settle()
    on.shelf.lists.set(
      'customers',
      on.shelf.lists.get('customers')!.filter((r) => r.id !== 'c00007'),
    )
    expect(await on.one('full')).toMatchObject({ deleted: 1, stored: 0 })
    expect((await on.latest()).get('c00007')).toMatchObject({ deleted: 1, name: 'Name 7' })
    expect(await on.one('full')).toMatchObject({ deleted: 0 })
    expect(on.stream()).toMatchObject({
      completeness: { theirs: 199, ours: 199 },
      sweepCursor: null,
      lastFullAt: expect.any(Number),
    })
  })

  it('goes on where it failed in the same process, and begins again after a restart', async () => {
    await settle()
    on.shelf.lists.set(
      'customers',
      on.shelf.lists.get('customers')!.filter((r) => r.id !== 'c00007' && r.id !== 'c00190'),
    )
    let pages = 0
    on.shelf.fault = () => (++pages > 2 ? { status: 400 } : undefined)
    expect(await on.one('full')).toMatchObject({ deleted: 0, error: { code: 'schema' } })
    on.shelf.fault = () => undefined
    on.platform.requests.length = 0
    expect(await on.one('full')).toMatchObject({ deleted: 2, error: null })
    expect(on.platform.requests[0]!.query.get('afterId')).toBe('c00100')
    on.shelf.lists.set(
      'customers',
      on.shelf.lists.get('customers')!.filter((r) => r.id !== 'c00003'),
    )
    on.ctx.control.commitStream(on.name, 'customers', {
      sweepCursor: { sweep: 'of a process that is no more', cursor: { stamp: on.world.clock.now(), id: 'z' } },
    })
    expect(await on.one('full')).toMatchObject({ read: 197, deleted: 1 })
  })

  it('asks for the few that seem gone one by one before it believes it', async () => {
    await settle()
    const hidden = on.shelf.lists.get('customers')!.find((r) => r.id === 'c00042')!
    on.shelf.fault = (r) => (r.path === '/customers/c00042' ? { json: hidden } : undefined)
    on.shelf.lists.set(
      'customers',
      on.shelf.lists.get('customers')!.filter((r) => r !== hidden),
    )
    expect(await on.one('full')).toMatchObject({ deleted: 0 })
  })

  it('deletes nothing when the platform answers an empty list by mistake', async () => {
    await settle()
    on.shelf.lists.set('customers', [])
    expect(await on.one('full')).toMatchObject({ deleted: 0, stopped: expect.stringContaining('listed nothing') })
    expect(on.stream().stopped).not.toBeNull()
    await settle()
    expect(await on.one('full')).toMatchObject({ stopped: null })
  })

  it('does not take a record for gone that was seen after the sweep began or within the platform’s lag', async () => {
    await settle()
    const list = on.shelf.lists.get('customers')!
    list.push({ id: 'new', at: on.world.clock.now(), name: 'New' })
    await on.one()
    on.shelf.fault = (r) => (r.path === '/customers/new' ? { status: 404 } : undefined)
    on.shelf.lists.set(
      'customers',
      list.filter((r) => r.id !== 'new'),
    )
    expect(await on.one('full')).toMatchObject({ deleted: 0 })
  })
})

describe('verification', () => {
  it('reads one record again and says whether it moved', async () => {
    const list = rows(0, 3, () => minutesAgo(9))
    on.shelf.lists.set('customers', list)
    await on.one()
    const subject = (record_id: string) => ({ platform: on.name, kind: 'customer', record_id })
    list[1] = { ...list[1]!, at: on.world.clock.now(), name: 'Changed' }
    list.splice(2, 1)
    expect(await verify(on.ctx, subject('c00000'))).toBe('same')
    expect(await verify(on.ctx, { platform: on.name, kind: 'tenant', record_id: 'x' })).toBe('unable')
    expect(
      await verifySubject(on.ctx, [subject('c00000'), subject('c00001'), subject('c00001'), subject('c00002')]),
    ).toBe(2)
    expect((await on.latest()).get('c00001')!['name']).toBe('Changed')
    expect((await on.latest()).get('c00002')!['deleted']).toBe(1)
    on.shelf.fault = () => ({ status: 403 })
    expect(await verify(on.ctx, subject('c00000'))).toBe('unable')
  })
})

describe('the configured mapping', () => {
  it('adds, overrides, translates and leaves out', async () => {
    const mapping = {
      customer: {
        fields: {
          legal_name: 'Legal.Name',
          type: { value: 'direct' },
          currency: { from: 'cur', map: 'currencies' },
          domain: 'web',
        },
        custom: { tier: { from: 'tier', map: 'tiers' }, raw_tier: 'tier' },
        refs: { billing: 'stripeId' },
        cannot_hold: ['credit_limit'],
      },
    }
    const maps = {
      currencies: { entries: { '*': { E: 'EUR' }, crm: { D: 'USD' } } },
      tiers: { entries: { [on.name]: { '1': 'gold' } } },
    }
    on.ctx = on.context({ mapping }, { reference_maps: maps })
    on.shelf.lists.set('customers', [
      {
        id: 'c1',
        at: minutesAgo(5),
        name: 'A',
        Legal: { Name: 'A GmbH' },
        cur: 'd',
        tier: '1',
        stripeId: 'cus_1',
        domain: 'x.example',
        web: 'a.example',
        credit_limit: '5',
      },
      { id: 'c2', at: minutesAgo(5), name: 'B', cur: 'Z', tier: '9' },
    ])
    await on.one()
    const all = await on.latest()
    expect(all.get('c1')).toMatchObject({
      name: 'A',
      legal_name: 'A GmbH',
      type: 'direct',
      currency: 'USD',
      domain: 'a.example',
      custom: { tier: 'gold', raw_tier: '1' },
      refs: { billing: 'cus_1' },
      credit_limit: null,
    })
    expect(all.get('c2')).toMatchObject({
      legal_name: null,
      currency: 'Z',
      custom: { tier: '9' },
      unmapped: expect.not.stringMatching(/^0$/),
    })
    expect(on.stream().held).toEqual(['state', 'name', 'legal_name', 'domain', 'tax_id', 'type', 'currency'])
  })
})

it('shows the budget and the last calls of a platform, and no secret in any log line', async () => {
  on.shelf.lists.set(
    'customers',
    rows(0, 3, () => minutesAgo(9)),
  )
  await on.one()
  const { http } = openPlatform(on.ctx, on.name)
  expect(http.budget()).toMatchObject({ ours: 2, inFlight: 0 })
  expect(http.calls()[0]).toMatchObject({ method: 'GET', status: 200 })
  expect(on.world.log.join('')).not.toMatch(/Bearer|password/i)
})
