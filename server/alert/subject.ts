/** A subject: what an alert is about, as it was when something was noticed of it. Plain data, kept with the event. */
import type { Trigger } from '../config/alerts-schema.ts'
import type { Severity } from '../../model/verdict.ts'

export interface Subject {
  kind: 'issue' | 'burn' | 'exceptions' | 'own'
  /** `I-12`, or the key of an edge, of a trouble among the exceptions, or of a condition of our own. */
  ref: string
  title: string
  check: string | null
  category: string | null
  cause: string | null
  recordKind: string | null
  field: string | null
  /** Owner’s end of the edge. */
  from: string | null
  /** Platforms at fault. */
  to: string[]
  severity: Severity
  findings: number
  customers: number
  /** Currency → decimal text. */
  amounts: Record<string, string>
  estimated: Record<string, string>
  /** In the reporting currency, decimal text; null where it cannot be said. */
  money: string | null
  legalEntities: string[]
  team: string | null
  assignee: string | null
  environments: string[]
  since: string | null
  dueAt: string | null
  resolvedAt: string | null
  snoozedUntil: number | null
  acceptedUntil: number | null
  /** What else is to be said, by name: a burn rate, how long a stream was not read. */
  more: Record<string, string | number | null>
}

/** A subject of which nothing is known but what is given; what is unknown is null or empty, and no condition on it holds. */
export function subjectWith(known: Pick<Subject, 'kind' | 'ref' | 'title' | 'severity'> & Partial<Subject>): Subject {
  return {
    check: null,
    category: null,
    cause: null,
    recordKind: null,
    field: null,
    from: null,
    to: [],
    findings: 0,
    customers: 0,
    amounts: {},
    estimated: {},
    money: null,
    legalEntities: [],
    team: null,
    assignee: null,
    environments: [],
    since: null,
    dueAt: null,
    resolvedAt: null,
    snoozedUntil: null,
    acceptedUntil: null,
    more: {},
    ...known,
  }
}

export type News = Trigger | 'own_opened' | 'own_closed'

/** Subjects with one cause are told together. */
export function causeKey(s: Subject): string {
  return s.kind === 'issue' ? `${s.cause ?? ''}|${s.from ?? ''}>${[...s.to].sort().join(',')}` : `${s.kind}|${s.ref}`
}

export const issueRef = (number: number) => `I-${number}`
