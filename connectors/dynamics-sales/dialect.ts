/** How the Web API says that something went wrong: a hexadecimal code and a sentence. */
import type { ErrorReader, HttpReply } from '../contract.ts'
import { problemOf } from '../odata.ts'

/** Service protection: too many requests, too much time, too many at once. They come with `Retry-After`. */
const LIMITS = new Set(['0x80072322', '0x80072321', '0x80072326'])

export const errors: ErrorReader = (reply) => {
  if (reply.status < 400 || reply.status === 429) return undefined
  const { code, message } = problemOf(reply)
  if (LIMITS.has(code)) return { code: 'rate_limited', message: 'Dataverse asks to come back later.' }
  if (reply.status === 403) {
    const missing = privilegeOf(reply)
    if (missing) return { code: 'auth', message: `The application user lacks the privilege ${missing}.` }
  }
  if (reply.status === 412) return { code: 'conflict', message: 'The row has changed since it was read.' }
  if (reply.status === 400 && message)
    return { code: 'schema', message: `Dataverse does not take the request: ${message} [${code}]` }
  return undefined
}

/** The privilege that a refusal names (`prvReadAccount`). */
export const privilegeOf = (reply: HttpReply) => /\bprv[A-Za-z_]+/.exec(problemOf(reply).message)?.[0]
