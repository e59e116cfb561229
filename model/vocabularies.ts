/** What every list can be asked for: one vocabulary a list, read by the search box, the address, the API and the command line. */
import type { Vocabulary } from './query.ts'
import { CATEGORIES, ISSUE_STATES, SEVERITIES } from './verdict.ts'

export const LISTS = ['issues', 'exceptions', 'customers', 'causes', 'remediations'] as const
export type ListName = (typeof LISTS)[number]

const ISSUES: Vocabulary = {
  keys: {
    sev: 'severity',
    severity: 'severity',
    state: 'state',
    platform: 'platform',
    follower: 'platform',
    owner: 'owner',
    pair: 'pair',
    field: 'field',
    kind: 'kind',
    check: 'check',
    category: 'category',
    cause: 'cause',
    team: 'team',
    id: 'number',
  },
  values: { severity: SEVERITIES, state: ISSUE_STATES, category: CATEGORIES },
  numbers: { money: 'at risk, in the reporting currency', findings: 'open findings' },
  spans: { age: 'since it was first seen' },
  is: [
    ...['unresolved', 'open', 'new', 'ongoing', 'escalating', 'regressed', 'undecided', 'unverified', 'in-flight'],
    ...['resolved', 'snoozed', 'accepted', 'assigned', 'mine', 'unassigned'],
  ],
}

export const VOCABULARIES: Readonly<Record<ListName, Vocabulary>> = {
  issues: ISSUES,
  // A cause is made of issues: it is asked for in their words.
  causes: ISSUES,
  exceptions: {
    keys: {
      class: 'class',
      source: 'source',
      conn: 'platform',
      platform: 'platform',
      target: 'target',
      kind: 'kind',
      sev: 'priority',
      priority: 'priority',
      team: 'team',
      group: 'fingerprint',
      record: 'record',
      id: 'id',
    },
    values: {
      priority: SEVERITIES,
      source: ['quarantine', 'delivery', 'dead_letter', 'transformation', 'flow', 'probe'],
    },
    numbers: { money: 'in the currency of the exception itself', attempts: 'how often it was tried' },
    spans: { age: 'since it was first seen' },
    is: ['waiting', 'open', 'retrying', 'replaying', 'resolved', 'business', 'technical', 'mine', 'unassigned'],
  },
  customers: {
    keys: { platform: 'platform', sev: 'severity', severity: 'severity', health: 'health', id: 'id' },
    values: { severity: SEVERITIES },
    numbers: { money: 'at risk, in the reporting currency', open: 'open findings', platforms: 'how many know it' },
    spans: {},
    is: ['unresolved', 'open', 'undecided', 'in-flight', 'fine'],
  },
  remediations: {
    keys: { state: 'state', platform: 'platform', issue: 'issue', id: 'number' },
    values: {
      state: [
        ...['waiting', 'returned', 'approved', 'armed', 'applying', 'paused', 'stopped'],
        ...['done', 'partly', 'rejected', 'replaced', 'cancelled', 'expired'],
      ],
    },
    numbers: { records: 'records that it changes' },
    spans: { age: 'since it was drafted' },
    is: ['waiting', 'returned', 'running', 'over', 'mine', 'for-me', 'undo'],
  },
}
