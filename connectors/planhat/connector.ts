/** Planhat: companies with their health, end users, licenses, tickets and projects of customer success. */
import type { ConnectorContext } from '../contract.ts'
import { ConnectorError, defineConnector } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { planhatActions } from './actions.ts'
import type { PlanhatConfig } from './config.ts'
import { configSchema, MODEL_NAMES } from './config.ts'
import { budget, errors } from './dialect.ts'
import { modelOf, modelsOf } from './models.ts'
import { LAG_MS, modelStream } from './stream.ts'

/** One row of every model: what the token may not read is named model by model. */
async function ping(ctx: ConnectorContext<PlanhatConfig>) {
  const missing: string[] = []
  const specs = modelsOf(ctx.config)
  let skew = 0
  for (const { name, source } of specs) {
    const reply = await ctx.http.request({ url: `/${name}`, query: { limit: 1 }, accept: [403, 404] })
    skew = platformClock(reply, ctx.clock.now()) - ctx.clock.now()
    if (reply.status === 403) missing.push(`permission to view ${source}`)
    else if (reply.status === 404) missing.push(`model ${source} (this tenant has none: add ${name} to skip)`)
  }
  if (specs.length > 0 && missing.length === specs.length)
    throw new ConnectorError('auth', `The token may read nothing: ${missing.join(', ')}.`, {
      remedy: 'Give the user of the token a role that may view these models.',
    })
  const account = new URL(ctx.config.base_url).hostname
  return { account, ...(missing.length > 0 && { missingScopes: missing }), clockSkewMs: skew }
}

const plain = configSchema.shape.companies.parse(undefined)

export default defineConnector<PlanhatConfig>({
  title: 'Planhat',
  mark: 'PH',
  config: configSchema,
  base: (config) => config.base_url,
  authorise: async ({ config }) => ({ authorization: `Bearer ${config.token.reveal()}` }),
  ping,
  streams: MODEL_NAMES.map((name) => modelStream(modelOf(name, plain))),
  discover: async ({ config }) => modelsOf(config).map(modelStream),
  actionsOf: (config) => (config.write ? planhatActions(config) : []),
  // The soft limit; hard are 150 a second and 50 at once.
  limits: { calls: 200, windowMs: 60_000, concurrency: 2, reserve: 0.5 },
  budget,
  errors,
  lagMs: LAG_MS,
  replayDays: null,
  link: (config, kind, id) => config.links[kind]?.replace('{id}', encodeURIComponent(id)) ?? null,
})
