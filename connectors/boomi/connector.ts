/** Boomi: execution records of processes, as deliveries; with tracked fields of their documents where a process names them. */
import { z } from 'zod'
import type { ConnectorContext, Cursor, ErrorReader, EventPage, HttpReply } from '../contract.ts'
import { ConnectorError, defineConnector, type RawRow } from '../contract.ts'
import { completeThrough, doneCursor, openWindow, platformClock, type Position } from '../cursor.ts'
import { deliveriesOf, jobOf, jobsSchema } from '../job-runs.ts'
import { basic } from '../oauth.ts'
import { MAX_PAGES } from '../paging.ts'
import { secret } from '../secret.ts'
import { boomiReruns, rerunId } from './rerun.ts'

const configSchema = z.strictObject({
  base_url: z
    .url()
    .default('https://api.boomi.com')
    .describe('https://api.boomi.com, or https://api.platform.gb.boomi.com.'),
  account: z.string().min(1).describe('Account id.'),
  user: z.string().min(1).describe('`BOOMI_TOKEN.` and the mail address of the user.'),
  token: secret('API token.'),
  jobs: jobsSchema,
  documents: z
    .array(z.string())
    .default([])
    .describe(
      'Ids or names of processes whose documents are asked for too: one call a run, and one delivery a document.',
    ),
  days: z.number().int().min(1).max(90).default(7).describe('How far back the first read goes, in days.'),
  lag_seconds: z
    .number()
    .int()
    .min(0)
    .default(300)
    .describe('How late the record of a run may arrive after its recordedDate; this much is read again.'),
})
type Config = z.output<typeof configSchema>
type Context = ConnectorContext<Config>

type Json = Record<string, unknown>
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
/** Long numbers come as `["Long", 42]`. */
const text = (value: unknown): string | null => {
  const plain: unknown = Array.isArray(value) && value.length === 2 && value[0] === 'Long' ? value[1] : value
  return typeof plain === 'string' || typeof plain === 'number' ? String(plain) || null : null
}

const path = ({ account }: Config, rest: string) => `/api/rest/v1/${encodeURIComponent(account)}/${rest}`

const ACCEPT = { accept: 'application/json' }

/** Pages of a query; the token of the next page is sent as it is, in a body of its own. */
async function* query(
  ctx: Context,
  object_: string,
  filter: Json,
): AsyncGenerator<{ results: Json[]; reply: HttpReply }> {
  let reply = await ctx.http.request({
    method: 'POST',
    url: path(ctx.config, `${object_}/query`),
    json: filter,
    headers: ACCEPT,
  })
  for (let page = 0; page < MAX_PAGES; page++) {
    const body = object(reply.json())
    const { result } = body
    if (result !== undefined && !Array.isArray(result))
      throw new ConnectorError('schema', 'Boomi answered without a list of results.')
    yield { results: ((result as unknown[] | undefined) ?? []).map(object), reply }
    const token = text(body['queryToken'])
    if (token === null) return
    reply = await ctx.http.request({
      method: 'POST',
      url: path(ctx.config, `${object_}/queryMore`),
      text: token,
      headers: ACCEPT,
    })
  }
  throw new ConnectorError('schema', `Boomi names further pages of ${object_} without end.`)
}

const stamp = (ms: number) => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z')

/** States of a run that has not ended. */
const OPEN = new Set(['INPROCESS', 'STARTED', 'ENQUEUED', 'ABORTED_RECOVERING'])
const FAILED = new Set(['ERROR', 'ABORTED', 'DISCARDED'])

async function rowsOf(ctx: Context, run: Json): Promise<RawRow[]> {
  const id = text(run['executionId'])
  const startedAt = text(run['executionTime'])
  const name = text(run['processName']) ?? ''
  const process = text(run['processId']) ?? ''
  const job = jobOf(ctx.config.jobs, { job: process, name })
  if (!job) return []
  const status = text(run['status'])
  if (id === null || startedAt === null || status === null)
    return [
      { id, value: null, raw: JSON.stringify(run), unreadable: 'a run without executionId, executionTime or status' },
    ]
  const duration = Number(text(run['executionDuration']) ?? 0)
  const original = text(run['originalExecutionId'])
  const ended = OPEN.has(status) ? null : new Date(Date.parse(startedAt) + duration).toISOString()
  const of = (document: Json | null, rerun: Record<string, string> = { rerun: rerunId(id, null) }) => {
    const tracked = document === null ? [] : trackedOf(document)
    const refused = document !== null && text(document['status']) === 'ERROR'
    return deliveriesOf(job, {
      id: document === null ? id : `${id}/${text(document['id']) ?? text(document['documentIndex']) ?? '0'}`,
      job: process,
      name,
      texts: [...tracked, text(run['message']) ?? '', text(run['reportKey']) ?? ''],
      startedAt,
      endedAt: ended,
      failed: ended === null ? null : refused || (document === null && FAILED.has(status)),
      error: (document && text(document['errorMessage'])) ?? text(run['message']),
      repeats: original === id ? null : original,
      correlationId: text(run['topLevelExecutionId']) ?? original ?? id,
      payload: document ? text(document['id']) : null,
      detail: {
        status,
        execution_type: text(run['executionType']),
        atom: text(run['atomName']),
        documents_in: Number(text(run['inboundDocumentCount']) ?? 0),
        documents_failed: Number(text(run['inboundErrorDocumentCount']) ?? 0),
        documents_out: Number(text(run['outboundDocumentCount']) ?? 0),
        ...rerun,
      },
    })
  }
  if (!ctx.config.documents.some((d) => d === process || d === name)) return of(null)
  const documents: Json[] = []
  const filter = { QueryFilter: { expression: { operator: 'EQUALS', property: 'executionId', argument: [id] } } }
  for await (const { results } of query(ctx, 'GenericConnectorRecord', filter)) documents.push(...results)
  const carried = documents.filter((d) => d['startShape'] !== true)
  const rerun = rerunOf(
    id,
    documents.filter((d) => d['startShape'] === true),
  )
  return carried.length > 0 ? carried.flatMap((d) => of(d, rerun)) : of(null)
}

/** Only documents of the start shape can be run again, and which of several led to one that failed is not told: then all that failed. */
function rerunOf(execution: string, started: readonly Json[]): Record<string, string> {
  const [first] = started
  if (!first) return { rerun: rerunId(execution, null) }
  const retryable = started.filter((d) => String(d['retryable']) !== 'false')
  if (retryable.length === 0) return { rerun_refused: 'Boomi says that its documents cannot be run again.' }
  return { rerun: rerunId(execution, started.length === 1 ? text(first['id']) : null) }
}

/** `name=value` of every tracked field: what the templates of a job are held against. */
function trackedOf(document: Json): string[] {
  const fields = object(document['trackedFields'])['trackedField']
  return (Array.isArray(fields) ? fields : [])
    .map(object)
    .map((f) => `${text(f['name']) ?? ''}=${text(f['value']) ?? ''}`)
}

async function* events(ctx: Context, cursor: Cursor): AsyncGenerator<EventPage> {
  const window = openWindow(cursor, ctx.clock.now(), ctx.config.lag_seconds * 1000, 1000)
  const since = window.since ?? ctx.clock.now() - ctx.config.days * 86_400_000
  let last: Position | null = null
  let others = 0
  let began: number | null = null
  const filter = {
    QueryFilter: {
      expression: { operator: 'GREATER_THAN_OR_EQUAL', property: 'recordedDate', argument: [stamp(since)] },
    },
    QuerySort: { sortField: [{ fieldName: 'recordedDate', sortOrder: 'ASC' }] },
  }
  for await (const { results, reply } of query(ctx, 'ExecutionRecord', filter)) {
    began ??= platformClock(reply, ctx.clock.now())
    const rows: RawRow[] = []
    for (const run of results) {
      const recorded = Date.parse(text(run['recordedDate']) ?? '')
      if (!Number.isNaN(recorded)) last = { stamp: recorded, id: text(run['executionId']) ?? '' }
      if (!jobOf(ctx.config.jobs, { job: text(run['processId']) ?? '', name: text(run['processName']) ?? '' })) others++
      rows.push(...(await rowsOf(ctx, run)))
    }
    yield { rows }
  }
  const done = { ...window, began: began ?? window.began }
  yield {
    rows: [],
    cursor: doneCursor(done, last),
    completeThrough: completeThrough(done),
    ...(others > 0 && { notes: [`${others} runs are of processes that are not named under jobs.`] }),
  }
}

/** What reading needs, asked for one by one with a question that finds nothing. Whether runs may be repeated is only seen by repeating one. */
async function missingPrivileges(ctx: Context): Promise<string[]> {
  const tomorrow = stamp(ctx.clock.now() + 86_400_000)
  const questions: [string, string, string, string, boolean][] = [
    ['ExecutionRecord', 'GREATER_THAN_OR_EQUAL', 'recordedDate', tomorrow, true],
    ['GenericConnectorRecord', 'EQUALS', 'executionId', 'execution-none', ctx.config.documents.length > 0],
  ]
  const missing: string[] = []
  for (const [of, operator, property, argument, asked] of questions) {
    if (!asked) continue
    const json = { QueryFilter: { expression: { operator, property, argument: [argument] } } }
    const url = path(ctx.config, `${of}/query`)
    const reply = await ctx.http.request({ method: 'POST', url, json, headers: ACCEPT, accept: [403] })
    if (reply.status === 403) missing.push(`Process Monitoring (query of ${of})`)
  }
  return missing
}

/** Too many calls are answered 503 there, and so are outages: the text tells them apart. */
const errors: ErrorReader = (reply) =>
  reply.status === 503 && /rate|limit|too many/i.test(reply.text)
    ? { code: 'rate_limited', message: 'too many calls' }
    : undefined

export default defineConnector<Config>({
  title: 'Boomi',
  mark: 'BO',
  config: configSchema,
  base: ({ base_url }) => base_url,
  authorise: async ({ config }, _request, credentials) => ({
    authorization: await credentials.token('basic', async () => ({
      value: basic(config.user, config.token),
      expiresAt: null,
    })),
  }),
  async ping(ctx) {
    const reply = await ctx.http.request({
      url: path(ctx.config, `Account/${encodeURIComponent(ctx.config.account)}`),
      headers: ACCEPT,
    })
    const account = object(reply.json())
    const missing = await missingPrivileges(ctx)
    return {
      ...(missing.length > 0 && { missingScopes: missing }),
      account: text(account['name']) ?? ctx.config.account,
      clockSkewMs: platformClock(reply, ctx.clock.now()) - ctx.clock.now(),
    }
  },
  streams: [],
  events,
  actionsOf: boomiReruns,
  limits: { calls: 10, windowMs: 1_000, concurrency: 2, reserve: 0.5 },
  errors,
  lagMs: 300_000,
  replayDays: 30,
})
