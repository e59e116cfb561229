/** Classes of exceptions: from what the receiver answered, whose work it is, and which of them are the same. Pure. */
import { createHash } from 'node:crypto'
import type { ExceptionClass } from '../../config/remedy-schema.ts'

/** Words that tell, in the order in which they are tried: the more particular first. */
const WORDS: readonly (readonly [ExceptionClass, RegExp])[] = [
  ['rate_limit', /rate.?limit|too many requests|throttl|quota|concurren\w+ (request )?limit|REQUEST_LIMIT_EXCEEDED/i],
  [
    'auth',
    /unauthori[sz]ed|forbidden|invalid.?(session|token|grant|api.?key|credential)|expired (token|session)|permission|insufficient.?scope/i,
  ],
  ['timeout', /time[ds]?.?out|deadline exceeded|ETIMEDOUT|took too long/i],
  ['too_large', /too large|payload size|exceeds? (the )?(maximum|limit|size)|max(imum)? length|STRING_TOO_LONG/i],
  ['duplicate', /duplicate|already exists|not unique|unique constraint|DUPLICATE_VALUE/i],
  ['conflict', /conflict|stale|version mismatch|modified (since|by)|has been changed|UNABLE_TO_LOCK_ROW|optimistic/i],
  [
    'missing_reference',
    /(customer|account|order|invoice|product|parent|reference|record|entity)\b.{0,40}(not found|does not exist|missing|unknown|invalid id)|no such (customer|invoice|subscription|price)|INVALID_CROSS_REFERENCE|foreign key/i,
  ],
  [
    'business',
    /credit.?(hold|limit)|period (is )?(closed|locked)|approval|not allowed in (state|status)|closed (period|account)|budget/i,
  ],
  [
    'schema',
    /unexpected (field|token|type)|unknown (field|property|column)|no such column|pars(e|ing)|malformed|deserial|schema|not valid json/i,
  ],
  [
    'validation',
    /invalid|required|must (be|have|not)|validation|not a valid|cannot be (blank|empty|null)|FIELD_CUSTOM_VALIDATION/i,
  ],
  ['unavailable', /unavailable|bad gateway|ECONN|connection (refused|reset)|internal (server )?error|maintenance/i],
]

export interface Said {
  status?: number | null | undefined
  reason: string
}

export function classify({ status, reason }: Said): ExceptionClass {
  const exact = status == null ? undefined : OF_STATUS[status]
  // These statuses mean one thing whatever the words; the others are told apart by them.
  if (exact) return exact
  const worded = WORDS.find(([, words]) => words.test(reason))?.[0]
  if (worded) return worded
  if (status == null) return 'business'
  if (status === 404) return 'missing_reference'
  if (status === 409 || status === 412) return 'conflict'
  if (status >= 500) return 'unavailable'
  return status >= 400 ? 'validation' : 'business'
}

const OF_STATUS: Record<number, ExceptionClass> = {
  401: 'auth',
  403: 'auth',
  407: 'auth',
  408: 'timeout',
  413: 'too_large',
  429: 'rate_limit',
  503: 'unavailable',
  504: 'timeout',
}

const TECHNICAL: ReadonlySet<ExceptionClass> = new Set([
  'auth',
  'rate_limit',
  'timeout',
  'too_large',
  'schema',
  'unavailable',
])

/** Does it need somebody who knows the business, rather than somebody who knows the wires? */
export const isBusiness = (c: ExceptionClass): boolean => !TECHNICAL.has(c)

/** The same trouble has the same fingerprint: ids, numbers, quoted values and addresses are no part of it. */
export function fingerprint(e: {
  class: ExceptionClass
  platform: string | null
  target: string | null
  kind: string | null
  reason: string
}): string {
  const words = e.reason
    .toLowerCase()
    .replace(/"[^"]*"|'[^']*'|“[^”]*”|`[^`]*`/g, '…')
    .replace(/\S+@\S+|https?:\S+/g, '…')
    .replace(/\b(?=\w*\d)[\w-]+\b/g, '…')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200)
  return createHash('sha256')
    .update([e.class, e.platform ?? '', e.target ?? '', e.kind ?? '', words].join('\n'))
    .digest('hex')
    .slice(0, 16)
}
