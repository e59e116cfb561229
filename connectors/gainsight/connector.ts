/** Gainsight: companies, persons of companies and whatever further objects the configuration names. */
import type { Credentials, HttpRequest } from '../contract.ts'
import { ConnectorError, defineConnector } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { clientCredentials } from '../oauth.ts'
import { gainsightActions } from './actions.ts'
import type { GainsightConfig, Meaning } from './config.ts'
import { config } from './config.ts'
import { errors } from './dialect.ts'
import { objectsOf } from './objects.ts'
import type { Ctx } from './query.ts'
import { query } from './query.ts'
import { receive } from './receive.ts'
import { LAG_MS, objectStream } from './stream.ts'

const BARE: Meaning = {
  objects: {},
  skip: [],
  id_field: 'Gsid',
  stamp_field: 'ModifiedDate',
  created_field: 'CreatedDate',
}

export default defineConnector<GainsightConfig>({
  title: 'Gainsight',
  mark: 'GS',
  config,
  base: (c) => c.base_url,
  authorise,
  ping,
  streams: objectsOf(BARE).specs.map(objectStream),
  discover(ctx) {
    const { specs, missing } = objectsOf(ctx.config)
    if (missing.length > 0)
      throw new ConnectorError(
        'config',
        `${ctx.platform} reads ${missing.join(', ')}, but no canonical kind is named for it.`,
        {
          remedy: `Add kind to config.objects.${missing[0]}.`,
        },
      )
    return Promise.resolve(specs.map(objectStream))
  },
  actions: gainsightActions(BARE),
  actionsOf: (c) => (c.write ? gainsightActions(c) : []),
  receive,
  // A hundred a minute in windows that are fixed: spread out, no window sees more.
  limits: { calls: 16, windowMs: 10_000, concurrency: 2, reserve: 0.3 },
  errors,
  lagMs: LAG_MS,
  replayDays: null,
  link: (c, kind, id) => c.links[kind]?.replace('{id}', encodeURIComponent(id)) ?? null,
})

async function authorise(ctx: Ctx, _request: HttpRequest, credentials: Credentials): Promise<Record<string, string>> {
  const { auth, base_url } = ctx.config
  if (auth.flow === 'access_key') return { accesskey: auth.access_key.reveal() }
  const tokenUrl = `${base_url.replace(/\/$/, '')}${auth.token_path}`
  const client = { tokenUrl, clientId: auth.client_id, clientSecret: auth.client_secret }
  const token = await credentials.token('access', () => clientCredentials(ctx, client))
  return { authorization: `Bearer ${token}` }
}

/** One row of each object: what the tenant does not have or the key may not read is named. */
async function ping(ctx: Ctx) {
  const asked = ctx.clock.now()
  const missing: string[] = []
  let skew = 0
  const { specs } = objectsOf(ctx.config)
  for (const { name, id } of specs) {
    try {
      const { reply } = await query(ctx, { object: name, select: [id], where: [], order: [id], limit: 1 }, 'verify')
      skew = platformClock(reply, asked) - asked
    } catch (error) {
      const { code, status } = error as { code?: string; status?: number }
      if (code === 'not_found') missing.push(`object ${name} (this tenant has none: add ${name} to skip)`)
      else if (code === 'auth' && status === 403) missing.push(`permission to read ${name}`)
      else throw error
    }
  }
  return { account: new URL(ctx.config.base_url).hostname, missingScopes: missing, clockSkewMs: skew }
}
