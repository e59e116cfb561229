/** Described APIs: mistakes in the description, places in bodies, and writes that are guarded. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { actionsOf } from '../connectors/action.ts'
import connector from '../connectors/rest/connector.ts'
import { parseExact } from '../connectors/exact-json.ts'
import { map, rowOf } from '../connectors/rest/mapping.ts'
import { at, filled, put } from '../connectors/rest/place.ts'
import { rest } from '../lab/platforms/rest.ts'
import { simulated } from './world/simulated.ts'

type Settings = Record<string, unknown>
const T0 = Date.parse('2026-11-20T12:00:00Z')
const LIST = { kind: 'customer', path: '/clients', changed: 'updated_at', fields: { name: 'name' } }

describe('a description', () => {
  const wrong = (stream: Settings, more: Settings = {}) =>
    connector.config
      .safeParse({
        base_url: 'https://a.example',
        ping: { path: '/me' },
        streams: { clients: { ...LIST, ...stream } },
        ...more,
      })
      .error?.issues.map((i) => `${i.path.join('.')}: ${i.message}`) ?? []

  it('names what is wrong with it', () => {
    expect(wrong({})).toEqual([])
    expect(wrong({ fields: { nmae: 'name' } })).toEqual([expect.stringContaining('a customer has no field nmae')])
    expect(wrong({ one: { path: '/clients' } })).toEqual([expect.stringContaining('write {id} where it goes')])
    expect(wrong({ path: 'clients' })).toEqual([expect.stringContaining('below base_url')])
    expect(wrong({ path: '/clients/{tenant}' })).toEqual([expect.stringContaining('braces')])
    expect(wrong({ id: 'a..b' })).toEqual([expect.stringContaining('write a place like')])
    expect(wrong({ kind: 'client' })).toHaveLength(1)
    expect(wrong({ changed: undefined, changes: { parameter: 's', ordered: true } })).toEqual([
      expect.stringContaining('ordered'),
    ])
    expect(wrong({ write: { fields: { nmae: { at: 'n' } } } })).toEqual([expect.stringContaining('no field nmae')])
  })

  it('reads rows by it: numbers with all digits, lists of name and value, marks of deletion, nothing for what is not there', () => {
    const body = parseExact(readFileSync(new URL('../connectors/rest/fixtures/clients.json', import.meta.url), 'utf8'))
    const { streams } = connector.config.parse({
      base_url: 'https://a.example',
      ping: { path: '/me' },
      streams: {
        clients: {
          ...LIST,
          rows: 'data',
          created: 'made',
          changed: 'updated_at',
          changed_by: 'updated_by.email',
          status: 'stage',
          deleted: { at: 'archived_at' },
          merged_into: 'merged_into',
          fields: {
            name: 'name',
            domain: 'website',
            credit_limit: 'credit.limit',
            'bill_to.country': 'address.country',
            'bill_to.line2': 'address.lines[1]',
          },
          refs: { salesforce: 'external_ids[system=salesforce].value' },
          custom: { lines: 'address.lines' },
        },
      },
    })
    const stream = streams['clients']!
    const context = { config: undefined as never, platform: 'projects', timezone: 'UTC' }
    const records = (at(body, 'data') as unknown[]).map((row) => map(stream, rowOf(stream, row, '/clients'), context))
    expect(records).toEqual([
      {
        record_id: '70042',
        created_at: 1_767_258_000_000,
        changed_at: '2026-11-19T08:15:02Z',
        changed_by: 'anna@example.com',
        deleted: false,
        merged_into: null,
        status: 'CUSTOMER',
        fields: {
          name: 'Northwind Analytics',
          domain: 'https://northwind.example',
          credit_limit: '9007199254740993.25',
          'bill_to.country': 'DE',
          'bill_to.line2': '3. OG',
        },
        refs: { salesforce: '0015g00000AbCdEAAV' },
        custom: { lines: 'Hafenstraße 5, 3. OG' },
      },
      {
        record_id: '70043',
        created_at: 1_767_258_000_000,
        changed_at: '2026-11-18T10:00:00Z',
        changed_by: null,
        deleted: true,
        merged_into: '70042',
        status: null,
        fields: { name: '' },
        refs: { salesforce: null },
        custom: { lines: null },
      },
    ])
  })

  it('is in the README as it is understood', () => {
    const readme = readFileSync(new URL('../connectors/rest/README.md', import.meta.url), 'utf8')
    const [whole, write] = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map((m) => parse(m[1]!) as Settings)
    const { config } = (whole!['platforms'] as { projects: { config: Settings } }).projects
    const streams = config['streams'] as { clients: Settings }
    const full = { ...config, streams: { clients: { ...streams.clients, ...write } } }
    expect(connector.config.safeParse(full).error).toBeUndefined()
    expect(actionsOf(connector, connector.config.parse(full)).map((a) => a.name)).toEqual([
      'set_fields',
      'attach_ref',
      'create',
      'hold',
      'release',
    ])
  })
})

it('places: finds, writes, and fills addresses without letting values out of them', () => {
  const body = { a: { b: [{ n: 1 }, { n: 2, k: 'x', v: 9 }] }, 'c.d': 5 }
  expect([
    at(body, 'a.b[0].n'),
    at(body, 'a.b[k=x].v'),
    at(body, 'c.d'),
    at(body, 'a.b.n'),
    at(body, 'a.b[7].n'),
    at(body, '__proto__.x'),
  ]).toEqual([1, 9, 5, undefined, undefined, undefined])
  const made: Record<string, unknown> = {}
  put(made, 'a.b', 1)
  put(made, 'l[k=x].v', 2)
  put(made, 'l[k=y].v', 3)
  put(made, '__proto__.polluted', 1)
  expect(JSON.parse(JSON.stringify(made))).toMatchObject({
    a: { b: 1 },
    l: [
      { k: 'x', v: 2 },
      { k: 'y', v: 3 },
    ],
  })
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  expect(filled('/c/{id}/x', { id: '../../admin?x=1' })).toBe('/c/..%2F..%2Fadmin%3Fx%3D1/x')
})

describe('writing to a described API', () => {
  it('writes what it showed, once, never over something newer, and takes a hold off again', async () => {
    const world = await simulated(rest, connector as never)
    const id = rest.id('customer', 1)
    world.put({
      kind: 'customer',
      id,
      fields: { name: 'Old', domain: 'old.example' },
      state: null,
      createdAt: T0,
      changedAt: T0,
      visibleAt: 0,
    })
    const ws = rest.id('tenant', 1)
    world.put({ kind: 'tenant', id: ws, fields: {}, state: 'active', createdAt: T0, changedAt: T0, visibleAt: 0 })
    const config = (world.context() as { config: never }).config
    const action = (name: string, kind: string) =>
      actionsOf(connector, config).find((a) => a.name === name && a.kind === kind)!
    const request = {
      action: 'set_fields',
      kind: 'customer',
      recordId: id,
      fields: { name: 'New' },
      references: {},
      refs: { salesforce: '001A' },
      key: 'k-1',
    } as const
    const set = action('set_fields', 'customer')
    const ctx = world.context() as never
    const standing = await set.look(ctx, request)
    const [planned] = set.calls(config, request, standing)
    expect(planned).toEqual({
      method: 'PATCH',
      path: `/v3/accounts/${id}`,
      body: { account: { title: 'New', known_as: [{ system: 'salesforce', id: '001A' }] } },
    })
    // The answer is lost: the outcome is unknown, and nothing is sent again by itself.
    world.meet((r) => (r.method === 'PATCH' ? { kind: 'lost_reply' } : null))
    await expect(set.perform(ctx, request, standing)).rejects.toMatchObject({ code: 'upstream' })
    world.meet(() => null)
    expect(world.running.mutations!()).toHaveLength(1)
    expect(world.running.mutations!()[0]).toMatchObject({ body: planned!.body, key: 'k-1' })
    expect((await set.look(ctx, request)).row?.value).toMatchObject({ title: 'New' })
    // The same key again is the same write; the old version with another key is refused.
    expect(await set.perform(ctx, request, standing)).toEqual({ status: 'done', recordId: id })
    expect(await set.perform(ctx, { ...request, key: 'k-2' }, standing)).toMatchObject({ status: 'conflict' })
    expect(
      await set.perform(ctx, { ...request, fields: { name: null }, key: 'k-3' }, await set.look(ctx, request)),
    ).toMatchObject({ status: 'refused', reason: expect.stringContaining('needs a title') })
    expect(world.running.mutations!()).toHaveLength(1)
    for (const [name, state] of [
      ['hold', 'suspended'],
      ['release', 'active'],
    ] as const) {
      const act = action(name, 'tenant')
      const asked = { ...request, action: name, kind: 'tenant', recordId: ws, fields: {}, refs: {}, key: name }
      expect(await act.perform(ctx, asked, await act.look(ctx, asked))).toEqual({ status: 'done', recordId: ws })
      expect(world.state.record('tenant', ws)?.state).toBe(state)
    }
    await world.stop()
  })
})

describe('a write to an API that says little', () => {
  const clients = { kind: 'customer', path: '/clients', one: { path: '/clients/{id}' }, fields: { name: 'name' } }
  const CREATE = {
    method: 'POST',
    path: '/clients',
    find: { path: '/clients', query: { external_id: '{id}' } },
  }
  const write = {
    fields: { name: { at: 'name' } },
    refs: { crm: 'crm' },
    update: { method: 'PATCH', path: '/clients/{id}' },
  }
  /** Answers in turn, whatever is asked; what was sent that changes something. */
  function speaking(more: Settings, ...replies: { status?: number; json: unknown }[]) {
    const config = connector.config.parse({
      base_url: 'https://a.example',
      ping: { path: '/me' },
      streams: { clients: { ...clients, write: { ...write, ...more } } },
    })
    const sent: string[] = []
    const http = {
      async request({ method = 'GET', url }: { method?: string; url: string }) {
        if (method !== 'GET') sent.push(`${method} ${url}`)
        const { status = 200, json } = replies.shift()!
        return { status, headers: {}, text: JSON.stringify(json), json: () => json }
      },
    }
    const act = (name: string) => actionsOf(connector, config).find((a) => a.name === name)!
    return { act, sent, ctx: { config, http } as never }
  }
  const set = {
    action: 'set_fields',
    kind: 'customer',
    recordId: '7',
    fields: { name: 'New' },
    references: {},
    refs: {},
    key: 'k',
  } as const
  const create = { ...set, action: 'create', recordId: null, refs: { crm: '1' } } as const

  it('compares the whole record where it has no stamp of its change', async () => {
    const { act, sent, ctx } = speaking({}, { json: { id: 7, name: 'Old' } }, { json: { id: 7, name: 'Theirs' } })
    const action = act('set_fields')
    expect(await action.perform(ctx, set, await action.look(ctx, set))).toMatchObject({ status: 'conflict' })
    expect(sent).toEqual([])
  })

  it('writes nothing under a guard that the API left out', async () => {
    const { act, sent, ctx } = speaking({ etag: true }, { json: { id: 7, name: 'Old' } })
    const action = act('set_fields')
    expect(await action.perform(ctx, set, await action.look(ctx, set))).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('without an ETag'),
    })
    expect(sent).toEqual([])
  })

  it('makes nothing that somebody else made meanwhile', async () => {
    const { act, sent, ctx } = speaking({ create: CREATE }, { json: [] }, { json: [{ id: 8, crm: '1' }] })
    const action = act('create')
    expect(await action.perform(ctx, create, await action.look(ctx, create))).toMatchObject({ status: 'conflict' })
    expect(sent).toEqual([])
  })

  it('does not call refused what was accepted without the id being said', async () => {
    const { act, ctx } = speaking({ create: CREATE }, { json: [] }, { json: [] }, { status: 201, json: { ok: true } })
    const action = act('create')
    const standing = await action.look(ctx, create)
    await expect(action.perform(ctx, create, standing)).rejects.toMatchObject({ code: 'schema' })
  })
})
