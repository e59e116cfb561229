/** PostgreSQL: tables and queries of a database, read only, in the canonical words that the settings give them. */
import type { ConnectorContext } from '../contract.ts'
import { ConnectorError, defineConnector } from '../contract.ts'
import { filledLink, look, warehouseStreams } from '../warehouse-stream.ts'
import { config } from './config.ts'
import type { PostgresConfig } from './config.ts'
import { database } from './database.ts'
import { transaction } from './session.ts'

type Ctx = ConnectorContext<PostgresConfig>

export default defineConnector<PostgresConfig>({
  title: 'PostgreSQL',
  mark: 'PG',
  config,
  hosts: ({ host, port }) => [`${host}:${port}`],
  ping,
  streams: [],
  discover: ({ config: settings }) => Promise.resolve(warehouseStreams(database, settings)),
  // Connections, not rows, are what a database is short of.
  limits: { calls: 600, windowMs: 60_000, concurrency: 2, reserve: 0 },
  lagMs: 300_000,
  replayDays: null,
  link: filledLink,
})

async function ping(ctx: Ctx) {
  const asked = ctx.clock.now()
  const [who, writable] = await transaction(ctx, [WHO, WRITABLE], 'verify')
  const missingScopes: string[] = []
  for (const [name, stream] of Object.entries(ctx.config.streams)) {
    try {
      await look(database, ctx, name)
    } catch (error) {
      if ((error as ConnectorError).code !== 'auth') throw error
      missingScopes.push(`SELECT on ${stream.table ?? `the tables of ${name}`}`)
    }
  }
  const [user, name, all] = who!.rows[0]!
  const tables = writable!.rows.map(([table]) => table)
  const may = all === 'true' ? 'everything: it is a superuser' : tables.join(', ')
  const warning = may === '' ? '' : `; this account may write (${may}), a role that only reads is safer`
  return {
    account: `${user} at ${ctx.config.host}/${name}${warning}`,
    missingScopes,
    clockSkewMs: who!.at - asked,
  }
}

const WHO = {
  text: 'SELECT current_user, current_database(), (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)',
  values: [],
}

/** Tables that the account could change: we never do, but nobody should have to believe it. */
const WRITABLE = {
  text: `SELECT format('%s.%I', relnamespace::regnamespace, relname) FROM pg_class
    WHERE relkind IN ('r', 'p', 'f') AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
      AND has_schema_privilege(relnamespace, 'USAGE') AND has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
    ORDER BY 1 LIMIT 4`,
  values: [],
}
