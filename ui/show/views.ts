/** Ways of looking at each list that are always there; the first is shown when nothing is asked for. */
import type { ListName } from '../../model/vocabularies.ts'

export interface BuiltInView {
  title: string
  q: string
}

export const VIEWS = {
  issues: [
    { title: 'Unresolved', q: 'is:unresolved' },
    { title: 'Mine', q: 'is:mine is:unresolved' },
    { title: 'Unassigned', q: 'is:unassigned is:unresolved' },
    { title: 'Regressed', q: 'is:regressed' },
    { title: 'In flight', q: 'is:in-flight' },
    { title: 'Undecided', q: 'is:undecided' },
    { title: 'Snoozed', q: 'is:snoozed' },
    { title: 'Accepted', q: 'is:accepted' },
    { title: 'Resolved', q: 'is:resolved' },
  ],
  causes: [
    { title: 'Open', q: 'is:open' },
    { title: 'Critical and high', q: 'is:open sev:critical,high' },
    { title: 'Money', q: 'is:open money:>1000' },
  ],
  exceptions: [
    { title: 'Waiting', q: 'is:waiting' },
    { title: 'For people', q: 'is:open' },
    { title: 'Retrying', q: 'is:retrying' },
    { title: 'Business', q: 'is:waiting is:business' },
    { title: 'Unassigned', q: 'is:waiting is:unassigned' },
    { title: 'Closed', q: 'is:resolved' },
  ],
  customers: [
    { title: 'Unresolved', q: 'is:unresolved' },
    { title: 'Open', q: 'is:open' },
    { title: 'Critical', q: 'sev:critical' },
    { title: 'Money', q: 'money:>1000' },
    { title: 'Known to one platform', q: 'platforms:<2' },
  ],
  remediations: [
    { title: 'Waiting for approval', q: 'is:waiting' },
    { title: 'For me to approve', q: 'is:for-me' },
    { title: 'Given back', q: 'is:returned' },
    { title: 'To do and running', q: 'is:running' },
    { title: 'Asked by me', q: 'is:mine' },
    { title: 'Over', q: 'is:over' },
  ],
} as const satisfies Record<ListName, readonly BuiltInView[]>
