/** Simulated Anypoint: a connected app's token, deployments of an environment, and the log lines of its applications. */
import { Hono } from 'hono'
import type { Simulator } from '../platform.ts'
import { answer, listen, type WireEnv } from '../wire.ts'
import { jobName, jobsFor, plainFault, runsOf, type Run } from './carried.ts'

const CLIENT = { id: 'lab-connected-app', secret: 'lab-mulesoft-secret' }
const ORGANIZATION = 'org-1'
const ENVIRONMENT = 'env-1'
const KINDS = ['customer', 'order', 'invoice', 'subscription', 'entitlement']
const RECEIVERS = ['salesforce', 'netsuite', 'stripe', 'zendesk', 'crm', 'erp']

export const mulesoft: Simulator = {
  vendor: 'mulesoft',
  role: 'middleware',
  kinds: [],
  holds: () => [],
  id: (_, n) => `line-${n}`,
  async start(state) {
    const app = new Hono<WireEnv>()
    const tokens = new Set<string>()
    const deployments = KINDS.flatMap((kind) => RECEIVERS.map((to) => jobName({ kind, to }))).map((name, n) => ({
      id: `deployment-${n}`,
      name,
      creationDate: Date.parse('2026-01-01T00:00:00Z'),
      lastModifiedDate: Date.parse('2026-01-01T00:00:00Z'),
      target: { provider: 'MC', targetId: 'shared' },
      status: 'APPLIED',
      application: { status: 'RUNNING' },
      currentRuntimeVersion: '4.9.0',
      lastSuccessfulVersion: `spec-${n}`,
    }))
    app.post('/accounts/api/v2/oauth2/token', async (c) => {
      const form = await c.req.parseBody()
      if (form['client_id'] !== CLIENT.id || form['client_secret'] !== CLIENT.secret)
        return answer({ error: 'unauthorized_client' }, 401)
      const token = `lab-anypoint-${tokens.size + 1}`
      tokens.add(token)
      return answer({ access_token: token, expires_in: 3600, token_type: 'bearer' })
    })
    app.use('/amc/*', async (c, next) => {
      if (!tokens.has((c.req.header('authorization') ?? '').replace('Bearer ', '')))
        return answer({ message: 'Unauthorized' }, 401)
      return next()
    })
    const base = `/amc/application-manager/api/v2/organizations/${ORGANIZATION}/environments/${ENVIRONMENT}/deployments`
    app.get(base, () => {
      // Applications that carried something: the environment has no others.
      const ran = new Set(runsOf(state).map(jobName))
      const items = deployments.filter((d) => ran.has(d.name))
      return answer({ total: items.length, items })
    })
    app.get(`${base}/:id/specs/:spec/logs`, (c) => {
      const deployment = deployments.find((d) => d.id === c.req.param('id'))
      if (!deployment || c.req.param('spec') !== deployment.lastSuccessfulVersion)
        return answer({ message: 'Not found' }, 404)
      const [from, to, length] = ['startTime', 'endTime', 'length'].map((name) => Number(c.req.query(name)))
      const lines = runsOf(state)
        .filter((r) => jobName(r) === deployment.name)
        .flatMap(linesOf)
        .filter((l) => l.timestamp >= from! && l.timestamp <= to!)
        .sort((a, b) => a.timestamp - b.timestamp)
        .slice(0, length)
      if (c.env.fault?.kind === 'poison' && lines[0]) Object.assign(lines[0], { timestamp: 'yesterday' })
      return answer(lines)
    })
    const wire = await listen(
      state,
      (request, env) => app.fetch(request, env),
      (fault, request) => {
        const open = new URL(request.url).pathname.startsWith('/accounts/')
        if (fault.kind === 'expired_session') tokens.clear()
        return plainFault(fault, open, (message) => ({ message }))
      },
    )
    return {
      url: wire.url,
      platformConfig: {
        connector: 'mulesoft',
        role: 'middleware',
        config: {
          base_url: wire.url,
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          organization: ORGANIZATION,
          environment: ENVIRONMENT,
          jobs: jobsFor(KINDS, RECEIVERS, [
            'sent record {record_id}',
            'acknowledged record {record_id}',
            'refused record {record_id}: {*}',
          ]),
        },
        allow_private_network: true,
      },
      referenceMaps: {},
      requests: wire.requests,
      stop: wire.stop,
    }
  },
}
export default mulesoft

function linesOf(run: Run) {
  const line = (timestamp: number, logLevel: string, message: string) => ({
    timestamp,
    logLevel,
    message,
    logger: 'org.mule.runtime.core.internal.processor.LoggerMessageProcessor',
    replicaId: 'replica-1',
    context: { correlationId: run.correlation },
  })
  const lines = [line(run.startedAt, 'INFO', `sent record ${run.recordId}`)]
  if (run.endedAt !== null)
    lines.push(
      run.failed
        ? line(run.endedAt, 'ERROR', `refused record ${run.recordId}: ${run.error ?? 'no reason'}`)
        : line(run.endedAt, 'INFO', `acknowledged record ${run.recordId}`),
    )
  return lines
}
