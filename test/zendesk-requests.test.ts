/** Every request to Zendesk, held against the vendor's own specification: path, method, parameters. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Connector, HttpRequest } from '../connectors/contract.ts'
import shipped from '../connectors/zendesk/connector.ts'
import { zendesk } from '../lab/platforms/zendesk.ts'
import type { Simulated } from './world/simulated.ts'
import { lastCursor, simulated } from './world/simulated.ts'

const SPEC = new URL('../../shared/vendor-data/zendesk/openapi/zendesk-support-oas.yaml.gz', import.meta.url)
const NOW = Date.parse('2026-11-20T12:00:00Z')

type Parameter = { name: string; in: string; schema?: { enum?: string[] } } | { $ref: string }
interface Spec {
  paths: Record<string, { parameters?: Parameter[]; get?: { parameters?: Parameter[]; description?: string } }>
  components: { parameters: Record<string, { name: string; in: string; schema?: { enum?: string[] } }> }
}

/** What the specification at hand does not name; each is said to be unverified in the connector's README. */
const UNNAMED_PATHS = ['/oauth/tokens', '/api/v2/organizations/*/merges']
const UNNAMED_PARAMETERS = [
  '/api/v2/tickets?sort',
  '/api/v2/tickets?page[size]',
  '/api/v2/tickets?page[after]',
  '/api/v2/tickets?include',
  '/api/v2/tickets/*?include',
]

const general = (url: string) => url.replace(/\/(?:\d{6,}|01H[0-9A-Z]+)(?=\/|$)/, '/*')

describe.runIf(existsSync(SPEC))('requests to Zendesk', () => {
  let spec: Spec
  let s: Simulated
  let made: HttpRequest[] = []

  beforeAll(async () => {
    spec = parse(gunzipSync(readFileSync(SPEC)).toString()) as Spec
    s = await simulated(zendesk, shipped as unknown as Connector<never>)
    for (const kind of zendesk.kinds)
      for (let n = 0; n < 1_150; n++)
        s.put({
          kind,
          id: zendesk.id(kind, n),
          state: 'active',
          createdAt: NOW - n * 1000 - 3_600_000,
          changedAt: NOW - n * 1000 - 3_600_000,
          fields: { name: `Row ${n}` },
        })
    const inner = s.context().http
    const http = { request: (request: HttpRequest) => (made.push(request), inner.request(request)) }
    await shipped.ping(s.context({ http }) as never)
    for (const stream of await shipped.discover!(s.context() as never)) {
      const read = async (mode: 'changes' | 'full', cursor: Parameters<typeof stream.read>[1]) => {
        const pages = []
        for await (const page of stream.read(s.context({ http, mode }) as never, cursor)) pages.push(page)
        return pages
      }
      const first = await read('changes', null)
      s.set(s.now() + 600_000)
      for (const kind of zendesk.kinds)
        s.put({ kind, id: zendesk.id(kind, 1), changedAt: s.now() - 300_000, deletedAt: s.now() - 300_000 })
      await read('changes', lastCursor(first))
      for (let n = 200; n < 330; n++) s.put({ kind: 'case', id: zendesk.id('case', n), changedAt: s.now() - 1000 })
      await read('full', null)
      await stream.one!(s.context({ http }) as never, first.flatMap((p) => p.rows)[0]!.id!)
      await stream.count?.(s.context({ http }) as never)
    }
    made = [...new Map(made.map((r) => [`${general(r.url)} ${Object.keys(r.query ?? {}).join(' ')}`, r])).values()]
  })
  afterAll(() => s.stop())

  const operation = (url: string) => {
    const parts = url.split('/')
    const path = Object.keys(spec.paths).filter(
      (p) =>
        p.split('/').length === parts.length &&
        p.split('/').every((part, i) => part === parts[i] || part.startsWith('{')),
    )
    return spec.paths[path.sort((a, b) => a.split('{').length - b.split('{').length)[0] ?? '']
  }

  it('only read, but for the token', () => {
    expect(made.length).toBeGreaterThan(15)
    expect(made.filter((r) => (r.method ?? 'GET') !== 'GET')).toEqual([])
  })
  it('go to paths of the specification with parameters that it names', () => {
    const wrong: string[] = []
    for (const { url, query = {} } of made) {
      if (UNNAMED_PATHS.includes(general(url))) continue
      const known = operation(url)
      if (!known?.get) wrong.push(`path ${url}`)
      const parameters = [...(known?.parameters ?? []), ...(known?.get?.parameters ?? [])].map((p) =>
        '$ref' in p ? spec.components.parameters[p.$ref.split('/').at(-1)!]! : p,
      )
      const paged = /cursor pagination/i.test(known?.get?.description ?? '')
      const sideloads = /sideload/i.test(known?.get?.description ?? '')
      for (const [name, value] of Object.entries(query)) {
        const parameter = parameters.find((p) => p.in === 'query' && p.name === name)
        const described = (paged && /^page\[(size|after)\]$/.test(name)) || (sideloads && name === 'include')
        if (!parameter && !described && !UNNAMED_PARAMETERS.includes(`${general(url)}?${name}`))
          wrong.push(`${url}?${name}`)
        if (parameter?.schema?.enum && !parameter.schema.enum.includes(String(value)))
          wrong.push(`${url}?${name}=${String(value)}`)
      }
      for (const required of parameters) {
        const must = (required as { required?: boolean }).required === true && required.in === 'query'
        if (must && query[required.name] === undefined) wrong.push(`${url} without ${required.name}`)
      }
    }
    expect(wrong).toEqual([])
  })
  it('ask for nothing that is named as unverified without need', () => {
    const asked = new Set(
      made.flatMap(({ url, query = {} }) => [
        general(url),
        ...Object.keys(query).map((name) => `${general(url)}?${name}`),
      ]),
    )
    expect([...UNNAMED_PATHS.slice(1), ...UNNAMED_PARAMETERS].filter((part) => !asked.has(part))).toEqual([])
  })
})
