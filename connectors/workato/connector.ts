/** Workato: the job history of recipes, as deliveries. Runtime data of steps is not in the API: titles name the records. */
import { z } from 'zod'
import type { BudgetReading, ConnectorContext, Cursor, EventPage, HttpReply } from '../contract.ts'
import { ConnectorError, defineConnector, type RawRow } from '../contract.ts'
import { completeThrough, doneCursor, openWindow, platformClock } from '../cursor.ts'
import { deliveriesOf, jobOf, jobsSchema } from '../job-runs.ts'
import { MAX_PAGES } from '../paging.ts'
import { secret } from '../secret.ts'
import { workatoReruns, rerunId } from './rerun.ts'

const configSchema = z.strictObject({
  base_url: z
    .url()
    .default('https://www.workato.com')
    .describe('Data centre: www, app.eu, app.jp, app.sg, app.au or app.il, all below workato.com.'),
  token: secret('API client token.'),
  jobs: jobsSchema,
  days: z.number().int().min(1).max(365).default(7).describe('How far back the first read goes, in days.'),
  settle_minutes: z
    .number()
    .int()
    .min(1)
    .default(60)
    .describe('How long a job may run: jobs that began within this time are read again.'),
})
type Config = z.output<typeof configSchema>
type Context = ConnectorContext<Config>

interface Recipe {
  id: string
  name: string
}

type Json = Record<string, unknown>
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
const text = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null
const itemsOf = (reply: HttpReply): Json[] => {
  const { items } = object(reply.json())
  if (!Array.isArray(items)) throw new ConnectorError('schema', 'Workato answered without a list of items.')
  return items.map(object)
}

const RECIPES_A_PAGE = 100

async function recipes(ctx: Context): Promise<{ named: Recipe[]; others: number; now: number }> {
  const all: Recipe[] = []
  for (let page = 1; page <= MAX_PAGES; page++) {
    const reply = await ctx.http.request({ url: '/api/recipes', query: { page, per_page: RECIPES_A_PAGE } })
    const items = itemsOf(reply)
    for (const item of items) {
      const id = text(item['id'])
      if (id !== null) all.push({ id, name: text(item['name']) ?? id })
    }
    if (items.length < RECIPES_A_PAGE) {
      const named = all.filter((r) => jobOf(ctx.config.jobs, { job: r.id, name: r.name }))
      return { named, others: all.length - named.length, now: platformClock(reply, ctx.clock.now()) }
    }
  }
  throw new ConnectorError('schema', 'Workato lists recipes without end.')
}

/** Newest first: pages go back from the newest job until one began before `since`. */
async function* jobsOf(ctx: Context, recipe: Recipe, since: number): AsyncGenerator<Json[]> {
  let offset: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await ctx.http.request({
      url: `/api/recipes/${encodeURIComponent(recipe.id)}/jobs`,
      query: { prev: false, ...(offset !== undefined && { offset_job_id: offset }) },
    })
    const items = itemsOf(reply)
    const last = text(items.at(-1)?.['id'])
    // A job without a start is no older than anything: it is told as unreadable.
    yield items.filter((job) => !(Date.parse(text(job['started_at']) ?? '') < since))
    if (last === null || items.some((job) => Date.parse(text(job['started_at']) ?? '') < since)) return
    if (last === offset) throw new ConnectorError('schema', 'Workato names the same job at the end of two pages.')
    offset = last
  }
}

function rowsOf(ctx: Context, recipe: Recipe, job: Json): RawRow[] {
  const id = text(job['id'])
  const startedAt = text(job['started_at'])
  const named = jobOf(ctx.config.jobs, { job: recipe.id, name: recipe.name })!
  if (id === null || startedAt === null)
    return [{ id, value: null, raw: JSON.stringify(job), unreadable: 'a job without id or started_at' }]
  // A poll that failed carried nothing.
  if (job['is_poll_error'] === true) return []
  const endedAt = text(job['completed_at'])
  const repeats = text(job['master_job_id'])
  return deliveriesOf(named, {
    id,
    job: recipe.id,
    name: recipe.name,
    texts: [text(job['title']) ?? '', text(job['report']) ?? ''],
    startedAt,
    endedAt,
    failed: endedAt === null ? null : job['is_error'] === true,
    error: text(job['error']) ?? text(object(job['error'])['message']),
    repeats: repeats === id ? null : repeats,
    payload: `${ctx.config.base_url}/recipes/${recipe.id}/job/${id}`,
    detail: { rerun: rerunId(recipe.id, id) },
  })
}

async function* events(ctx: Context, cursor: Cursor): AsyncGenerator<EventPage> {
  const { named, others, now } = await recipes(ctx)
  const window = openWindow(cursor, now, ctx.config.settle_minutes * 60_000)
  const since = window.since ?? now - ctx.config.days * 86_400_000
  const notes = others > 0 ? [`${others} recipes are not named under jobs: their runs are not read.`] : []
  yield { rows: [], notes }
  for (const recipe of named)
    for await (const jobs of jobsOf(ctx, recipe, since)) yield { rows: jobs.flatMap((job) => rowsOf(ctx, recipe, job)) }
  // Recipes are read one after the other: only the end of all of them is a place to go on from.
  yield { rows: [], cursor: doneCursor(window, null), completeThrough: completeThrough(window) }
}

/** A client that may sign in may lack what its role does not name: both are 401 or 403 there. */
const REFUSED = [401, 403]

/** What reading needs, asked for one by one. Whether jobs may be repeated is only seen by repeating one. */
async function missingPrivileges(ctx: Context): Promise<string[]> {
  const listed = await ctx.http.request({ url: '/api/recipes', query: { page: 1, per_page: 1 }, accept: REFUSED })
  if (listed.status >= 400)
    throw new ConnectorError(
      'auth',
      'The API client lacks the privileges Recipes: list and Jobs: list, or the first of them.',
      {
        remedy: 'Give its role both privileges; the second can only be tried with the first.',
      },
    )
  const id = text(itemsOf(listed)[0]?.['id'])
  if (id === null) return []
  const jobs = await ctx.http.request({ url: `/api/recipes/${encodeURIComponent(id)}/jobs`, accept: REFUSED })
  return jobs.status >= 400 ? ['Jobs: list'] : []
}

export default defineConnector<Config>({
  title: 'Workato',
  mark: 'WO',
  config: configSchema,
  base: ({ base_url }) => base_url,
  authorise: async ({ config }, _request, credentials) => ({
    authorization: `Bearer ${await credentials.token('token', async () => ({ value: config.token.reveal(), expiresAt: null }))}`,
  }),
  async ping(ctx) {
    const reply = await ctx.http.request({ url: '/api/users/me' })
    const me = object(reply.json())
    const name = text(me['name']) ?? text(me['id'])
    if (name === null) throw new ConnectorError('auth', 'Workato does not say who we are.')
    const missing = await missingPrivileges(ctx)
    return {
      ...(missing.length > 0 && { missingScopes: missing }),
      account: `${text(me['company_name']) ?? 'Workato'} as ${name}`,
      clockSkewMs: platformClock(reply, ctx.clock.now()) - ctx.clock.now(),
    }
  },
  streams: [],
  events,
  actionsOf: workatoReruns,
  // 60 a minute for the jobs of a workspace; half is left to others.
  limits: { calls: 60, windowMs: 60_000, concurrency: 1, reserve: 0.5 },
  budget: (reply): BudgetReading | undefined => {
    const limit = Number(reply.headers['x-ratelimit-limit'])
    const remaining = Number(reply.headers['x-ratelimit-remaining'])
    return Number.isInteger(limit) && Number.isInteger(remaining) && limit > 0 ? { limit, remaining } : undefined
  },
  lagMs: 60_000,
  replayDays: 30,
})
