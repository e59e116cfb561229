/** How Gainsight says that something went wrong: `result: false` with a code and a text, with any status. */
import type { ErrorReader, HttpReply } from '../contract.ts'

/** Codes of credentials and permissions. */
const AUTH = ['GS_APIG_2401', 'GSOBJ_1024']
/** Nothing meets the condition: an answer, though it is told as a failure. */
const EMPTY = /^GSOBJ_1011$/
const NO_DATA = /no data found|no entity matches/i
const NO_OBJECT = /object not found/i

export interface Said {
  /** False, or null where the body says nothing of it. */
  result: boolean | null
  code: string
  message: string
}

export function saidIn(reply: HttpReply): Said {
  let body: unknown
  try {
    body = reply.json()
  } catch {
    body = null
  }
  const { result, errorCode, errorDesc, message } = (body ?? {}) as Record<string, unknown>
  const text = [errorDesc, message].find((one) => typeof one === 'string' && one !== '')
  return {
    result: typeof result === 'boolean' ? result : null,
    code: typeof errorCode === 'string' ? errorCode : '',
    message: typeof text === 'string' ? text.replace(/\s+/g, ' ').slice(0, 200) : `status ${reply.status}`,
  }
}

export const isEmpty = ({ code, message }: Said) => EMPTY.test(code) || NO_DATA.test(message)
export const isUnknownObject = ({ code, message }: Said) => code === 'OBJECT_NOT_FOUND' || NO_OBJECT.test(message)

/** What begins the message of a call that was refused as it stands. */
const REFUSED = 'Gainsight does not take the request'

export const errors: ErrorReader = (reply) => {
  const said = saidIn(reply)
  if (reply.status < 400 && said.result !== false) return undefined
  if (reply.status < 500 && isEmpty(said)) return undefined
  const message = `${said.message}${said.code && ` [${said.code}]`}`
  if (reply.status === 429) return { code: 'rate_limited', message: `the tenant has no calls left for now: ${message}` }
  if (reply.status === 401 || reply.status === 403 || AUTH.includes(said.code))
    return { code: 'auth', message: `the credentials are refused: ${message}` }
  if (reply.status >= 500) return { code: 'upstream', retryable: true, message: `Gainsight failed: ${message}` }
  if (isUnknownObject(said)) return { code: 'not_found', message: `there is no such object: ${message}` }
  return { code: 'schema', message: `${REFUSED}: ${message}` }
}

/** A refusal in Gainsight's own words; null for every other failure. */
export function refusalOf(error: unknown): string | null {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return code === 'schema' && typeof message === 'string' && message.includes(REFUSED) ? message.slice(0, 300) : null
}
