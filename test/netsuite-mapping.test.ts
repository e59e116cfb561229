/** NetSuite: its rows in canonical words, account time, settings, queries and errors. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { instantAt, nextSecond, wallClock, wallClockSince } from '../connectors/netsuite/account-time.ts'
import connector from '../connectors/netsuite/connector.ts'
import { baseOf, config } from '../connectors/netsuite/config.ts'
import { errors, unknownName } from '../connectors/netsuite/dialect.ts'
import { mapRow } from '../connectors/netsuite/mapping.ts'
import { SHIPPED } from '../connectors/netsuite/records.ts'
import { columnsOf } from '../connectors/netsuite/sources.ts'
import { recordsOf } from '../connectors/netsuite/spec.ts'
import { after, asked, select } from '../connectors/netsuite/suiteql.ts'
import { Parser } from '../lab/platforms/netsuite/suiteql.ts'
import { hasKind, kindOf } from '../model/kinds.ts'

const ZONE = 'America/Los_Angeles'
const KEYS = { consumer_key: 'a', consumer_secret: 'b', token_id: 'c', token_secret: 'd' }
const BASE = { account: '1234567_SB1', auth: { flow: 'token', ...KEYS } }
const specs = (extra: object = {}) => recordsOf(config.parse({ ...BASE, ...extra })).specs
const spec = (name: string, extra: object = {}) => specs(extra).find((s) => s.name === name)!
const everything = { records: Object.fromEntries(Object.keys(SHIPPED).map((name) => [name, {}])) }
const row = (value: unknown) => ({ id: null, value, raw: '' })

describe('rows', () => {
  const { items } = JSON.parse(
    readFileSync(new URL('../connectors/netsuite/fixtures/salesorders.json', import.meta.url), 'utf8'),
  ) as { items: Record<string, string>[] }
  const order = spec('salesorder', {
    records: { salesorder: { refs: { salesforce: 'externalid' }, marks: { custbody_on_hold: 'on hold' } } },
  })

  it('keeps all digits of ids and of amounts with three decimals', () => {
    expect(mapRow(order, row({ ...items[0], tax: '0.005' }), ZONE)).toEqual({
      record_id: '9007199254740993',
      status: 'SalesOrd:B (on hold)',
      refs: { salesforce: '801Hp00002PlumbAAC' },
      created_at: '2026-07-01T06:59:59Z',
      changed_at: '2026-11-01T08:30:00Z',
      changed_by: 'Integration, Storefront',
      fields: {
        customer: '4711',
        currency: 'KWD',
        number: 'SO-2291',
        amount: '1250.12',
        tax: '0.005',
        ordered_at: '2026-06-30',
        quote: '8120',
        legal_entity: 'Larkmoor Gulf',
      },
    })
  })

  it('leaves out what was not asked for, and never guesses the tax', () => {
    const { fields, status } = mapRow(order, row(items[1]), ZONE)
    expect(status).toBe('SalesOrd:A')
    expect(fields).toEqual({ customer: '4712', number: 'SO-2292' })
  })

  it('refuses what has no whole number as id, or no time that exists', () => {
    const refusal = (value: unknown) => {
      try {
        return mapRow(order, row(value), ZONE)
      } catch (error) {
        return error
      }
    }
    expect(refusal(items[2])).toMatchObject({ name: 'MappingError', field: 'id' })
    expect(refusal({ ...items[2], id: '7' })).toMatchObject({ field: 'lastmodified' })
    expect(refusal({ id: '7', tranid: ['x'] })).toMatchObject({ field: 'number' })
    expect(refusal(null)).toMatchObject({ field: 'row' })
  })

  it('turns the signs of lines into those of the document', () => {
    const line = (type: string) =>
      mapRow(
        spec('transactionline'),
        row({ id: '1', type, quantity: '-3', foreignamount: '-29.70', rate: '9.9' }),
        ZONE,
      ).fields
    expect(line('CustInvc')).toMatchObject({
      document_kind: 'invoice',
      quantity: '3',
      amount: '29.7',
      unit_price: '9.9',
    })
    expect(line('CustCred')).toMatchObject({ document_kind: 'credit', quantity: '-3', amount: '-29.70' })
  })

  it('does not take the top of a hierarchy for its own child, and reads check-boxes as yes and no', () => {
    const customer = (value: object) => mapRow(spec('customer'), row({ id: '5', ...value }), ZONE)
    expect(customer({ parent: '5' }).fields).toEqual({ parent: null })
    expect(customer({ parent: '4', oncredithold: 'T' }).fields).toEqual({ parent: '4', credit_hold: 'true' })
    expect(customer({ entitystatus: 'CUSTOMER-Closed Won', isinactive: 'T' }).status).toBe(
      'CUSTOMER-Closed Won (inactive)',
    )
  })
})

describe('account time', () => {
  it('reads wall clocks of the account, and refuses times that do not exist', () => {
    expect(instantAt('2026-07-01 00:00:00', ZONE)).toBe(Date.parse('2026-07-01T07:00:00Z'))
    expect(instantAt('2026-11-01 01:30:00', ZONE)).toBe(Date.parse('2026-11-01T08:30:00Z'))
    for (const bad of ['2026-02-30 00:00:00', '2026-07-01 24:00:00', '2026-7-1 0:00:00', '', null])
      expect(instantAt(bad, ZONE)).toBeNull()
  })

  it('reads a time that was shown twice as its second showing once that is over', () => {
    const [first, second] = [Date.parse('2026-11-01T08:30:00Z'), Date.parse('2026-11-01T09:30:00Z')]
    expect(instantAt('2026-11-01 01:30:00', ZONE, second - 1)).toBe(first)
    expect(instantAt('2026-11-01 01:30:00', ZONE, second)).toBe(second)
    expect(instantAt('2026-11-01 02:30:00', ZONE, second + 90_000_000)).toBe(Date.parse('2026-11-01T10:30:00Z'))
    expect(instantAt('2026-07-01 02:30:00', ZONE, second)).toBe(Date.parse('2026-07-01T09:30:00Z'))
  })

  it('goes an hour further back where the same hour was shown twice', () => {
    const [before, later] = [Date.parse('2026-11-01T08:55:00Z'), Date.parse('2026-11-01T09:10:00Z')]
    expect(wallClock(before, ZONE)).toBe('2026-11-01 01:55:00')
    expect(wallClockSince(before, later, ZONE)).toBe('2026-11-01 00:55:00')
    expect(wallClockSince(before, before + 60_000, ZONE)).toBe('2026-11-01 01:55:00')
    expect(wallClock(Date.parse('2026-11-01T08:59:59Z') + 1000, ZONE)).toBe('2026-11-01 01:00:00')
    expect(nextSecond('2026-11-01 01:59:59')).toBe('2026-11-01 02:00:00')
  })
})

describe('configuration', () => {
  it('refuses what would reach a query as something else than a name', () => {
    for (const bad of ['x; y', 'c.email', 'display(x', 'SUM(x)', "x' OR 1=1"])
      expect(config.safeParse({ ...BASE, records: { customer: { columns: { name: bad } } } }).success).toBe(false)
    expect(config.safeParse({ ...BASE, records: { 'customer c': {} } }).success).toBe(false)
    expect(config.safeParse({ ...BASE, account: '../x' }).success).toBe(false)
    expect(config.safeParse({ ...BASE, surprise: 1 }).success).toBe(false)
  })

  it('finds the host of a sandbox', () => {
    expect(baseOf({ account: '1234567_SB1' })).toBe('https://1234567-sb1.suitetalk.api.netsuite.com')
  })

  it('never prints a secret', () => {
    expect(JSON.stringify(config.parse({ ...BASE, auth: { ...BASE.auth, token_secret: 'hush-hush' } }))).not.toContain(
      'hush-hush',
    )
  })

  it('asks for the kind of a record type that it does not know', async () => {
    const found = connector.discover!({
      platform: 'erp',
      config: config.parse({ ...BASE, records: { customrecord_x: {} } }),
    } as never)
    await expect(found).rejects.toMatchObject({ code: 'config', remedy: 'Add kind to config.records.customrecord_x.' })
  })

  it('holds only fields that the kind has, and reads only columns that it asks for', () => {
    for (const s of specs(everything)) {
      expect(hasKind(s.kind)).toBe(true)
      const known = new Set(kindOf(s.kind).fields.map((f) => f.name))
      expect(
        Object.keys(s.fields).filter((f) => !known.has(f)),
        s.name,
      ).toEqual([])
      const columns = new Set([...Object.keys(asked(s, new Set()).columns), ...(s.companions ?? [])])
      const read = [
        ...Object.values(s.fields).flatMap(columnsOf),
        ...Object.keys(s.marks),
        ...(s.status ? [s.status.from] : []),
      ]
      expect(
        read.filter((c) => !columns.has(c)),
        s.name,
      ).toEqual([])
    }
  })

  it('takes the tax from a column where one is named', () => {
    const order = spec('salesorder', {
      tax_lines: false,
      records: { salesorder: { columns: { tax: 'custbody_tax' } } },
    })
    expect(order.companions).toEqual([])
    expect(mapRow(order, row({ id: '1', foreigntotal: '119', custbody_tax: '19' }), ZONE).fields).toEqual({
      amount: '100',
      tax: '19',
    })
  })
})

describe('queries', () => {
  it('are understood by a parser of the language', () => {
    const anything = { columns: { has: () => true } as never, rows: () => [] }
    for (const s of specs(everything)) {
      const q = select(
        asked(s, new Set()),
        [...(s.where ?? []), `(${after(s, '2026-11-20 10:00:00', '7')})`],
        [s.changed, s.id],
      )
      expect(() => new Parser(q, () => anything).query(), q).not.toThrow()
    }
  })

  it('drop a table that is not there with everything that hangs on it', () => {
    const { from, columns } = asked(spec('invoice'), new Set(['subsidiary', 'foreignamountunpaid']))
    expect(from).not.toContain('subsidiary')
    expect(from).toContain('JOIN transactionline m')
    expect(Object.keys(columns)).not.toContain('subsidiary')
    expect(Object.keys(columns)).not.toContain('foreignamountunpaid')
    expect(Object.keys(columns)).toContain('createdfrom')
  })
})

describe('errors', () => {
  const reply = (status: number, code: string, inner = status, detail = 'why') => {
    const body = { type: 't', title: 'T', status: inner, 'o:errorDetails': [{ detail, 'o:errorCode': code }] }
    return { status, headers: {}, text: JSON.stringify(body), json: () => body }
  }
  it.each([
    [429, 'CONCURRENCY_LIMIT_EXCEEDED', 'rate_limited'],
    [400, 'SSS_REQUEST_LIMIT_EXCEEDED', 'rate_limited'],
    [401, 'INVALID_LOGIN', 'auth'],
    [403, 'INSUFFICIENT_PERMISSION', 'auth'],
    [200, 'UNEXPECTED_ERROR', 'upstream'],
  ])('%i %s is %s', (status, word, code) => {
    expect(errors(reply(status, word))).toMatchObject({ code })
  })
  it('is a failure under status 200 too, by the status in the body', () => {
    expect(errors(reply(200, 'SOMETHING', 403))).toMatchObject({ code: 'auth' })
    expect(errors(reply(200, 'SOMETHING', 503))).toMatchObject({ code: 'upstream', retryable: true })
    expect(errors(reply(200, 'SOMETHING', 400))).toMatchObject({ code: 'schema' })
    expect(errors({ status: 200, headers: {}, text: '', json: () => ({ items: [] }) })).toBeUndefined()
  })
  it('names the column or table that the account lacks', () => {
    const name = (detail: string) => unknownName({ status: 400, code: 'INVALID_PARAMETER', title: '', detail })
    expect(name("Search error occurred: Unknown identifier 'VatRegNumber'. Available identifiers are: {c=c}")).toBe(
      'vatregnumber',
    )
    expect(name("Record 'subsidiary' was not found.")).toBe('subsidiary')
    expect(name('Invalid search type.')).toBeNull()
  })
})
