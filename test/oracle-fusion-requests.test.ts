/** Oracle Fusion by what others reconstructed of its API: paths, parameters and members of what is sent, as far as they go. */
import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Connector, HttpRequest } from '../connectors/contract.ts'
import { configSchema } from '../connectors/oracle-fusion/config.ts'
import shipped from '../connectors/oracle-fusion/connector.ts'
import { attributesOf, resourcesOf } from '../connectors/oracle-fusion/resources.ts'
import { fusionEnvironment } from '../lab/platforms/oracle-fusion.ts'
import { idOf } from '../lab/platforms/oracle-fusion/resources.ts'
import { acting } from './world/acting.ts'
import { simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const DATA = new URL('../../shared/vendor-data/oracle-fusion/unofficial-openapi/', import.meta.url)

interface Operation {
  parameters?: { name?: string; in?: string; $ref?: string }[]
  requestBody?: { content: { 'application/json': { schema: { $ref: string } } } }
}
interface Api {
  paths: Record<string, Record<string, Operation>>
  components: {
    schemas: Record<string, { properties?: Record<string, unknown> }>
    parameters: Record<string, { name: string }>
  }
}

/** What the reconstruction does not have, and where it comes from instead. */
const ELSEWHERE = new Set([
  '/itemsV2', // named productItems there; the vendor's pages say itemsV2
  '/receivablesCreditMemos', // in the vendor's pages
  '/describe', // of every resource, in the vendor's pages
])
/** Parameters of every collection in the vendor's pages. */
const EVERYWHERE = ['onlyData', 'totalResults', 'q', 'fields', 'orderBy', 'limit', 'offset', 'expand']

describe.runIf(existsSync(DATA))('Oracle Fusion by a reconstruction of its API', () => {
  const apis: Api[] = []
  beforeAll(() => {
    for (const name of ['cx-sales', 'erp', 'scm'])
      apis.push(parse(readFileSync(new URL(`oracle-fusion-${name}-openapi.yml`, DATA), 'utf8')) as Api)
  })
  const operation = (method: string, path: string) => {
    for (const api of apis) {
      const shape = (p: string) =>
        p
          .split('/')
          .map((part) => (part.startsWith('{') ? '…' : part))
          .join('/')
      const found = Object.keys(api.paths).find((p) => shape(p) === path)
      if (found !== undefined && api.paths[found]![method]) return { api, operation: api.paths[found]![method] }
    }
    return null
  }

  it('has the attributes of accounts, contacts, opportunities and service requests that are read by default', () => {
    const { schemas } = apis[0]!.components
    const specs = resourcesOf(
      configSchema.parse({ url: 'https://x.example', auth: { type: 'basic', user: 'u', password: 'p' } }),
    ).specs
    const unknown = Object.entries({
      accounts: 'Account',
      contacts: 'Contact',
      opportunities: 'Opportunity',
      serviceRequests: 'ServiceRequest',
    }).flatMap(([stream, schema]) => {
      const spec = specs.find((s) => s.stream === stream)!
      const named = [spec.key, spec.id, ...Object.values(spec.fields).flatMap(attributesOf)]
      return named.filter((name) => !(name in schemas[schema]!.properties!)).map((name) => `${stream} ${name}`)
    })
    // The address and currency of an account, and the account of a request, are in the vendor's pages only.
    expect(unknown.sort()).toEqual([
      'accounts AddressLine1',
      'accounts AddressLine2',
      'accounts City',
      'accounts Country',
      'accounts CurrencyCode',
      'accounts PostalCode',
      'accounts State',
      'serviceRequests AccountPartyNumber',
    ])
  })

  it('knows every path, parameter and member that is sent', async () => {
    const s = await simulated(fusionEnvironment(), connector)
    const made: HttpRequest[] = []
    const inner = s.context().http
    const http = { request: (r: HttpRequest) => (made.push(r), inner.request(r)) }
    const ctx = s.context({ http })
    const a = acting(s, connector)
    try {
      const kinds = ['customer', 'opportunity', 'case']
      for (const kind of kinds) s.put({ kind, id: idOf(kind, 1), fields: { name: 'x' } })
      await shipped.ping(ctx as never)
      for (const stream of await connector.discover!(ctx)) {
        for await (const page of stream.read(ctx, null)) expect(page.rows.length).toBeLessThan(2)
        await stream.count!(ctx)
      }
      const perform = async (action: 'set_fields' | 'create', kind: string) => {
        const fields = Object.fromEntries(
          a.action(action, kind).fields.map((f) => [f, f === 'amount' ? '12.50' : /date/.test(f) ? '2026-12-31' : 'x']),
        )
        const wanted = a.request({ action, kind, recordId: action === 'create' ? null : idOf(kind, 1), fields })
        const act = a.action(action, kind)
        expect(await act.perform(ctx, wanted, await act.look(ctx, wanted))).toMatchObject({ status: 'done' })
      }
      for (const kind of kinds) await perform('set_fields', kind)
      await perform('create', 'customer')
    } finally {
      await s.stop()
    }
    const ours = made.filter(({ url }) => /RestApi/.test(url) && ![...ELSEWHERE].some((part) => url.includes(part)))
    expect(new Set(ours.map((r) => r.method ?? 'GET'))).toEqual(new Set(['GET', 'PATCH', 'POST']))
    const wrong: string[] = []
    for (const { method = 'GET', url, query = {}, json, headers } of ours) {
      const path = url.replace(/\/[0-9a-f]{24}$/, '/…')
      const found = operation(method.toLowerCase(), path)
      if (!found) wrong.push(`${method} ${path}`)
      for (const name of Object.keys(query)) if (!EVERYWHERE.includes(name)) wrong.push(`${path} ${name}`)
      expect(headers?.['rest-framework-version'], url).toBe('4')
      const reference = found?.operation.requestBody?.content['application/json'].schema.$ref.split('/').at(-1)
      const members = reference === undefined ? {} : found!.api.components.schemas[reference]!.properties!
      for (const name of Object.keys((json as object | undefined) ?? {}))
        // Its update leaves out the web address, which it has in the account.
        if (!(name in members) && !name.endsWith('_c') && name !== 'URL') wrong.push(`${method} ${path} ${name}`)
    }
    expect(wrong).toEqual([])
  })
})
