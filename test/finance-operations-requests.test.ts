/** Finance & Operations by the vendor's specification, as far as one is held: properties, paths, parameters and members of what is sent. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Connector, HttpRequest } from '../connectors/contract.ts'
import shipped from '../connectors/finance-operations/connector.ts'
import { entitiesOf } from '../connectors/finance-operations/entities.ts'
import { operationsEnvironment } from '../lab/platforms/finance-operations.ts'
import { idOf } from '../lab/platforms/finance-operations/entities.ts'
import { acting } from './world/acting.ts'
import { simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const spec = (stream: string) => entitiesOf({ entities: {}, skip: [] }).specs.find((s) => s.stream === stream)!

const DATA = new URL('../../shared/vendor-data/dynamics-finance-operations/openapi/', import.meta.url)
interface Schema {
  $ref?: string
  allOf?: Schema[]
  properties?: Record<string, Schema>
}
interface Api {
  paths: Record<string, Record<string, { parameters?: { $ref: string }[]; requestBody?: unknown }>>
  components: { schemas: Record<string, Schema>; parameters: Record<string, { name: string }> }
}

describe.runIf(existsSync(DATA))('Finance & Operations by its specification', () => {
  const api = () => JSON.parse(gunzipSync(readFileSync(new URL('receivable.json.gz', DATA))).toString()) as Api
  // The specification leaves out the sales documents and products.
  const HELD = { CustomersV3: 'CustomerV3', CustomerPaymentJournalLines: 'CustomerPaymentJournalLine' }

  it('has every property of customers and payments, and the words of a hold', () => {
    const { schemas } = api().components
    for (const [stream, schema] of Object.entries(HELD)) {
      const { fields, keys } = spec(stream)
      const known = Object.keys(schemas[schema]!.properties!)
      expect([...keys, ...Object.values(fields)].filter((name) => !known.includes(name))).toEqual([])
    }
    expect((schemas['CustVendorBlocked'] as { enum: string[] }).enum).toEqual(expect.arrayContaining(['No', 'All']))
  })
  it('knows every path, parameter and member that is sent for them', async () => {
    const s = await simulated(operationsEnvironment(), connector)
    const made: HttpRequest[] = []
    const inner = s.context().http
    const http = { request: (r: HttpRequest) => (made.push(r), inner.request(r)) }
    const ctx = s.context({ http })
    const a = acting(s, connector)
    try {
      const recordId = idOf('customer', 1)
      s.put({ kind: 'customer', id: recordId, fields: { name: 'x' } })
      for (const stream of await connector.discover!(ctx)) {
        for await (const page of stream.read(ctx, null)) expect(page.rows.length).toBeLessThan(2)
        await stream.count!(ctx)
      }
      const everything = Object.fromEntries(
        a.action('set_fields', 'customer').fields.map((f) => [f, f === 'credit_limit' ? '1' : 'x']),
      )
      for (const [action, id] of [
        ['set_fields', recordId],
        ['create', null],
      ] as const) {
        const wanted = a.request({ action, kind: 'customer', recordId: id, fields: everything })
        const act = a.action(action, 'customer')
        expect(await act.perform(ctx, wanted, await act.look(ctx, wanted))).toMatchObject({ status: 'done' })
      }
    } finally {
      await s.stop()
    }
    const { paths, components } = api()
    const ours = made.filter(({ url }) => Object.keys(HELD).some((set) => url.startsWith(`/data/${set}`)))
    expect(new Set(ours.map((r) => r.method ?? 'GET'))).toEqual(new Set(['GET', 'PATCH', 'POST']))
    for (const { method = 'GET', url, query = {}, json } of ours) {
      const shape = url
        .slice('/data'.length)
        .replace('?cross-company=true', '')
        .replace(/=[^,)]+/g, '=…')
      const path = Object.keys(paths).find((p) => p.replace(/=\{\w+\}/g, '=…') === shape)!
      const operation = paths[path]?.[method.toLowerCase()]
      expect(operation, `${method} ${url}`).toBeDefined()
      const known = (operation!.parameters ?? []).map((p) => components.parameters[p.$ref.split('/').at(-1)!]?.name)
      expect(Object.keys(query).filter((name) => !known.includes(name))).toEqual([])
      const members = Object.keys(components.schemas['CustomerV3']!.properties!)
      expect(
        Object.keys((json as object | undefined) ?? {}).filter(
          (name) => !members.includes(name) && !name.startsWith('LM_'),
        ),
      ).toEqual([])
    }
  })
})
