/** Snowflake: tables and queries by the SQL API, read only, in the canonical words that the settings give them. */
import type { ConnectorContext, ConnectorError } from '../contract.ts'
import { defineConnector } from '../contract.ts'
import { filledLink, look, warehouseStreams } from '../warehouse-stream.ts'
import { account, ask } from './account.ts'
import { authorise } from './authorise.ts'
import type { SnowflakeConfig } from './config.ts'
import { addressOf, config } from './config.ts'
import { errors } from './dialect.ts'

export default defineConnector<SnowflakeConfig>({
  title: 'Snowflake',
  mark: 'SW',
  config,
  base: addressOf,
  authorise: (ctx, _request, credentials) => authorise(ctx, credentials),
  ping,
  streams: [],
  discover: ({ config: settings }) => Promise.resolve(warehouseStreams(account, settings)),
  // Statements queue in the warehouse, which is paid by the second: few at a time.
  limits: { calls: 300, windowMs: 60_000, concurrency: 2, reserve: 0 },
  errors,
  lagMs: 300_000,
  replayDays: null,
  link: filledLink,
})

const WRITES = /^(INSERT|UPDATE|DELETE|TRUNCATE|OWNERSHIP|CREATE .*|MODIFY)$/

async function ping(ctx: ConnectorContext<SnowflakeConfig>) {
  const asked = ctx.clock.now()
  const who = await ask(ctx, 'SELECT CURRENT_USER(), CURRENT_ACCOUNT(), CURRENT_ROLE()', 'verify')
  const missingScopes: string[] = []
  for (const [name, stream] of Object.entries(ctx.config.streams)) {
    try {
      await look(account, ctx, name)
    } catch (error) {
      if ((error as ConnectorError).code !== 'auth') throw error
      missingScopes.push(`SELECT on ${stream.table ?? `the tables of ${name}`}`)
    }
  }
  const [user, where, role] = who.rows[0]!
  return {
    account: `${user} at ${where} as ${role ?? 'no role'}${role ? await writing(ctx, role) : ''}`,
    missingScopes,
    clockSkewMs: who.at - asked,
  }
}

/** What the role could change: we never do, but nobody should have to believe it. */
async function writing(ctx: ConnectorContext<SnowflakeConfig>, role: string): Promise<string> {
  const { columns, rows } = await ask(ctx, `SHOW GRANTS TO ROLE ${account.dialect.quote(role)}`, 'verify')
  const place = (name: string) => columns.findIndex((c) => c.name.toLowerCase() === name)
  const [privilege, on] = [place('privilege'), place('name')]
  const may = rows.filter((row) => WRITES.test(row[privilege] ?? '')).map((row) => `${row[privilege]} on ${row[on]}`)
  return may.length === 0 ? '' : `; this role may write (${may.slice(0, 3).join(', ')}), one that only reads is safer`
}
