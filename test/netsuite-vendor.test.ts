/** NetSuite: what the connector asks for, against the record reference and the permissions that the vendor publishes. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { config } from '../connectors/netsuite/config.ts'
import { mapRow } from '../connectors/netsuite/mapping.ts'
import { SHIPPED } from '../connectors/netsuite/records.ts'
import { recordsOf } from '../connectors/netsuite/spec.ts'
import { asked } from '../connectors/netsuite/suiteql.ts'

const ZONE = 'America/Los_Angeles'
const KEYS = { consumer_key: 'a', consumer_secret: 'b', token_id: 'c', token_secret: 'd' }
const specs = (extra: object = {}) =>
  recordsOf(config.parse({ account: '1234567', auth: { flow: 'token', ...KEYS }, ...extra })).specs
const everything = { records: Object.fromEntries(Object.keys(SHIPPED).map((name) => [name, {}])) }
const row = (value: unknown) => ({ id: null, value, raw: '' })

const DATA = new URL('../../shared/vendor-data/netsuite/', import.meta.url)

describe.runIf(existsSync(DATA))('against what the vendor publishes', () => {
  interface Published {
    fields: { internalId: string }[]
    searchColumns: { internalId: string }[]
  }
  const { records } = JSON.parse(gunzipSync(readFileSync(new URL('suitescript-records.json.gz', DATA))).toString()) as {
    records: Record<string, Published>
  }
  // Columns of the query tables that the record reference names otherwise, or that tables have beside the record.
  const TABLE_ONLY = new Set([
    'id',
    'type',
    'opportunity',
    'foreigntotal',
    'foreignamountunpaid',
    'closedate',
    'entity',
    'lastmodifiedby',
    'createdfrom',
    'subsidiary',
    'oncredithold',
    'altname',
    'employee',
    'expectedclosedate',
    'defaultbillingaddress',
    'defaultshippingaddress',
    'projectedtotal',
    'lastmodifieddate',
    'createddate',
  ])

  it('asks records only for columns that they have', () => {
    const checked: string[] = []
    for (const s of specs(everything)) {
      const published = records[s.name]
      if (!published || (published.fields.length === 0 && published.searchColumns.length === 0)) continue
      checked.push(s.name)
      const names = new Set([...published.fields, ...published.searchColumns].map((f) => f.internalId?.toLowerCase()))
      const own = Object.values(asked(s, new Set()).columns).flatMap((e) =>
        [...e.matchAll(new RegExp(`\\b${s.alias}\\.(\\w+)`, 'g'))].map((m) => m[1]!),
      )
      expect(
        own.filter((c) => !names.has(c) && !TABLE_ONLY.has(c)),
        s.name,
      ).toEqual([])
    }
    expect(checked).toEqual([
      'customer',
      'contact',
      'salesorder',
      'invoice',
      'customerpayment',
      'creditmemo',
      'item',
      'estimate',
      'opportunity',
      'supportcase',
      'subscription',
    ])
  })

  it('maps a row with every published column of every record type, losing none that it holds', () => {
    for (const s of specs(everything)) {
      const columns = Object.keys(asked(s, new Set()).columns)
      const value: Record<string, unknown> = Object.fromEntries(columns.map((c) => [c, `${c}!`]))
      Object.assign(value, {
        id: '9007199254740993',
        lastmodified: '2026-11-20 10:00:00',
        created: '2026-11-20 10:00:00',
        tax: '1',
        applied: ['9007199254740995'],
        foreigntotal: '9007199254740993.01',
      })
      const record = mapRow(s, row(value), ZONE)
      expect(record.record_id).toBe('9007199254740993')
      expect(Object.keys(record.fields).sort(), s.name).toEqual(Object.keys(s.fields).sort())
      if ('amount' in record.fields && s.companions?.includes('tax'))
        expect(record.fields['amount']).toBe('9007199254740992.01')
      if (s.companions?.includes('applied')) expect(record.fields['invoice']).toBe('9007199254740995')
    }
  })

  it('names permissions that exist', () => {
    const published = readFileSync(new URL('permissions.json', DATA), 'utf8')
    const readme = readFileSync(new URL('../connectors/netsuite/README.md', import.meta.url), 'utf8')
    const named = [...readme.matchAll(/`((?:ADMI|LIST|TRAN|REPO)_[A-Z0-9_]+)`/g)].map((m) => m[1]!)
    expect(named.length).toBeGreaterThan(8)
    expect(named.filter((id) => !published.includes(`"${id}"`))).toEqual([])
  })
})
