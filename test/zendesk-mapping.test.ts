/** Zendesk's objects in canonical words: custom fields by configuration, and the examples of the vendor's specification. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { RawRow, Stream } from '../connectors/contract.ts'
import { MappingError } from '../connectors/contract.ts'
import { parseExact, rawText } from '../connectors/exact-json.ts'
import { configSchema } from '../connectors/zendesk/config.ts'
import type { ZendeskConfig } from '../connectors/zendesk/config.ts'
import connector from '../connectors/zendesk/connector.ts'
import { budget, errors } from '../connectors/zendesk/errors.ts'
import { entitlements } from '../connectors/zendesk/streams/entitlements.ts'
import { organizations } from '../connectors/zendesk/streams/organizations.ts'
import { tickets } from '../connectors/zendesk/streams/tickets.ts'
import { users } from '../connectors/zendesk/streams/users.ts'
import { configSchema as platformsSchema } from '../server/config/schema.ts'

const SPEC = new URL('../../shared/vendor-data/zendesk/openapi/zendesk-support-oas.yaml.gz', import.meta.url)

const settings = (more: Record<string, unknown> = {}): ZendeskConfig =>
  configSchema.parse({ subdomain: 'fixture', auth: { flow: 'api_token', email: 'a@b.example', token: 't' }, ...more })
const row = (value: unknown): RawRow => ({ id: null, value, raw: rawText(value) })
const map = (stream: Stream<ZendeskConfig>, value: unknown, more: Record<string, unknown> = {}) =>
  stream.map(row(value), { config: settings(more), platform: 'zendesk', timezone: 'UTC' })
const fixture = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../connectors/zendesk/fixtures/${name}.json`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >

describe('Zendesk’s objects', () => {
  it('an organization is a customer with its first domain, its fields and its ids elsewhere', () => {
    const organization = {
      external_id: 'salesforce',
      refs: { stripe: 'stripe_id' },
      fields: { segment: 'segment', credit_hold: 'on_hold', owner: 'removed_field' },
      custom: { regions: 'regions' },
    }
    expect(map(organizations, fixture('organization'), { organization })).toEqual({
      record_id: '360000900017',
      refs: { salesforce: '001FixtureNorthwnd', stripe: 'cus_FixtureNorthwind' },
      created_at: '2025-11-03T09:15:00Z',
      changed_at: '2026-02-11T16:40:12Z',
      fields: {
        name: 'Northwind Analytics',
        domain: 'northwind-analytics.example',
        segment: 'mid_market',
        credit_hold: false,
      },
      custom: { regions: 'emea, apac' },
    })
    expect(map(organizations, { ...fixture('organization'), domain_names: [] }).fields['domain']).toBeNull()
  })
  it('an end user is a contact of its organization, inactive when suspended', () => {
    expect(map(users, fixture('user'), { user: { fields: { role: 'function' } } })).toMatchObject({
      record_id: '370000900031',
      status: 'active',
      fields: { customer: '360000900017', role: 'billing', phone: null },
    })
    expect(map(users, { ...fixture('user'), suspended: true }).status).toBe('suspended')
    expect(() => map(users, { ...fixture('user'), role: 'agent' })).toThrow(/no contact/)
  })
  it('a ticket is a case; what Zendesk has no place for comes from ticket fields, a tag and metrics', () => {
    const more = {
      ticket: { fields: { sla_tier: '360010000099', escalated_at: '360010000119' } },
      escalation_tag: 'urgent_path',
      metrics: true,
    }
    expect(map(tickets, fixture('ticket'), more)).toMatchObject({
      record_id: '48213',
      status: 'hold',
      fields: {
        number: '48213',
        customer: '360000900017',
        priority: 'high',
        opened_at: '2026-02-10T07:01:02Z',
        sla_tier: 'gold',
        escalated_at: null,
        resolved_at: null,
        state: 'escalated',
      },
    })
    expect(map(tickets, { ...fixture('ticket'), status: 'solved' }, more).fields).not.toHaveProperty('state')
    expect(map(tickets, fixture('ticket')).fields).not.toHaveProperty('resolved_at')
  })
  it('an entitlement is a record of a custom object, or what an organization’s fields say', () => {
    const mapping = {
      fields: { customer: 'organization', sla_tier: 'level', quantity: 'seats', starts_on: 'from' },
      status: 'state',
      external_id: 'netsuite',
    }
    const object = { entitlement: { source: 'custom_object', key: 'service_entitlement', mapping } }
    expect(map(entitlements(settings(object))!, fixture('custom_object_record'), object)).toMatchObject({
      record_id: '01FIXTUREENTITLEMENT000001',
      status: 'running',
      refs: { netsuite: 'ENT-77' },
      fields: { customer: '360000900017', sla_tier: 'gold', quantity: 25, starts_on: '2026-01-01T00:00:00+00:00' },
    })
    const fields = {
      entitlement: {
        source: 'organization_fields',
        mapping: { fields: { ends_on: 'service_until' }, status: 'service_level' },
      },
    }
    expect(map(entitlements(settings(fields))!, fixture('organization'), fields)).toMatchObject({
      record_id: '360000900017',
      status: 'gold',
      fields: { customer: '360000900017', ends_on: '2026-12-31T00:00:00+00:00' },
    })
    expect(entitlements(settings())).toBeNull()
  })
  it('keep ids beyond what a number holds', () => {
    const value = parseExact('{"id":9007199254740993,"name":"Big","organization_id":9007199254740995}')
    expect(map(users, value)).toMatchObject({ record_id: '9007199254740993', fields: { customer: '9007199254740995' } })
  })
  it('link to the agent’s screens, also behind another address', () => {
    expect(connector.link!(settings(), 'case', '7')).toBe('https://fixture.zendesk.com/agent/tickets/7')
    expect(connector.link!(settings({ base_url: 'https://help.example.com' }), 'customer', '7')).toBe(
      'https://help.example.com/agent/organizations/7',
    )
    expect(connector.link!(settings(), 'entitlement', '7')).toBeNull()
  })
})

describe('Zendesk’s replies', () => {
  const reply = (status: number, text: string, headers: Record<string, string> = {}) => ({
    status,
    headers,
    text,
    json: () => JSON.parse(text) as unknown,
  })
  it('say what went wrong in any of their shapes', () => {
    expect(errors(reply(401, '{"error":"Couldn\'t authenticate you"}'))).toMatchObject({ code: 'auth' })
    expect(
      errors(
        reply(403, '{"error":{"title":"Forbidden","message":"You do not have access to this page."}}', {
          'x-zendesk-request-id': 'r1',
        }),
      ),
    ).toMatchObject({
      code: 'auth',
      message: expect.stringMatching(/access to this page\. \[Forbidden\] \(request r1\)/),
    })
    expect(errors(reply(404, '{"error":"RecordNotFound","description":"Not found"}'))).toMatchObject({
      code: 'not_found',
    })
    expect(errors(reply(409, '{"error":"DatabaseConflict","description":"Database collision"}'))).toMatchObject({
      code: 'upstream',
      retryable: true,
    })
    expect(errors(reply(422, '{"errors":[{"code":"InvalidValue","title":"Invalid sort"}]}'))).toMatchObject({
      code: 'schema',
      message: expect.stringContaining('Invalid sort'),
    })
    expect(
      errors(reply(429, 'Rate limit for ticket updates exceeded, please wait before updating ticket')),
    ).toMatchObject({ code: 'rate_limited' })
    expect(errors(reply(503, '<html>down</html>'))).toMatchObject({ code: 'upstream', message: 'status 503' })
    expect(errors(reply(200, '{}'))).toBeUndefined()
  })
  it('tell the account’s budget, or the endpoint’s when that one is used up', () => {
    const headers = {
      'ratelimit-limit': '400',
      'ratelimit-remaining': '310',
      'ratelimit-reset': '17',
      'zendesk-ratelimit-incremental-exports': 'total=10; remaining=9; resets=60',
    }
    expect(budget(reply(200, '{}', headers))).toEqual({ limit: 400, remaining: 310, resetsInMs: 17_000 })
    expect(
      budget(
        reply(200, '{}', { ...headers, 'zendesk-ratelimit-incremental-exports': 'total=10; remaining=0; resets=42' }),
      ),
    ).toEqual({ limit: 400, remaining: 0, resetsInMs: 42_000 })
    expect(budget(reply(200, '{}', { 'x-rate-limit': '700', 'x-rate-limit-remaining': '5' }))).toEqual({
      limit: 700,
      remaining: 5,
    })
    expect(budget(reply(200, '{}'))).toBeUndefined()
  })
})

const MEMBERS: Record<string, Stream<ZendeskConfig>> = {
  organization: organizations,
  organizations,
  user: users,
  users,
  ticket: tickets,
  tickets,
}
const CUSTOM = { entitlement: { source: 'custom_object', key: 'car', mapping: {} } }

describe.runIf(existsSync(SPEC))('the examples of the specification', () => {
  const found: { stream: Stream<ZendeskConfig>; example: Record<string, unknown>; where: string }[] = []
  beforeAll(() => {
    const { components } = parse(gunzipSync(readFileSync(SPEC)).toString()) as {
      components: { examples: unknown; schemas: Record<string, { example?: unknown }> }
    }
    const records = entitlements(settings(CUSTOM))!
    const walk = (value: unknown, where: string): void => {
      if (typeof value !== 'object' || value === null) return
      for (const [key, inner] of Object.entries(value)) {
        const stream = MEMBERS[key] ?? (key.startsWith('custom_object_record') ? records : undefined)
        const examples = Array.isArray(inner) ? inner : [inner]
        if (stream)
          for (const example of examples)
            if (typeof example === 'object' && example !== null)
              found.push({ stream, example: example as Record<string, unknown>, where: `${where}/${key}` })
        walk(inner, `${where}/${key}`)
      }
    }
    walk(components.examples, '')
    walk(Object.fromEntries(Object.entries(components.schemas).map(([name, schema]) => [name, schema.example])), '')
  })
  it('map without loss, or are refused with the field named', () => {
    let mapped = 0
    for (const { stream, example, where } of found) {
      try {
        const record = map(stream, example, CUSTOM)
        mapped++
        expect(record.record_id, where).toBe(String(example['id']))
        expect(record.changed_at, where).toBe(example['updated_at'] ?? null)
        if (stream === organizations)
          expect(record.fields, where).toMatchObject({
            name: example['name'],
            domain: (example['domain_names'] as string[])[0] ?? null,
          })
        if (stream === users && example['email'] !== undefined)
          expect(record.fields['email'], where).toBe(example['email'])
        if (stream === tickets)
          expect([record.status, record.fields['number']], where).toEqual([example['status'], String(example['id'])])
      } catch (error) {
        if (!(error instanceof MappingError)) throw error
        const lacks: Record<string, boolean> = {
          id: example['id'] === undefined,
          name: example['name'] === undefined,
          status: example['status'] === undefined,
          role: example['role'] !== undefined && example['role'] !== 'end-user',
          custom_object_fields: example['custom_object_fields'] === undefined,
        }
        expect(lacks[error.field], `${where}: ${error.field}: ${error.message}`).toBe(true)
      }
    }
    expect(mapped).toBeGreaterThan(30)
    expect(found.length).toBeGreaterThan(60)
  })
})

describe('the README of the connector', () => {
  it('shows a configuration that is valid as it stands', () => {
    const readme = readFileSync(new URL('../connectors/zendesk/README.md', import.meta.url), 'utf8')
    const example = parse(/```yaml\n([\s\S]*?)```/.exec(readme)![1]!) as {
      platforms: { zendesk: { config: unknown; maps: Record<string, string> } }
      reference_maps: Record<string, unknown>
    }
    const config = platformsSchema.parse(example)
    expect(configSchema.parse(example.platforms.zendesk.config)).toBeDefined()
    expect(Object.values(example.platforms.zendesk.maps).filter((name) => !(name in config.reference_maps))).toEqual([])
  })
})
