/** Plumbline, running: the table of contents. */
import { serve as listen } from '@hono/node-server'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { newSecret, digest } from './api/passwords.ts'
import { createApp } from './app.ts'
import { openIntake } from './intake/intake.ts'
import { observeKpis } from './measure/kpi/gauge.ts'
import { openContext, type Opened, type OpenOptions } from './open.ts'
import { createRuntime, type Runtime } from './runtime.ts'
import { observeMemory } from './memory.ts'
import { startTelemetry } from './telemetry.ts'
import { PACKAGE_ROOT, VERSION } from './version.ts'
import type { SetUpDoor } from './set-up/door.ts'
import { announced, announcedApprovers, recovered, welcomed, type Carried, type ReadyAccount } from './welcome.ts'

export interface Running {
  url: string
  runtime: Runtime
  /** One-time link for whoever started it: first administrator, or a ready account in the demo. */
  signInLink: string | null
  /** One-time links of the approvers that were asked for. */
  approverLinks: string[]
  stop(): Promise<void>
}

export interface ServeOptions extends OpenOptions {
  /** Port instead of the configured one; 0 takes a free one. */
  port?: number
  /** Makes this administrator, who signs in by link alone: the demo. */
  readyAdministrator?: ReadyAccount
  /** And these approvers, all with one password: approving takes another person than the one who asks. */
  readyApprovers?: { accounts: ReadyAccount[]; password: string }
  /** Lets the dashboard write the configuration and start anew over it; left out: it is changed by hand alone. */
  door?: (data: string) => SetUpDoor
  /** People who are known here before they come, and the session of whoever asked. */
  carried?: Carried
}

export async function serve(options: ServeOptions): Promise<Running> {
  const stopping = new AbortController()
  let trace = () => ({})
  const opened: Opened = await openContext({ ...options, signal: stopping.signal, trace: () => trace() })
  const { ctx, lock } = opened
  const telemetry = startTelemetry({
    serviceName: ctx.config.telemetry.service_name,
    version: VERSION,
    otlpEndpoint: ctx.config.telemetry.otlp_endpoint,
  })
  trace = telemetry.traceFields
  observeKpis(ctx)
  observeMemory(ctx)
  recovered(ctx)
  const intake = openIntake(ctx, opened.data)
  // Links in messages lead to where we listen.
  if (options.port) ctx.config.server.port = options.port
  welcomed(ctx, options.carried)
  const door = ctx.config.server.set_up ? (options.door?.(opened.data) ?? null) : null
  const runtime = createRuntime(ctx, intake, door)
  const localToken = newSecret()

  const { host } = ctx.config.server
  const port = options.port ?? ctx.config.server.port
  const { server, url } = await open(host, port, (address) => {
    const origin = ctx.config.server.public_url?.replace(/\/$/, '') ?? address
    return createApp({
      runtime,
      telemetry,
      origin,
      version: VERSION,
      localToken: digest(localToken),
      dashboardFolder: join(PACKAGE_ROOT, 'dist', 'ui'),
    })
  })
  lock.writeServer({ url, token: localToken })
  const at = ctx.config.server.public_url ?? url
  const { readyAdministrator: administrator, readyApprovers: ready } = options
  const signInLink = announced(ctx, at, administrator)
  const approverLinks = ready
    ? await announcedApprovers(ctx, at, {
        ...{ approvers: ready.accounts, password: ready.password },
        ...(administrator && { administrator }),
      })
    : []
  await runtime.reports.recover()
  runtime.scheduler.start()
  intake.start(runtime.readHinted)
  runtime.desk.resume()
  ctx.log.info('plumbline is running', {
    url,
    platforms: Object.keys(ctx.config.platforms).length,
    checks: ctx.checks.length,
    facts: ctx.facts.where,
  })

  return {
    url,
    runtime,
    signInLink,
    approverLinks,
    async stop() {
      stopping.abort(new Error('Plumbline is stopping'))
      server.closeAllConnections()
      await new Promise<void>((closed) => server.close(() => closed()))
      await intake.stop()
      await runtime.scheduler.stop()
      await telemetry.stop()
      await opened.close()
    },
  }
}

/** Listens first and builds the application with the real address: port 0 is only known then. */
async function open(
  host: string,
  port: number,
  application: (address: string) => { fetch: (request: Request) => Response | Promise<Response> },
): Promise<{ server: Server; url: string }> {
  let app: ReturnType<typeof application> | null = null
  const server = await new Promise<Server>((ready, failed) => {
    const handle = listen(
      {
        fetch: (request) => app!.fetch(request),
        hostname: host,
        port,
        serverOptions: { headersTimeout: 10_000, requestTimeout: 60_000 },
      },
      () => ready(handle as Server),
    )
    handle.on('error', failed)
  })
  const { port: bound } = server.address() as AddressInfo
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`
  app = application(url)
  return { server, url }
}
