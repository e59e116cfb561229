/** Remote: a ClickHouse server or cluster by its HTTP address. */
import { ClickHouseLogLevel, createClient, type ClickHouseClient, type Row as ClientRow } from '@clickhouse/client'
import { PlumblineError } from '../../errors.ts'
import { batched, type Engine } from './engine.ts'
import { withLongLists } from './long-lists.ts'
import { connectionSettings, MAX_QUERY_SECONDS } from './settings.ts'

export interface ServerAddress {
  url: string
  user?: string | undefined
  password?: string | undefined
}

export async function openRemote(address: ServerAddress, maxQueryMb: number): Promise<Engine> {
  const { url, username, password } = target(address)
  const base = {
    url,
    username,
    password,
    application: 'plumbline',
    // Longer than the server's own limit, so that its answer, which says more, comes first.
    request_timeout: (MAX_QUERY_SECONDS + 30) * 1000,
    use_multipart_params_auto: true,
    log: { level: ClickHouseLogLevel.OFF },
  }
  const version = await versionOf(createClient({ ...base, request_timeout: 30_000 }))
  const client = createClient({
    ...base,
    clickhouse_settings: {
      ...connectionSettings(version, maxQueryMb),
      // A failure after the first bytes must not look like a success.
      wait_end_of_query: 1,
    },
  })

  return {
    where: `ClickHouse at ${url}`,
    embedded: false,
    version,
    rows: async <Row>(sql: string, params: Record<string, unknown>) =>
      (await client.query(request(sql, params))).json<Row>(),
    async command(sql, params) {
      // Only `query` can send long parameters outside the address, which servers cut short.
      if (JSON.stringify(params).length < 4096) return void (await client.command({ query: sql, query_params: params }))
      await (await client.query(request(sql, params))).text()
    },
    async insert(table, ndjson) {
      await client.command({ query: `insert into ${table} format JSONEachRow\n${ndjson}` })
    },
    batches: <Row>(sql: string, params: Record<string, unknown>, size: number) =>
      batched(streamed<Row>(client, sql, params), size),
    close: () => client.close(),
  }
}

function request(sql: string, params: Record<string, unknown>) {
  const short = withLongLists({ sql, params })
  return { query: short.sql, query_params: short.params, format: 'JSONEachRow' as const }
}

async function versionOf(client: ClickHouseClient): Promise<string> {
  try {
    const [row] = await (
      await client.query({ query: 'select version() as version', format: 'JSONEachRow' })
    ).json<{ version: string }>()
    return row!.version
  } finally {
    await client.close()
  }
}

async function* streamed<Row>(
  client: ClickHouseClient,
  sql: string,
  params: Record<string, unknown>,
): AsyncIterable<Row[]> {
  // A long result is read while it is made; buffering it whole first would hold it on the server's disk.
  const result = await client.query({ ...request(sql, params), clickhouse_settings: { wait_end_of_query: 0 } })
  try {
    for await (const rows of result.stream() as AsyncIterable<ClientRow<Row, 'JSONEachRow'>[]>)
      yield rows.map((row) => row.json() as Row)
  } finally {
    result.close()
  }
}

/** Credentials may stand in the address; they are taken out so that no message ever shows them. */
function target({ url, user, password }: ServerAddress): { url: string; username: string; password: string } {
  const parsed = parse(url)
  const found = {
    username: user ?? (decodeURIComponent(parsed.username) || 'default'),
    password: password ?? decodeURIComponent(parsed.password),
  }
  parsed.username = parsed.password = ''
  return { url: parsed.toString().replace(/\/$/, ''), ...found }
}

function parse(url: string): URL {
  try {
    return new URL(url)
  } catch (cause) {
    throw new PlumblineError('config', 'The ClickHouse address is not a URL.', {
      cause,
      remedy: 'Write it like http://127.0.0.1:8123.',
    })
  }
}
