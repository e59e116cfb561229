/** How HubSpot says that something went wrong, and how many calls are left. */
import { retryAfterMs } from '../budget.ts'
import type { BudgetReading, ErrorReader, HttpReply } from '../contract.ts'

/** Waiting that a throttled call asks for by its policy, where the reply names no time. */
const WAITS: Record<string, number> = { SECONDLY: 1_000, TEN_SECONDLY_ROLLING: 10_000, DAILY: 3_600_000 }

interface Problem {
  category?: unknown
  policyName?: unknown
  message?: unknown
  errors?: { message?: unknown; context?: Record<string, unknown> }[]
}

export const errors: ErrorReader = (reply) => {
  if (reply.status < 400) return undefined
  const said = problem(reply)
  if (reply.status === 429) {
    if (retryAfterMs(reply.headers['retry-after'], 0) !== undefined) return undefined
    const policy = String(said.policyName ?? '')
    const wait = WAITS[policy]
    return {
      code: 'rate_limited',
      message: `HubSpot has no calls left for now${policy && ` (${policy})`}.`,
      ...(wait !== undefined && { retryAfterMs: wait }),
    }
  }
  if (reply.status === 403 && said.category === 'MISSING_SCOPES') {
    const scopes = scopesOf(said)
    return { code: 'auth', message: `The app lacks ${scopes.length ? scopes.join(', ') : 'a scope'}.` }
  }
  // 423: the object is locked by another write; 477: the account is being moved to another data centre.
  if (reply.status === 423 || reply.status === 477)
    return { code: 'upstream', retryable: true, message: `HubSpot asks to come back later (${reply.status}).` }
  if (reply.status === 400 && said.category === 'VALIDATION_ERROR')
    return { code: 'schema', message: `HubSpot does not take the request: ${reasonOf(reply)}` }
  return undefined
}

/** Scopes that a refusal names. */
export function scopesOf(said: Problem): string[] {
  const lists = (said.errors ?? []).flatMap(({ context }) => [
    context?.['requiredGranularScopes'] ?? context?.['requiredScopes'],
  ])
  return [...new Set(lists.flat().filter((s): s is string => typeof s === 'string'))]
}

export function problem(reply: HttpReply): Problem {
  try {
    const value = reply.json()
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

/** The refusal in HubSpot's own words, short enough for a screen. */
export function reasonOf(reply: HttpReply): string {
  const { message } = problem(reply)
  return typeof message === 'string' ? message.replace(/\s+/g, ' ').slice(0, 300) : `status ${reply.status}`
}

/** Rolling windows of ten seconds; search replies carry none of these headers. */
export function budget(reply: HttpReply): BudgetReading | undefined {
  const read = (name: string) => Number(reply.headers[`x-hubspot-ratelimit-${name}`] || Number.NaN)
  const [limit, remaining, window] = [read('max'), read('remaining'), read('interval-milliseconds')]
  if (!Number.isFinite(limit) || !Number.isFinite(remaining)) return undefined
  return { limit, remaining, ...(Number.isFinite(window) && { resetsInMs: window }) }
}
