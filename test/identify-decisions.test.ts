import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { decide, undo } from '../server/identify/decide.ts'
import { identify } from '../server/identify/identify.ts'
import { entityAt } from '../server/identify/history.ts'
import { openControl } from '../server/store/control/sqlite.ts'
import { linkHistory } from '../server/store/facts/links.ts'
import { openFacts } from '../server/store/facts/open.ts'
import type { Facts } from '../server/store/facts/facts.ts'
import { checkWorld, forget, type CheckWorld } from './world/check-world.ts'

let dir: string
let facts: Facts
let world: CheckWorld
let n = 0

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'plumbline-decisions-'))
  facts = await openFacts({ path: join(dir, 'facts'), database: 'plumbline' })
})
afterAll(async () => {
  await facts.close()
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(async () => {
  await forget(facts)
  world = checkWorld({
    facts,
    control: openControl(join(dir, `control-${n++}.sqlite`)),
    platforms: { crm: { role: 'crm' }, erp: { role: 'erp' }, billing: { role: 'billing' } },
    checks: [],
  })
})

const customer = (platform: string, record_id: string, more: Record<string, unknown>) => ({
  platform,
  kind: 'customer',
  record_id,
  created_at: '2026-01-01T00:00:00Z',
  changed_at: '2026-11-01T00:00:00Z',
  ...more,
})

/** Record → entity, as the current rows say. */
async function entities(): Promise<Record<string, string>> {
  const rows = await facts.query<{ name: string; entity_id: string }>(
    `select concat(platform, ':', record_id) as name, entity_id from plumbline.current_customer final order by name`,
  )
  return Object.fromEntries(rows.map((r) => [r.name, r.entity_id]))
}

const joined = (found: Record<string, string>, a: string, b: string) => found[a] === found[b]

async function company() {
  await world.put(
    customer('crm', 'S1', { name: 'Kranich', tax_id: 'DE136695976' }),
    customer('erp', 'N1', { name: 'Kranich GmbH', tax_id: 'DE136695976' }),
    customer('billing', 'B1', { name: 'Kranich Systeme' }),
  )
}

const merge = {
  kind: 'customer',
  action: 'merge',
  groups: [['crm:S1', 'billing:B1']],
  reason: 'One company, says its invoice.',
  actor: 'ada',
} as const

describe('decisions about identity', () => {
  it('merge two entities, and give back every id when taken back', async () => {
    await company()
    const before = await entities()
    expect(joined(before, 'crm:S1', 'billing:B1')).toBe(false)
    const decision = await decide(world.ctx, merge)
    const merged = await entities()
    expect(new Set(Object.values(merged)).size).toBe(1)
    expect(merged['crm:S1']).toBe(before['crm:S1'])
    await undo(world.ctx, decision.id, { reason: 'Two companies after all.', actor: 'ada' })
    expect(await entities()).toEqual(before)
    expect(world.ctx.control.auditEntries(0, 10).map((e) => e.action)).toEqual(['identity.merge', 'identity.undo'])
  })

  it('split an entity that a tax id joined; later versions do not join it again, and undoing gives the ids back', async () => {
    await company()
    const before = await entities()
    const decision = await decide(world.ctx, {
      kind: 'customer',
      action: 'cut',
      groups: [['erp:N1'], ['crm:S1']],
      reason: 'The tax id was typed into the wrong account.',
      actor: 'ada',
    })
    const cut = await entities()
    expect(joined(cut, 'crm:S1', 'erp:N1')).toBe(false)
    await world.put(customer('erp', 'N1', { name: 'Kranich AG', tax_id: 'DE136695976' }))
    expect(await entities()).toEqual(cut)
    const conflicts = await facts.query<{ key: string; reason: string }>(
      `select key, reason from plumbline.identity_conflicts final where state = 'open'`,
    )
    expect(conflicts).toHaveLength(1)
    expect(conflicts[0]!.key).toMatch(/^decided:/)
    expect(conflicts[0]!.reason).toContain(`decision ${decision.id} keeps them apart`)
    await undo(world.ctx, decision.id, { reason: 'It was right.', actor: 'ada' })
    expect(await entities()).toEqual(before)
  })

  it('let the newer of two contradicting decisions count', async () => {
    await company()
    const apart = {
      kind: 'customer',
      action: 'reject',
      groups: [['crm:S1'], ['billing:B1']],
      reason: 'Two companies.',
      actor: 'ada',
    } as const
    await decide(world.ctx, merge)
    await decide(world.ctx, apart)
    expect(joined(await entities(), 'crm:S1', 'billing:B1')).toBe(false)
    await decide(world.ctx, merge)
    expect(joined(await entities(), 'crm:S1', 'billing:B1')).toBe(true)
  })

  it('refuse records that nobody knows, and a second undoing', async () => {
    await company()
    await expect(decide(world.ctx, { ...merge, groups: [['crm:S1', 'crm:nobody']] })).rejects.toThrow(/crm:nobody/)
    const { id } = await decide(world.ctx, merge)
    await undo(world.ctx, id, { reason: 'No, two.', actor: 'ada' })
    await expect(undo(world.ctx, id, { reason: 'No, two.', actor: 'ada' })).rejects.toThrow(/taken back already/)
  })

  it('tell who was one customer at an instant, as known then and as known now', async () => {
    await company()
    const first = await entities()
    const known = world.clock.now()
    await world.clock.turn(86_400_000)
    await decide(world.ctx, merge)
    const names = async (asOf: number, knownAt: number) =>
      (await entityAt(world.ctx.facts, 'customer', first['crm:S1']!, { asOf, knownAt })).records.map(
        (r) => `${r.platform}:${r.record_id}`,
      )
    // A person's word is true of the past as well, but was not known then.
    expect(await names(known, known)).toEqual(['crm:S1', 'erp:N1'])
    expect(await names(known, world.clock.now())).toEqual(['billing:B1', 'crm:S1', 'erp:N1'])
    // Nothing existed before it was created.
    expect(await names(Date.parse('2025-06-01T00:00:00Z'), world.clock.now())).toEqual([])
    const history = await linkHistory(facts, 'customer', 'billing', 'B1')
    expect(history.map((l) => l.rule)).toEqual(['alone', 'decided'])
  })

  it('joins by evidence only from when the evidence held', async () => {
    await world.put(
      customer('crm', 'S1', { name: 'Kranich' }),
      customer('erp', 'N1', { name: 'Kranich', tax_id: 'DE136695976' }),
    )
    await world.clock.turn(86_400_000)
    await world.put(
      customer('crm', 'S1', { name: 'Kranich', tax_id: 'DE136695976', changed_at: '2026-11-20T18:00:00Z' }),
    )
    await identify(world.ctx)
    const entity = (await entities())['crm:S1']!
    const size = async (asOf: string) =>
      (await entityAt(world.ctx.facts, 'customer', entity, { asOf: Date.parse(asOf), knownAt: world.clock.now() }))
        .records.length
    expect(await size('2026-11-20T19:00:00Z')).toBe(2)
    expect(await size('2026-11-20T17:00:00Z')).toBe(1)
  })
})
