/** ClickHouse: tables and queries of a server, read only, in the canonical words that the settings give them. */
import type { ConnectorContext, ConnectorError } from '../contract.ts'
import { defineConnector } from '../contract.ts'
import { filledLink, look, warehouseStreams } from '../warehouse-stream.ts'
import { config } from './config.ts'
import type { ClickHouseConfig } from './config.ts'
import { errors } from './dialect.ts'
import { ask, server } from './server.ts'

export default defineConnector<ClickHouseConfig>({
  title: 'ClickHouse',
  mark: 'CH',
  config,
  base: ({ url }) => url,
  authorise: ({ config: { user, password } }) =>
    Promise.resolve({ 'x-clickhouse-user': user, ...(password && { 'x-clickhouse-key': password.reveal() }) }),
  ping,
  streams: [],
  discover: ({ config: settings }) => Promise.resolve(warehouseStreams(server, settings)),
  // Statements, not rows, are what it is short of: a hundred at once is the server's own bound for everybody.
  limits: { calls: 600, windowMs: 60_000, concurrency: 2, reserve: 0 },
  errors,
  lagMs: 300_000,
  replayDays: null,
  link: filledLink,
})

const WRITES = /\b(ALL|INSERT|ALTER|CREATE|DROP|TRUNCATE|DELETE|UPDATE|SYSTEM)\b/g

async function ping(ctx: ConnectorContext<ClickHouseConfig>) {
  const asked = ctx.clock.now()
  const who = await ask(ctx, { sql: 'SELECT currentUser(), version()', parameters: [] }, 'verify')
  const missingScopes: string[] = []
  for (const [name, stream] of Object.entries(ctx.config.streams)) {
    try {
      await look(server, ctx, name)
    } catch (error) {
      if ((error as ConnectorError).code !== 'auth') throw error
      missingScopes.push(`SELECT on ${stream.table ?? `the tables of ${name}`}`)
    }
  }
  const [user, version] = who.rows[0]!
  const grants = await ask(ctx, { sql: 'SHOW GRANTS', parameters: [] }, 'verify')
  const writes = new Set(grants.rows.flatMap(([grant]) => grant?.match(WRITES) ?? []))
  const may = [...writes].slice(0, 3).join(', ')
  const warning = may === '' ? '' : `; this account may write (${may}), one that only reads is safer`
  return {
    account: `${user} at ${new URL(ctx.config.url).host}, ClickHouse ${version}${warning}`,
    missingScopes,
    clockSkewMs: who.at - asked,
  }
}
