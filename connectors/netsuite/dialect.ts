/** How NetSuite says that something went wrong: problem objects with an error code, sometimes under status 200. */
import type { ErrorReader, HttpReply } from '../contract.ts'

type Said = NonNullable<ReturnType<ErrorReader>>

const THROTTLED: Omit<Said, 'message'> = { code: 'rate_limited' }
const SAYS: Record<string, Omit<Said, 'message'>> = {
  CONCURRENCY_LIMIT_EXCEEDED: THROTTLED,
  REQUEST_LIMIT_EXCEEDED: THROTTLED,
  SSS_REQUEST_LIMIT_EXCEEDED: THROTTLED,
  SSS_CONCURRENCY_LIMIT_EXCEEDED: THROTTLED,
  EXCEEDED_CONCURRENT_REQUEST_LIMIT: THROTTLED,
  INVALID_LOGIN: { code: 'auth' },
  INVALID_LOGIN_ATTEMPT: { code: 'auth' },
  INSUFFICIENT_PERMISSION: { code: 'auth', retryable: false },
  FEATURE_DISABLED: { code: 'auth', retryable: false },
  RCRD_DSNT_EXIST: { code: 'not_found' },
  NONEXISTENT_ID: { code: 'not_found' },
  UNEXPECTED_ERROR: { code: 'upstream', retryable: true },
  SERVER_ERROR: { code: 'upstream', retryable: true },
}

export const errors: ErrorReader = (reply) => {
  const said = problem(reply)
  if (!said) return undefined
  const message = `${said.detail || said.title} (${said.code || said.status}).`
  const known = SAYS[said.code]
  if (known) return { ...known, message }
  // Under an error status the status decides; under 200 the body's own status has to.
  if (reply.status >= 400) return undefined
  if (said.status === 401 || said.status === 403) return { code: 'auth', message }
  if (said.status === 429) return { code: 'rate_limited', message }
  return said.status >= 500 ? { code: 'upstream', retryable: true, message } : { code: 'schema', message }
}

export interface Problem {
  status: number
  code: string
  title: string
  detail: string
}

/** The problem that a reply tells of; null when it is none in this dialect. */
export function problem(reply: HttpReply): Problem | null {
  let body: unknown
  try {
    body = reply.json()
  } catch {
    return null
  }
  if (typeof body !== 'object' || body === null || !Array.isArray((body as Record<string, unknown>)['o:errorDetails']))
    return null
  const { title, status } = body as { title?: unknown; status?: unknown }
  const [first] = (body as { 'o:errorDetails': Record<string, unknown>[] })['o:errorDetails']
  return {
    status: Number(status ?? reply.status),
    title: line(title),
    code: line(first?.['o:errorCode']),
    detail: line(first?.['detail']),
  }
}

/** The column or table that this account does not have, where that is what is wrong. */
export function unknownName({ detail }: Problem): string | null {
  const found = /(?:unknown identifier|(?:record|field|column|table))\s+'([\w.]+)'/i.exec(detail)
  return found?.[1]?.split('.').at(-1)?.toLowerCase() ?? null
}

/** Bounded, because it reaches people; the detail may quote our query, never a credential. */
function line(text: unknown): string {
  return typeof text === 'string' ? text.replace(/\s+/g, ' ').slice(0, 240) : ''
}
