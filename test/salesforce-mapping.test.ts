/** Salesforce: its rows in canonical words, its errors in closed codes, its queries and settings. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseExact } from '../connectors/exact-json.ts'
import connector from '../connectors/salesforce/connector.ts'
import { config } from '../connectors/salesforce/config.ts'
import { errors } from '../connectors/salesforce/dialect.ts'
import { mapRow } from '../connectors/salesforce/mapping.ts'
import { objectsOf } from '../connectors/salesforce/objects.ts'
import type { ObjectSpec } from '../connectors/salesforce/objects.ts'
import { changedAfter, id18, instant, select, text } from '../connectors/salesforce/soql.ts'
import salesforce from '../lab/platforms/salesforce.ts'
import { parseSoql } from '../lab/platforms/salesforce/soql.ts'
import { hasKind, kindOf } from '../model/kinds.ts'

const BASE = {
  instance_url: 'https://acme.my.salesforce.com',
  auth: { flow: 'client_credentials', client_id: 'c', client_secret: 's' },
}
const specs = (extra: object = {}) => objectsOf(config.parse({ ...BASE, ...extra })).specs
const spec = (object: string, extra: object = {}): ObjectSpec => specs(extra).find((s) => s.object === object)!
const row = (value: unknown) => ({ id: null, value, raw: '' })
const refusal = (work: () => unknown) => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('rows', () => {
  const { records } = parseExact(
    readFileSync(new URL('../connectors/salesforce/fixtures/accounts.json', import.meta.url), 'utf8'),
  ) as { records: unknown[] }
  const account = spec('Account', {
    objects: {
      Account: {
        fields: { credit_limit: 'Credit_Limit__c', health_score: 'Open_Exposure__c', tax_id: 'VAT__c' },
        refs: { netsuite: 'NetSuite_Id__c' },
      },
    },
  })

  it('keeps digits, splits the street, and leaves hidden columns absent', () => {
    const record = mapRow(account, row(records[0]), {})
    expect(record).toMatchObject({
      record_id: '001Hp00002PlumbAAC',
      status: 'Customer - Direct',
      refs: { netsuite: '9007199254740993' },
      created_at: '2024-02-29T23:59:59Z',
      changed_at: '2026-11-19T08:15:02Z',
      changed_by: 'erp-sync@nordwind.example',
      deleted: false,
      fields: {
        'bill_to.line1': 'Speicherstraße 7',
        'bill_to.line2': 'Aufgang B, c/o Hafenkontor',
        'bill_to.region': '',
        owner: 'Ines Okafor',
        parent: null,
        credit_limit: '1250000.1',
        health_score: '12345678901234567.89',
        currency: 'EUR',
      },
    })
    expect(record.fields).not.toHaveProperty('tax_id')
    expect(record.fields).not.toHaveProperty('ship_to.city')
  })

  it('names the survivor of a merge, and takes an empty relationship as empty', () => {
    const record = mapRow(account, row(records[1]), {})
    expect(record).toMatchObject({
      deleted: true,
      merged_into: '001Hp00002PlumbAAC',
      refs: { netsuite: null },
      fields: { owner: null },
    })
    expect(record).not.toHaveProperty('changed_by')
  })

  it('refuses what is no value, naming the field', () => {
    expect(refusal(() => mapRow(account, row(records[2]), {}))).toMatchObject({ name: 'MappingError', field: 'name' })
    expect(refusal(() => mapRow(account, row({ Name: 'No id' }), {}))).toMatchObject({ field: 'Id' })
    expect(refusal(() => mapRow(account, row([]), {}))).toMatchObject({ field: 'row' })
    expect(refusal(() => mapRow(account, row({ Id: '001Hp00002PlumbAAC', SystemModstamp: 'soon' }), {}))).toMatchObject(
      { field: 'SystemModstamp' },
    )
  })

  it('takes the configured currency only where the org has no currency field', () => {
    const one = { Id: '006Hp00002PlumbAAC', Amount: 10 }
    expect(mapRow(spec('Opportunity'), row(one), { currency: 'JPY' }).fields).toMatchObject({
      amount: '10',
      currency: 'JPY',
    })
    expect(
      mapRow(spec('Opportunity'), row({ ...one, CurrencyIsoCode: 'KWD' }), { currency: 'JPY' }).fields,
    ).toMatchObject({ currency: 'KWD' })
  })

  it('knows from Salesforce itself whether a deal is won, whatever its stage is called', () => {
    const deal = (IsClosed: boolean, IsWon: boolean) =>
      mapRow(spec('Opportunity'), row({ Id: '006Hp00002PlumbAAC', StageName: 'Gewonnen!', IsClosed, IsWon }), {})
    expect([deal(false, false), deal(true, true), deal(true, false)].map((r) => r.fields['state'])).toEqual([
      'open',
      'won',
      'lost',
    ])
    expect(deal(true, true).status).toBe('Gewonnen!')
    expect(
      mapRow(spec('Opportunity'), row({ Id: '006Hp00002PlumbAAC', StageName: 'x' }), {}).fields,
    ).not.toHaveProperty('state')
  })

  it('brings ids of 15 characters to the long form', () => {
    expect(id18('001D000000IqhSL')).toBe('001D000000IqhSLIAZ')
    expect(id18('001D000000IqhSLIAZ')).toBe('001D000000IqhSLIAZ')
    expect(mapRow(spec('Contact'), row({ Id: '003D000000QV9n2', AccountId: '001D000000IqhSL' }), {})).toMatchObject({
      record_id: '003D000000QV9n2IAD',
      fields: { customer: '001D000000IqhSLIAZ' },
    })
  })
})

describe('configuration', () => {
  it('refuses what would reach a query as something else than a name', () => {
    for (const bad of ['Name FROM User', "x' OR 'a'='a", 'A.B.C.D.E.F', '1st'])
      expect(config.safeParse({ ...BASE, objects: { Account: { fields: { name: bad } } } }).success).toBe(false)
    expect(config.safeParse({ ...BASE, objects: { 'Account; x': {} } }).success).toBe(false)
    expect(config.safeParse({ ...BASE, surprise: 1 }).success).toBe(false)
    expect(config.safeParse({ ...BASE, objects: { Invoice__c: { kind: 'bill' } } }).success).toBe(false)
  })

  it('never prints a secret', () => {
    const parsed = config.parse({ ...BASE, auth: { ...BASE.auth, client_secret: 'hush-hush' } })
    expect(JSON.stringify(parsed)).not.toContain('hush-hush')
  })

  it('asks for the kind of an object that it does not know', async () => {
    const asked = connector.discover!({
      platform: 'crm',
      config: config.parse({ ...BASE, objects: { Bill__c: {} } }),
    } as never)
    await expect(asked).rejects.toMatchObject({ code: 'config', remedy: 'Add kind to config.objects.Bill__c.' })
  })

  it('holds only fields that the kind has', () => {
    for (const s of specs({
      objects: Object.fromEntries(['Asset', 'ServiceContract', 'QuoteLineItem'].map((o) => [o, {}])),
    })) {
      expect(hasKind(s.kind)).toBe(true)
      const known = new Set(kindOf(s.kind).fields.map((f) => f.name))
      expect(
        Object.keys(s.fields).filter((f) => !known.has(f)),
        s.object,
      ).toEqual([])
    }
  })
})

describe('queries', () => {
  it('writes text and instants so that they cannot be anything else', () => {
    expect(text("O'Neil \\ Söhne")).toBe("'O\\'Neil \\\\ Söhne'")
    expect(instant(Date.parse('2026-05-01T07:25:37Z'))).toBe('2026-05-01T07:25:37.000Z')
  })

  it('are understood by a parser of the language', () => {
    const window = { since: null, after: { stamp: 0, id: "00'1" }, began: 0, lagMs: 0 }
    const parsed = parseSoql(
      select(
        'Account',
        ['Id', 'Owner.Name'],
        ["Name != 'x' OR Name = null", changedAfter(window, null)],
        'ORDER BY SystemModstamp, Id',
      ),
    )
    expect(parsed).toMatchObject({
      select: ['Id', 'Owner.Name'],
      from: 'Account',
      order: [{ path: 'SystemModstamp' }, { path: 'Id' }],
    })
    const get = (stamp: string, id: string) => (path: string) => ({ SystemModstamp: stamp, Id: id, Name: null })[path]
    expect(parsed.where!(get('1970-01-01T00:00:00.000+0000', "00'2"))).toBe(true)
    expect(parsed.where!(get('1970-01-01T00:00:00.000+0000', "00'1"))).toBe(false)
    expect(parsed.where!(get('1970-01-01T00:00:01.000+0000', '000'))).toBe(true)
  })
})

describe('errors', () => {
  const reply = (status: number, body: unknown) => ({
    status,
    headers: {},
    text: JSON.stringify(body),
    json: () => body,
  })
  it.each([
    [403, 'REQUEST_LIMIT_EXCEEDED', 'rate_limited'],
    [401, 'INVALID_SESSION_ID', 'auth'],
    [403, 'INSUFFICIENT_ACCESS', 'auth'],
    [400, 'INVALID_FIELD', 'schema'],
    [400, 'UNABLE_TO_LOCK_ROW', 'upstream'],
    [400, 'QUERY_TIMEOUT', 'upstream'],
  ])('%i %s is %s', (status, errorCode, code) => {
    expect(errors(reply(status, [{ errorCode, message: 'why' }]))).toMatchObject({
      code,
      message: expect.stringContaining('why') as string,
    })
  })
  it('leaves other answers to their status', () => {
    expect(errors(reply(200, { records: [] }))).toBeUndefined()
    expect(errors(reply(500, { message: 'no code' }))).toBeUndefined()
    expect(
      errors({ status: 502, headers: {}, text: '<html>', json: () => JSON.parse('<html>') as unknown }),
    ).toBeUndefined()
  })
})

describe('the simulated org', () => {
  it('has ids that keep their order of making and carry their object', () => {
    const made = Array.from({ length: 100 }, (_, n) => salesforce.id('order', n))
    expect(new Set(made).size).toBe(100)
    expect([...made].sort()).toEqual(made)
    expect(made.every((id) => /^801[A-Za-z0-9]{15}$/.test(id))).toBe(true)
  })
})
