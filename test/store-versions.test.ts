/** Versions on both engines: what is appended, read back as heads and live keys, and how field history and hashes read it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kindOf } from '../model/kinds.ts'
import type { CanonicalRecord } from '../model/record.ts'
import { recordColumns } from '../server/store/facts/columns.ts'
import { groupFields, groupHashSql } from '../server/store/facts/current.ts'
import { fieldHistory, fieldKey } from '../server/store/facts/field-history.ts'
import type { Facts } from '../server/store/facts/facts.ts'
import { recordsExport } from '../server/store/facts/records-export.ts'
import { appendVersions, heads, lastSeq, liveCount, liveKeys } from '../server/store/facts/versions.ts'
import { numbered } from '../server/store/numbering.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, serverFactsWorld, type FactsWorld } from './world/facts.ts'
import { aRecord } from './world/records.ts'

const NOW = Date.parse('2026-11-20T12:00:00.000Z')

async function all<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
  const rows: T[] = []
  for await (const batch of batches) rows.push(...batch)
  return rows
}

describe.each([
  ['the embedded engine', () => factsWorld()],
  ['a ClickHouse server', () => serverFactsWorld()],
])('versions on %s', (_, make: () => Promise<FactsWorld>) => {
  let world: FactsWorld
  let control: ControlWorld
  let facts: Facts
  beforeAll(async () => {
    world = await make()
    facts = world.facts
    control = controlWorld()
  })
  afterAll(async () => {
    await world?.end()
    control?.end()
  })
  const append = (kind: string, records: CanonicalRecord[], at = NOW) =>
    appendVersions(facts, control.control, kind, 'all', records, at)

  test('a stored version reads back as it was, with masks, custom fields, references and amounts of every currency', async () => {
    await append('invoice', [
      aRecord(
        'invoice',
        'i-1',
        { total: '1.10', currency: 'EUR', number: 'RE-ü1', due_on: null },
        {
          refs: { billing: 'in_9' },
          custom: { branch: 'north', note: null },
          raw: { total: '1,10 €' },
          invalid: { tax: 'not a number' },
          held: ['tax', 'customer'],
          unmapped: ['state'],
          values: { total: '1.10', currency: 'EUR', number: 'RE-ü1', state: 'ZZ' },
          changed_at: '2026-11-19T08:00:00.123Z',
          version_hash: '18446744073709551615',
        },
      ),
      aRecord('invoice', 'i-2', { total: '100', currency: 'JPY' }),
      aRecord('invoice', 'i-3', { total: '0.125', currency: 'KWD' }),
      aRecord('invoice', 'i-4', { total: '99999999999999999999999999999.999999999', currency: 'EUR' }),
    ])
    const rows =
      await facts.query(`select record_id, total, currency, number, number_key, state, refs, custom, raw, invalid_reasons, changed_at, observed_at, stream,
      version_hash, bitCount(held) as held, bitCount(empty) as empty, bitCount(unmapped) as unmapped, bitCount(invalid) as invalid
      from plumbline.versions_invoice order by seq`)
    expect(rows[0]).toEqual({
      record_id: 'i-1',
      total: '1.1',
      currency: 'EUR',
      number: 'RE-ü1',
      number_key: 're-ü1',
      state: 'ZZ',
      refs: { billing: 'in_9' },
      custom: { branch: 'north', note: null },
      raw: { total: '1,10 €' },
      invalid_reasons: { tax: 'not a number' },
      changed_at: '2026-11-19T08:00:00.123Z',
      observed_at: '2026-11-20T12:00:00.000Z',
      stream: 'all',
      version_hash: '18446744073709551615',
      held: 6,
      empty: 1,
      unmapped: 1,
      invalid: 1,
    })
    expect(rows.slice(1).map((r) => r.total)).toEqual(['100', '0.125', '99999999999999999999999999999.999999999'])
  })

  test('a value that cannot be stored exactly makes its field unreadable and says why, instead of being cut', async () => {
    await append('invoice', [
      aRecord(
        'invoice',
        'long',
        { total: '0.0123456789', tax: '', amount_due: '1e5' },
        { values: { total: '0.0123456789', tax: '', amount_due: '1e5' } },
      ),
    ])
    const [row] =
      await facts.query(`select total, tax, amount_due, bitCount(invalid) as invalid, mapKeys(invalid_reasons) as fields
      from plumbline.versions_invoice where record_id = 'long'`)
    expect(row).toMatchObject({
      total: null,
      tax: null,
      amount_due: null,
      invalid: 3,
      fields: ['total', 'tax', 'amount_due'],
    })
  })

  test('numbers follow the order of storing, also for callers at the same time', async () => {
    const from = Number(await lastSeq(facts, 'product'))
    const appended = await Promise.all(
      ['a', 'b', 'c'].map((id) =>
        append(
          'product',
          Array.from({ length: 50 }, (_, i) => aRecord('product', `${id}-${i}`, { name: id })),
        ),
      ),
    )
    const spans = appended.map((a) => [a.from!, a.to!]).sort((a, b) => a[0]! - b[0]!)
    spans.forEach(([first, last], i) => {
      expect(last! - first!).toBe(49)
      if (i) expect(first!).toBeGreaterThan(spans[i - 1]![1]!)
    })
    const [row] = await facts.query<{ n: string }>(
      'select uniqExact(seq) as n from plumbline.versions_product where seq > {from:UInt64}',
      { from },
    )
    expect(row!.n).toBe('150')
    expect(await append('product', [])).toEqual({ count: 0, from: null, to: null })
  })

  test('a failed write leaves a gap, and the next one goes on', async () => {
    const failed = numbered(control.control, 'version', 5, async () => {
      await facts.insert('versions_product', [{ nonsense: 1 }])
    })
    await expect(failed).rejects.toMatchObject({ code: 'sql' })
    expect((await append('product', [aRecord('product', 'after', {})])).count).toBe(1)
  })

  test('heads are the latest version of each record asked for, and of no other platform', async () => {
    await append('contact', [
      aRecord('contact', 'k-1', { name: 'A' }, { version_hash: '11', changed_at: '2026-11-01T00:00:00.000Z' }),
      aRecord('contact', 'k-2', { name: 'B' }, { version_hash: '12' }),
      aRecord('contact', 'k-1', { name: 'C' }, { version_hash: '13', platform: 'erp' }),
    ])
    await append('contact', [
      aRecord('contact', 'k-1', { name: 'D' }, { version_hash: '9007199254740993', changed_at: null, deleted: true }),
    ])
    const found = await heads(facts, 'crm', 'contact', ['k-1', 'k-2', 'k-9', `it's`])
    expect(Object.fromEntries(found)).toEqual({
      'k-1': { versionHash: '9007199254740993', changedAt: null, deleted: true },
      'k-2': { versionHash: '12', changedAt: null, deleted: false },
    })
    expect((await heads(facts, 'erp', 'contact', ['k-1'])).get('k-1')?.versionHash).toBe('13')
    expect(
      (
        await heads(
          facts,
          'crm',
          'contact',
          Array.from({ length: 25_000 }, (_, i) => `k-${i}`),
        )
      ).size,
    ).toBe(2)
  })

  test('live keys leave out what was deleted and take in what came back', async () => {
    const put = (id: string, deleted: boolean) => append('tenant', [aRecord('tenant', id, {}, { deleted })])
    await put('t-1', false)
    await put('t-2', false)
    await put('t-2', true)
    await put('t-3', true)
    await put('t-3', false)
    expect((await all(liveKeys(facts, 'crm', 'tenant'))).sort()).toEqual(['t-1', 't-3'])
    expect(await liveCount(facts, 'crm', 'tenant')).toBe(2)
    expect(await liveCount(facts, 'erp', 'tenant')).toBe(0)
  })

  test('field history tells when a field last took another value, and who wrote it', async () => {
    const version = (
      name: string | null,
      changed_at: string | null,
      changed_by: string,
      segment = 'smb',
      observed = NOW,
    ) => append('customer', [aRecord('customer', 'h-1', { name, segment }, { changed_at, changed_by })], observed)
    await version('Acme', '2026-11-01T10:00:00.000Z', 'ann')
    await version('Acme', '2026-11-02T10:00:00.000Z', 'bob', 'mid')
    await version('ACME', '2026-11-03T10:00:00.000Z', 'cem', 'mid')
    await version('Acme Ltd', '2026-11-04T10:00:00.000Z', 'dan', 'mid')
    await version('Acme Ltd', null, 'eve', 'ent', NOW + 5000)
    await version(null, '2026-11-05T10:00:00.000Z', 'fay', 'ent', NOW + 6000)
    await append('customer', [
      aRecord('customer', 'h-2', { name: 'Other' }, { changed_at: '2026-10-01T00:00:00.000Z' }),
    ])
    const ask = (record_id: string, field: string) => ({ platform: 'crm', kind: 'customer', record_id, field })
    const found = await fieldHistory(facts, [
      ask('h-1', 'name'),
      ask('h-1', 'segment'),
      ask('h-1', 'domain'),
      ask('h-2', 'name'),
      ask('h-9', 'name'),
    ])
    // Emptied last; a change of spelling alone is no change, nor is a change of another field.
    expect(found.get(fieldKey(ask('h-1', 'name')))).toEqual({
      at: Date.parse('2026-11-05T10:00:00.000Z'),
      by: 'fay',
      observedAt: NOW + 6000,
      sinceFirst: false,
    })
    expect(found.get(fieldKey(ask('h-1', 'segment')))).toEqual({
      at: null,
      by: 'eve',
      observedAt: NOW + 5000,
      sinceFirst: false,
    })
    expect(found.get(fieldKey(ask('h-1', 'domain')))).toMatchObject({
      at: Date.parse('2026-11-01T10:00:00.000Z'),
      sinceFirst: true,
    })
    expect(found.get(fieldKey(ask('h-2', 'name')))).toMatchObject({
      at: Date.parse('2026-10-01T00:00:00.000Z'),
      by: null,
      sinceFirst: true,
    })
    expect(found.has(fieldKey(ask('h-9', 'name')))).toBe(false)
  })

  test('group hashes are equal exactly for equal states and comparison keys', async () => {
    const fields = groupFields(
      kindOf('invoice'),
      kindOf('invoice').fields.find((f) => f.name === 'total')!.group,
    ).filter((f) => f.type !== 'reference')
    const put = (id: string, given: Record<string, string | null>, over: Partial<CanonicalRecord> = {}) =>
      append('invoice', [aRecord('invoice', `g-${id}`, given, over)])
    const base = { total: '1.10', number: 'R1', currency: 'EUR' }
    await put('base', base, { held: ['due_on'] })
    await put('same', { total: '1.1000', number: 'r1', currency: 'EUR' }, { held: ['due_on'] })
    await put('other-value', { ...base, total: '1.11' }, { held: ['due_on'] })
    await put('empty-date', { ...base, due_on: null })
    await put('cannot-hold-date', base)
    await put('empty-text', { ...base, number: '' }, { held: ['due_on'] })
    await put('null-text', { total: '1.10', currency: 'EUR' }, { held: ['due_on', 'number'] })
    await put('unmapped', base, { held: ['due_on'], unmapped: ['currency'] })
    await put('invalid', base, { held: ['due_on'], invalid: { due_on: 'no date' } })
    await put('other-record-data', base, { held: ['due_on'], status: 'X', changed_by: 'somebody', deleted: true })
    const rows = await facts.query<{ id: string; hash: string }>(
      `select substring(v.record_id, 3) as id, ${groupHashSql(fields, 'v')} as hash from plumbline.versions_invoice as v where startsWith(record_id, 'g-')`,
    )
    const by = Object.fromEntries(rows.map((r) => [r.id, r.hash]))
    expect(by.same).toBe(by.base)
    expect(by['other-record-data']).toBe(by.base)
    const different = rows.filter((r) => !['same', 'other-record-data'].includes(r.id))
    expect(new Set(different.map((r) => r.hash)).size).toBe(different.length)
    expect(Object.values(by)).not.toContain(null)
  })

  test('the export has canonical names: groups with dots, references by platform, no key for what cannot be held', async () => {
    await append('customer', [
      aRecord(
        'customer',
        'x-1',
        { name: 'Bergmann GmbH', 'bill_to.country': 'DE', credit_limit: '9007199254740993.10', domain: null },
        {
          refs: { erp: '1000' },
          custom: { tier: 'gold' },
          held: ['email'],
          invalid: { email: 'no @' },
          version_hash: '42',
        },
      ),
    ])
    await facts.command(
      `insert into plumbline.current_customer (${recordColumns('customer').join(', ')}, entity_id, eid, rev)
       select ${recordColumns('customer').join(', ')}, 'E-1', cityHash64('E-1'), 1 from plumbline.versions_customer where record_id = 'x-1'`,
    )
    const rows = await all(recordsExport(facts, 'customer', { entityId: 'E-1' }))
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      platform: 'crm',
      kind: 'customer',
      record_id: 'x-1',
      entity_id: 'E-1',
      name: 'Bergmann GmbH',
      'bill_to.country': 'DE',
      credit_limit: '9007199254740993.1',
      domain: null,
      'refs.erp': '1000',
      'custom.tier': 'gold',
      invalid: { email: 'no @' },
      deleted: false,
      version_hash: '42',
    })
    for (const absent of ['email', 'phone', 'bill_to_country', 'held']) expect(rows[0]).not.toHaveProperty(absent)
  })
})
