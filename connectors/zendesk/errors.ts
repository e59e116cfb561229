/** How Zendesk says that something went wrong: four shapes of body, one meaning each. */
import type { BudgetReading, ErrorReader, HttpReply } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { asObject, listOf, textOf } from './fields.ts'

/** Code and text of an error body: `{error, description}`, `{error: {title, message}}`, `{errors: [{code, title}]}` or plain text. */
export function errorOf(reply: HttpReply): { code: string; message: string } | null {
  if (reply.status < 400) return null
  let body: unknown
  try {
    body = reply.json()
  } catch {
    // Throttling and outages may answer with plain text or a page.
    return { code: '', message: /^[\w .,'’-]{1,120}$/.exec(reply.text.trim())?.[0] ?? `status ${reply.status}` }
  }
  const object = asObject(body) ?? {}
  const nested = asObject(object['error']) ?? asObject(listOf(object['errors'])[0])
  if (nested)
    return {
      code: textOf(nested['code']) ?? textOf(nested['title']) ?? '',
      message: textOf(nested['message']) ?? textOf(nested['detail']) ?? textOf(nested['title']) ?? 'no reason given',
    }
  const code = textOf(object['error']) ?? ''
  return { code, message: textOf(object['description']) ?? textOf(object['message']) ?? (code || 'no reason given') }
}

/** The export cursor is not known any more. */
export function isLostCursor(reply: HttpReply): boolean {
  if (reply.status !== 400 && reply.status !== 422) return false
  const error = errorOf(reply)
  return /cursor/i.test(`${error?.code ?? ''} ${error?.message ?? ''}`)
}

export const errors: ErrorReader = (reply) => {
  const error = errorOf(reply)
  if (!error) return undefined
  const request = reply.headers['x-zendesk-request-id'] ?? reply.headers['x-request-id']
  const message = `${error.message.slice(0, 300)}${error.code && error.code !== error.message ? ` [${error.code.slice(0, 60)}]` : ''}${request ? ` (request ${request})` : ''}`
  if (reply.status === 429) return { code: 'rate_limited', message }
  if (reply.status === 401) return { code: 'auth', message: `the credentials are refused: ${message}` }
  if (reply.status === 403) return { code: 'auth', message: `the account may not do this: ${message}` }
  if (reply.status === 404) return { code: 'not_found', message }
  // Two writers met in the database; nothing of ours is wrong.
  if (reply.status === 409) return { code: 'upstream', message, retryable: true }
  if (reply.status >= 500) return { code: 'upstream', message }
  return { code: 'schema', message }
}

/** For replies that were accepted to be looked at and are an error after all. */
export function thrown(reply: HttpReply): ConnectorError {
  const said = errors(reply)
  return new ConnectorError(
    said?.code ?? 'upstream',
    `Zendesk answered ${reply.status}: ${said?.message ?? 'no reason given'}`,
  )
}

/**
 * The account's own budget, unless the endpoint's is used up: then that one decides until it is full again
 * (`Zendesk-RateLimit-incremental-exports: total=10; remaining=0; resets=42`).
 */
export function budget(reply: HttpReply): BudgetReading | undefined {
  const number = (text: string | undefined) =>
    text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined
  const limit = number(reply.headers['ratelimit-limit']) ?? number(reply.headers['x-rate-limit'])
  for (const [name, value] of Object.entries(reply.headers)) {
    if (!name.startsWith('zendesk-ratelimit-')) continue
    const part = (key: string) => number(new RegExp(`\\b${key}=(\\d+)`).exec(value)?.[1])
    if (part('remaining') === 0)
      return { ...(limit !== undefined && { limit }), remaining: 0, resetsInMs: (part('resets') ?? 60) * 1000 }
  }
  const remaining = number(reply.headers['ratelimit-remaining']) ?? number(reply.headers['x-rate-limit-remaining'])
  if (limit === undefined && remaining === undefined) return undefined
  const reset = number(reply.headers['ratelimit-reset'])
  return {
    ...(limit !== undefined && { limit }),
    ...(remaining !== undefined && { remaining }),
    ...(reset !== undefined && { resetsInMs: reset * 1000 }),
  }
}
