/** Words of a report: every sentence that it may say. One object a language; a missing one does not compile. */
import type { Blocker } from '../../../model/period-close.ts'
import type { Category } from '../../../model/verdict.ts'
import type { Audience, ReportFilters, ReportPeriod } from '../../config/reports-schema.ts'

export interface Words {
  title(audience: Audience, period: ReportPeriod): string
  week(n: number): string
  open: string
  atRisk: string
  slaMet: string
  fixed: string
  customers: string
  unknownMoney: string
  estimatedPart(amount: string): string
  unpriced(n: number, text: string): string
  noRate(currencies: string): string
  target(text: string): string
  unaided(text: string): string
  byPeople(text: string): string
  noChanges: string
  ofChanges(kept: string, all: string): string
  /** Against the last report: `down 12%`. */
  down(text: string): string
  up(text: string): string
  same: string
  first: string
  points(text: string): string
  subject(parts: { title: string; when: string; open: string; risk: string | null; change: string | null }): string
  subjectClear(parts: { title: string; when: string }): string
  openCount(text: string, n: number): string
  clear: string
  dataTo(text: string): string
  nothingRead: string
  fresh(n: string, all: string): string
  late(planned: string): string
  decisions: string
  noDecision: string
  decideStale(platform: string, since: string | null, error: string | null, findings: string | null): string
  decideRegressed(ref: string, title: string): string
  /** What keeps a period from being closed; `title` of its check, `kind` of its documents and `through` in the language. */
  blocker(b: Blocker, of: { title: string; kind: string; through: string }): string
  category: Record<Category, string>
  decideUnowned(ref: string, title: string, severity: string, money: string | null): string
  decideEnding(ref: string, title: string, day: string): string
  decidePeriod(month: string, entity: string, n: number, text: string): string
  decideUnknownCheck(title: string): string
  numbers: string
  pairs: string
  noOwner: string
  morePairs(text: string): string
  noOpen: string
  changed: string
  noneChanged: string
  moreIssues(text: string): string
  findings(text: string, n: number): string
  onCustomers(text: string, n: number): string
  top: string
  noneTop: string
  moreTop(text: string): string
  openFor(age: string): string
  estimated: string
  resolved: string
  noneResolved: string
  moreResolved(text: string): string
  healedUnaided: string
  healedDecided: string
  recovered(text: string): string
  accepted: string
  noneAccepted: string
  endsOn(day: string, reason: string): string
  unverified: string
  allVerified: string
  staleLine(platform: string, since: string | null, error: string | null): string
  undecidedLine(platform: string, text: string, n: number): string
  failingCheck(title: string, error: string): string
  periods: string
  noPeriods: string
  periodState: Record<'ready' | 'blocked' | 'waiting' | 'running', string>
  noEntity: string
  nothingBlocks: string
  method: string
  methodOpen(asOf: string): string
  methodScope(text: string): string
  methodAll: string
  filterNames: Record<keyof ReportFilters, string>
  methodMoney(currency: string): string
  methodRates(text: string): string
  methodAccepted(text: string): string
  methodSla: string
  methodSpan(from: string, to: string): string
  methodBefore(text: string): string
  methodRows(shown: string, all: string): string
  methodHidden: string
  methodNames: string
  live: string
  frozen: string
  csv: string
  manage: string
  why(report: string, company: string): string
  unattached(file: string, reason: string): string
  severity: Record<string, string>
  state: Record<string, string>
  footer: string
}
