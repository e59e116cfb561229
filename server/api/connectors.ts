/** Connectors: can we trust what we read from a platform, and are we hurting it? */
import { Hono } from 'hono'
import { describeRoute, resolver } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import { asError, PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { quarantine, quarantineCounts } from '../store/facts/quarantine.ts'
import { connectorSchema, connectorView } from './connector-view.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { quarantineSchema, quarantineView } from './quarantine.ts'
import { runSchema, runView } from './runs.ts'

const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})
const detail = z
  .object({
    connector: connectorSchema,
    runs: z.array(runSchema),
    quarantine: z.array(quarantineSchema),
    calls: z.array(
      z.object({
        at: z.string(),
        method: z.string(),
        url: z.string().describe('Without secrets.'),
        status: z.number().nullable(),
        code: z.string().nullable(),
        ms: z.number(),
        bytes: z.number(),
        attempt: z.number(),
      }),
    ),
  })
  .meta({ id: 'ConnectorDetail' })

export function connectorRoutes(runtime: Runtime) {
  const { ctx, budgetOf } = runtime

  async function view(name: string) {
    if (!ctx.config.platforms[name])
      throw new PlumblineError('not_found', `There is no platform "${name}".`, {
        remedy: `Configured: ${Object.keys(ctx.config.platforms).join(', ')}.`,
      })
    const counts = await quarantineCounts(ctx.facts)
    return connectorView(
      name,
      ctx,
      budgetOf(name),
      counts.filter((q) => q.platform === name).reduce((n, q) => n + q.n, 0),
    )
  }
  const noted = (c: { get(name: 'caller'): Caller }, action: string, name: string) =>
    ctx.control.audit({ at: ctx.clock.now(), actor: c.get('caller').user.id, action, object: `platform ${name}` })

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'All platforms',
        tags: ['connectors'],
        responses: json(z.array(connectorSchema), 'Platforms.'),
      }),
      requires('view'),
      async (c) => c.json(await Promise.all(Object.keys(ctx.config.platforms).map(view))),
    )
    .get(
      '/:platform',
      describeRoute({ summary: 'One platform', tags: ['connectors'], responses: json(detail, 'The platform.') }),
      requires('view'),
      async (c) => {
        const name = c.req.param('platform')
        const connector = await view(name)
        const runs = ctx.control
          .runs({ stage: 'collect', limit: 500 })
          .filter((r) => r.subject === name || r.subject.startsWith(`${name}/`))
        return c.json({
          connector,
          runs: runs.slice(0, 50).map(runView),
          quarantine: (await quarantine(ctx.facts, { platform: name, state: 'open' }, 100)).map(quarantineView),
          calls: runtime.callsOf(name).map((k) => ({ ...k, at: iso(k.at) })),
        })
      },
    )
    .post(
      '/:platform/collect',
      describeRoute({
        summary: 'Read changes now',
        tags: ['connectors'],
        responses: json(connectorSchema, 'The platform after reading.'),
      }),
      requires('operate'),
      async (c) => {
        const name = c.req.param('platform')
        await view(name)
        noted(c, 'asked for collect', name)
        await runtime.collect({ platforms: [name], by: (c.get('caller') as Caller).user.id })
        return c.json(await view(name))
      },
    )
    .post(
      '/:platform/test',
      describeRoute({
        summary: 'Ask the platform who we are',
        tags: ['connectors'],
        responses: json(
          z.object({
            ok: z.boolean(),
            says: z.string(),
            missing_scopes: z.array(z.string()),
            remedy: z.string().nullable(),
          }),
          'What it said.',
        ),
      }),
      requires('operate'),
      async (c) => {
        const name = c.req.param('platform')
        await view(name)
        try {
          const { account, missingScopes = [] } = await runtime.ping(name)
          return c.json({
            ok: missingScopes.length === 0,
            says: `Signed in as ${account}.`,
            missing_scopes: missingScopes,
            remedy: missingScopes.length ? 'Grant the missing scopes in the platform.' : null,
          })
        } catch (thrown) {
          const error = asError(thrown)
          return c.json({ ok: false, says: error.message, missing_scopes: [], remedy: error.remedy ?? null })
        }
      },
    )
    .post(
      '/:platform/resume',
      describeRoute({
        summary: 'Go on after a stop for mass disappearance',
        tags: ['connectors'],
        responses: json(connectorSchema, 'The platform.'),
      }),
      requires('operate'),
      async (c) => {
        const name = c.req.param('platform')
        await view(name)
        ctx.control.transaction(() => {
          for (const s of ctx.control.streams())
            if (s.platform === name && s.stopped) ctx.control.commitStream(name, s.stream, { stopped: null })
          noted(c, `confirmed that records are gone at ${iso(ctx.clock.now())}`, name)
        })
        return c.json(await view(name))
      },
    )
}
