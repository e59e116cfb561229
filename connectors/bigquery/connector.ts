/** BigQuery: tables and queries of a project, read only, in the canonical words that the settings give them. */
import type { ConnectorContext, ConnectorError, Credentials, HttpRequest } from '../contract.ts'
import { defineConnector } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { jwtBearer } from '../oauth.ts'
import { filledLink, look, warehouseStreams } from '../warehouse-stream.ts'
import type { BigQueryConfig } from './config.ts'
import { config, serviceAccount } from './config.ts'
import { errors } from './dialect.ts'
import { project } from './project.ts'

type Ctx = ConnectorContext<BigQueryConfig>

export default defineConnector<BigQueryConfig>({
  title: 'BigQuery',
  mark: 'BQ',
  config,
  base: ({ url }) => url,
  hosts: (settings) => [tokenUrl(settings)],
  authorise,
  ping,
  streams: [],
  discover: ({ config: settings }) => Promise.resolve(warehouseStreams(project, settings)),
  // A hundred calls a second for each user of a method; queries run side by side are bounded far lower.
  limits: { calls: 1_200, windowMs: 60_000, concurrency: 4, reserve: 0.5 },
  errors,
  lagMs: 300_000,
  replayDays: null,
  link: filledLink,
})

/** A key that cannot be read is told by the first request, where somebody reads it. */
function tokenUrl(settings: BigQueryConfig): string {
  try {
    return serviceAccount(settings).tokenUrl
  } catch {
    return settings.url
  }
}

async function authorise(ctx: Ctx, _request: HttpRequest, credentials: Credentials): Promise<Record<string, string>> {
  const { email, key, keyId, tokenUrl: url } = serviceAccount(ctx.config)
  const token = await credentials.token('session', () =>
    jwtBearer(ctx, {
      tokenUrl: url,
      issuer: email,
      audience: url,
      privateKey: key,
      scope: ctx.config.scope,
      ...(keyId !== undefined && { keyId }),
    }),
  )
  return { authorization: `Bearer ${token}` }
}

/** What reading a table takes, and what we should not have. */
const READ = 'bigquery.tables.getData'
const WRITE = ['bigquery.tables.updateData', 'bigquery.tables.delete']

async function ping(ctx: Ctx) {
  const asked = ctx.clock.now()
  const missingScopes: string[] = []
  const writable: string[] = []
  let skew = 0
  for (const [name, stream] of Object.entries(ctx.config.streams)) {
    const path = stream.table === undefined ? null : pathOf(ctx.config, stream.table)
    if (path === null) continue
    const reply = await ctx.http.request({
      method: 'POST',
      url: `${path}:testIamPermissions`,
      json: { permissions: [READ, ...WRITE] },
      priority: 'verify',
    })
    skew = platformClock(reply, asked) - asked
    const { permissions = [] } = reply.json() as { permissions?: string[] }
    if (!permissions.includes(READ)) missingScopes.push(`${READ} on ${stream.table ?? name}`)
    if (WRITE.some((permission) => permissions.includes(permission))) writable.push(stream.table!)
  }
  if (missingScopes.length === 0) for (const name of Object.keys(ctx.config.streams)) await look(project, ctx, name)
  const warning =
    writable.length === 0
      ? ''
      : `; this account may write (${writable.slice(0, 3).join(', ')}), one that only reads is safer`
  return {
    account: `${serviceAccount(ctx.config).email} in ${ctx.config.project}${warning}`,
    missingScopes,
    clockSkewMs: skew,
  }
}

/** The table among the resources of the API; null where its name leaves the dataset open. */
function pathOf({ project: own, dataset }: BigQueryConfig, table: string): string | null {
  const parts = table.replaceAll('`', '').split('.')
  const name = parts.pop()!
  const set = parts.pop() ?? dataset
  if (set === undefined) return null
  const [p, d, t] = [parts.pop() ?? own, set, name].map(encodeURIComponent)
  return `/bigquery/v2/projects/${p}/datasets/${d}/tables/${t}`
}
