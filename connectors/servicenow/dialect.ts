/** How ServiceNow says that something went wrong, and what is left of the budget where a rate rule applies. */
import type { ErrorReader, HttpReply } from '../contract.ts'
import { headerBudget } from '../budget.ts'
import { asObject, textOf } from './rows.ts'

/** `{error: {message, detail}, status: "failure"}`; what stands before the instance answers with a page. */
export function messageOf(reply: HttpReply): string {
  let body: unknown
  try {
    body = reply.json()
  } catch {
    return `status ${reply.status}`
  }
  const error = asObject(body)?.['error']
  if (typeof error === 'string') return error.slice(0, 300)
  const { message, detail } = asObject(error) ?? {}
  return [textOf(message), textOf(detail)].filter(Boolean).join(': ').slice(0, 300) || `status ${reply.status}`
}

export const errors: ErrorReader = (reply) => {
  if (reply.status < 400) return undefined
  const message = messageOf(reply)
  if (reply.status === 429) return { code: 'rate_limited', message }
  if (reply.status === 401) return { code: 'auth', message: `the credentials are refused: ${message}` }
  if (reply.status === 403) return { code: 'auth', message: `the user may not do this: ${message}` }
  if (reply.status === 404) return { code: 'not_found', message }
  if (reply.status >= 500) return { code: 'upstream', message }
  if (/invalid table/i.test(message)) return { code: 'schema', message: `${message}: is its plugin installed?` }
  return { code: 'schema', message }
}

/** Only where a rate rule of the instance matches; it counts by the hour and says no remainder. */
export const budget = (reply: HttpReply) =>
  headerBudget(reply, { limit: 'x-ratelimit-limit', reset: 'x-ratelimit-reset', resetIs: 'epoch_seconds' })
