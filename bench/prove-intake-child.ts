/** The receiving process that prove-intake kills: doors, spool, stores and the pump of one data folder, as the server has them. */
import { serve as listen } from '@hono/node-server'
import { Hono } from 'hono'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { doorRoutes } from '../server/api/hooks.ts'
import webhook from '../connectors/webhook/connector.ts'
import type { Connector } from '../connectors/contract.ts'
import { systemClock } from '../server/clock.ts'
import { buildLandscape } from '../server/config/landscape.ts'
import { configSchema, type Config } from '../server/config/schema.ts'
import type { Context } from '../server/context.ts'
import { openIntake } from '../server/intake/intake.ts'
import { createLog } from '../server/log.ts'
import { createRuntime } from '../server/runtime.ts'
import { openControl } from '../server/store/control/sqlite.ts'
import type { Facts } from '../server/store/facts/facts.ts'
import { openFacts } from '../server/store/facts/open.ts'

/** `spool`: receives alone, as an ingest node does, and leaves the draining to another process. */
const [data, settings, part] = process.argv.slice(2) as [string, string, 'spool' | 'whole']
const control = openControl(join(data, 'control.sqlite'))
const facts = part === 'spool' ? null : await openFacts({ database: 'plumbline', path: join(data, 'facts') })
const config = configSchema.parse(JSON.parse(settings)) as unknown as Config
const ctx: Context = {
  config,
  landscape: buildLandscape(config),
  // The one that receives, without a search of the folder: a round should spend its time on being killed.
  connectors: new Map([['webhook', webhook as unknown as Connector<never>]]),
  checks: [],
  facts: facts as Facts,
  control,
  clock: systemClock,
  log: createLog({ clock: systemClock, level: 'error' }),
  signal: new AbortController().signal,
}
const intake = openIntake(ctx, data)
const runtime = createRuntime(ctx, intake)
const guard = { control, clock: systemClock, origin: 'http://localhost', localToken: null }
const app = new Hono().route('/', doorRoutes(runtime, guard)).get('/state', (c) => c.json(intake.state()))
const server = listen({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, () => {
  if (part !== 'spool') intake.start(async () => {})
  process.stdout.write(`${JSON.stringify({ port: ((server as Server).address() as AddressInfo).port })}\n`)
})

process.on('SIGTERM', () => {
  void (async () => {
    ;(server as Server).closeAllConnections()
    await intake.stop()
    await facts?.close()
    control.close()
    process.exit(0)
  })()
})
