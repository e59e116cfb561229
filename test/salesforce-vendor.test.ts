/** Salesforce: what the connector asks for and understands, against what the vendor publishes. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { config } from '../connectors/salesforce/config.ts'
import { mapRow } from '../connectors/salesforce/mapping.ts'
import { objectsOf, pathsOf } from '../connectors/salesforce/objects.ts'
import { ALWAYS } from '../connectors/salesforce/soql.ts'

const BASE = {
  instance_url: 'https://acme.my.salesforce.com',
  auth: { flow: 'client_credentials', client_id: 'c', client_secret: 's' },
}
const specs = (extra: object = {}) => objectsOf(config.parse({ ...BASE, ...extra })).specs
const row = (value: unknown) => ({ id: null, value, raw: '' })

const DATA = new URL('../../shared/vendor-data/salesforce/', import.meta.url)

describe.runIf(existsSync(DATA))('against what the vendor publishes', () => {
  const objects = JSON.parse(readFileSync(new URL('sobject-fields/standard-sobjects.json', DATA), 'utf8')) as Record<
    string,
    Record<string, string> | { fields: Record<string, string> }
  >
  const published = (name: string) => {
    const found = objects[name] as Record<string, unknown> | undefined
    return found && new Set(Object.keys((found['fields'] as object | undefined) ?? found))
  }
  // Exist only with a feature switched on, or behind a relationship: asked for only where the org describes them.
  const OPTIONAL = new Set(['CurrencyIsoCode', 'QuoteId', 'OpportunityId', 'TotalTaxAmount'])
  const all = specs({ objects: { Asset: {}, ServiceContract: {}, QuoteLineItem: {} } })

  it('asks standard objects only for fields that they have', () => {
    const checked = all.filter((s) => published(s.object))
    expect(checked.map((s) => s.object)).toEqual([
      'Account',
      'Contact',
      'Opportunity',
      'Order',
      'OrderItem',
      'Contract',
      'Entitlement',
      'Case',
      'Product2',
      'Asset',
      'ServiceContract',
    ])
    for (const s of checked) {
      const paths = [...ALWAYS, ...Object.values(s.fields).flatMap(pathsOf), ...(s.status ? [s.status] : [])]
      const names = paths.map((p) => (p.includes('.') ? `${p.split('.')[0]}Id` : p)).filter((p) => !OPTIONAL.has(p))
      expect(
        names.filter((n) => !published(s.object)!.has(n)),
        s.object,
      ).toEqual([])
    }
  })

  it('maps a row with every published field of every object, losing none that it holds', () => {
    for (const s of all) {
      const names = published(s.object)
      if (!names) continue
      const value = Object.fromEntries(
        [...names].map((name) => [
          name,
          name.endsWith('Date') || name === 'SystemModstamp'
            ? '2026-11-20T10:00:00.000+0000'
            : name === 'Amount'
              ? '9007199254740993.01'
              : `${name}!`,
        ]),
      )
      const record = mapRow(s, row({ ...value, Owner: { Name: 'O' }, SlaProcess: { Name: 'Gold' } }), {})
      const held = Object.entries(s.fields).filter(([, source]) =>
        pathsOf(source).every((p) => p.includes('.') || names.has(p)),
      )
      expect(Object.keys(record.fields).sort(), s.object).toEqual(held.map(([name]) => name).sort())
      if (names.has('Amount')) expect(record.fields['amount']).toBe('9007199254740993.01')
    }
  })

  it('reads error codes that the vendor’s service description lists', () => {
    const wsdl = gunzipSync(readFileSync(new URL('soap/partner-wsdl.xml.gz', DATA))).toString()
    for (const code of [
      'REQUEST_LIMIT_EXCEEDED',
      'INVALID_SESSION_ID',
      'INSUFFICIENT_ACCESS',
      'INVALID_TYPE',
      'API_DISABLED_FOR_ORG',
      'UNABLE_TO_LOCK_ROW',
      'QUERY_TIMEOUT',
      'SERVER_UNAVAILABLE',
      'INVALID_FIELD',
      'MALFORMED_QUERY',
      'INVALID_QUERY_LOCATOR',
    ])
      expect(wsdl, code).toContain(`"${code}"`)
  })
})
