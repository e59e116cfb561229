/** SAP S/4HANA by the specifications of its services: every example entity is mapped or refused, every request is one of theirs. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Connector, HttpRequest } from '../connectors/contract.ts'
import { configSchema } from '../connectors/sap-s4hana/config.ts'
import shipped from '../connectors/sap-s4hana/connector.ts'
import { propertiesOf } from '../connectors/sap-s4hana/letters.ts'
import { mapRow, rowOf } from '../connectors/sap-s4hana/rows.ts'
import { specsOf } from '../connectors/sap-s4hana/sets.ts'
import { sapSystem } from '../lab/platforms/sap-s4hana.ts'
import { idOf } from '../lab/platforms/sap-s4hana/sets.ts'
import type { Acting } from './world/acting.ts'
import { acting } from './world/acting.ts'
import { simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const parsed = () =>
  configSchema.parse({ base_url: 'https://s4.example', auth: { type: 'basic', user: 'u', password: 'p' } })
const spec = (stream: string) => specsOf(parsed()).find((s) => s.stream === stream)!

const DATA = new URL('../../shared/vendor-data/sap-s4hana/', import.meta.url)
interface Schema {
  $ref?: string
  properties?: Record<string, Schema & { example?: unknown }>
  items?: Schema
}
interface Operation {
  parameters?: { name?: string; in?: string; $ref?: string; schema?: { items?: { enum?: string[] } } }[]
  requestBody?: { content: { 'application/json': { schema: Schema } } }
}
interface Api {
  paths: Record<string, Record<string, Operation>>
  components: {
    schemas: Record<string, Schema>
    parameters: Record<string, NonNullable<Operation['parameters']>[number]>
  }
}

describe.runIf(existsSync(DATA))('S/4HANA by its specifications', () => {
  const stored = (service: string) =>
    JSON.parse(gunzipSync(readFileSync(new URL(`openapi/${service}.json.gz`, DATA))).toString()) as Api
  const serviceOf = (path: string) =>
    path.includes('odata4') ? 'CE_SALESORDER_0001' : /sap\/(API_\w+)/.exec(path)![1]!
  const apis = new Map<string, Api>()
  const api = (service: string) => {
    if (!apis.has(service)) apis.set(service, stored(service))
    return apis.get(service)!
  }

  it('every property of a payment is one of the journal entry item', () => {
    const xml = readFileSync(new URL('edmx/API_GLACCOUNTLINEITEM.edmx', DATA), 'utf8')
    const own = spec('payments')
    const named = [...own.keys, ...Object.values(own.fields).flatMap(propertiesOf), 'Ledger', 'FinancialAccountType']
    for (const name of named) expect(xml, name).toContain(`Property Name="${name}"`)
  })
  it('the example of every entity is mapped, or refused where it has no key', () => {
    for (const stream of specsOf(parsed()).filter((s) => s.stream !== 'payments')) {
      const { schemas } = api(serviceOf(stream.service)).components
      const name = [`${stream.set}Type`, stream.set].flatMap((n) =>
        Object.keys(schemas).filter((k) => k.split('.').at(-1) === n),
      )[0]!
      const examples = Object.fromEntries(
        Object.entries(schemas[name]!.properties!).flatMap(([p, { example }]) =>
          example === undefined ? [] : [[p, example]],
        ),
      )
      expect(() => mapRow(stream, rowOf(stream, examples)), stream.stream).toThrow(/no key/)
      const whole = { ...examples, ...Object.fromEntries([...stream.keys, stream.id ?? ''].map((key) => [key, '1'])) }
      const record = mapRow(stream, rowOf(stream, whole))
      expect(record.record_id).toBe('1')
      expect(record.changed_at, stream.stream).toMatch(/^2017-04-13T/)
    }
  })
  it.each(['v2', 'v4'] as const)('every request with orders by %s is one of theirs', async (orders) => {
    const s = await simulated(sapSystem({ orders }), connector)
    const made: HttpRequest[] = []
    const inner = s.context().http
    const http = { request: (r: HttpRequest) => (made.push(r), inner.request(r)) }
    const ctx = s.context({ http })
    const a = acting(s, connector)
    try {
      for (const kind of ['customer', 'product', 'quote', 'order', 'contract'])
        s.put({ kind, id: idOf(kind, 1), state: null, fields: { name: 'x' } })
      await shipped.ping(ctx as never)
      for (const stream of await connector.discover!(ctx)) {
        for await (const page of stream.read(ctx, null)) expect(page.rows.length).toBeLessThan(2)
        await stream.count!(ctx)
      }
      const perform = async (what: Parameters<Acting['request']>[0]) => {
        const wanted = a.request(what)
        const act = a.action(what.action, what.kind)
        const outcome = await act.perform(ctx, wanted, await act.look(ctx, wanted))
        expect(outcome, `${what.action} ${what.kind}`).toMatchObject({ status: 'done' })
      }
      const samples: Record<string, string> = { name: 'Acme', 'bill_to.country': 'DE', valid_until: '2026-12-31' }
      for (const kind of ['customer', 'product', 'quote', 'contract']) {
        const all = a
          .action('set_fields', kind)
          .fields.map((f) => [f, samples[f] ?? (/_on$|_at$/.test(f) ? '2026-12-31' : 'x')])
        await perform({
          action: 'set_fields',
          kind,
          recordId: idOf(kind, 1),
          fields: Object.fromEntries(all) as Record<string, string>,
        })
      }
      await perform({ action: 'create', kind: 'customer', fields: { name: 'Made' }, refs: { salesforce: '001' } })
      await perform({ action: 'hold', kind: 'customer', recordId: idOf('customer', 1) })
      await perform({ action: 'hold', kind: 'order', recordId: idOf('order', 1) })
    } finally {
      await s.stop()
    }
    const ours = made.filter((r) => /\/sap\/opu\//.test(r.url) && !/\$metadata$|\/$|GLACCOUNT/.test(r.url))
    expect(new Set(ours.map((r) => r.method ?? 'GET'))).toEqual(new Set(['GET', 'PATCH', 'POST']))
    expect(ours.flatMap(wrongOf)).toEqual([])
  })

  const ours = (name: string) => name.startsWith('YY1_')
  function wrongOf({ method = 'GET', url, query = {}, json }: HttpRequest): string[] {
    const { paths, components } = api(serviceOf(url))
    const rest = url.slice(url.lastIndexOf('/0001/') > 0 ? url.indexOf('/0001/') + 5 : url.lastIndexOf('/'))
    const shape = (path: string) => path.replace(/'[^']*'/g, "'…'").replace(/^(\/SalesOrder)\/.+/, '$1/…')
    const path = Object.keys(paths).find((p) => shape(p) === shape(rest))
    const operation = path === undefined ? undefined : paths[path]![method.toLowerCase()]
    if (!operation) return [`${method} ${rest}`]
    const known = (operation.parameters ?? []).map((p) =>
      p.$ref ? components.parameters[p.$ref.split('/').at(-1)!]! : p,
    )
    const wrong: string[] = []
    for (const [name, value] of Object.entries(query)) {
      const parameter = known.find((p) => p.name === name)
      if (!parameter && name !== '$format') wrong.push(`${rest} ${name}`)
      const allowed = parameter?.schema?.items?.enum
      if (!allowed) continue
      for (const item of String(value).split(','))
        if (!allowed.includes(item) && !ours(item) && !(item.includes('/') && allowed.includes(item.split('/')[0]!)))
          // Properties of what is expanded are named with their path, which the enumeration leaves out.
          if (!item.startsWith('to_')) wrong.push(`${rest} ${name}=${item}`)
    }
    const schema = operation.requestBody?.content['application/json'].schema
    return json === undefined || !schema
      ? wrong
      : [...wrong, ...unknownIn(json as object, schema, components.schemas, rest)]
  }
  function unknownIn(value: object, schema: Schema, schemas: Record<string, Schema>, at: string): string[] {
    const whole = schema.$ref ? schemas[schema.$ref.split('/').at(-1)!]! : schema
    if (Array.isArray(value)) return value.flatMap((item) => unknownIn(item as object, whole.items ?? {}, schemas, at))
    return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
      const known = whole.properties?.[name]
      if (!known) return ours(name) ? [] : [`${at} ${name}`]
      return typeof inner === 'object' && inner !== null ? unknownIn(inner, known, schemas, `${at}.${name}`) : []
    })
  }
})
