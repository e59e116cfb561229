/**
 * How Shopify says that something went wrong: mostly with status 200 and a list of errors; and what is left of its bucket
 * of points, which fills all the time and from which every query takes what it costs.
 */
import type { BudgetReading, ErrorReader, HttpReply } from '../contract.ts'

type Said = NonNullable<ReturnType<ErrorReader>>
type Meaning = Pick<Said, 'code' | 'retryable'> & { about: string }

const CODES: Record<string, Meaning> = {
  THROTTLED: { code: 'rate_limited', about: 'The app has no points left for now' },
  ACCESS_DENIED: { code: 'auth', about: 'The app may not do this' },
  UNAUTHORIZED: { code: 'auth', about: 'The token is refused' },
  SHOP_INACTIVE: { code: 'auth', about: 'The shop is not active' },
  INTERNAL_SERVER_ERROR: { code: 'upstream', retryable: true, about: 'Shopify failed' },
  TIMEOUT: { code: 'upstream', retryable: true, about: 'Shopify took too long' },
}

const STATUSES: Record<number, Meaning> = {
  401: { code: 'auth', about: 'The token is refused' },
  402: { code: 'auth', about: 'The shop is frozen until its bill is paid' },
  403: { code: 'auth', about: 'The app may not do this' },
  404: { code: 'schema', about: 'There is no such shop or version of the API' },
  423: { code: 'auth', about: 'The shop is locked' },
  429: { code: 'rate_limited', about: 'The app has no calls left for now' },
}

/** What begins the message of a query that was refused as it stands: nothing of it was carried out. */
const REFUSED = 'Shopify does not take the request'

export const errors: ErrorReader = (reply) => {
  const body = bodyOf(reply)
  const listed = body?.['errors']
  if (listed === undefined && reply.status < 400) return undefined
  // Errors of the door are a text (`{"errors":"Not Found"}`), those of queries a list.
  const problems = Array.isArray(listed) ? listed.map(problem) : []
  const said = problems.map(({ code, message }) => `${message}${code && ` [${code}]`}`).join('; ')
  const named = problems.map(({ code }) => CODES[code]).find((meaning) => meaning !== undefined)
  const meaning = named ?? STATUSES[reply.status]
  const message = said || (typeof listed === 'string' ? listed : `status ${reply.status}`)
  if (meaning?.code === 'rate_limited') {
    const wait = untilAffordable(body)
    const retryable = { code: meaning.code, retryable: true, message: `${meaning.about}: ${message}` }
    return { ...retryable, ...(wait !== undefined && { retryAfterMs: wait }) }
  }
  if (meaning) {
    const { about, ...rest } = meaning
    return { ...rest, message: `${about}: ${message}` }
  }
  if (reply.status >= 500) return { code: 'upstream', retryable: true, message: `Shopify failed: ${message}` }
  return { code: 'schema', message: `${REFUSED}: ${message}` }
}

/** A refusal of the query as a whole, in Shopify's own words; null for every other failure. */
export function refusalOf(error: unknown): string | null {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return code === 'schema' && typeof message === 'string' && message.includes(REFUSED) ? message.slice(0, 300) : null
}

/** One query asked for more than a whole bucket holds. */
export const isTooCostly = (error: unknown): boolean => /\[MAX_COST_EXCEEDED\]/.test((error as Error).message ?? '')
/** The place in a list is not known any more. */
export const isLostPlace = (error: unknown): boolean => /invalid cursor/i.test(refusalOf(error) ?? '')

function problem(one: unknown): { code: string; message: string } {
  const { message, extensions } = (one ?? {}) as { message?: unknown; extensions?: { code?: unknown } }
  return {
    code: typeof extensions?.code === 'string' ? extensions.code : '',
    message: typeof message === 'string' ? message.replace(/\s+/g, ' ').slice(0, 160) : 'no reason given',
  }
}

function bodyOf(reply: HttpReply): Record<string, unknown> | null {
  try {
    const value = reply.json()
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

interface Cost {
  requested: number
  /** What was really taken; a query is charged by what it found. */
  actual: number
  most: number
  available: number
  /** Points a second. */
  restore: number
}

function costOf(body: Record<string, unknown> | null): Cost | null {
  const { cost } = (body?.['extensions'] ?? {}) as { cost?: Record<string, unknown> }
  const status = (cost?.['throttleStatus'] ?? {}) as Record<string, unknown>
  const [most, available, restore] = [status['maximumAvailable'], status['currentlyAvailable'], status['restoreRate']]
  const requested = cost?.['requestedQueryCost']
  const numbers = [most, available, restore, requested].map(Number)
  if (numbers.some((n) => !Number.isFinite(n)) || numbers[2]! <= 0) return null
  const actual = Number(cost?.['actualQueryCost'] ?? requested)
  return { requested: numbers[3]!, actual, most: numbers[0]!, available: numbers[1]!, restore: numbers[2]! }
}

function untilAffordable(body: Record<string, unknown> | null): number | undefined {
  const cost = costOf(body)
  if (!cost) return undefined
  const lacking = Math.min(cost.requested, cost.most) - cost.available
  return Math.max(200, Math.ceil((lacking / cost.restore) * 1000))
}

/** The bucket in calls like this one; it is worth looking again when half of it is there. */
export function budget(reply: HttpReply): BudgetReading | undefined {
  const cost = costOf(bodyOf(reply))
  if (!cost) return undefined
  const each = Math.max(1, cost.actual)
  return {
    limit: Math.max(1, Math.floor(cost.most / each)),
    remaining: Math.floor(cost.available / each),
    resetsInMs: Math.ceil((Math.max(0, cost.most / 2 - cost.available) / cost.restore) * 1000),
  }
}
