/** The one client of the API: every call that the dashboard makes. What is answered is in answers.ts, what goes wrong in failure.ts. */
import type {
  Account,
  Alerts,
  ApiToken,
  ArchivedReport,
  AuditPage,
  Audited,
  Backtest,
  CauseDecided,
  Causes,
  CertificateKey,
  CertificateLine,
  Check,
  CheckDetail,
  CodeProposal,
  Codes,
  Comparison,
  Connector,
  ConnectorDetail,
  ConnectorSchema,
  Customer360,
  CustomerPage,
  Delivered,
  DeliveredDetail,
  Drafted,
  EdgeDetail,
  Edges,
  EntityState,
  ExceptionGroups,
  ExceptionPage,
  Exposure,
  ExposureRange,
  Facets,
  Finding,
  Flow,
  FlowDetail,
  FlowPage,
  IdentityDecision,
  IdentityEntity,
  IdentityWish,
  Intake,
  Issue,
  IssueDetail,
  IssuePage,
  Kpi,
  LinkSuggestion,
  LinkSuggestions,
  MatchCheck,
  MatchDetail,
  MatchMember,
  Overview,
  TeamCompliance,
  OwnershipLine,
  Period,
  Plan,
  PlanItems,
  Quality,
  Range,
  Reasons,
  ReferenceMap,
  RenewalPage,
  Report,
  Role,
  Session,
  Silence,
  SilenceMatch,
  SilencePreview,
  Sort,
  Tested,
  Timeline,
  Told,
  Trace,
  TraceQuery,
  Trial,
  TrialAsked,
  UnmatchedPage,
  WhatIf,
} from './answers.ts'
import { asked, done } from './asked.ts'
import { v1 } from './client.ts'

export type * from './answers.ts'
/** What ends a snooze before its time. */
export interface Wake {
  on: 'change' | 'run' | 'grows'
  findings?: number
}
export { asFailure, Failure, onSignedOut } from './failure.ts'

/** Family and name of a check. */
const named = (id: string) => {
  const [family = '', name = ''] = id.split('/')
  return { family, id: name }
}
const issue = (number: number) => ({ number: String(number) })

export const api = {
  session: () => asked<Session>(v1.session.$get()),
  chooseLanguage: (language: string) => done(v1.session.language.$put({ json: { language } })),
  signIn: (json: { email: string; password: string }) => asked<Session>(v1.session.$post({ json })),
  signInOnce: (token: string) => asked<Session>(v1.session['one-time'].$post({ json: { token } })),
  firstAdministrator: (json: { token: string; email: string; name: string; password: string }) =>
    asked<Session>(v1.session['first-administrator'].$post({ json })),
  setPassword: (id: string, json: { token: string; password: string }) =>
    done(v1.users[':id'].password.$post({ param: { id }, json })),
  signOut: () => done(v1.session.$delete()),
  overview: (range: Range) => asked<Overview>(v1.overview.$get({ query: { range } })),
  teamCompliance: () => asked<TeamCompliance>(v1.overview.teams.$get()),
  issues: (query: { q: string; sort: Sort; cursor?: string; limit?: string }) =>
    asked<IssuePage>(v1.issues.$get({ query })),
  facets: (q: string) => asked<Facets>(v1.issues.facets.$get({ query: { q } })),
  issue: (number: number) => asked<IssueDetail>(v1.issues[':number'].$get({ param: issue(number) })),
  findings: (number: number, after: string) =>
    asked<{ findings: Finding[]; next: string | null }>(
      v1.issues[':number'].findings.$get({ param: issue(number), query: { after } }),
    ),
  assign: (number: number, json: { team?: string | null; person?: string | null }) =>
    asked<Issue>(v1.issues[':number'].assign.$post({ param: issue(number), json })),
  snooze: (number: number, json: { until: string | null; reason?: string; wake?: Wake }) =>
    asked<Issue>(v1.issues[':number'].snooze.$post({ param: issue(number), json })),
  accept: (number: number, json: { until: string | null; reason?: string }) =>
    asked<Issue>(v1.issues[':number'].accept.$post({ param: issue(number), json })),
  comment: (number: number, text: string) =>
    asked<Issue>(v1.issues[':number'].comment.$post({ param: issue(number), json: { text } })),
  reasons: () => asked<Reasons>(v1.reasons.$get()),
  recheck: (number: number) => asked<Issue>(v1.issues[':number'].recheck.$post({ param: issue(number) })),
  causes: (q: string, gap: string) => asked<Causes>(v1.clusters.$get({ query: { q, gap } })),
  causeFindings: (id: string, gap: string, after: string) =>
    asked<{ findings: Finding[]; next: string | null }>(
      v1.clusters[':id'].findings.$get({ param: { id }, query: { gap, after } }),
    ),
  assignCause: (id: string, gap: string, json: { team?: string; person?: string }) =>
    asked<CauseDecided>(v1.clusters[':id'].assign.$post({ param: { id }, query: { gap }, json })),
  snoozeCause: (id: string, gap: string, json: { until: string; reason?: string }) =>
    asked<CauseDecided>(v1.clusters[':id'].snooze.$post({ param: { id }, query: { gap }, json })),
  acceptCause: (id: string, gap: string, json: { until: string; reason?: string }) =>
    asked<CauseDecided>(v1.clusters[':id'].accept.$post({ param: { id }, query: { gap }, json })),
  recheckCause: (id: string, gap: string) =>
    asked<CauseDecided>(v1.clusters[':id'].recheck.$post({ param: { id }, query: { gap } })),
  exposure: (range: ExposureRange) => asked<Exposure>(v1.exposure.$get({ query: { range } })),
  connectors: () => asked<Connector[]>(v1.connectors.$get()),
  connector: (platform: string) => asked<ConnectorDetail>(v1.connectors[':platform'].$get({ param: { platform } })),
  connectorSchema: (platform: string) =>
    asked<ConnectorSchema>(v1.connectors[':platform'].schema.$get({ param: { platform } })),
  codes: () => asked<Codes>(v1.codes.$get()),
  codeProposals: () => asked<CodeProposal[]>(v1.codes.proposals.$get()),
  quality: () => asked<Quality>(v1.quality.$get()),
  test: (platform: string) => asked<Tested>(v1.connectors[':platform'].test.$post({ param: { platform } })),
  collect: (platform: string) => asked<Connector>(v1.connectors[':platform'].collect.$post({ param: { platform } })),
  intake: () => asked<Intake>(v1.intake.$get()),
  replayDeliveries: (platform: string, ids?: string[]) =>
    asked<{ replayed: number }>(v1.intake.replay.$post({ json: { platform, ...(ids && { ids }) } })),
  resume: (platform: string) => asked<Connector>(v1.connectors[':platform'].resume.$post({ param: { platform } })),
  flows: () => asked<Flow[]>(v1.flows.$get()),
  flow: (
    flow: string,
    query: { stage?: FlowDetail['instance']['stage']; leg?: string; offset?: string; limit?: string },
  ) => asked<FlowPage>(v1.flows[':flow'].$get({ param: { flow }, query })),
  flowInstance: (flow: string, entity: string) =>
    asked<FlowDetail>(v1.flows[':flow'][':entity'].$get({ param: { flow, entity } })),
  renewals: (query: {
    within_days?: string
    readiness?: RenewalPage['renewals'][number]['readiness']
    limit?: string
  }) => asked<RenewalPage>(v1.renewals.$get({ query })),
  edges: () => asked<Edges>(v1.edges.$get()),
  edge: (param: { owner: string; follower: string; kind: string; part: string }, range: EdgeDetail['range']) =>
    asked<EdgeDetail>(v1.edges[':owner'][':follower'][':kind'][':part'].$get({ param, query: { range } })),
  linkSuggestions: (kind: string, offset: number) =>
    asked<LinkSuggestions>(v1.identity.suggestions.$get({ query: { kind, offset: String(offset) } })),
  linkSuggestion: (kind: string, id: string) =>
    asked<LinkSuggestion>(v1.identity.suggestions[':kind'][':id'].$get({ param: { kind, id } })),
  identityEntity: (kind: string, id: string) =>
    asked<IdentityEntity>(v1.identity.entities[':kind'][':id'].$get({ param: { kind, id } })),
  identityDecisions: (kind: string) => asked<IdentityDecision[]>(v1.identity.decisions.$get({ query: { kind } })),
  decideIdentity: (json: IdentityWish & { reason: string; model?: string }) =>
    asked<IdentityDecision>(v1.identity.decisions.$post({ json })),
  undoIdentity: (id: number, reason: string) =>
    asked<IdentityDecision>(v1.identity.decisions[':id'].undo.$post({ param: { id: String(id) }, json: { reason } })),
  whatIf: (json: IdentityWish) => asked<WhatIf>(v1.identity['what-if'].$post({ json })),
  matches: () => asked<MatchCheck[]>(v1.matches.$get()),
  match: (id: string) => asked<MatchDetail>(v1.matches[':family'][':id'].$get({ param: named(id) })),
  unmatched: (id: string, side: 'left' | 'right', cursor: string) =>
    asked<UnmatchedPage>(v1.matches[':family'][':id'].unmatched.$get({ param: named(id), query: { side, cursor } })),
  confirmMatch: (id: string, json: { members: MatchMember[]; reason: string; let_pass: boolean }) =>
    done(v1.matches[':family'][':id'].confirm.$post({ param: named(id), json })),
  rejectMatch: (id: string, json: { members: MatchMember[]; reason: string }) =>
    done(v1.matches[':family'][':id'].reject.$post({ param: named(id), json })),
  periods: () => asked<Period[]>(v1.periods.$get({ query: {} })),
  period: (period: string) => asked<Period[]>(v1.periods[':period'].$get({ param: { period } })),
  kpis: (range: '24h' | '7d' | '30d' | '90d') => asked<Kpi[]>(v1.kpis.$get({ query: { range } })),
  plans: (query: { q: string }) => asked<Plan[]>(v1.plans.$get({ query })),
  plan: (id: string) => asked<Plan>(v1.plans[':id'].$get({ param: { id } })),
  planItems: (id: string, after: string) =>
    asked<PlanItems>(v1.plans[':id'].items.$get({ param: { id }, query: { after } })),
  draftPlan: (json: { issue: string; reason: string }) => asked<Drafted>(v1.plans.$post({ json })),
  undoPlan: (id: string, reason: string) =>
    asked<Drafted>(v1.plans[':id'].undo.$post({ param: { id }, json: { reason } })),
  movePlan: (
    id: string,
    step: 'approve' | 'return' | 'reject' | 'apply' | 'disarm' | 'pause' | 'cancel',
    json: { reason: string; hash?: string; irreversible?: number },
  ) => {
    const { hash, irreversible, reason } = json
    if (step !== 'approve') return asked<Plan>(v1.plans[':id'][step].$post({ param: { id }, json: { reason } }))
    const said = { reason, hash: hash ?? '', ...(irreversible !== undefined && { irreversible }) }
    return asked<Plan>(v1.plans[':id'].approve.$post({ param: { id }, json: said }))
  },
  prove: (password: string) => done(v1.session.prove.$post({ json: { password } })),
  exceptionGroups: (q: string) => asked<ExceptionGroups>(v1.exceptions.groups.$get({ query: { q } })),
  exceptions: (query: { q: string; fingerprint?: string }) => asked<ExceptionPage>(v1.exceptions.$get({ query })),
  ownership: () => asked<OwnershipLine[]>(v1.ownership.$get()),
  referenceMaps: () => asked<ReferenceMap[]>(v1['reference-maps'].$get()),
  accounts: () => asked<Account[]>(v1.users.$get()),
  invite: (json: { email: string; name: string; role: Role }) =>
    asked<{ user: Account; link: string }>(v1.users.$post({ json })),
  changeAccess: (id: string, json: { role?: Role; disabled?: boolean }) =>
    asked<Account>(v1.users[':id'].$patch({ param: { id }, json })),
  tokens: () => asked<ApiToken[]>(v1.tokens.$get()),
  makeToken: (json: { name: string; role: 'viewer' | 'operator' | 'admin'; days: number }) =>
    asked<{ token: ApiToken; secret: string }>(v1.tokens.$post({ json })),
  revokeToken: (id: string) => done(v1.tokens[':id'].$delete({ param: { id } })),
  audit: (query: { q: string; before?: string; limit?: string }) => asked<AuditPage>(v1.audit.$get({ query })),
  auditVerified: () => asked<Audited>(v1.audit.verified.$get()),
  customers: (query: { q?: string; show?: 'at_risk' | 'all'; after?: string }) =>
    asked<CustomerPage>(v1.customers.$get({ query })),
  customer: (entity: string) => asked<Customer360>(v1.customers[':entity'].$get({ param: { entity } })),
  stateAt: (entity: string, instant: string) =>
    asked<EntityState>(v1.entities[':entity'].at.$get({ param: { entity }, query: { instant } })),
  compare: (entity: string, from: string, to: string) =>
    asked<Comparison>(v1.entities[':entity'].compare.$get({ param: { entity }, query: { from, to } })),
  timeline: (entity: string, from: string) =>
    asked<Timeline>(v1.entities[':entity'].timeline.$get({ param: { entity }, query: { from } })),
  trace: (query: TraceQuery) => asked<Trace>(v1.trace.$get({ query })),
  beginBacktest: (json: { check: string; window: string; yaml?: string }) =>
    asked<Backtest>(v1.checks.backtest.$post({ json })),
  backtest: (job: string) => asked<Backtest>(v1.checks.backtest[':job'].$get({ param: { job } })),
  stopBacktest: (job: string) => asked<Backtest>(v1.checks.backtest[':job'].$delete({ param: { job } })),
  checks: () => asked<Check[]>(v1.checks.$get()),
  check: (id: string) => {
    const [family = '', name = ''] = id.split('/')
    return asked<CheckDetail>(v1.checks[':family'][':id'].$get({ param: { family, id: name } }))
  },
  reports: () => asked<Report[]>(v1.reports.$get()),
  report: (name: string) => asked<Report>(v1.reports[':name'].$get({ param: { name } })),
  reportYaml: (name: string, as: string, change: Record<string, unknown>) =>
    asked<{ yaml: string }>(
      v1.reports[':name'].yaml.$get({ param: { name }, query: { name: as, change: JSON.stringify(change) } }),
    ),
  testReport: (name: string, change: Record<string, unknown>) =>
    done(v1.reports[':name'].test.$post({ param: { name }, query: { change: JSON.stringify(change) } })),
  sendReport: (name: string) => asked<ArchivedReport>(v1.reports[':name'].send.$post({ param: { name } })),
  pauseReport: (name: string, paused: boolean) =>
    asked<Report>(v1.reports[':name'].pause.$post({ param: { name }, json: { paused } })),
  subscribeReport: (name: string, subscribed: boolean) =>
    asked<Report>(v1.reports[':name'].subscription.$post({ param: { name }, json: { subscribed } })),
  archivedReports: (query: { report?: string; before?: string }) =>
    asked<ArchivedReport[]>(v1.reports.archive.$get({ query })),
  archivedReport: (id: string) => asked<ArchivedReport>(v1.reports.archive[':id'].$get({ param: { id } })),
  certificates: () => asked<CertificateLine[]>(v1.certificates.$get()),
  issueCertificate: () => asked<CertificateLine>(v1.certificates.$post()),
  certificateKeys: () => asked<CertificateKey[]>(v1.certificates.keys.$get()),
  alerts: () => asked<Alerts>(v1.alerts.$get()),
  trial: (json: TrialAsked) => asked<Trial>(v1.alerts.trial.$post({ json })),
  told: (issue: string) => asked<Told>(v1.alerts.told[':issue'].$get({ param: { issue } })),
  acknowledge: (issues: string[]) => done(v1.alerts.acknowledge.$post({ json: { issues, note: '' } })),
  silences: () => asked<{ silences: Silence[] }>(v1.alerts.silences.$get()),
  previewSilence: (match: SilenceMatch) => asked<SilencePreview>(v1.alerts.silences.preview.$post({ json: { match } })),
  silence: (json: { match: SilenceMatch; ends_at: string; reason: string; end_on_resolve: boolean }) =>
    asked<Silence>(v1.alerts.silences.$post({ json })),
  endSilence: (id: number) => done(v1.alerts.silences[':id'].end.$post({ param: { id: String(id) } })),
  deliveries: (query: { issue?: string; channel?: string; before?: string }) =>
    asked<{ messages: Delivered[] }>(v1.deliveries.$get({ query })),
  delivery: (id: string) => asked<DeliveredDetail>(v1.deliveries[':id'].$get({ param: { id } })),
  sendAgain: (json: { ids: string[] } | { channel: string; since: string }) =>
    asked<{ waiting: number }>(v1.deliveries.again.$post({ json })),
  testChannel: (name: string) =>
    asked<{ message: Delivered }>(v1.deliveries.channels[':name'].test.$post({ param: { name }, json: {} })),
  enableChannel: (name: string) => done(v1.deliveries.channels[':name'].enable.$post({ param: { name } })),
}
