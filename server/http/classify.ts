/** What a reply means: an answer, or an error with a closed code. The connector's own dialect is asked before the status. */
import type { ErrorReader, HttpReply } from '../../connectors/contract.ts'
import { MAX_WAIT_MS, retryAfterMs } from '../../connectors/budget.ts'
import type { ErrorCode } from '../errors.ts'
import { PlumblineError } from '../errors.ts'

/**
 * @param where `GET https://host/path`, without query: it goes into messages
 * @returns undefined if the reply is an answer for the caller
 */
export function classify(
  reply: HttpReply,
  where: string,
  platform: string,
  errors: ErrorReader | undefined,
  now: number,
): PlumblineError | undefined {
  const said = errors?.(reply)
  const asked = retryAfterMs(reply.headers['retry-after'], now)
  if (said) {
    const wait = said.retryAfterMs === undefined ? asked : Math.min(said.retryAfterMs, MAX_WAIT_MS)
    return new PlumblineError(said.code, `${platform}: ${plain(said.message)} (${where})`, {
      status: reply.status,
      retryable: said.retryable ?? (said.code === 'rate_limited' || said.code === 'upstream'),
      ...(wait !== undefined && { retryAfterMs: wait }),
      ...(REMEDY[said.code] && { remedy: REMEDY[said.code]! }),
    })
  }
  if (reply.status >= 200 && reply.status < 300) return undefined
  const code = codeOf(reply.status)
  return new PlumblineError(
    code,
    `${platform} answered ${reply.status} ${MEANING[code] ?? ''}(${where})`.replace('  ', ' '),
    {
      status: reply.status,
      retryable: code === 'rate_limited' || (code === 'upstream' && reply.status !== 501),
      ...(asked !== undefined && { retryAfterMs: asked }),
      ...(REMEDY[code] && { remedy: REMEDY[code]! }),
    },
  )
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403 || status === 407) return 'auth'
  if (status === 404 || status === 410) return 'not_found'
  if (status === 409 || status === 412) return 'conflict'
  if (status === 429) return 'rate_limited'
  if (status === 408 || status === 425 || status >= 500) return 'upstream'
  return 'schema'
}

const MEANING: Partial<Record<ErrorCode, string>> = {
  auth: 'and refuses us ',
  not_found: 'and does not know this address ',
  rate_limited: 'and asks us to slow down ',
  upstream: 'and fails ',
  schema: 'and does not understand the request ',
}

const REMEDY: Partial<Record<ErrorCode, string>> = {
  auth: 'Check the credentials and that the scopes named in the connector’s README are granted.',
  rate_limited: 'It goes on by itself when the platform allows it.',
  upstream: 'It is tried again by itself; look at the platform’s status page if it stays.',
}

/** First wait of our own; doubles with each attempt. */
const BASE_MS = 1_000
const CAP_MS = 60_000

/** Waiting without being told how long: exponential with full jitter in the upper half. */
export function backoffMs(attempt: number, random: () => number): number {
  const most = Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1))
  return Math.round(most / 2 + (most / 2) * random())
}

/** One line of the platform's own words: control and direction characters out, length bounded. */
function plain(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 300)
}
