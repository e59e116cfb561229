/** Every request to Stripe, held against the vendor's own specification: path, method, parameters, expansions. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connector, HttpRequest } from '../connectors/contract.ts'
import { configSchema } from '../connectors/stripe/config.ts'
import shipped from '../connectors/stripe/connector.ts'
import { stripe } from '../lab/platforms/stripe.ts'
import type { Simulated } from './world/simulated.ts'
import { lastCursor, simulated } from './world/simulated.ts'

const FOLDER = new URL('../../shared/vendor-data/stripe/openapi/', import.meta.url)
const NOW = Date.parse('2026-11-20T12:00:00Z')

interface Parameter {
  name: string
  in: string
  schema: { type?: string; enum?: string[]; anyOf?: { properties?: Record<string, unknown> }[]; maxItems?: number }
}
interface Spec {
  paths: Record<string, { get?: { parameters: Parameter[] } }>
  components: { schemas: Record<string, { 'x-expandableFields'?: string[] }> }
}

/** Requests that every stream makes in its life: first load, changes, one record, sweep. */
async function requestsOf(s: Simulated): Promise<HttpRequest[]> {
  const made: HttpRequest[] = []
  const inner = s.context().http
  const http = { request: (request: HttpRequest) => (made.push(request), inner.request(request)) }
  await shipped.ping(s.context({ http }) as never)
  for (const { name } of shipped.streams) {
    const stream = await s.stream(name)
    const read = async (mode: 'changes' | 'full', cursor: Parameters<typeof stream.read>[1]) => {
      const pages = []
      for await (const page of stream.read(s.context({ http, mode }), cursor)) pages.push(page)
      return pages
    }
    const first = await read('changes', null)
    s.set(s.now() + 600_000)
    for (const kind of stripe.kinds) s.put({ kind, id: stripe.id(kind, 1), changedAt: s.now() - 300_000 })
    await read('changes', lastCursor(first))
    await read('full', null)
    const id = first.flatMap((p) => p.rows)[0]?.id
    if (id && stream.one) await stream.one(s.context({ http }), id)
  }
  return made
}

describe.runIf(existsSync(FOLDER))('requests to Stripe', () => {
  let spec: Spec
  let examples: Record<string, Record<string, unknown>>
  const open: Simulated[] = []
  let made: HttpRequest[] = []

  beforeAll(async () => {
    spec = JSON.parse(gunzipSync(readFileSync(new URL('spec3-2022-03.json.gz', FOLDER))).toString()) as Spec
    examples = (JSON.parse(readFileSync(new URL('fixtures3.json', FOLDER), 'utf8')) as { resources: typeof examples })
      .resources
    for (const change of [{}, { api_version: '2025-03-31.basil', invoice_payments: true }]) {
      const s = await simulated(stripe, shipped as unknown as Connector<never>, {
        config: ({ write: _, ...c }) => ({ ...c, ...change }),
      })
      open.push(s)
      for (let n = 0; n < 120; n++)
        for (const kind of stripe.kinds)
          s.put({
            kind,
            id: stripe.id(kind, n),
            state: kind === 'payment' ? 'succeeded' : 'active',
            createdAt: NOW - n * 1000,
            changedAt: NOW - n * 1000,
            fields: { currency: 'EUR', amount: '12', total: '12', interval: 'month', quantity: '1' },
          })
      made.push(...(await requestsOf(s)))
    }
    for (const change of [{ payments: 'charges' }, { products: 'price' }]) {
      const s = open[0]!
      const config = configSchema.parse({ key: 'rk_live_lab', ...change }) as never
      const body = { object: 'list', data: [], has_more: false }
      const http = {
        request: (request: HttpRequest) => (
          made.push(request),
          Promise.resolve({ status: 200, headers: {}, text: '', json: () => body })
        ),
      }
      for (const name of ['payments', 'products'])
        for await (const _ of (await s.stream(name)).read(s.context({ http, config }), null));
    }
    made = [
      ...new Map(
        made.map((r) => [`${r.url.replace(/\/[a-z]+_[0-9A-Za-z]+/, '/*')} ${Object.keys(r.query ?? {}).join(' ')}`, r]),
      ).values(),
    ]
  })
  afterAll(async () => {
    for (const s of open) await s.stop()
  })

  const operation = (url: string) => {
    const parts = url.split('/')
    const path = Object.keys(spec.paths).filter(
      (p) =>
        p.split('/').length === parts.length &&
        p.split('/').every((part, i) => part === parts[i] || part.startsWith('{')),
    )
    return spec.paths[path.sort((a, b) => a.split('{').length - b.split('{').length)[0] ?? '']?.get
  }

  it('cover every setting that chooses another list', () => {
    expect(made.map((r) => r.url)).toEqual(
      expect.arrayContaining(['/v1/charges', '/v1/prices', '/v1/payment_intents', '/v1/products', '/v1/events']),
    )
  })
  it('only read', () => {
    expect(made.length).toBeGreaterThan(25)
    expect(made.every((r) => (r.method ?? 'GET') === 'GET' && r.json === undefined && r.form === undefined)).toBe(true)
  })
  it('go to paths of the specification with parameters that it names', () => {
    const wrong: string[] = []
    for (const { url, query = {} } of made) {
      // Younger than the specification that is at hand; its resource is among the vendor's examples.
      if (url === '/v1/invoice_payments' && examples['invoice_payment']) continue
      const known = operation(url)?.parameters
      if (!known) wrong.push(`path ${url}`)
      for (const [name, value] of Object.entries(query)) {
        const [, base, inner] = /^([a-z_]+)(?:\[([a-z]+|\d+)\])?$/.exec(name) ?? []
        const parameter = known?.find((p) => p.in === 'query' && p.name === base)
        if (!parameter) wrong.push(`${url}?${name}`)
        else if (parameter.schema.enum && !parameter.schema.enum.includes(String(value)))
          wrong.push(`${url}?${name}=${String(value)}`)
        else if (inner && !/^\d+$/.test(inner) && !parameter.schema.anyOf?.some((s) => s.properties?.[inner]))
          wrong.push(`${url}?${name}`)
        else if (base === 'limit' && !(Number(value) >= 1 && Number(value) <= 100))
          wrong.push(`${url}?limit=${String(value)}`)
      }
    }
    expect(wrong).toEqual([])
  })
  it('expand only what can be expanded', () => {
    const resource: Record<string, string> = {
      customers: 'customer',
      products: 'product',
      payment_intents: 'payment_intent',
      prices: 'price',
    }
    const asked = made.flatMap(({ url, query = {} }) =>
      Object.entries(query).flatMap(([name, value]) =>
        name.startsWith('expand[')
          ? [{ of: resource[url.split('/')[2]!]!, part: String(value).replace(/^data\./, '') }]
          : [],
      ),
    )
    expect(asked.length).toBeGreaterThan(0)
    for (const { of, part } of asked) {
      // `latest_charge` is younger than the specification; the vendor's example has it.
      const able = [
        ...(spec.components.schemas[of]?.['x-expandableFields'] ?? []),
        ...(examples[of] && part in examples[of] ? [part] : []),
      ]
      expect(able, `${of}.${part}`).toContain(part)
    }
  })
})
