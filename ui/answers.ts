/** What the API answers, as types: each taken from the route that gives it, so that nothing is written twice. */
import type { InferRequestType, InferResponseType } from 'hono/client'
import type { v1 } from './client.ts'

export type Session = InferResponseType<typeof v1.session.$get, 200>
export type Role = NonNullable<Session['user']>['role']
export type Overview = InferResponseType<typeof v1.overview.$get, 200>
export type TeamCompliance = InferResponseType<typeof v1.overview.teams.$get, 200>
export type Range = Overview['range']
export type IssuePage = InferResponseType<typeof v1.issues.$get, 200>
export type Issue = IssuePage['issues'][number]
export type Platform = NonNullable<Issue['platform']>
export type Facets = InferResponseType<typeof v1.issues.facets.$get, 200>
export type IssueDetail = InferResponseType<(typeof v1.issues)[':number']['$get'], 200>
export type Finding = IssueDetail['findings'][number]
export type Held = Finding['values'][number]
export type Connector = InferResponseType<typeof v1.connectors.$get, 200>[number]
export type ConnectorDetail = InferResponseType<(typeof v1.connectors)[':platform']['$get'], 200>
export type Tested = InferResponseType<(typeof v1.connectors)[':platform']['test']['$post'], 200>
export type ConnectorSchema = InferResponseType<(typeof v1.connectors)[':platform']['schema']['$get'], 200>
export type Intake = InferResponseType<typeof v1.intake.$get, 200>
export type Codes = InferResponseType<typeof v1.codes.$get, 200>
export type CodeProposal = InferResponseType<typeof v1.codes.proposals.$get, 200>[number]
export type Quality = InferResponseType<typeof v1.quality.$get, 200>
export type Check = InferResponseType<typeof v1.checks.$get, 200>[number]
export type CheckDetail = InferResponseType<(typeof v1.checks)[':family'][':id']['$get'], 200>
export type Flow = InferResponseType<typeof v1.flows.$get, 200>[number]
export type FlowPage = InferResponseType<(typeof v1.flows)[':flow']['$get'], 200>
export type FlowDetail = InferResponseType<(typeof v1.flows)[':flow'][':entity']['$get'], 200>
export type RenewalPage = InferResponseType<typeof v1.renewals.$get, 200>
export type Edges = InferResponseType<typeof v1.edges.$get, 200>
export type Edge = Edges['edges'][number]
export type EdgeDetail = InferResponseType<(typeof v1.edges)[':owner'][':follower'][':kind'][':part']['$get'], 200>
export type Causes = InferResponseType<typeof v1.clusters.$get, 200>
export type Cause = Causes['clusters'][number]
export type EdgeBreak = Causes['breaks'][number]
export type CauseDecided = InferResponseType<(typeof v1.clusters)[':id']['assign']['$post'], 200>
export type Exposure = InferResponseType<typeof v1.exposure.$get, 200>
export type ExposureRange = Exposure['range']
export type LinkSuggestions = InferResponseType<typeof v1.identity.suggestions.$get, 200>
export type LinkSuggestion = InferResponseType<(typeof v1.identity.suggestions)[':kind'][':id']['$get'], 200>
export type IdentityEntity = InferResponseType<(typeof v1.identity.entities)[':kind'][':id']['$get'], 200>
export type IdentityDecision = InferResponseType<typeof v1.identity.decisions.$get, 200>[number]
export type IdentityWish = {
  kind: string
  action: 'confirm' | 'reject' | 'split' | 'merge' | 'cut'
  groups: string[][]
}
export type WhatIf = InferResponseType<(typeof v1.identity)['what-if']['$post'], 200>
export type MatchCheck = InferResponseType<typeof v1.matches.$get, 200>[number]
export type MatchDetail = InferResponseType<(typeof v1.matches)[':family'][':id']['$get'], 200>
export type UnmatchedPage = MatchDetail['unmatched']['left']
export type MatchMember = MatchDetail['decisions'][number]['members'][number]
export type Period = InferResponseType<typeof v1.periods.$get, 200>[number]
export type Kpi = InferResponseType<typeof v1.kpis.$get, 200>[number]
export type Reasons = InferResponseType<typeof v1.reasons.$get, 200>
export type OwnershipLine = InferResponseType<typeof v1.ownership.$get, 200>[number]
export type ReferenceMap = InferResponseType<(typeof v1)['reference-maps']['$get'], 200>[number]
export type Account = InferResponseType<typeof v1.users.$get, 200>[number]
export type ApiToken = InferResponseType<typeof v1.tokens.$get, 200>[number]
export type AuditPage = InferResponseType<typeof v1.audit.$get, 200>
export type Audited = InferResponseType<typeof v1.audit.verified.$get, 200>
export type Alerts = InferResponseType<typeof v1.alerts.$get, 200>
export type Trial = InferResponseType<typeof v1.alerts.trial.$post, 200>
export type Told = InferResponseType<(typeof v1.alerts.told)[':issue']['$get'], 200>
export type Silence = InferResponseType<typeof v1.alerts.silences.$get, 200>['silences'][number]
export type SilenceMatch = InferRequestType<typeof v1.alerts.silences.preview.$post>['json']['match']
export type SilencePreview = InferResponseType<typeof v1.alerts.silences.preview.$post, 200>
export type Delivered = InferResponseType<typeof v1.deliveries.$get, 200>['messages'][number]
export type DeliveredDetail = InferResponseType<(typeof v1.deliveries)[':id']['$get'], 200>
export type TrialAsked = InferRequestType<typeof v1.alerts.trial.$post>['json']
export type Report = InferResponseType<typeof v1.reports.$get, 200>[number]
export type ArchivedReport = InferResponseType<typeof v1.reports.archive.$get, 200>[number]
export type CertificateLine = InferResponseType<typeof v1.certificates.$get, 200>[number]
export type CertificateKey = InferResponseType<typeof v1.certificates.keys.$get, 200>[number]
export type CustomerPage = InferResponseType<typeof v1.customers.$get, 200>
export type Customer360 = InferResponseType<(typeof v1.customers)[':entity']['$get'], 200>
export type EntityState = InferResponseType<(typeof v1.entities)[':entity']['at']['$get'], 200>
export type Timeline = InferResponseType<(typeof v1.entities)[':entity']['timeline']['$get'], 200>
export type Comparison = InferResponseType<(typeof v1.entities)[':entity']['compare']['$get'], 200>
export type Trace = InferResponseType<typeof v1.trace.$get, 200>
export type TraceQuery = {
  issue?: string
  finding?: string
  entity?: string
  platform?: string
  kind?: string
  record?: string
  correlation?: string
  trace?: string
  number?: string
  field?: string
}
export type Backtest = InferResponseType<(typeof v1.checks.backtest)[':job']['$get'], 200>
export type Sort = 'attention' | 'risk' | 'severity' | 'due' | 'age' | 'changed' | 'findings'
export type Plan = InferResponseType<(typeof v1.plans)[':id']['$get'], 200>
export type Drafted = InferResponseType<typeof v1.plans.$post, 200>
export type DryRun = Drafted['dry_run']
export type PlanItems = InferResponseType<(typeof v1.plans)[':id']['items']['$get'], 200>
export type PlanItem = PlanItems['items'][number]
export type ExceptionGroups = InferResponseType<typeof v1.exceptions.groups.$get, 200>
export type ExceptionPage = InferResponseType<typeof v1.exceptions.$get, 200>
