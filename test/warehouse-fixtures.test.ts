/** One customer in four warehouses: answers as each of them writes them become the same record. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { project } from '../connectors/bigquery/project.ts'
import { server } from '../connectors/clickhouse/server.ts'
import { parseExact } from '../connectors/exact-json.ts'
import { columnOf, written } from '../connectors/postgresql/session.ts'
import { account } from '../connectors/snowflake/account.ts'
import { mapRow, parted, rowsOf } from '../connectors/warehouse-rows.ts'
import type { Answer, Warehouse } from '../connectors/warehouse.ts'
import { warehouseKeys } from '../connectors/warehouse.ts'

const { customers } = warehouseKeys.streams.parse({
  customers: {
    kind: 'customer',
    table: 'mart.customers',
    id: 'customer_key',
    created: 'customer_since',
    changed: 'loaded_at',
    status: 'lifecycle',
    deleted: { column: 'is_deleted' },
    fields: { name: 'display_name', credit_limit: 'credit_limit', credit_hold: 'credit_hold' },
    refs: { salesforce: 'sf_account_id' },
  },
})

const fixture = (of: string) =>
  readFileSync(new URL(`../connectors/${of}/fixtures/customers.json`, import.meta.url), 'utf8')

/** What a warehouse that speaks HTTP makes of its own answer. */
const over = (of: string, warehouse: Warehouse<never>) => async (): Promise<Answer> => {
  const reply = { status: 200, headers: {}, text: fixture(of), json: () => parseExact(fixture(of)) }
  const context = { config: { statement_timeout: 60 }, clock: { now: () => 0 }, http: { request: async () => reply } }
  const statement = { sql: 'SELECT 1', parameters: [], pageSize: 10 }
  for await (const answer of warehouse.run(context as never, statement, 'read')) return answer
  throw new Error(`${of} gave no answer`)
}

/** PostgreSQL speaks its own protocol: the cells are the text that it sends. */
async function postgresql(): Promise<Answer> {
  type Result = { fields: { name: string; dataTypeID: number }[]; rows: (string | null)[][] }
  const { fields, rows } = JSON.parse(fixture('postgresql')) as Result
  const columns = fields.map(({ name, dataTypeID }) => columnOf(name, dataTypeID))
  return { columns, rows: rows.map((row) => row.map((cell, n) => written(cell, columns[n]!))), at: 0 }
}

it.each<[string, () => Promise<Answer>]>([
  ['postgresql', postgresql],
  ['snowflake', over('snowflake', account as Warehouse<never>)],
  ['bigquery', over('bigquery', project as Warehouse<never>)],
  ['clickhouse', over('clickhouse', server as Warehouse<never>)],
])('%s', async (_, answered) => {
  const { columns, rows } = await answered()
  const read = rowsOf(customers!, 'mart.customers', columns, rows)
  expect(read.map((row) => mapRow(customers!, row, 'Europe/Berlin'))).toEqual([
    {
      record_id: 'C-1',
      created_at: '2026-01-31',
      changed_at: '2026-11-19T08:15:02.123456Z',
      deleted: false,
      status: 'active',
      fields: { name: 'Müller, "Söhne" & Co KG', credit_limit: '9007199254740993.25', credit_hold: 'false' },
      refs: { salesforce: '0015g00000AbCdEAAV' },
      custom: {},
    },
    {
      record_id: 'C-2',
      created_at: '1969-12-31',
      changed_at: expect.stringMatching(/^2026-11-19T09:00:00(\.0+)?Z$/) as string,
      deleted: true,
      status: null,
      fields: { name: null, credit_limit: null, credit_hold: null },
      refs: { salesforce: null },
      custom: {},
    },
  ])
  expect(parted(customers!, read, 'UTC')).toMatchObject({
    alive: [{ id: 'C-1' }],
    deleted: [{ id: 'C-2', at: Date.parse('2026-11-19T09:00:00Z') }],
  })
})
