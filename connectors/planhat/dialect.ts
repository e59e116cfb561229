/** How Planhat says that something went wrong, and what is left of the budget where it says so. */
import { headerBudget } from '../budget.ts'
import type { ErrorReader, HttpReply } from '../contract.ts'
import { asObject, textOf } from './objects.ts'

/** A message of the body where there is one: `{error}`, `{message}` or plain text. */
export function reasonOf(reply: HttpReply): string {
  let body: unknown
  try {
    body = reply.json()
  } catch {
    return /^[\w .,'’:-]{1,200}$/.exec(reply.text.trim())?.[0] ?? `status ${reply.status}`
  }
  const object = asObject(body)
  const said =
    textOf(object?.['message']) ?? textOf(object?.['error']) ?? textOf(asObject(object?.['error'])?.['message'])
  return said?.slice(0, 300) ?? `status ${reply.status}`
}

export const errors: ErrorReader = (reply) => {
  if (reply.status < 400) return undefined
  const message = reasonOf(reply)
  if (reply.status === 429) return { code: 'rate_limited', message }
  if (reply.status === 401) return { code: 'auth', message: `the token is refused: ${message}` }
  if (reply.status === 403) return { code: 'auth', message: `the token may not do this: ${message}` }
  if (reply.status === 404 || reply.status === 410) return { code: 'not_found', message }
  return { code: reply.status >= 500 ? 'upstream' : 'schema', message }
}

export const budget = (reply: HttpReply) =>
  headerBudget(reply, { limit: 'x-ratelimit-limit', remaining: 'x-ratelimit-remaining' })
