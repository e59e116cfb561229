/**
 * Kafka by its REST proxy: a consumer instance of API v2 reads the topics; what messages mean is configured. Offsets are
 * committed only after the page before them is durable here, so an instance that expires or a crash costs a second reading.
 */
import { z } from 'zod'
import type { ConnectorContext, Cursor, ErrorReader, EventPage, HttpReply, RawRow } from '../contract.ts'
import { ConnectorError, defineConnector, MappingError } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { applyRules, isOurs, rowOf, rulesSchema } from '../event-rules.ts'
import { parseExact, rawText } from '../exact-json.ts'
import { basic } from '../oauth.ts'
import { secret } from '../secret.ts'
import { redeliverActions } from './redeliver.ts'

const configSchema = z.strictObject({
  base_url: z.url().describe('Address of the REST proxy.'),
  user: z.string().optional().describe('User for basic authentication; left out: none.'),
  password: secret('Password or API secret of the user.').optional(),
  group: z
    .string()
    .regex(/^[\w.-]{1,200}$/)
    .default('plumbline')
    .describe('Consumer group; its offsets live in Kafka.'),
  topics: z.array(z.string().min(1)).min(1).describe('Topics to read.'),
  format: z
    .enum(['json', 'binary', 'avro', 'jsonschema', 'protobuf'])
    .default('json')
    .describe('Embedded format: `binary` is base64 of JSON text, `avro` is JSON with its unions named.'),
  from: z.enum(['earliest', 'latest']).default('earliest').describe('Where a new group begins.'),
  cluster: z.string().optional().describe('Cluster id: asks API v3 how far the group is behind.'),
  redeliver: z
    .record(z.string(), z.string())
    .default({})
    .describe(
      'Topic → topic into which an approved plan may put one of its messages again: mostly a queue of dead letters → where they came from. Needs `cluster`.',
    ),
  max_bytes: z.number().int().min(10_000).default(1_000_000).describe('Bytes asked for at once.'),
  rules: rulesSchema.default([]).describe('What messages mean. Pointers: /topic, /partition, /offset, /key, /value/….'),
  unmatched: z
    .enum(['refuse', 'ignore'])
    .default('refuse')
    .describe('What becomes of messages that no rule fits: named in the run, or passed over.'),
})
type Config = z.output<typeof configSchema>
type Context = ConnectorContext<Config>

type Json = Record<string, unknown>
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}

const V2 = 'application/vnd.kafka.v2+json'
/** Polls without a message that end a read; the first after a subscription only joins the group. */
const EMPTY_POLLS = 3
const POLL_MS = 1_000
const PAGES_MAX = 10_000

const codeOf = (reply: HttpReply): number => {
  try {
    return Number(object(reply.json())['error_code'])
  } catch {
    return Number.NaN
  }
}
/** The proxy forgets an instance that was idle for long, or when it starts again. */
const forgotten = (reply: HttpReply) => reply.status === 404 && codeOf(reply) === 40403

async function join(ctx: Context): Promise<string> {
  const { group, format, from, topics } = ctx.config
  const made = await ctx.http.request({
    method: 'POST',
    url: `/consumers/${encodeURIComponent(group)}`,
    headers: { 'content-type': V2, accept: V2 },
    json: { format, 'auto.offset.reset': from, 'auto.commit.enable': 'false' },
  })
  const id = object(made.json())['instance_id']
  if (typeof id !== 'string')
    throw new ConnectorError('schema', 'The REST proxy made a consumer without an instance id.')
  // The answer's base_uri is the proxy's own name for itself, which need not be reachable from here.
  const instance = `/consumers/${encodeURIComponent(group)}/instances/${encodeURIComponent(id)}`
  await ctx.http.request({
    method: 'POST',
    url: `${instance}/subscription`,
    headers: { 'content-type': V2, accept: V2 },
    json: { topics },
  })
  return instance
}

/** Avro-JSON writes a union as an object with the type's name: `{"string": "x"}`. */
const AVRO = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string', 'array', 'map'])
export function withoutUnions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUnions)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [only] = entries
  if (entries.length === 1 && only && (AVRO.has(only[0]) || /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/.test(only[0])))
    return withoutUnions(only[1])
  return Object.fromEntries(entries.map(([k, v]) => [k, withoutUnions(v)]))
}

function decoded(format: Config['format'], value: unknown): unknown {
  if (format === 'avro') return withoutUnions(value)
  if (format !== 'binary' || typeof value !== 'string') return value
  const bytes = Buffer.from(value, 'base64').toString('utf8')
  try {
    return parseExact(bytes)
  } catch {
    return bytes
  }
}

function rowsOf({ config, clock }: Context, record: Json): RawRow[] {
  const { topic, partition, offset } = record
  const key = `${String(topic)}/${String(partition)}/${String(offset)}`
  const value = decoded(config.format, record['value'])
  const document = { ...record, key: decoded(config.format, record['key']), value }
  const { timestamp } = record
  const at =
    typeof timestamp === 'number' || typeof timestamp === 'string'
      ? String(timestamp)
      : new Date(clock.now()).toISOString()
  const unreadable = (reason: string): RawRow[] => [
    { id: key, value: null, raw: rawText(record), at: key, unreadable: reason },
  ]
  // A message that may be put again says by what.
  const rerun = config.redeliver[String(topic)] === undefined ? {} : { rerun: key }
  const told = (event: Json): RawRow => ({
    ...rowOf({ ...event, detail: { ...object(event['detail']), ...rerun } }),
    at: key,
  })
  try {
    const reading = applyRules(config.rules, { document, key, at })
    if (reading) return reading.events.map((row) => told(object(row.value)))
  } catch (error) {
    if (error instanceof MappingError) return unreadable(`${error.field}: ${error.message}`)
    throw error
  }
  if (isOurs(value)) return [told({ id: key, ...value })]
  return config.unmatched === 'ignore' ? [] : unreadable('no rule fits the message')
}

async function* events(ctx: Context, _cursor: Cursor): AsyncGenerator<EventPage> {
  const { format, max_bytes } = ctx.config
  const url = (instance: string) => `${instance}/records`
  const began = ctx.clock.now()
  let instance = await join(ctx)
  let joins = 1
  try {
    for (let page = 0, empty = 0; page < PAGES_MAX && empty < EMPTY_POLLS; page++) {
      const reply = await ctx.http.request({
        url: url(instance),
        query: { timeout: POLL_MS, max_bytes },
        headers: { accept: `application/vnd.kafka.${format}.v2+json` },
        accept: [404],
      })
      if (reply.status === 404) {
        if (!forgotten(reply) || joins++ > 5)
          throw new ConnectorError('upstream', 'The REST proxy forgets our consumer again and again.')
        instance = await join(ctx)
        continue
      }
      const records = reply.json()
      if (!Array.isArray(records))
        throw new ConnectorError('schema', 'The REST proxy answered without a list of records.')
      if (records.length === 0) {
        empty++
        continue
      }
      empty = 0
      yield { rows: records.flatMap((r) => rowsOf(ctx, object(r))) }
      // Whoever asks for the next page has made this one durable.
      if (!(await commit(ctx, instance, records.map(object)))) instance = await join(ctx)
    }
    yield { rows: [], completeThrough: began, notes: await behind(ctx) }
  } finally {
    await ctx.http.request({ method: 'DELETE', url: instance, headers: { accept: V2 }, accept: [404] }).catch(() => {})
  }
}

/** The offset of the last message of every partition; false: the instance is gone, and its messages will come again. */
async function commit(ctx: Context, instance: string, records: readonly Json[]): Promise<boolean> {
  const last = new Map(records.map((r) => [`${String(r['topic'])}/${String(r['partition'])}`, r]))
  const offsets = [...last.values()].map(({ topic, partition, offset }) => ({ topic, partition, offset }))
  const reply = await ctx.http.request({
    method: 'POST',
    url: `${instance}/offsets`,
    headers: { 'content-type': V2, accept: V2 },
    json: { offsets },
    accept: [404],
  })
  return !forgotten(reply)
}

async function behind(ctx: Context): Promise<string[]> {
  const { cluster, group } = ctx.config
  if (cluster === undefined) return []
  const reply = await ctx.http.request({
    url: `/v3/clusters/${encodeURIComponent(cluster)}/consumer-groups/${encodeURIComponent(group)}/lag-summary`,
    accept: [404],
  })
  const lag = Number(object(reply.status === 404 ? {} : reply.json())['total_lag'] ?? 0)
  return lag > 0 ? [`The group ${group} is ${lag} messages behind.`] : []
}

const errors: ErrorReader = (reply) => {
  if (reply.status < 400) return undefined
  const code = codeOf(reply)
  let message: unknown
  try {
    message = object(reply.json())['message']
  } catch {
    return undefined
  }
  const said = typeof message === 'string' ? message.slice(0, 300) : `status ${reply.status}`
  if (reply.status === 429) return { code: 'rate_limited', message: said }
  if (code === 40401) return { code: 'not_found', message: said }
  return undefined
}

export default defineConnector<Config>({
  title: 'Kafka',
  mark: 'KA',
  config: configSchema,
  base: ({ base_url }) => base_url,
  authorise: async ({ config }, _request, credentials): Promise<Record<string, string>> => {
    const { user, password } = config
    if (user === undefined || password === undefined) return {}
    return {
      authorization: await credentials.token('basic', async () => ({ value: basic(user, password), expiresAt: null })),
    }
  },
  async ping(ctx) {
    const reply = await ctx.http.request({ url: '/topics', headers: { accept: V2 } })
    const topics = reply.json()
    const missing = ctx.config.topics.filter((t) => !Array.isArray(topics) || !topics.includes(t))
    return {
      account: `group ${ctx.config.group}`,
      ...(missing.length > 0 && { missingScopes: missing.map((t) => `topic ${t} (missing, or no READ on it)`) }),
      clockSkewMs: platformClock(reply, ctx.clock.now()) - ctx.clock.now(),
    }
  },
  streams: [],
  events,
  actionsOf: redeliverActions,
  limits: { calls: 50, windowMs: 1_000, concurrency: 1, reserve: 0 },
  errors,
  lagMs: 0,
  replayDays: 7,
})
