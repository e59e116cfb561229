/** How Salesforce says that something went wrong, and how much of the day's allocation is left. */
import type { BudgetReading, ErrorReader, HttpReply } from '../contract.ts'

/** The only sign that a page address is no longer known; the reader then starts again from its last row. */
export const LOCATOR_GONE = 'INVALID_QUERY_LOCATOR'

/** Throttling: it is waited for, never gone around. */
export const CALLS_SPENT = 'REQUEST_LIMIT_EXCEEDED'

type Said = NonNullable<ReturnType<ErrorReader>>

const SAYS: Record<string, Omit<Said, 'message'> & { about?: string }> = {
  // Overrunning the daily or concurrent allocation is a 403, not a 429, and names no time to wait.
  [CALLS_SPENT]: { code: 'rate_limited', about: 'The org has no API calls left for now' },
  INVALID_SESSION_ID: { code: 'auth', about: 'The session has ended' },
  INSUFFICIENT_ACCESS: { code: 'auth', about: 'The user may not read this' },
  INVALID_TYPE: {
    code: 'auth',
    about: 'The object does not exist in this org, or the user may not see it; grant read access or add it to `skip`',
  },
  API_DISABLED_FOR_ORG: { code: 'auth', about: 'The API is not enabled for this org or user' },
  API_CURRENTLY_DISABLED: { code: 'auth', about: 'The API is not enabled for this org or user' },
  USER_DISABLED: { code: 'auth', about: 'The user is not active' },
  UNABLE_TO_LOCK_ROW: { code: 'upstream', retryable: true, about: 'A row is locked by somebody else' },
  QUERY_TIMEOUT: { code: 'upstream', retryable: true, about: 'The query took too long' },
  SERVER_UNAVAILABLE: { code: 'upstream', retryable: true, about: 'The org is not available' },
  UNKNOWN_EXCEPTION: { code: 'upstream', retryable: true, about: 'The org failed' },
  INVALID_FIELD: { code: 'schema', about: 'A field of the query does not exist or is hidden' },
  MALFORMED_QUERY: { code: 'schema', about: 'The query is not understood' },
  INVALID_QUERY_LOCATOR: { code: 'conflict', about: 'The page is no longer known' },
  NOT_FOUND: { code: 'not_found', about: 'There is no such thing' },
}

export const errors: ErrorReader = (reply) => {
  if (reply.status < 400) return undefined
  const [first] = problems(reply)
  if (!first) return undefined
  const says = SAYS[first.code]
  if (!says) return undefined
  const { about, ...said } = says
  return { ...said, message: `${about} (${first.code}: ${first.message}).` }
}

/** What a reply complains about; empty when it is no complaint in this dialect. */
export function problems(reply: HttpReply): { code: string; message: string }[] {
  let body: unknown
  try {
    body = reply.json()
  } catch {
    return []
  }
  return (Array.isArray(body) ? body : [body]).flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return []
    const { errorCode, message } = item as { errorCode?: unknown; message?: unknown }
    if (typeof errorCode !== 'string') return []
    // The message may quote the query, never a credential; it is kept short because it reaches people.
    return [{ code: errorCode, message: typeof message === 'string' ? message.replace(/\s+/g, ' ').slice(0, 160) : '' }]
  })
}

/** `Sforce-Limit-Info: api-usage=900/15000`: a rolling day, so there is no instant at which it is full again. */
export function budget(reply: HttpReply): BudgetReading | undefined {
  const found = /api-usage=(\d+)\/(\d+)/.exec(reply.headers['sforce-limit-info'] ?? '')
  if (!found) return undefined
  const limit = Number(found[2])
  return { limit, remaining: Math.max(0, limit - Number(found[1])) }
}
