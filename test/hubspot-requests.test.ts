/** Every request to HubSpot, and every example object, held against the vendor's own specification. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connector, HttpRequest } from '../connectors/contract.ts'
import { config } from '../connectors/hubspot/config.ts'
import shipped from '../connectors/hubspot/connector.ts'
import { mapObject } from '../connectors/hubspot/mapping.ts'
import { objectsOf } from '../connectors/hubspot/objects.ts'
import { hubspot } from '../lab/platforms/hubspot.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { lastCursor, simulated } from './world/simulated.ts'

const FOLDER = new URL('../../shared/vendor-data/hubspot/openapi/', import.meta.url)
interface Schema {
  $ref?: string
  required?: string[]
  properties?: Record<string, { enum?: string[]; items?: Schema }>
  example?: unknown
}
interface Operation {
  parameters?: { name: string; in: string; required?: boolean }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
}
interface Spec {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

/** What the specification at hand does not name; each is said to be unverified in the connector's README. */
const UNNAMED = ['/oauth/v1/token', '/account-info/v3/details']

describe.runIf(existsSync(FOLDER))('HubSpot by its specification', () => {
  const specs: Spec[] = []
  let s: Simulated
  const made: HttpRequest[] = []

  beforeAll(async () => {
    for (const folder of ['v3', 'v4'])
      for (const file of readdirSync(new URL(folder, FOLDER)))
        specs.push(JSON.parse(readFileSync(new URL(`${folder}/${file}`, FOLDER), 'utf8')) as Spec)
    const connector = shipped as unknown as Connector<never>
    s = await simulated(hubspot, connector)
    const customer = hubspot.id('customer', 1)
    for (const kind of hubspot.kinds)
      for (let n = 1; n <= 120; n++) s.put({ kind, id: hubspot.id(kind, n), fields: { customer, name: `Row ${n}` } })
    const inner = s.context().http
    const http = { request: (request: HttpRequest) => (made.push(request), inner.request(request)) }
    const context = s.context({ http })
    await shipped.ping(context as never)
    for (const stream of await shipped.discover!(context as never)) {
      const read = async (mode: 'changes' | 'full', cursor: Parameters<typeof stream.read>[1]) => {
        const pages = []
        for await (const page of stream.read({ ...context, mode } as never, cursor)) pages.push(page)
        return pages
      }
      const first = await read('changes', null)
      s.set(s.now() + 600_000)
      for (const kind of hubspot.kinds)
        for (let n = 1; n <= 5; n++) s.put({ kind, id: hubspot.id(kind, n), changedAt: s.now() - 1000 })
      await read('changes', lastCursor(first))
      await read('full', null)
      await stream.one!(context as never, first.flatMap((p) => p.rows)[0]!.id!)
      await stream.count!(context as never)
    }
    const a = acting(s, connector)
    for (const kind of hubspot.kinds) {
      const act = a.action('set_fields', kind)
      const field = act.fields.find((f) => f !== 'state')!
      const wanted = a.request({ action: 'set_fields', kind, recordId: hubspot.id(kind, 9), fields: { [field]: '7' } })
      await act.perform(context, wanted, await act.look(context, wanted))
      const create = a.action('create', kind)
      const fresh = a.request({ action: 'create', kind, fields: {} })
      await create.perform(context, fresh, await create.look(context, fresh))
    }
  })
  afterAll(() => s.stop())

  /** Deals stand in the specification under the number of their type. */
  const spelled = (url: string) => url.replace('/crm/v3/objects/deals', '/crm/v3/objects/0-3')
  function operationOf(request: HttpRequest): { spec: Spec; operation: Operation } | undefined {
    const parts = spelled(request.url).split('/')
    const fits = (p: string) =>
      p.split('/').length === parts.length && p.split('/').every((part, i) => part === parts[i] || part.startsWith('{'))
    const all = specs.flatMap((spec) =>
      Object.keys(spec.paths)
        .filter(fits)
        .map((path) => ({ spec, path })),
    )
    const best = all.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0]
    const operation = best?.spec.paths[best.path]?.[(request.method ?? 'GET').toLowerCase()]
    return best && operation && { spec: best.spec, operation }
  }

  it('asks for paths, parameters and bodies that the specification names', () => {
    expect(made.length).toBeGreaterThan(100)
    const wrong = new Set<string>()
    for (const request of made) {
      if (UNNAMED.includes(request.url)) continue
      const found = operationOf(request)
      if (!found) {
        wrong.add(`${request.method ?? 'GET'} ${request.url}`)
        continue
      }
      const parameters = (found.operation.parameters ?? []).filter((p) => p.in === 'query')
      for (const name of Object.keys(request.query ?? {}))
        if (!parameters.some((p) => p.name === name)) wrong.add(`${request.url}?${name}`)
      for (const { name, required } of parameters)
        if (required && request.query?.[name] === undefined) wrong.add(`${request.url} without ${name}`)
      const ref = found.operation.requestBody?.content['application/json']?.schema.$ref
      const schema = ref && found.spec.components.schemas[ref.split('/').at(-1)!]
      if (!schema) continue
      const body = (request.json ?? {}) as Record<string, unknown>
      for (const key of schema.required ?? []) if (!(key in body)) wrong.add(`${request.url} lacks ${key}`)
      for (const key of Object.keys(body)) if (!schema.properties?.[key]) wrong.add(`${request.url} with ${key}`)
    }
    expect([...wrong]).toEqual([])
  })

  it('maps every example object without losing a property', () => {
    const examples = specs.flatMap(({ components }) => components.schemas['SimplePublicObject']?.example ?? [])
    expect(examples.length).toBeGreaterThan(5)
    for (const example of examples as { id: string; properties: Record<string, string> }[]) {
      const refs = Object.fromEntries(Object.keys(example.properties).map((name) => [name, name]))
      const auth = { flow: 'private_app', access_token: 'pat' }
      for (const spec of objectsOf(config.parse({ auth })).specs) {
        const record = mapObject({ ...spec, refs }, { id: null, value: example, raw: '' }, {})
        expect(record.record_id).toBe(example.id)
        expect(record.refs).toEqual(example.properties)
      }
    }
  })
})
