/** Simulated Fusion: token of the identity domain, collections with `q`, `limit` and `totalResults`, silent caps, self links with digests, ETags. */
import { createHash } from 'node:crypto'
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { Ledger } from '../ledger.ts'
import { createLedger, overtaken } from '../ledger.ts'
import type { ApiFault, PlatformState, RunningSimulator, SimRecord, Simulator } from '../platform.ts'
import type { WireEnv } from '../wire.ts'
import { answer, Digits, listen } from '../wire.ts'
import { FUSION_CLIENT, platformConfig, referenceMaps } from './oracle-fusion/entry.ts'
import { idOf, KEY, PLANS } from './oracle-fusion/resources.ts'
import type { Item } from './oracle-fusion/rows.ts'
import { changeOf, describedAttributes, etagOf, Invalid, itemOf } from './oracle-fusion/rows.ts'

export interface FusionOptions {
  /** Resources (by their last name) that the user may not see, and that this release does not have. */
  forbidden?: readonly string[]
  absent?: readonly string[]
  /** Attributes that this release does not have. */
  lacking?: readonly string[]
  /** The environment does not describe itself. */
  silent?: boolean
  /** Most items of one page, without `hasMore` saying that there are others. */
  cap?: number
  /** Items that are there besides, as they are: dated rows. */
  besides?: Record<string, readonly Item[]>
}

export const fusionEnvironment = (options: FusionOptions = {}): Simulator => ({
  vendor: 'oracle-fusion',
  role: 'erp',
  kinds: Object.keys(PLANS),
  holds: (kind) => Object.keys(PLANS[kind]?.attributes ?? {}),
  id: idOf,
  async start(state): Promise<RunningSimulator> {
    const ledger = createLedger(state)
    const { app, endSessions } = createEnvironment(state, ledger, options)
    const wire = await listen(
      state,
      (request, env) => app.fetch(request, env),
      (fault, request) => faulty(fault, request, endSessions),
    )
    return {
      url: wire.url,
      platformConfig: platformConfig(wire.url),
      referenceMaps: referenceMaps(),
      requests: wire.requests,
      mutations: ledger.mutations,
      stop: wire.stop,
    }
  },
})
export default fusionEnvironment()

const failure = (status: number, code: string, detail: string, headers: Record<string, string> = {}) =>
  answer(
    { title: detail, status: String(status), 'o:errorDetails': [{ detail, 'o:errorCode': code }] },
    status,
    headers,
  )
const unknown = () => new Response('Unauthorized', { status: 401 })
const notFound = () => new Response('Not Found', { status: 404 })

function faulty(fault: ApiFault, request: Request, endSessions: () => void): Response | undefined {
  if (fault.kind === 'throttle')
    return new Response('Too Many Requests', {
      status: 429,
      headers: { ...(fault.retryAfterSeconds !== undefined && { 'retry-after': String(fault.retryAfterSeconds) }) },
    })
  if (fault.kind === 'error') return new Response('<html>Service unavailable</html>', { status: fault.status })
  if (fault.kind !== 'expired_session' || request.url.endsWith('/token')) return undefined
  endSessions()
  return unknown()
}

type Call = Context<WireEnv>

const nameOf = (kind: string) => PLANS[kind]!.path.split('/').at(-1)!
/** Addresses carry a digest of the key, which no client can make. */
const digestOf = (record: SimRecord) =>
  createHash('sha1').update(`fusion ${record.kind} ${record.id}`).digest('hex').slice(0, 24)

function createEnvironment(state: PlatformState, ledger: Ledger, options: FusionOptions) {
  const { forbidden = [], absent = [], lacking = [], silent = false, cap = 500, besides = {} } = options
  const app = new Hono<WireEnv>()
  const sessions = new Set<string>()
  let issued = 0

  app.post('/oauth2/v1/token', async (c) => {
    const expected = `Basic ${Buffer.from(`${FUSION_CLIENT.id}:${FUSION_CLIENT.secret}`).toString('base64')}`
    if (c.req.header('authorization') !== expected) return answer({ error: 'invalid_client' }, 401)
    if ((await c.req.parseBody())['scope'] !== FUSION_CLIENT.scope) return answer({ error: 'invalid_scope' }, 400)
    const token = `lab-fusion-${++issued}`
    sessions.add(token)
    return answer({ token_type: 'Bearer', expires_in: 3600, access_token: token })
  })

  app.all('*', async (c) => {
    if (!sessions.has((c.req.header('authorization') ?? '').replace(/^Bearer /, ''))) return unknown()
    if (c.req.header('rest-framework-version') === undefined)
      return failure(400, 'FND', 'The lab serves no client that leaves the protocol version to chance.')
    const path = decodeURIComponent(c.req.path)
    const kind = Object.keys(PLANS).find((k) => path === PLANS[k]!.path || path.startsWith(`${PLANS[k]!.path}/`))
    if (kind === undefined || absent.includes(nameOf(kind))) return notFound()
    if (forbidden.includes(nameOf(kind))) return new Response('Forbidden', { status: 403 })
    const rest = path.slice(PLANS[kind]!.path.length + 1)
    if (rest === 'describe') return described(kind)
    if (c.req.method === 'GET') return rest === '' ? listed(c, kind) : one(c, kind, rest)
    return written(c, kind, rest === '' ? null : rest, path)
  })

  function described(kind: string): Response {
    if (silent) return notFound()
    const dated = Object.keys(besides[nameOf(kind)]?.[0] ?? {})
    const names = [...new Set([...describedAttributes(kind), ...dated])].filter((name) => !lacking.includes(name))
    const attributes = names.map((name) => ({ name, type: 'string', updatable: true, queryable: true }))
    return answer({ Resources: { [nameOf(kind)]: { attributes } } })
  }

  const live = (kind: string) => state.records(kind).filter((r) => r.deletedAt === undefined)
  const linked = (c: Call, record: SimRecord) => ({
    links: [
      {
        rel: 'self',
        href: `${new URL(c.req.url).origin}${PLANS[record.kind]!.path}/${digestOf(record)}`,
        kind: 'item',
      },
    ],
  })

  function listed(c: Call, kind: string): Response {
    const { key } = PLANS[kind]!
    const keeps = conditionOf(c.req.query('q'))
    if (keeps === null) return failure(400, 'FND-1', `URL request parameter q cannot be used.`)
    const data = c.req.query('onlyData') === 'true'
    const rows: Item[] = live(kind).map((record) => ({ ...itemOf(record), ...(!data && linked(c, record)) }))
    rows.push(...(besides[nameOf(kind)] ?? []))
    for (const row of rows) for (const name of lacking) delete row[name]
    const kept = rows.filter(keeps).sort((a, b) => (BigInt(digits(a[key])) < BigInt(digits(b[key])) ? -1 : 1))
    const limit = Math.min(Number(c.req.query('limit') ?? 25), cap)
    const page = kept.slice(0, limit)
    const fault = c.env.fault
    const bad = fault?.kind === 'poison' ? page[fault.recordIndex % page.length] : undefined
    if (bad) bad['LastUpdateDate'] = 'yesterday'
    const fields = c.req.query('fields')?.split(',')
    const wrong = fields?.find((name) => lacking.includes(name))
    if (wrong !== undefined) return failure(400, 'FND-2', `URL request parameter fields cannot be used: ${wrong}.`)
    const expanded = c.req.query('expand')?.split(',') ?? []
    const items = page.map((row) =>
      Object.fromEntries(
        Object.entries(row).filter(([name]) =>
          name === 'totals' ? expanded.includes(name) : !fields || fields.includes(name) || name === 'links',
        ),
      ),
    )
    // `hasMore` is as unreliable as they say: a page that was capped does not have it.
    const hasMore = kept.length > limit && cap >= 500
    const total = c.req.query('totalResults') === 'true' ? { totalResults: kept.length } : {}
    return answer({ items, count: items.length, hasMore, limit, offset: 0, ...total, links: [] })
  }

  function one(c: Call, kind: string, digest: string): Response {
    const record = live(kind).find((r) => digestOf(r) === digest)
    return record ? answer({ ...itemOf(record), ...linked(c, record) }, 200, { etag: etagOf(record) }) : notFound()
  }

  async function written(c: Call, kind: string, digest: string | null, path: string): Promise<Response> {
    const body = await c.req.json<Item>()
    const found = digest === null ? null : (live(kind).find((r) => digestOf(r) === digest) ?? null)
    if (digest !== null && !found) return notFound()
    if (found) overtaken(state, c.env.fault, kind, found.id)
    const record = found && state.record(kind, found.id)!
    const match = c.req.header('if-match')
    if (record && match !== undefined && match !== etagOf(record))
      return new Response('Precondition Failed', { status: 412 })
    try {
      const change = changeOf(state, kind, body)
      const call = { method: c.req.method, path, body, key: (body[KEY] as string | undefined) ?? null, by: 'plumbline' }
      const made = ledger.change(call, kind, record?.id ?? null, change)
      return answer({ ...itemOf(made), ...linked(c, made) }, record ? 200 : 201)
    } catch (error) {
      if (error instanceof Invalid) return failure(400, 'FND-3', error.message)
      throw error
    }
  }
  return { app, endSessions: () => sessions.clear() }
}

const digits = (value: unknown) => (value instanceof Digits ? value.text : String(value))

/** Conditions joined by `;`; null for what cannot be read. */
function conditionOf(q: string | undefined): ((item: Item) => boolean) | null {
  const tests: ((item: Item) => boolean)[] = []
  for (const part of q?.split(';') ?? []) {
    const [, attribute, operator, literal] = /^(\w+) (in|=|>=|<=|>|<) (.+)$/.exec(part) ?? []
    if (attribute === undefined || literal === undefined) return null
    const listed = [...literal.matchAll(/'([^']*)'/g)].map(([, text]) => text!)
    const wanted = listed[0] ?? literal
    tests.push((item) => {
      const value = item[attribute]
      if (value === null || value === undefined) return false
      if (operator === 'in') return listed.includes(digits(value))
      const [a, b] = comparable(digits(value), wanted)
      return operator === '='
        ? a === b
        : operator === '>='
          ? a >= b
          : operator === '<='
            ? a <= b
            : operator === '>'
              ? a > b
              : a < b
    })
  }
  return (item) => tests.every((test) => test(item))
}

function comparable(a: string, b: string): [bigint, bigint] | [number, number] | [string, string] {
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) return [BigInt(a), BigInt(b)]
  const stamp = /^\d{4}-\d\d-\d\dT/
  return stamp.test(a) && stamp.test(b) ? [Date.parse(a), Date.parse(b)] : [a, b]
}
