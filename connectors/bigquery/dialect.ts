/** What Google says by the reason inside the body: too many requests may come as 403, and a bad query as 400. */
import type { ErrorReader } from '../contract.ts'

const BUSY = new Set(['rateLimitExceeded', 'quotaExceeded', 'jobRateLimitExceeded', 'userRateLimitExceeded'])
const WRONG = new Set([
  'invalid',
  'invalidQuery',
  'notFound',
  'duplicate',
  'bytesBilledLimitExceeded',
  'responseTooLarge',
  'billingTierLimitExceeded',
])
const FAILING = new Set(['backendError', 'internalError', 'jobBackendError', 'jobInternalError', 'tableUnavailable'])
/** Given up for good: the same query would take as long again. */
const ENDED = new Set(['stopped', 'timeout', 'resourcesExceeded'])

export const errors: ErrorReader = ({ status, text }) => {
  if (status < 400) return undefined
  const { reason, message } = said(text)
  if (reason === undefined) return undefined
  if (BUSY.has(reason)) return { code: 'rate_limited', message }
  if (ENDED.has(reason)) return { code: 'upstream', message, retryable: false }
  if (WRONG.has(reason)) return { code: 'schema', message }
  if (FAILING.has(reason)) return { code: 'upstream', message }
  return status === 401 || status === 403 ? { code: 'auth', message } : undefined
}

function said(text: string): { reason: string | undefined; message: string } {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string; errors?: { reason?: string }[] } }
    return { reason: error?.errors?.[0]?.reason, message: error?.message ?? 'no reason given' }
  } catch {
    return { reason: undefined, message: '' }
  }
}
