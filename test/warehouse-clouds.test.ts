/** Snowflake and BigQuery: what waits, pages, signs in, throttles and refuses in their own dialects, and cells to the last digit. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { instant, written as bigqueryCell } from '../connectors/bigquery/cells.ts'
import bigquery from '../connectors/bigquery/connector.ts'
import type { HttpRequest } from '../connectors/contract.ts'
import { columnOf, written as snowflakeCell } from '../connectors/snowflake/cells.ts'
import { addressOf } from '../connectors/snowflake/config.ts'
import snowflake from '../connectors/snowflake/connector.ts'
import { bigqueryProject } from '../lab/platforms/bigquery.ts'
import { snowflakeAccount } from '../lab/platforms/snowflake.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const T0 = Date.parse('2026-11-20T12:00:00Z')
const open: Simulated[] = []
afterEach(async () => {
  for (const world of open.splice(0)) await world.stop()
})

type Options = Parameters<typeof simulated>[2]
async function opened(
  of: Parameters<typeof simulated>[0],
  connector: unknown,
  options: Options = {},
): Promise<Simulated> {
  const world = await simulated(of, connector as never, options)
  open.push(world)
  for (let n = 1; n <= 23; n++) {
    const changedAt = T0 - 86_400_000 + Math.floor(n / 8) * 60_000
    world.put({ kind: 'customer', id: `c-${String(n).padStart(2, '0')}`, fields: { name: `Customer ${n}` }, changedAt })
  }
  return world
}

describe('Snowflake', () => {
  it('waits for a statement that goes on in the background, and takes its rows partition by partition', async () => {
    const world = await opened(snowflakeAccount({ looks: 3, partition: 7 }), snowflake)
    expect(ids(await world.read('customers'))).toHaveLength(23)
    const submitted = world.seen.filter((r) => r.method === 'POST')
    expect(submitted).toHaveLength(2)
    // Three looks each, and three further partitions of the second.
    expect(world.seen.length - submitted.length).toBe(2 * 3 + 3)
  })

  it('runs a statement once, however often it must be sent', async () => {
    const world = await opened(snowflakeAccount(), snowflake)
    const before = world.seen.length
    world.meet((_, n) => (n === before + 2 ? { kind: 'lost_reply' } : null))
    expect(ids(await world.read('customers'))).toHaveLength(23)
    const statements = world.http.calls().filter((call) => call.url.includes('requestId'))
    expect(statements).toHaveLength(3)
  })

  it('names tables that the role may not read, and what it could write', async () => {
    const grants = [
      ['SELECT', 'ANALYTICS.MART.CUSTOMERS'],
      ['INSERT', 'ANALYTICS.MART.INVOICES'],
    ] as const
    const world = await opened(snowflakeAccount({ forbidden: ['payments'], grants }), snowflake)
    expect(await snowflake.ping(world.context() as never)).toMatchObject({
      account:
        'PLUMBLINE at LAB as READER; this role may write (INSERT on ANALYTICS.MART.INVOICES), one that only reads is safer',
      missingScopes: ['SELECT on MART.payments'],
    })
  })

  it('refuses a key that is none, and is refused with a key of somebody else', async () => {
    const other = (key: string): Options => ({
      config: (shipped) => ({ ...shipped, auth: { flow: 'key_pair', user: 'plumbline', private_key: key } }),
    })
    const none = await opened(snowflakeAccount(), snowflake, other('no key'))
    await expect(none.read('customers')).rejects.toMatchObject({ code: 'config' })
    const { generateKeyPairSync } = await import('node:crypto')
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const wrong = await opened(
      snowflakeAccount(),
      snowflake,
      other(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string),
    )
    await expect(wrong.read('customers')).rejects.toMatchObject({ code: 'auth' })
  })

  it.each([
    ['fixed', '12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
    ['timestamp_ltz', '1780548544.065000000', '2026-06-04T04:49:04.065Z'],
    ['timestamp_ltz', '1780548544.000000001', '2026-06-04T04:49:04.000000001Z'],
    ['timestamp_tz', '1616173619.000000000 960', '2021-03-19T17:06:59Z'],
    ['timestamp_ntz', '-1.500000000', '1969-12-31T23:59:58.5'],
    ['timestamp_ntz', '2019-08-10 23:56:34.123', '2019-08-10T23:56:34.123'],
    ['timestamp_ltz', '2019-08-10T23:56:34.123000000+00:00', '2019-08-10T23:56:34.123000000Z'],
    ['date', '18262', '2020-01-01'],
    ['date', '2020-01-01', '2020-01-01'],
    ['variant', '{"n": 1.10}', '{"n": 1.10}'],
    ['text', null, null],
  ])('keeps a cell of %s to its last digit: %s', (type, cell, text) => {
    expect(snowflakeCell(cell, columnOf({ name: 'x', type, scale: 0 }))).toBe(text)
  })

  it('tells a statement that took too long from a platform that fails', () => {
    const reply = (status: number, body: object) => ({
      status,
      headers: {},
      text: JSON.stringify(body),
      json: () => body,
    })
    const said = (status: number, body: object) => snowflake.errors!(reply(status, body), undefined as never)
    expect(said(408, { message: 'reached its timeout' })).toMatchObject({ code: 'upstream', retryable: false })
    expect(said(422, { code: '000604', message: 'cancelled' })).toMatchObject({ code: 'upstream', retryable: false })
    expect(said(422, { code: '001003', sqlState: '42000', message: 'syntax error' })).toMatchObject({ code: 'schema' })
    expect(said(503, { message: 'busy' })).toBeUndefined()
  })

  it.each([
    ['MyOrg-My_Account', 'https://myorg-my-account.snowflakecomputing.com'],
    ['xy12345.eu-central-1', 'https://xy12345.eu-central-1.snowflakecomputing.com'],
  ])('is reached at %s', (account, address) => expect(addressOf({ account, url: undefined })).toBe(address))
})

describe('BigQuery', () => {
  it('waits for a query that is not finished, takes its rows page by page, and asks for columns without being billed', async () => {
    const world = await opened(bigqueryProject({ looks: 2 }), bigquery)
    const pages = await world.read('customers', null, 'changes', 5)
    expect(ids(pages)).toHaveLength(23)
    expect(pages.filter((p) => p.rows.length > 0).map((p) => p.rows.length)).toEqual([5, 5, 5, 5, 3])
    expect(ids(await world.read('customers', lastCursor(pages)))).toHaveLength(23)
  })

  it('reads the columns by running the query where a dry run does not tell them', async () => {
    const world = await opened(bigqueryProject({ silentDryRuns: true }), bigquery)
    expect(ids(await world.read('customers'))).toHaveLength(23)
  })

  it('takes a 403 that means too fast as throttling, and goes on', async () => {
    const world = await opened(bigqueryProject(), bigquery)
    const before = world.seen.length
    world.meet((_, n) => (n === before + 3 ? { kind: 'throttle' } : null))
    expect(ids(await world.read('customers'))).toHaveLength(23)
    expect(world.http.tally()).toMatchObject({ throttles: 1 })
  })

  it('is not billed for more than the settings allow', async () => {
    const limited: Options = { config: (shipped) => ({ ...shipped, max_gigabytes: 0.5 }) }
    const world = await opened(bigqueryProject({ bytes: 1024 ** 3 }), bigquery, limited)
    const refusal = { code: 'schema', message: expect.stringContaining('bytes billed') as string }
    await expect(world.read('customers')).rejects.toMatchObject(refusal)
  })

  it('names tables that the account may not read, and those that it could write', async () => {
    const rightsOn = { payments: [], invoices: ['bigquery.tables.getData', 'bigquery.tables.updateData'] }
    const world = await opened(bigqueryProject({ rightsOn }), bigquery)
    expect(await bigquery.ping(world.context() as never)).toMatchObject({
      account: expect.stringMatching(/may write \(lab-warehouse\.mart\.invoices\)/) as string,
      missingScopes: ['bigquery.tables.getData on lab-warehouse.mart.payments'],
    })
  })

  it('names a key file that is none without showing it', async () => {
    const world = await opened(bigqueryProject(), bigquery, {
      config: (shipped) => ({ ...shipped, service_account: '{"client_email": "a@b", "private_key": 7}' }),
    })
    const refusal = await world.read('customers').catch((error: unknown) => error as Error & { code: string })
    expect(refusal).toMatchObject({ code: 'config' })
    expect((refusal as Error).message).not.toContain('a@b')
  })

  it.each([
    [{ name: 'n', type: 'INTEGER' }, '9223372036854775807', '9223372036854775807'],
    [
      { name: 'n', type: 'BIGNUMERIC' },
      '0.12345678901234567890123456789012345678',
      '0.12345678901234567890123456789012345678',
    ],
    [{ name: 't', type: 'TIMESTAMP' }, '1780548544065001', '2026-06-04T04:49:04.065001Z'],
    [{ name: 't', type: 'DATETIME' }, '2026-06-04T04:49:04.065001', '2026-06-04T04:49:04.065001'],
    [{ name: 'l', type: 'STRING', mode: 'REPEATED' }, [{ v: 'a' }, { v: 'b' }], '["a","b"]'],
    [
      {
        name: 'r',
        type: 'RECORD',
        fields: [
          { name: 'n', type: 'INTEGER' },
          { name: 't', type: 'TIMESTAMP' },
        ],
      },
      { f: [{ v: '9007199254740993' }, { v: '0' }] },
      '{"n":"9007199254740993","t":"1970-01-01T00:00:00Z"}',
    ],
  ])('keeps a cell to its last digit: %o', (field, cell, text) => expect(bigqueryCell(cell, field)).toBe(text))

  it('knows instants before 1970', () => expect(instant('-1')).toBe('1969-12-31T23:59:59.999999Z'))
})

/** The vendors' specifications are beside the checkout in development only. */
const SNOWFLAKE = new URL('../../shared/vendor-data/warehouse-snowflake/sqlapi.yaml', import.meta.url)
const BIGQUERY = new URL('../../shared/vendor-data/warehouse-bigquery/bigquery-v2-discovery.json.gz', import.meta.url)

describe.skipIf(!existsSync(SNOWFLAKE) || !existsSync(BIGQUERY))(
  'requests, held against the vendor’s own specification,',
  () => {
    interface Said {
      method: string
      path: string
      query: string[]
      body: Record<string, unknown>
    }
    /** Every request of a whole reading. */
    async function requests(of: Parameters<typeof simulated>[0], connector: unknown): Promise<Said[]> {
      const world = await opened(of, connector)
      const said: Said[] = []
      const context = world.context()
      const http = {
        request: (request: HttpRequest) => {
          const { query = {}, json = {}, method = 'GET', url } = request
          const names = Object.entries(query).filter(([, v]) => v !== undefined)
          said.push({ method, path: url, query: names.map(([k]) => k), body: json as Record<string, unknown> })
          return context.http.request(request)
        },
      }
      const stream = await world.stream('customers')
      for (const mode of ['changes', 'full'] as const)
        for await (const page of stream.read({ ...context, http, mode, pageSize: 5 }, null)) void page
      await stream.one!({ ...context, http } as never, 'c-01')
      await stream.count!({ ...context, http } as never)
      return said
    }

    it('are valid for Snowflake', async () => {
      interface Spec {
        paths: Record<
          string,
          Record<string, { requestBody: { content: Record<string, { schema: { properties: object } }> } }> & {
            parameters: { $ref: string }[]
          }
        >
        components: { parameters: Record<string, { name: string }> }
      }
      const spec = parse(readFileSync(SNOWFLAKE, 'utf8')) as Spec
      for (const { method, path, query, body } of await requests(
        snowflakeAccount({ looks: 1, partition: 7 }),
        snowflake,
      )) {
        const template = path.replace(/statements\/[^/]+$/, 'statements/{statementHandle}')
        const found = spec.paths[template]!
        const operation = found[method.toLowerCase()]!
        expect(operation, `${method} ${template}`).toBeDefined()
        const names = found.parameters.map(({ $ref }) => spec.components.parameters[$ref.split('/').at(-1)!]!.name)
        // `retry` is told of in the vendor's guide to repeated submissions and left out of its specification.
        expect(query.filter((name) => !names.includes(name) && name !== 'retry')).toEqual([])
        if (method === 'POST') {
          const known = Object.keys(operation.requestBody.content['application/json']!.schema.properties)
          expect(Object.keys(body).filter((key) => !known.includes(key))).toEqual([])
        }
      }
    })

    it('are valid for BigQuery', async () => {
      interface Method {
        flatPath?: string
        path: string
        httpMethod: string
        parameters: Record<string, { location: string }>
      }
      interface Spec {
        resources: { jobs: { methods: Record<'query' | 'getQueryResults', Method> } }
        schemas: Record<string, { properties: Record<string, { $ref?: string }> }>
      }
      const spec = JSON.parse(gunzipSync(readFileSync(BIGQUERY)).toString()) as Spec
      const { query: ask, getQueryResults: take } = spec.resources.jobs.methods
      const known = Object.keys(spec.schemas['QueryRequest']!.properties)
      const parameter = Object.keys(spec.schemas['QueryParameter']!.properties)
      for (const { method, path, query, body } of await requests(bigqueryProject({ looks: 1 }), bigquery)) {
        const of = method === 'POST' ? ask : take
        expect(of.httpMethod).toBe(method)
        expect(path).toMatch(new RegExp(`^/bigquery/v2/${of.path.replace(/\{\+\w+\}/g, '[^/]+')}$`))
        expect(query.filter((name) => of.parameters[name]?.location !== 'query')).toEqual([])
        expect(Object.keys(body).filter((key) => !known.includes(key))).toEqual([])
        for (const bound of (body['queryParameters'] as object[] | undefined) ?? [])
          expect(Object.keys(bound).filter((key) => !parameter.includes(key))).toEqual([])
      }
    })
  },
)
