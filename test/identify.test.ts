import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { kindOf } from '../model/kinds.ts'
import { KEYED } from '../model/fields.ts'
import type { CanonicalRecord } from '../model/record.ts'
import type { Context } from '../server/context.ts'
import { configSchema } from '../server/config/schema.ts'
import { identify } from '../server/identify/identify.ts'
import { createLog } from '../server/log.ts'
import { openControl } from '../server/store/control/sqlite.ts'
import { openFacts } from '../server/store/facts/open.ts'
import type { Facts } from '../server/store/facts/facts.ts'
import type { ControlStore } from '../server/store/control/control.ts'
import { appendVersions } from '../server/store/facts/versions.ts'
import { handClock } from './world/clock.ts'

const clock = handClock()
let dir: string
let facts: Facts
let control: ControlStore
let ctx: Context
let hash = 1n

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'plumbline-identify-'))
  facts = await openFacts({ path: join(dir, 'facts'), database: 'plumbline' })
})

afterAll(async () => {
  await facts.close()
  rmSync(dir, { recursive: true, force: true })
})

beforeEach(async () => {
  const tables = await facts.query<{ name: string }>(
    `select name from system.tables where database = 'plumbline' and name != 'migrations' and engine like '%MergeTree'`,
  )
  for (const { name } of tables) await facts.command(`truncate table plumbline.${name}`)
  control = openControl(join(dir, `control-${hash++}.sqlite`))
  const platform = (name: string, role: string) => ({
    name,
    title: name,
    role,
    scope: {},
    timezone: 'UTC',
    connector: 'files',
  })
  const landscape = { platforms: [platform('sf', 'crm'), platform('ns', 'erp'), platform('stripe', 'billing')] }
  ctx = {
    config: configSchema.parse({}) as Context['config'],
    landscape: landscape as unknown as Context['landscape'],
    connectors: new Map(),
    checks: [],
    facts,
    control,
    clock,
    log: createLog({ clock, level: 'error' }),
    signal: new AbortController().signal,
  }
})

/** A canonical record as a stream would store it; keys are the values in lower case. */
function record(
  kind: string,
  platform: string,
  record_id: string,
  values: Record<string, string>,
  more: Partial<CanonicalRecord> = {},
): CanonicalRecord {
  const fields = kindOf(kind).fields
  const keys = Object.fromEntries(
    Object.entries(values)
      .filter(([f]) => KEYED.has(fields.find((x) => x.name === f)!.type))
      .map(([f, v]) => [f, v.toLowerCase()]),
  )
  return {
    platform,
    kind,
    record_id,
    status: null,
    refs: {},
    created_at: null,
    changed_at: '2026-11-01T00:00:00.000Z',
    stamp: 'ms',
    deleted: false,
    merged_into: null,
    changed_by: null,
    correlation_id: null,
    values,
    keys,
    raw: {},
    held: fields.map((f) => f.name),
    empty: [],
    unmapped: [],
    invalid: {},
    custom: {},
    version_hash: String(hash++),
    ...more,
  }
}

const store = (kind: string, records: CanonicalRecord[]) =>
  appendVersions(facts, control, kind, kind, records, clock.now())

async function entities(kind: string): Promise<Record<string, { entity: string; customer: string }>> {
  const rows = await facts.query<{ name: string; entity_id: string; customer_entity_id: string }>(
    `select concat(platform, ':', record_id) as name, entity_id, customer_entity_id from plumbline.current_${kind} final order by name`,
  )
  return Object.fromEntries(rows.map((r) => [r.name, { entity: r.entity_id, customer: r.customer_entity_id }]))
}

describe('the identify stage', () => {
  it('gives records of one customer one entity and resolves what belongs to it', async () => {
    await store('customer', [
      record('customer', 'sf', 'S1', { name: 'Acme', tax_id: 'DE111' }),
      record('customer', 'ns', 'N1', { name: 'ACME', tax_id: 'DE111' }),
      record('customer', 'stripe', 'C1', { name: 'Acme' }, { refs: { crm: 'S1' } }),
      record('customer', 'sf', 'S2', { name: 'Other' }),
    ])
    await store('order', [
      record('order', 'sf', 'O1', { number: '17', customer: 'S1', amount: '100', currency: 'EUR' }),
      record('order', 'ns', 'E1', { number: '17', customer: 'N1', amount: '100', currency: 'EUR' }),
    ])
    await store('subscription', [record('subscription', 'stripe', 'B1', { customer: 'C1' })])
    await store('payment', [record('payment', 'ns', 'P1', { invoice: 'I1', amount: '5', currency: 'EUR' })])
    await store('invoice', [
      record('invoice', 'ns', 'I1', { customer: 'N1', number: 'R1', total: '5', currency: 'EUR' }),
    ])
    await identify(ctx)
    const customers = await entities('customer')
    expect(customers['sf:S1']!.entity).toMatch(/^customer_[0-9a-f]{20}$/)
    expect(customers['ns:N1']).toEqual(customers['sf:S1'])
    expect(customers['stripe:C1']).toEqual(customers['sf:S1'])
    expect(customers['sf:S2']!.entity).not.toBe(customers['sf:S1']!.entity)
    const orders = await entities('order')
    expect(orders['sf:O1']).toEqual(orders['ns:E1'])
    expect(orders['sf:O1']!.customer).toBe(customers['sf:S1']!.entity)
    expect((await entities('subscription'))['stripe:B1']!.customer).toBe(customers['sf:S1']!.entity)
    // The payment names no customer; its invoice does.
    expect((await entities('payment'))['ns:P1']!.customer).toBe(customers['sf:S1']!.entity)
  })

  it('takes ids of another platform, plain or named, where the platform keeps no such records', async () => {
    await store('customer', [
      record('customer', 'sf', 'S1', { name: 'Acme' }),
      record('customer', 'ns', 'N1', { name: 'Beta' }),
      record('customer', 'ns', 'S1x', { name: 'Gamma' }),
    ])
    await store('tenant', [
      record('tenant', 'stripe', 'T1', { customer: 'S1' }),
      record('tenant', 'stripe', 'T2', { customer: 'ns:N1' }),
      record('tenant', 'stripe', 'T3', { customer: 'nobody' }),
    ])
    await identify(ctx)
    const customers = await entities('customer')
    const tenants = await entities('tenant')
    expect(tenants['stripe:T1']!.customer).toBe(customers['sf:S1']!.entity)
    expect(tenants['stripe:T2']!.customer).toBe(customers['ns:N1']!.entity)
    expect(tenants['stripe:T3']!.customer).toBe('')
  })

  it('moves what belongs to a customer when two customers turn out to be one, and touches both', async () => {
    await store('customer', [
      record('customer', 'sf', 'S1', { name: 'Acme' }),
      record('customer', 'ns', 'N1', { name: 'Acme 2' }),
    ])
    await store('order', [record('order', 'ns', 'E1', { number: '1', customer: 'N1' })])
    await identify(ctx)
    const before = await entities('customer')
    const revBefore =
      control.get('x') ??
      (await facts.query<{ r: string }>('select toString(max(rev)) as r from plumbline.touched'))[0]!.r
    await store('customer', [record('customer', 'ns', 'N1', { name: 'Acme 2' }, { refs: { crm: 'S1' } })])
    await identify(ctx)
    const after = await entities('customer')
    expect(Object.keys(after)).toHaveLength(2)
    expect(after['ns:N1']).toEqual(after['sf:S1'])
    expect([before['sf:S1']!.entity, before['ns:N1']!.entity]).toContain(after['sf:S1']!.entity)
    expect((await entities('order'))['ns:E1']!.customer).toBe(after['sf:S1']!.entity)
    const touched = await facts.query<{ eid: string }>(
      `select distinct toString(eid) as eid from plumbline.touched where rev > {r:UInt64} and kind = 'customer'`,
      { r: revBefore },
    )
    expect(touched).toHaveLength(2)
  })

  it('gives lines of a document their document and customer, also with references both ways', async () => {
    await store('customer', [record('customer', 'sf', 'S1', { name: 'Acme' })])
    await store('order', [record('order', 'sf', 'O1', { number: '17', customer: 'S1' })])
    await store('line', [
      record('line', 'sf', 'L1', { document: 'O1', document_kind: 'order', amount: '5' }, { refs: { erp: 'M1' } }),
      record('line', 'ns', 'M1', { document: 'sf:O1', document_kind: 'order', amount: '5' }, { refs: { crm: 'L1' } }),
    ])
    await identify(ctx)
    const lines = await entities('line')
    expect(lines['sf:L1']).toEqual(lines['ns:M1'])
    expect(lines['sf:L1']!.customer).toBe((await entities('customer'))['sf:S1']!.entity)
  })

  it('resolves a reference that arrives before what it points to', async () => {
    await store('order', [record('order', 'ns', 'E1', { number: '1', customer: 'N1' })])
    await identify(ctx)
    expect((await entities('order'))['ns:E1']!.customer).toBe('')
    await store('customer', [record('customer', 'ns', 'N1', { name: 'Late' })])
    await identify(ctx)
    expect((await entities('order'))['ns:E1']!.customer).toBe((await entities('customer'))['ns:N1']!.entity)
  })

  it('takes a document and all that hangs on it along to another customer', async () => {
    await store('customer', [
      record('customer', 'ns', 'N1', { name: 'First', tax_id: 'DE1' }),
      record('customer', 'ns', 'N2', { name: 'Second', tax_id: 'DE2' }),
    ])
    await store('order', [record('order', 'ns', 'E1', { number: '1' })])
    await store('invoice', [record('invoice', 'ns', 'I1', { number: 'R1', order: 'E1' })])
    await store('payment', [record('payment', 'ns', 'P1', { invoice: 'I1', amount: '5' })])
    await identify(ctx)
    expect((await entities('payment'))['ns:P1']!.customer).toBe('')
    for (const customer of ['N1', 'N2']) {
      await store('order', [record('order', 'ns', 'E1', { number: '1', customer })])
      await identify(ctx)
      const { entity } = (await entities('customer'))[`ns:${customer}`]!
      expect((await entities('invoice'))['ns:I1']!.customer).toBe(entity)
      expect((await entities('payment'))['ns:P1']!.customer).toBe(entity)
    }
    expect((await identify(ctx)).projected).toBe(0)
  })

  it('writes nothing when nothing moved, and finds the same whether records come at once or one by one', async () => {
    const records = Array.from({ length: 60 }, (_, n) =>
      record('customer', ['sf', 'ns', 'stripe'][n % 3]!, `R${n}`, {
        name: `C${n}`,
        ...(n % 4 ? { tax_id: `DE${Math.floor(n / 6)}` } : {}),
        domain: `d${Math.floor(n / 5)}.test`,
      }),
    )
    await store('customer', records)
    await identify(ctx)
    expect((await identify(ctx)).projected).toBe(0)
    const atOnce = partition(await entities('customer'))
    for (const { name } of await facts.query<{ name: string }>(
      `select name from system.tables where database = 'plumbline' and name != 'migrations' and engine like '%MergeTree'`,
    ))
      await facts.command(`truncate table plumbline.${name}`)
    ctx.control = openControl(join(dir, `control-${hash++}.sqlite`))
    control = ctx.control
    for (let n = 0; n < records.length; n += 7) {
      await store('customer', records.slice(n, n + 7))
      await identify(ctx)
    }
    expect(partition(await entities('customer'))).toEqual(atOnce)
  })

  it('looks into records again only when they say something else about themselves', async () => {
    const customer = (platform: string, id: string, tax_id: string, phone: string) =>
      record('customer', platform, id, { name: 'A', tax_id, phone, domain: `${id}.test`.toLowerCase() })
    await store('customer', [
      customer('sf', 'S1', 'DE1', '1'),
      customer('ns', 'N1', 'DE1', '1'),
      customer('ns', 'N9', 'DE9', '1'),
    ])
    await identify(ctx)
    // A node is kept anew whenever its record was looked into.
    const looked = async () =>
      Number(
        (
          await facts.query<{ rev: string }>(
            `select max(rev) as rev from plumbline.identity_nodes where record_id = 'S1'`,
          )
        )[0]!.rev,
      )
    const phone = async () =>
      (
        await facts.query<{ phone: string }>(
          `select phone from plumbline.current_customer final where record_id = 'S1'`,
        )
      )[0]
    const touched = async () =>
      (
        await facts.query<{ n: string }>(
          `select count() as n from plumbline.touched where rev = (select max(rev) from plumbline.touched)`,
        )
      )[0]
    const before = await entities('customer')
    const first = await looked()

    await store('customer', [customer('sf', 'S1', 'DE1', '2')])
    expect(await identify(ctx)).toMatchObject({ records: 1, projected: 1, linksChanged: 0 })
    expect(await looked()).toBe(first)
    expect(await phone()).toEqual({ phone: '2' })
    expect(await touched()).toEqual({ n: '1' })
    expect(await entities('customer')).toEqual(before)

    await store('customer', [customer('sf', 'S1', 'DE9', '3')])
    await identify(ctx)
    const second = await looked()
    expect(second).toBeGreaterThan(first)
    expect(partition(await entities('customer'))).toEqual([['ns:N1'], ['ns:N9', 'sf:S1']])

    // Other keys make all that was kept worthless.
    ctx = {
      ...ctx,
      config: configSchema.parse({ identity: { customer: { keys: [['domain']] } } }) as Context['config'],
    }
    await store('customer', [customer('sf', 'S1', 'DE9', '4')])
    await identify(ctx)
    expect(await looked()).toBeGreaterThan(second)
    expect(partition(await entities('customer'))).toEqual([['ns:N1'], ['ns:N9'], ['sf:S1']])
  })

  it('ends the same after changes of all sorts, whether it looks after each or once', async () => {
    const seeds = Array.from({ length: 8 }, (_, round) =>
      Array.from({ length: 12 }, (_, n) => {
        const id = (n * 7 + round * 5) % 30
        const draw = (salt: number) => (id * 31 + (round % 3) * 17 + salt * 13) % 7
        return record('customer', ['sf', 'ns', 'stripe'][id % 3]!, `R${id}`, {
          name: `C${id}`,
          phone: String(round),
          ...(draw(1) > 2 ? { tax_id: `DE${draw(1)}` } : {}),
          ...(draw(2) > 1 ? { domain: `d${draw(2)}.test` } : {}),
        })
      }),
    )
    for (const batch of seeds) {
      await store('customer', batch)
      await identify(ctx)
    }
    const state = async () => ({
      together: partition(await entities('customer')),
      rows: await facts.query(
        'select platform, record_id, phone, tax_id, domain from plumbline.current_customer final order by platform, record_id',
      ),
    })
    const each = await state()
    for (const { name } of await facts.query<{ name: string }>(
      `select name from system.tables where database = 'plumbline' and name != 'migrations' and engine like '%MergeTree'`,
    ))
      await facts.command(`truncate table plumbline.${name}`)
    ctx.control = openControl(join(dir, `control-${hash++}.sqlite`))
    control = ctx.control
    for (const batch of seeds) await store('customer', batch)
    await identify(ctx)
    expect(each).toEqual(await state())
    expect(each.together.length).toBeGreaterThan(3)
  })

  it('keeps contradictions for a person and closes them when the records agree again', async () => {
    await store('customer', [
      record('customer', 'sf', 'S1', { name: 'A' }, { refs: { billing: 'B' } }),
      record('customer', 'stripe', 'B', { name: 'A' }, { refs: { crm: 'S1' } }),
      record('customer', 'ns', 'N1', { name: 'A' }, { refs: { crm: 'S1', billing: 'C' } }),
      record('customer', 'stripe', 'C', { name: 'A' }),
    ])
    await identify(ctx)
    const open = () =>
      facts.query<{ reason: string }>(`select reason from plumbline.identity_conflicts final where state = 'open'`)
    expect(await open()).toHaveLength(1)
    await store('customer', [record('customer', 'ns', 'N1', { name: 'A' }, { refs: { crm: 'S1', billing: 'B' } })])
    await identify(ctx)
    expect(await open()).toHaveLength(0)
    expect(new Set(Object.values(await entities('customer')).map((e) => e.entity)).size).toBe(2)
  })
})

function partition(entities: Record<string, { entity: string }>): string[][] {
  const by = new Map<string, string[]>()
  for (const [name, { entity }] of Object.entries(entities)) by.set(entity, [...(by.get(entity) ?? []), name])
  return [...by.values()].map((g) => g.sort()).sort((a, b) => (a[0]! < b[0]! ? -1 : 1))
}
