/** How Zuora says that something went wrong: often with status 200 and `success: false`; and what is left of its budget. */
import { headerBudget } from '../budget.ts'
import type { BudgetReading, ErrorReader, HttpReply } from '../contract.ts'

type Said = NonNullable<ReturnType<ErrorReader>>
type Code = Said['code']

/** Error codes have eight digits: six for the resource and the field, two for what is wrong with it. */
const CATEGORIES: Record<string, { code: Code; about: string; retryable?: boolean }> = {
  '10': { code: 'auth', about: 'The API user may not do this' },
  '11': { code: 'auth', about: 'The credentials are refused' },
  '40': { code: 'not_found', about: 'There is no such object' },
  '50': { code: 'upstream', about: 'Somebody else holds the object', retryable: true },
  '60': { code: 'upstream', about: 'Zuora failed', retryable: true },
  '61': { code: 'upstream', about: 'Zuora is not available for the moment', retryable: true },
  '70': { code: 'rate_limited', about: 'The tenant has no calls left for now', retryable: true },
}

/** Named codes of the query calls and of the token endpoint. */
const NAMED: Record<string, { code: Code; about: string; retryable?: boolean }> = {
  INVALID_SESSION: { code: 'auth', about: 'The session has ended' },
  invalid_client: { code: 'auth', about: 'The credentials are refused' },
  API_DISABLED: { code: 'auth', about: 'The API is not enabled for this tenant or user' },
  REQUEST_EXCEEDED_LIMIT: { code: 'rate_limited', about: 'The tenant has no calls left for now', retryable: true },
  REQUEST_EXCEEDED_RATE: { code: 'rate_limited', about: 'The tenant has no calls left for now', retryable: true },
  LOCK_COMPETITION: { code: 'upstream', about: 'Somebody else holds the object', retryable: true },
  SERVER_UNAVAILABLE: { code: 'upstream', about: 'Zuora is not available for the moment', retryable: true },
}

export const errors: ErrorReader = (reply) => {
  const all = problems(reply)
  const [first] = all
  if (!first) return undefined
  const says = NAMED[first.code] ?? (/^\d{8}$/.test(first.code) ? CATEGORIES[first.code.slice(-2)] : undefined)
  const message = all.map(({ code, message }) => `${message} [${code}]`).join('; ')
  if (says) return { ...says, message: `${says.about}: ${message}` }
  // A status that already says what it is keeps its meaning.
  if (reply.status === 401 || reply.status === 403) return { code: 'auth', message }
  if (reply.status === 429) return { code: 'rate_limited', message }
  if (reply.status >= 500) return { code: 'upstream', message }
  return { code: 'schema', message }
}

/** What a reply complains about, in any of its three shapes; empty when it is no complaint. */
export function problems(reply: HttpReply): { code: string; message: string }[] {
  let body: unknown
  try {
    body = reply.json()
  } catch {
    return []
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return []
  const { success, reasons, faultCode, faultMessage, code, message, error, error_description } = body as Record<
    string,
    unknown
  >
  if (success === false || (reply.status >= 400 && Array.isArray(reasons))) {
    const listed = Array.isArray(reasons) ? reasons.flatMap((one: unknown) => problem(one)) : []
    return listed.length > 0 ? listed : [{ code: 'unknown', message: short(message) || 'no reason given' }]
  }
  if (typeof faultCode === 'string') return [{ code: faultCode, message: short(faultMessage) }]
  if (reply.status < 400) return []
  if (typeof error === 'string') return [{ code: error, message: short(error_description) }]
  return code === undefined ? [] : problem({ code, message })
}

function problem(one: unknown): { code: string; message: string }[] {
  if (typeof one !== 'object' || one === null) return []
  const { code, message } = one as { code?: unknown; message?: unknown }
  return [
    { code: typeof code === 'number' || typeof code === 'string' ? String(code) : 'unknown', message: short(message) },
  ]
}

const short = (text: unknown) => (typeof text === 'string' ? text.replace(/\s+/g, ' ').slice(0, 160) : '')

/** `RateLimit-Limit: 50000, 50000;w=60, 2250000;w=3600`: the first number is that of the window that is nearest. */
export function budget(reply: HttpReply): BudgetReading | undefined {
  const limit = reply.headers['ratelimit-limit']
  const headers = {
    ...reply.headers,
    ...(limit !== undefined && { 'ratelimit-limit': limit.split(/[,;]/)[0]!.trim() }),
  }
  const names = { limit: 'ratelimit-limit', remaining: 'ratelimit-remaining', reset: 'ratelimit-reset' } as const
  return headerBudget({ ...reply, headers }, { ...names, resetIs: 'seconds' })
}
