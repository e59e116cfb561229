/** Simulated Planhat: lists by number, the short list of companies, one object by id or alias, writes; a token that does not end. */
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { Ledger } from '../ledger.ts'
import { createLedger, overtaken } from '../ledger.ts'
import type { ApiFault, PlatformState, RunningSimulator, SimRecord, Simulator } from '../platform.ts'
import type { WireEnv } from '../wire.ts'
import { answer, listen } from '../wire.ts'
import { PLANHAT_TOKEN, platformConfig, referenceMaps } from './planhat/entry.ts'
import { idOf, kindOfModel, PLANS } from './planhat/models.ts'
import type { PlanhatObject } from './planhat/objects.ts'
import { changeOf, Invalid, objectOf } from './planhat/objects.ts'

export { PLANHAT_TOKEN }

export interface PlanhatOptions {
  perMinute?: number
  /** Rows that one page has at most, whatever is asked for. */
  most?: number
  /** Models that the token may not read, and those that the tenant does not have. */
  forbidden?: readonly string[]
  absent?: readonly string[]
  /** The tenant does not keep the order that is asked for. */
  unordered?: boolean
}

export const planhatTenant = (options: PlanhatOptions = {}): Simulator => ({
  vendor: 'planhat',
  role: 'success',
  kinds: Object.keys(PLANS),
  holds: (kind) => Object.keys(PLANS[kind]?.properties ?? {}),
  id: idOf,
  async start(state): Promise<RunningSimulator> {
    const ledger = createLedger(state)
    const app = createTenant(state, ledger, options)
    const wire = await listen(state, (request, env) => app.fetch(request, env), faulty)
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
export const planhat = planhatTenant()
export default planhat

const failure = (status: number, message: string, headers: Record<string, string> = {}) =>
  answer({ message }, status, headers)
const throttled = (seconds?: number) =>
  failure(429, 'Too Many Requests', seconds === undefined ? {} : { 'retry-after': String(seconds) })

function faulty(fault: ApiFault): Response | undefined {
  if (fault.kind === 'throttle') return throttled(fault.retryAfterSeconds)
  if (fault.kind === 'error') return failure(fault.status, 'Internal Server Error')
  // Tokens do not end: there is no session that could.
  return undefined
}

type Call = Context<WireEnv>

function createTenant(
  state: PlatformState,
  ledger: Ledger,
  { perMinute = 100_000, most = 2_000, forbidden = [], absent = [], unordered = false }: PlanhatOptions,
) {
  const app = new Hono<WireEnv>()
  let minute = { start: 0, count: 0 }
  app.use('*', async (c, next) => {
    const basic = `Basic ${Buffer.from(`${PLANHAT_TOKEN}:`).toString('base64')}`
    const header = c.req.header('authorization')
    if (header !== `Bearer ${PLANHAT_TOKEN}` && header !== basic) return failure(401, 'Unauthorized')
    const start = Math.floor(state.now() / 60_000)
    if (minute.start !== start) minute = { start, count: 0 }
    if (++minute.count > perMinute) return throttled(60 - Math.floor((state.now() / 1000) % 60))
    await next()
    c.res.headers.set('x-ratelimit-limit', String(perMinute))
    c.res.headers.set('x-ratelimit-remaining', String(perMinute - minute.count))
    return undefined
  })

  const live = (kind: string) => state.records(kind).filter((r) => r.deletedAt === undefined)
  const byId = (a: SimRecord, b: SimRecord) => (a.id < b.id ? -1 : 1)

  app.get('/leancompanies', (c) => {
    const { externalId, sourceId } = c.req.query()
    const lean = live('customer')
      .map(objectOf)
      .map(({ _id, name, externalId: e, sourceId: s }) => ({
        _id,
        name,
        slug: String(name).toLowerCase(),
        externalId: e,
        sourceId: s,
      }))
    return answer(
      lean.filter(
        (one) =>
          (externalId === undefined || one.externalId === externalId) &&
          (sourceId === undefined || one.sourceId === sourceId),
      ),
    )
  })

  function opened(c: Call): string | Response {
    const model = c.req.param('model')!
    const kind = kindOfModel(model)
    if (kind === undefined || absent.includes(model)) return failure(404, 'Not Found')
    return forbidden.includes(model) ? failure(403, 'Forbidden') : kind
  }

  app.get('/:model', (c) => {
    const kind = opened(c)
    if (kind instanceof Response) return kind
    const all = live(kind).sort(byId)
    if (unordered || c.req.query('sort') !== '_id') all.reverse()
    const offset = Number(c.req.query('offset') ?? '0')
    const limit = Math.min(most, Number(c.req.query('limit') ?? '100'))
    const page = all.slice(offset, offset + limit).map(objectOf)
    const fault = c.env.fault
    const bad = fault?.kind === 'poison' ? page[fault.recordIndex % page.length] : undefined
    if (bad) bad['updatedAt'] = 'yesterday'
    return answer(page)
  })
  app.get('/:model/:id', (c) => {
    const kind = opened(c)
    if (kind instanceof Response) return kind
    const record = state.record(kind, c.req.param('id'))
    return !record || record.deletedAt !== undefined ? failure(404, 'Not Found') : answer(objectOf(record))
  })

  async function written(c: Call, id: string | null): Promise<Response> {
    const kind = opened(c)
    if (kind instanceof Response) return kind
    const body = await c.req.json<PlanhatObject>()
    if (id !== null) overtaken(state, c.env.fault, kind, id)
    const record = id === null ? null : state.record(kind, id)
    if (id !== null && (!record || record.deletedAt !== undefined)) return failure(404, 'Not Found')
    try {
      const change = changeOf(state, kind, body)
      if (id === null && !change.fields['name']) return failure(400, 'name is required')
      const key = typeof body['externalId'] === 'string' ? body['externalId'] : null
      const call = { method: c.req.method, path: c.req.path, body, key, by: 'plumbline' }
      return answer(objectOf(ledger.change(call, kind, id, change)))
    } catch (error) {
      if (error instanceof Invalid) return failure(400, error.message)
      throw error
    }
  }
  app.post('/:model', (c) => written(c, null))
  app.put('/:model/:id', (c) => written(c, c.req.param('id')))
  app.notFound(() => failure(404, 'Not Found'))
  return app
}
