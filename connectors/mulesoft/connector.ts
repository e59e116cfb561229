/** MuleSoft: log lines of applications on Anypoint, as deliveries, and their deployments as landscape events. */
import { z } from 'zod'
import type { ConnectorContext, Credentials, Cursor, EventPage } from '../contract.ts'
import { ConnectorError, defineConnector, type RawRow } from '../contract.ts'
import { completeThrough, doneCursor, openWindow, platformClock } from '../cursor.ts'
import { rowOf } from '../event-rules.ts'
import { deliveriesOf, jobOf, jobsSchema, type Jobs } from '../job-runs.ts'
import { clientCredentials } from '../oauth.ts'
import { MAX_PAGES } from '../paging.ts'
import { secret } from '../secret.ts'

const configSchema = z.strictObject({
  base_url: z
    .url()
    .default('https://anypoint.mulesoft.com')
    .describe('Control plane: anypoint, eu1.anypoint or gov.anypoint, all below mulesoft.com.'),
  client_id: z.string().min(1).describe('Client id of a connected app that acts on its own behalf.'),
  client_secret: secret('Its client secret.'),
  organization: z.string().min(1).describe('Organization or business group id.'),
  environment: z.string().min(1).describe('Environment id.'),
  jobs: jobsSchema.describe(
    'Name of an application → what it carries. Each line that begins or ends a delivery is read by `read`.',
  ),
  began: z.string().default('sent').describe('Word in a line that puts a record on its way.'),
  ended: z
    .string()
    .default('acknowledged')
    .describe('Word in a line that confirms it; lines of level ERROR refuse it.'),
  logs_path: z
    .string()
    .default(
      '/amc/application-manager/api/v2/organizations/{organization}/environments/{environment}/deployments/{deployment}/specs/{specification}/logs',
    )
    .describe('Where the log of an application is; unverified, so it can be changed.'),
  days: z.number().int().min(1).max(30).default(1).describe('How far back the first read goes, in days.'),
  lag_seconds: z.number().int().min(0).default(120).describe('How late a line may become visible.'),
})
type Config = z.output<typeof configSchema>
type Context = ConnectorContext<Config>

type Json = Record<string, unknown>
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])
const text = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) || null : null

async function authorise(ctx: Context, credentials: Credentials): Promise<Record<string, string>> {
  const { base_url, client_id, client_secret } = ctx.config
  const token = await credentials.token('access', () =>
    clientCredentials(ctx, {
      tokenUrl: `${base_url}/accounts/api/v2/oauth2/token`,
      clientId: client_id,
      clientSecret: client_secret,
      send: 'body',
    }),
  )
  return { authorization: `Bearer ${token}` }
}

const deploymentsPath = ({ organization, environment }: Config) =>
  `/amc/application-manager/api/v2/organizations/${encodeURIComponent(organization)}/environments/${encodeURIComponent(environment)}/deployments`

interface Application {
  id: string
  name: string
  specification: string
  version: string | null
  changedAt: number | null
}

async function applications(ctx: Context): Promise<{ all: Application[]; now: number }> {
  const reply = await ctx.http.request({ url: deploymentsPath(ctx.config), accept: [403] })
  if (reply.status === 403)
    throw new ConnectorError('auth', 'The connected app lacks the permission Read Applications in the environment.', {
      remedy: 'Give it Read Applications and View logs there; the second can only be tried with the first.',
    })
  const { items } = object(reply.json())
  if (!Array.isArray(items)) throw new ConnectorError('schema', 'Anypoint answered without a list of deployments.')
  const all = items.map(object).flatMap((d): Application[] => {
    const id = text(d['id'])
    const name = text(d['name'])
    if (id === null || name === null) return []
    const version = text(d['currentRuntimeVersion'])
    return [
      {
        id,
        name,
        specification: text(d['lastSuccessfulVersion']) ?? text(d['desiredVersion']) ?? id,
        version,
        changedAt: Number(text(d['lastModifiedDate'])) || null,
      },
    ]
  })
  return { all, now: platformClock(reply, ctx.clock.now()) }
}

const LINES = 500

function logsUrl(ctx: Context, app: Application): string {
  const names: Record<string, string> = {
    organization: ctx.config.organization,
    environment: ctx.config.environment,
    deployment: app.id,
    specification: app.specification,
  }
  return ctx.config.logs_path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ''))
}

/** The log of one application is asked for no line: of one that is read, where there is any. */
async function missingPermissions(ctx: Context, all: readonly Application[]): Promise<string[]> {
  const app = all.find((a) => jobOf(ctx.config.jobs, { job: a.id, name: a.name })) ?? all[0]
  if (!app) return []
  const now = ctx.clock.now()
  const query = { startTime: now, endTime: now, length: 1, descending: false }
  const reply = await ctx.http.request({ url: logsUrl(ctx, app), query, accept: [403] })
  return reply.status === 403 ? ['View logs'] : []
}

/** Lines from `since` on, oldest first. Lines of one millisecond may be cut at a page's end: they are asked for once more. */
async function* linesOf(ctx: Context, app: Application, since: number, until: number): AsyncGenerator<Json[]> {
  const url = logsUrl(ctx, app)
  let from = since
  let length = LINES
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await ctx.http.request({ url, query: { startTime: from, endTime: until, length, descending: false } })
    const body = reply.json()
    const lines = (Array.isArray(body) ? body : list(object(body)['records'])).map(object)
    yield lines
    if (lines.length < length) return
    const last = Number(text(lines.at(-1)!['timestamp']))
    // More lines in one millisecond than a page holds: a larger page.
    if (last === from) length *= 2
    from = last
  }
}

/** Correlation id as the Mule runtime writes it into a line: `[processor: …; event: <id>]`, or a member of its context. */
function correlationOf(line: Json): string | null {
  return (
    text(object(line['context'])['correlationId']) ??
    /event: ([0-9a-f-]{20,60})/.exec(text(line['message']) ?? '')?.[1] ??
    null
  )
}

function rowsOf(ctx: Context, app: Application, job: Jobs[string], line: Json, n: number): RawRow[] {
  const message = text(line['message']) ?? ''
  const failed = text(line['logLevel']) === 'ERROR'
  const began = message.includes(ctx.config.began)
  if (!failed && !began && !message.includes(ctx.config.ended)) return []
  const stamp = Number(text(line['timestamp']))
  if (!Number.isFinite(stamp) || stamp <= 0)
    return [{ id: null, value: null, raw: JSON.stringify(line), unreadable: 'a line without timestamp' }]
  const at = new Date(stamp).toISOString()
  const rows = deliveriesOf(job, {
    id: `${app.name}/${correlationOf(line) ?? `${stamp}-${n}`}`,
    job: app.id,
    name: app.name,
    texts: message.split('\n'),
    startedAt: at,
    endedAt: began && !failed ? null : at,
    failed: began && !failed ? null : failed,
    error: message.split('\n')[0]!.slice(0, 500),
    correlationId: correlationOf(line),
    detail: { level: text(line['logLevel']), logger: text(line['logger']), replica: text(line['replicaId']) },
  })
  // The line that ends a delivery does not say when it began.
  return began && !failed ? rows : rows.slice(1)
}

async function* events(ctx: Context, cursor: Cursor): AsyncGenerator<EventPage> {
  const { all, now } = await applications(ctx)
  const window = openWindow(cursor, now, ctx.config.lag_seconds * 1000)
  const since = window.since ?? now - ctx.config.days * 86_400_000
  const named = all.filter((a) => jobOf(ctx.config.jobs, { job: a.id, name: a.name }))
  const missing = Object.keys(ctx.config.jobs).filter((job) => !all.some((a) => a.id === job || a.name === job))
  yield {
    rows: all
      .filter((a) => a.changedAt !== null && a.changedAt >= since)
      .map((a) =>
        rowOf({
          id: `${a.id}/deployed/${a.changedAt}`,
          type: 'deployed',
          at: new Date(a.changedAt!).toISOString(),
          release: a.specification,
          message: a.name,
          detail: { application: a.name, runtime: a.version },
        }),
      ),
    notes: missing.map((job) => `There is no application ${job} in the environment.`),
  }
  for (const app of named) {
    const job = jobOf(ctx.config.jobs, { job: app.id, name: app.name })!
    for await (const lines of linesOf(ctx, app, since, now))
      yield { rows: lines.flatMap((line, n) => rowsOf(ctx, app, job, line, n)) }
  }
  yield { rows: [], cursor: doneCursor(window, null), completeThrough: completeThrough(window) }
}

export default defineConnector<Config>({
  title: 'MuleSoft',
  mark: 'MU',
  config: configSchema,
  base: ({ base_url }) => base_url,
  authorise: (ctx, _request, credentials) => authorise(ctx, credentials),
  async ping(ctx) {
    const { all, now } = await applications(ctx)
    const missing = await missingPermissions(ctx, all)
    return {
      ...(missing.length > 0 && { missingScopes: missing }),
      account: `environment ${ctx.config.environment} with ${all.length} applications`,
      clockSkewMs: now - ctx.clock.now(),
    }
  },
  streams: [],
  events,
  cannot: {
    redeliver:
      'Anypoint has no call that runs a message again, and its logs keep no payload: replay from the source, or to a target that starts the flow.',
  },
  limits: { calls: 60, windowMs: 60_000, concurrency: 2, reserve: 0.5 },
  lagMs: 120_000,
  replayDays: 30,
})
