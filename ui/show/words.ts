/** Words for the closed lists of the model, as people say them. */
import type { Issue } from '../api.ts'
import { language, say } from '../language.ts'

/** Codes of closed lists that are shown by themselves; other languages have words for them that follow from no code. */
const CODE_WORDS: Record<string, string> = {
  severity: 'Severity',
  state: 'State',
  field: 'Field',
  check: 'Check',
  category: 'Category',
  cause: 'Cause',
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  mismatch: 'Mismatch',
  missing: 'Missing',
  orphan: 'Orphan',
  duplicate: 'Duplicate',
  exception: 'Exception',
  deadline: 'Deadline',
  transition: 'Transition',
  total: 'Total',
  authority: 'Authority',
  structure: 'Structure',
  quality: 'Quality',
  // Families and kinds of the shipped checks; a company's own are shown as they are written.
  collecting: 'Collecting',
  'control-totals': 'Control totals',
  'customer-master': 'Customer master',
  'data-quality': 'Data quality',
  deadlines: 'Deadlines',
  duplicates: 'Duplicates',
  entitlement: 'Entitlement',
  existence: 'Existence',
  'invoice-payment': 'Invoice payment',
  lifecycle: 'Lifecycle',
  matching: 'Matching',
  'order-to-cash': 'Order to cash',
  renewal: 'Renewal',
  agree: 'Agree',
  exist: 'Exist',
  fresh: 'Fresh',
  match: 'Match',
  rule: 'Rule',
}

/** "legal_name" → "Legal name", "bill_to.country" → "Bill to country" */
export function plain(code: string): string {
  if (Object.hasOwn(CODE_WORDS, code)) return CODE_WORDS[code]!
  const words = code.replaceAll(/[_.-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** For places that take text alone and cannot isolate it, as a tooltip: without the marks that turn what stands around them. */
export const unturned = (text: string): string => text.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '')

/** A word written as a title, inside a sentence. German nouns keep their capital there. */
export const inText = (title: string): string => (language === 'de' ? title : title.toLowerCase())

const STATES: Record<Issue['state'], string> = {
  new: 'New',
  ongoing: 'Ongoing',
  escalating: 'Escalating',
  regressed: 'Regressed',
  undecided: 'Undecided',
  in_flight: 'In flight',
  resolved: 'Resolved',
}

/** What a person decided stands before what the findings say. */
export function stateWords(issue: Pick<Issue, 'state' | 'snoozed_until' | 'accepted_until'>): string {
  if (issue.state === 'resolved') return STATES.resolved
  if (issue.accepted_until) return 'Accepted'
  if (issue.snoozed_until) return 'Snoozed'
  return STATES[issue.state]
}

const CAUSES: Partial<Record<Issue['cause'], string>> = {
  never_sent: 'The change was never sent',
  not_acknowledged: 'The change was sent and never confirmed',
  not_applied: 'The change arrived and was not applied',
  overwritten: 'The right value arrived and was overwritten',
  stale_event: 'An older event was applied after a newer one',
  unmapped_code: 'A code has no entry in the reference map',
  rounding: 'The amounts differ by rounding',
  time_zone: 'The times differ by a time zone',
  currency: 'The currencies differ',
  merged: 'The record was merged into another',
  deleted: 'The record was deleted',
  non_owner_write: 'Somebody changed the value where it is not owned',
  identity_in_doubt: 'It is not sure that these records are one customer',
  broken_reference: 'A reference points to nothing',
  invalid_value: 'A value cannot be read',
  stale_stream: 'A platform has not been read for too long',
  incomplete_stream: 'A platform has not been read completely',
  duplicate_created: 'The record was created twice',
  unknown: 'No rule explains it',
}
export const causeWords = (cause: Issue['cause']): string => CAUSES[cause] ?? plain(cause)

/** How much a piece of evidence weighs, as a mark behind it. */
export const STRENGTH_WORDS: Readonly<Record<string, string>> = {
  strong: say('strong'),
  supporting: say('supporting'),
  weak: say('weak'),
}

const SURE: Record<'certain' | 'likely' | 'possible', { title: string; strength: string; about: string }> = {
  certain: { title: 'Certain', strength: 'strong', about: 'a record or an event shows the cause directly.' },
  likely: {
    title: 'Likely',
    strength: 'supporting',
    about: 'it follows from what was seen, and another explanation is possible.',
  },
  possible: { title: 'Possible', strength: 'weak', about: 'it is the best guess; little was seen.' },
}
/** How sure a cause is; null where nothing speaks for it. */
export const sureWords = (sure: keyof typeof SURE | null) => (sure === null ? null : SURE[sure])

/** "SF → ST", or the one platform that it is about. */
export function pairWords(
  issue: Pick<Issue, 'owner_platform' | 'platform'> & Partial<Pick<Issue, 'platforms'>>,
): { from: string | null; to: string; title: string } | null {
  const { owner_platform: owner, platform } = issue
  const wrong = issue.platforms?.length ? issue.platforms : platform ? [platform] : []
  const marks = wrong.map((p) => p.mark).join(' ')
  const titles = wrong.map((p) => p.title).join(', ')
  if (owner && platform && owner.name !== platform.name)
    return {
      from: owner.mark,
      to: marks,
      title: `${owner.title} is right, ${titles} ${wrong.length > 1 ? 'are' : 'is'} not`,
    }
  if (wrong.length) return { from: null, to: marks, title: titles }
  return owner ? { from: null, to: owner.mark, title: owner.title } : null
}
