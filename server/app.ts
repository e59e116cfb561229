/** The application: every route of the API by noun, then the dashboard's files. Its type is what the dashboard's client is made from. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { requestId } from 'hono/request-id'
import { openAPIRouteHandler } from 'hono-openapi'
import { auditRoutes } from './api/audit.ts'
import { alertRoutes } from './api/alerts.ts'
import { silenceRoutes } from './api/alert-silences.ts'
import { certificateRoutes } from './api/certificates.ts'
import { backtestRoutes } from './api/backtests.ts'
import { checkDraftRoutes } from './api/check-drafts.ts'
import { checkRulingRoutes } from './api/check-rulings.ts'
import { checkRoutes } from './api/checks.ts'
import { codeRoutes } from './api/codes.ts'
import { connectorSchemaRoutes } from './api/connector-schema.ts'
import { clusterDecisions } from './api/cluster-decisions.ts'
import { clusterRoutes } from './api/clusters.ts'
import { backfillRoutes } from './api/backfill.ts'
import { backfillJobRoutes } from './api/backfill-jobs.ts'
import { connectorRoutes } from './api/connectors.ts'
import { deliveryRoutes } from './api/deliveries.ts'
import { coverageRoutes } from './api/coverage.ts'
import { customerRoutes } from './api/customers.ts'
import { edgeRoutes } from './api/edges.ts'
import { entityRoutes } from './api/entities.ts'
import { eventRoutes } from './api/events.ts'
import { exceptionRoutes } from './api/exceptions.ts'
import { exportRoutes } from './api/export.ts'
import { exposureRoutes } from './api/exposure.ts'
import { findingRoutes } from './api/findings.ts'
import { flowRoutes } from './api/flows.ts'
import { identifies, sameOrigin, type GuardEnv } from './api/guard.ts'
import { securityHeaders } from './api/headers.ts'
import { doorRoutes } from './api/hooks.ts'
import { healthRoutes } from './api/health.ts'
import { intakeRoutes } from './api/intake.ts'
import { identityRoutes } from './api/identity.ts'
import { issueDecisions } from './api/issue-decisions.ts'
import { issueRoutes } from './api/issues.ts'
import { jobRoutes } from './api/jobs.ts'
import { kpiRoutes } from './api/kpis.ts'
import { layoutRoutes } from './api/layouts.ts'
import { listRoutes } from './api/lists.ts'
import { liveRoutes } from './api/live.ts'
import { mentionRoutes } from './api/mentions.ts'
import { matchRoutes } from './api/matches.ts'
import { overviewRoutes } from './api/overview.ts'
import { teamComplianceRoutes } from './api/team-compliance.ts'
import { ownershipRoutes } from './api/ownership.ts'
import { ownershipWhatIf } from './api/ownership-what-if.ts'
import { periodRoutes } from './api/periods.ts'
import { planTurnRoutes } from './api/plan-turns.ts'
import { planRoutes } from './api/plans.ts'
import { onError, problem } from './api/problem.ts'
import { privacyRoutes } from './api/privacy.ts'
import { retentionRoutes } from './api/retention.ts'
import { legalHoldRoutes } from './api/legal-holds.ts'
import { proveRoutes } from './api/prove.ts'
import { qualityRoutes } from './api/quality.ts'
import { reportArchiveRoutes } from './api/report-archive.ts'
import { reportRoutes } from './api/reports.ts'
import { reasonRoutes } from './api/reasons.ts'
import { quarantineRoutes } from './api/quarantine.ts'
import { referenceMapRoutes } from './api/reference-maps.ts'
import { renewalRoutes } from './api/renewals.ts'
import { replayRoutes } from './api/replays.ts'
import { runbookRoutes } from './api/runbooks.ts'
import { runRoutes } from './api/runs.ts'
import { savedViewRoutes } from './api/saved-views.ts'
import { languageRoutes } from './api/language.ts'
import { sessionRoutes } from './api/session.ts'
import { standingRoutes } from './api/standing.ts'
import { dashboard } from './api/dashboard.ts'
import { tokenRoutes } from './api/tokens.ts'
import { createThrottle } from './api/throttle.ts'
import { traced } from './api/traced.ts'
import { unsubscribeRoutes } from './api/unsubscribe.ts'
import { traceRoutes } from './api/traces.ts'
import { userRoutes } from './api/users.ts'
import { workRoutes } from './api/works.ts'
import { setUpRoutes } from './api/set-up.ts'
import type { Runtime } from './runtime.ts'
import type { Telemetry } from './telemetry.ts'

export interface AppOptions {
  runtime: Runtime
  telemetry: Telemetry | null
  /** Address that people use, without a path. */
  origin: string
  version: string
  /** SHA-256 of the local command line's token. */
  localToken: string | null
  /** Folder of the built dashboard, or null in tests of the API alone. */
  dashboardFolder: string | null
}

/** Largest request body of the API. */
const BODY_BYTES_MAX = 1_000_000

export function createApp({ runtime, telemetry, origin, version, localToken, dashboardFolder }: AppOptions) {
  const { ctx } = runtime
  const guard = { control: ctx.control, clock: ctx.clock, origin, localToken }

  const throttle = createThrottle(ctx.clock)

  const v1 = new Hono<GuardEnv>()
    .route('/session', sessionRoutes({ ...guard, company: ctx.config.company, version, throttle }))
    .route('/session', proveRoutes({ ...guard, throttle }))
    .route('/session', languageRoutes(guard))
    .route('/overview', overviewRoutes(runtime))
    .route('/overview', teamComplianceRoutes(runtime))
    .route('/alerts', alertRoutes(runtime))
    .route('/alerts/silences', silenceRoutes(runtime))
    .route('/deliveries', deliveryRoutes(runtime))
    .route('/clusters', clusterRoutes(runtime))
    .route('/clusters', clusterDecisions(runtime))
    .route('/kpis', kpiRoutes(runtime))
    .route('/exposure', exposureRoutes(runtime))
    .route('/issues', issueRoutes(runtime))
    .route('/issues', issueDecisions(runtime))
    .route('/customers', customerRoutes(runtime))
    .route('/entities', entityRoutes(runtime))
    .route('/findings', findingRoutes(runtime))
    .route('/flows', flowRoutes(runtime))
    .route('/identity', identityRoutes(runtime))
    .route('/renewals', renewalRoutes(runtime))
    .route('/events', eventRoutes(runtime))
    .route('/intake', intakeRoutes(runtime, origin))
    .route('/plans', planRoutes(runtime))
    .route('/plans', planTurnRoutes(runtime))
    .route('/exceptions', exceptionRoutes(runtime))
    .route('/replays', replayRoutes(runtime))
    .route('/runbooks', runbookRoutes(runtime))
    .route('/standing', standingRoutes(runtime))
    .route('/connectors', connectorRoutes(runtime))
    .route('/connectors', backfillRoutes(runtime))
    .route('/backfills', backfillJobRoutes(runtime))
    .route('/connectors', connectorSchemaRoutes(runtime))
    .route('/codes', codeRoutes(runtime))
    .route('/quality', qualityRoutes(runtime))
    .route('/checks/backtest', backtestRoutes(runtime))
    .route('/checks/coverage', coverageRoutes(runtime))
    .route('/checks/drafts', checkDraftRoutes(runtime))
    .route('/checks', checkRoutes(runtime))
    .route('/checks', checkRulingRoutes(runtime))
    .route('/edges', edgeRoutes(runtime))
    .route('/matches', matchRoutes(runtime))
    .route('/periods', periodRoutes(runtime))
    .route('/reports/archive', reportArchiveRoutes(runtime))
    .route('/reports', reportRoutes(runtime))
    .route('/certificates', certificateRoutes(runtime))
    .route('/runs', runRoutes(runtime))
    .route('/quarantine', quarantineRoutes(runtime))
    .route('/export', exportRoutes(runtime))
    .route('/jobs', jobRoutes(runtime))
    .route('/trace', traceRoutes(runtime))
    .route('/users', userRoutes(guard))
    .route('/tokens', tokenRoutes(guard))
    .route('/audit', auditRoutes(guard))
    .route('/ownership', ownershipRoutes(runtime))
    .route('/ownership', ownershipWhatIf(runtime))
    .route('/privacy', privacyRoutes(runtime))
    .route('/retention', retentionRoutes(runtime))
    .route('/legal-holds', legalHoldRoutes(runtime))
    .route('/reference-maps', referenceMapRoutes(runtime))
    .route('/lists', listRoutes(runtime, origin))
    .route('/views', savedViewRoutes(runtime))
    .route('/mentions', mentionRoutes(runtime))
    .route('/reasons', reasonRoutes(runtime))
    .route('/live', liveRoutes(runtime))
    .route('/works', workRoutes(runtime))
    .route('/layouts', layoutRoutes(runtime))
    .route('/set-up', setUpRoutes(runtime))

  const app = new Hono<GuardEnv>()
    .use(requestId({ headerName: '' }))
    .use(securityHeaders)
    .use(traced)
    .route('/', doorRoutes(runtime, guard))
    .use(
      bodyLimit({
        maxSize: BODY_BYTES_MAX,
        onError: (c) => problem(c, 413, { title: 'The request is larger than 1 MB.', code: 'invalid' }),
      }),
    )
    // Before the guard: the link itself is the proof, and mail programs send no header of ours.
    .route('/v1/unsubscribe', unsubscribeRoutes(runtime))
    .use('/v1/*', identifies(guard))
    .use('/v1/*', sameOrigin(guard))
    .route('/', healthRoutes(runtime, telemetry))
    .route('/unsubscribe', unsubscribeRoutes(runtime))
    .route('/v1', v1)

  app.get(
    '/v1/openapi.json',
    openAPIRouteHandler(app, {
      documentation: {
        openapi: '3.1.0',
        info: {
          title: 'Plumbline',
          version,
          description: 'Where platforms disagree about customers, and which one is wrong.',
        },
        components: {
          securitySchemes: {
            session: { type: 'apiKey', in: 'cookie', name: 'plumbline' },
            token: { type: 'http', scheme: 'bearer' },
          },
        },
        security: [{ session: [] }, { token: [] }],
      },
    }),
  )
  app.all('/v1/*', (c) =>
    problem(c, 404, {
      title: `There is no ${c.req.path}.`,
      code: 'not_found',
      remedy: 'GET /v1/openapi.json lists every route.',
    }),
  )
  // The page comes in the language of who asks, so it is known who that is.
  if (dashboardFolder) app.use('*', identifies(guard)).route('/', dashboard(dashboardFolder, guard))
  app.onError(onError(ctx.log))
  return app
}

export type App = ReturnType<typeof createApp>
