/** How Stripe says that something went wrong. */
import type { ErrorReader, HttpReply } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { asObject, textOf } from './object.ts'

interface StripeError {
  type: string | null
  code: string | null
  param: string | null
  message: string
}

export function errorOf(reply: HttpReply): StripeError | null {
  if (reply.status < 400) return null
  let body: unknown
  try {
    body = reply.json()
  } catch {
    return null
  }
  const error = asObject(asObject(body)?.['error'])
  if (!error) return null
  return {
    type: textOf(error['type']),
    code: textOf(error['code']),
    param: textOf(error['param']),
    message: plain(textOf(error['message']) ?? 'no message'),
  }
}

/** Stripe repeats parts of the key in its messages; nothing of it goes into ours. */
function plain(message: string): string {
  return message.replace(/\b[rs]k_(live|test)_\S+/g, '[key]').slice(0, 300)
}

/** The permission that a restricted key lacks, as Stripe names it (`rak_customer_read`). */
export function missingPermission(reply: HttpReply): string | null {
  if (reply.status !== 403) return null
  return /\brak_[a-z_]+/.exec(errorOf(reply)?.message ?? '')?.[0] ?? null
}

/** The page's anchor was deleted meanwhile, or is not known any more. */
export function isLostAnchor(reply: HttpReply): boolean {
  const error = errorOf(reply)
  return error?.code === 'resource_missing' && error.param === 'starting_after'
}

export const errors: ErrorReader = (reply) => {
  const error = errorOf(reply)
  if (!error) return undefined
  const request = reply.headers['request-id']
  const said = `${error.message}${error.code ? ` [${error.code}]` : ''}${request ? ` (request ${request})` : ''}`
  const retry = reply.headers['stripe-should-retry']
  // 429 for a lock is about one object, not about our budget: trying again is enough.
  if (error.code === 'lock_timeout') return { code: 'upstream', message: said, retryable: retry !== 'false' }
  if (reply.status === 429) {
    const reason = reply.headers['stripe-rate-limited-reason']
    return { code: 'rate_limited', message: reason ? `${said}, limit ${reason}` : said }
  }
  if (reply.status === 401) return { code: 'auth', message: `the key is refused: ${said}` }
  if (reply.status === 403) {
    const permission = missingPermission(reply)
    return { code: 'auth', message: permission ? `the key lacks the permission ${permission}: ${said}` : said }
  }
  if (reply.status === 404 || error.code === 'resource_missing') return { code: 'not_found', message: said }
  if (reply.status === 409)
    return { code: retry === 'true' ? 'upstream' : 'conflict', message: said, retryable: retry === 'true' }
  if (reply.status >= 500) return { code: 'upstream', message: said, retryable: retry !== 'false' }
  return { code: 'schema', message: said, retryable: retry === 'true' }
}

/** For replies that were accepted to be looked at and are an error after all. */
export function thrown(reply: HttpReply): ConnectorError {
  const said = errors(reply)
  return new ConnectorError(
    said?.code ?? 'upstream',
    `Stripe answered ${reply.status}: ${said?.message ?? 'no reason given'}`,
    { ...(said?.retryable !== undefined && { retryable: said.retryable }) },
  )
}
