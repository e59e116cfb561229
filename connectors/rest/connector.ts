/** An API that the product has no connector for, described in YAML alone: sign-in, lists, paging, changes, mapping, writing. */
import { defineConnector } from '../contract.ts'
import { authorise } from './authorise.ts'
import type { RestConfig } from './config.ts'
import { configSchema } from './config.ts'
import { budget, errors } from './dialect.ts'
import { ping } from './ping.ts'
import { filled } from './place.ts'
import { streamOf } from './stream.ts'
import { actionsOf } from './write.ts'

export default defineConnector<RestConfig>({
  title: 'Described API',
  config: configSchema,
  base: ({ base_url }) => base_url,
  hosts: ({ hosts, auth }) => [...hosts, ...('token_url' in auth ? [auth.token_url] : [])],
  authorise: (ctx, _request, credentials) => authorise(ctx, credentials),
  ping,
  streams: [],
  discover: async ({ config }) => Object.entries(config.streams).map(([name, stream]) => streamOf(name, stream)),
  actionsOf,
  // What most APIs bear; platforms.<name>.budget and the reply's own headers say better. Half is left to others.
  limits: { calls: 60, windowMs: 60_000, concurrency: 2, reserve: 0.5 },
  budget,
  errors,
  lagMs: 60_000,
  replayDays: null,
  link(config, kind, id) {
    const stream = Object.values(config.streams).find((s) => s.kind === kind && s.link !== undefined)
    return stream ? filled(stream.link!, { id }) : null
  },
})
