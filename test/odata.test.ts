/** OData's shared parts: texts and keys in addresses, both versions' pages and refusals, descriptions; and reading by key, which must advance and end. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { HttpReply, Page } from '../connectors/contract.ts'
import { numberOf } from '../connectors/entity-actions.ts'
import type { KeyPage } from '../connectors/key-order.ts'
import { allByKey, changesByKey, someByKey } from '../connectors/key-order.ts'
import {
  afterPlace,
  allOf,
  anyOf,
  describedSets,
  etagOf,
  keyPath,
  pageOf,
  quoted,
  reasonOf,
} from '../connectors/odata.ts'
import { odataFilter } from '../lab/odata-filter.ts'

const reply = (body: unknown, status = 200): HttpReply => ({
  status,
  headers: { date: 'Fri, 20 Nov 2026 12:00:00 GMT' },
  text: JSON.stringify(body),
  json: () => body,
})

describe('texts and keys', () => {
  it('double quotes, and stand in an address without breaking it', () => {
    expect(quoted("O'Neill")).toBe("'O''Neill'")
    expect(keyPath([['A', quoted('x/y (1)')]])).toBe("('x%2Fy%20%281%29')")
    expect(
      keyPath([
        ['A', quoted('1')],
        ['B', '2'],
      ]),
    ).toBe("(A='1',B=2)")
    expect(allOf(null, 'a eq 1', false, undefined, 'b eq 2')).toBe('a eq 1 and b eq 2')
    expect([allOf(null), anyOf('A', []), anyOf('A', ['1']), anyOf('A', ['1', '2'])]).toEqual([
      undefined,
      null,
      "A eq '1'",
      "(A eq '1' or A eq '2')",
    ])
  })
  it('go on behind a place of several parts exactly where it was left', () => {
    const rows = ['a', 'b', 'c'].flatMap((A) => [1, 2, 10].flatMap((B) => ["x'y", 'z'].map((C) => ({ A, B, C }))))
    for (const [n, { A, B, C }] of rows.entries()) {
      const filter = odataFilter(
        afterPlace([
          ['A', quoted(A)],
          ['B', String(B)],
          ['C', quoted(C)],
        ]),
      )
      expect(rows.filter((row) => filter((name) => row[name as 'A']))).toEqual(rows.slice(n + 1))
    }
  })
  it('numbers keep their digits or are refused', () => {
    expect(['0012.50', '-3', '0'].map(numberOf)).toEqual([12.5, -3, 0])
    expect(() => numberOf('12345678901234567.89')).toThrow(/digits/)
  })
})

describe('answers of both versions', () => {
  it('are pages with their next address and count', () => {
    const old = { d: { results: [1], __next: 'https://x/2', __count: '7' } }
    expect(pageOf(reply(old), 'SAP', 'A')).toEqual({ entities: [1], next: 'https://x/2', count: 7 })
    expect(pageOf(reply({ value: [], '@odata.count': 0 }), 'FO', 'B')).toEqual({ entities: [], next: null, count: 0 })
    expect(() => pageOf(reply({ d: {} }), 'SAP', 'A')).toThrow('SAP’s answer for A is no list.')
    expect([etagOf({ __metadata: { etag: 'W/"1"' } }), etagOf({ '@odata.etag': 'W/"2"' }), etagOf({})]).toEqual([
      'W/"1"',
      'W/"2"',
      null,
    ])
  })
  it('are refusals in the platform’s own words', () => {
    expect(
      reasonOf(reply({ error: { code: 'R11/110', message: { lang: 'en', value: 'No\n such  party' } } }, 400)),
    ).toBe('No such party [R11/110]')
    expect(reasonOf(reply({ error: { code: '', message: 'Denied' } }, 403))).toBe('Denied')
    const page = {
      ...reply(null, 502),
      json: () => {
        throw new Error('not JSON')
      },
    }
    expect(reasonOf(page)).toBe('status 502')
  })
  const EDMX = new URL('../../shared/vendor-data/sap-s4hana/edmx/API_SALES_ORDER_SRV.edmx', import.meta.url)
  it.runIf(existsSync(EDMX))('describe their sets, as a vendor does it', () => {
    const sets = describedSets(readFileSync(EDMX, 'utf8'))
    const order = sets.get('A_SalesOrder')!
    expect(['SalesOrder', 'LastChangeDateTime', 'to_Item'].every((name) => order.has(name))).toBe(true)
    expect(order.has('Material')).toBe(false)
    expect(sets.get('A_SalesOrderItem')!.has('Material')).toBe(true)
  })
})

describe('reading by key', () => {
  const ctx = { clock: { now: () => Date.parse('2026-11-20T12:00:00Z') } }
  const page = (keys: string[], more: boolean): KeyPage => ({
    reply: reply({}),
    rows: keys.map((id) => ({ id, value: {}, raw: '{}' })),
    last: keys.at(-1) ?? null,
    more,
  })
  const all = async (pages: AsyncIterable<Page>) => {
    const found: Page[] = []
    for await (const one of pages) found.push(one)
    return found
  }
  const list = ['a', 'b', 'c', 'd', 'e']
  const ask = (after: string | null) => {
    const rest = list.filter((key) => after === null || key > after)
    return Promise.resolve(page(rest.slice(0, 2), rest.length > 2))
  }

  it('hands out a place after each page, and begins the next run where this one began', async () => {
    const asked: (number | null)[] = []
    const read = (cursor: Parameters<typeof changesByKey>[1]) =>
      all(changesByKey(ctx, cursor, (since, after) => (asked.push(since), ask(after)), { lagMs: 60_000 }))
    const pages = await read(null)
    expect(pages.map((p) => p.rows.map((r) => r.id))).toEqual([['a', 'b'], ['c', 'd'], ['e']])
    expect((await read(pages[0]!.cursor!)).flatMap((p) => p.rows.map((r) => r.id))).toEqual(['c', 'd', 'e'])
    const end = pages.at(-1)!
    expect(end.completeThrough).toBe(ctx.clock.now() - 60_000)
    asked.length = 0
    await read(end.cursor!)
    expect(asked[0]).toBe(ctx.clock.now() - 60_000)
  })
  it('ends an enumeration with its last page, resumes it, and reads a range', async () => {
    const how = { lagMs: 0 }
    const pages = await all(allByKey(ctx, null, (_, after) => ask(after), how))
    expect(pages.map((p) => p.last ?? false)).toEqual([false, false, true])
    const rest = await all(allByKey(ctx, pages[1]!.cursor!, (_, after) => ask(after), how))
    expect(rest.flatMap((p) => p.rows.map((r) => r.id))).toEqual(['e'])
    const range = await all(someByKey({ key: 'c' }, ask))
    expect(range.flatMap((p) => p.rows.map((r) => r.id))).toEqual(['d', 'e'])
  })
  it('stops where the platform gives the same key twice, or none', async () => {
    const stuck = allByKey(ctx, null, () => Promise.resolve(page(['a'], true)), { lagMs: 0 })
    await expect(all(stuck)).rejects.toMatchObject({ code: 'schema' })
    const none = allByKey(ctx, null, () => Promise.resolve({ ...page(['a'], true), last: null }), { lagMs: 0 })
    await expect(all(none)).rejects.toMatchObject({ code: 'schema' })
  })
})
