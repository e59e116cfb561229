/** Simulated Workato: recipes and their job history, newest first, with offset paging and the limit of jobs; jobs repeated. */
import { Hono } from 'hono'
import type { Simulator } from '../platform.ts'
import { createLedger } from '../ledger.ts'
import { answer, listen, type WireEnv } from '../wire.ts'
import { jobName, jobsFor, plainFault, runsOf, type Run } from './carried.ts'

const TOKEN = 'lab-workato-token'
const KINDS = ['customer', 'order', 'invoice', 'subscription', 'entitlement']
const RECEIVERS = ['salesforce', 'netsuite', 'stripe', 'zendesk', 'crm', 'erp']
const PAGE = 20

export const workato: Simulator = {
  vendor: 'workato',
  role: 'middleware',
  kinds: [],
  holds: () => [],
  id: (_, n) => `j-lab${n}`,
  async start(state) {
    const app = new Hono<WireEnv>()
    const all = KINDS.flatMap((kind) => RECEIVERS.map((to) => jobName({ kind, to }))).map((name, n) => ({
      id: 28_000 + n,
      name,
      running: true,
    }))
    const ledger = createLedger(state)
    /** Recipes that have run: the account has no others. */
    const recipes = () => {
      const ran = new Set(runsOf(state).map(jobName))
      return all.filter((r) => ran.has(r.name))
    }
    app.use('/api/*', async (c, next) => {
      if (c.req.header('authorization') !== `Bearer ${TOKEN}`) return answer({ message: 'Unauthorized' }, 401)
      return next()
    })
    app.get('/api/users/me', () => answer({ id: 17, name: 'Lab', company_name: 'Larkmoor Systems' }))
    app.get('/api/recipes', (c) => {
      const page = Number(c.req.query('page') ?? '1')
      const size = Number(c.req.query('per_page') ?? '100')
      return answer({ items: recipes().slice((page - 1) * size, page * size) })
    })
    app.get('/api/recipes/:id/jobs', (c) => {
      const recipe = all.find((r) => String(r.id) === c.req.param('id'))
      if (!recipe) return answer({ message: 'Not found' }, 404)
      const jobs = runsOf(state)
        .filter((r) => jobName(r) === recipe.name)
        .reverse()
      const offset = c.req.query('offset_job_id')
      const from = offset === undefined ? 0 : jobs.findIndex((j) => idOf(j) === offset) + 1
      const items = jobs.slice(from, from + PAGE).map(jobOf)
      if (c.env.fault?.kind === 'poison' && items.length > 0) delete (items[0] as Record<string, unknown>)['started_at']
      const failed = jobs.filter((j) => j.failed).length
      return answer({
        job_succeeded_count: jobs.length - failed,
        job_failed_count: failed,
        job_count: jobs.length,
        items,
      })
    })
    app.post('/api/recipes/:id/repeat_jobs', async (c) => {
      const { job_ids } = (await c.req.json()) as { job_ids?: string[] }
      const recipe = all.find((r) => String(r.id) === c.req.param('id'))
      const jobs = runsOf(state).filter((r) => recipe?.name === jobName(r) && job_ids?.includes(idOf(r)))
      if (jobs.length === 0) return answer({ message: 'Not found' }, 404)
      for (const run of jobs) {
        const body = { job_ids: [idOf(run)] }
        const call = { method: 'POST', path: new URL(c.req.url).pathname, body, key: null, by: 'lab' }
        ledger.note(call, run.kind, run.recordId)
      }
      return answer({ success: true })
    })
    const wire = await listen(
      state,
      (request, env) => app.fetch(request, env),
      (fault) => plainFault(fault, false, (message) => ({ message })),
    )
    return {
      url: wire.url,
      platformConfig: {
        connector: 'workato',
        role: 'middleware',
        config: {
          base_url: wire.url,
          token: TOKEN,
          jobs: jobsFor(KINDS, RECEIVERS, ['Record {record_id}, change {correlation_id}']),
        },
        allow_private_network: true,
      },
      referenceMaps: {},
      requests: wire.requests,
      mutations: ledger.mutations,
      stop: wire.stop,
    }
  },
}
export default workato

const idOf = (run: Run) => `j-${Buffer.from(run.id).toString('base64url')}`

function jobOf(run: Run) {
  return {
    id: idOf(run),
    title: `Record ${run.recordId}, change ${run.correlation}`,
    started_at: new Date(run.startedAt).toISOString(),
    completed_at: run.endedAt === null ? null : new Date(run.endedAt).toISOString(),
    is_error: run.failed,
    is_poll_error: false,
    error: run.error,
  }
}
