/** One exchange with a receiver over HTTP, and what its answer means for the message. */
import { retryAfterMs } from '../../../connectors/budget.ts'
import { asError } from '../../errors.ts'
import type { Posted, Posting } from '../../http/post.ts'
import { oneLine, type Attempt, type DoorContext } from '../door.ts'

/** How long a receiver may take unless its configuration says otherwise. */
export const TIMEOUT_MS = 20_000

/** Refusals that no later attempt changes: the message itself, the key or the address is wrong. */
const NEVER = new Set([400, 401, 403, 404, 405, 413, 414, 415, 422])
const BUSY = new Set([429, 502, 504])

export interface Exchanged {
  attempt: Attempt
  /** Null where no status line came. */
  posted: Posted | null
}

/**
 * @param strict a webhook by the specification tries everything again but 410; an API whose contract is known does not
 */
export async function exchange(
  ctx: DoorContext,
  posting: Omit<Posting, 'timeoutMs'> & { timeoutMs?: number },
  strict: boolean,
): Promise<Exchanged> {
  try {
    const posted = await ctx.poster.post({ timeoutMs: TIMEOUT_MS, signal: ctx.signal, ...posting })
    return { attempt: meaning(posted, strict, ctx.clock.now()), posted }
  } catch (thrown) {
    const error = asError(thrown)
    return {
      attempt: { outcome: error.code === 'config' ? 'never' : 'later', status: null, answer: oneLine(error.message) },
      posted: null,
    }
  }
}

function meaning(posted: Posted, strict: boolean, now: number): Attempt {
  const { status } = posted
  const said = oneLine(posted.text, 200)
  const answer = said === '' ? String(status) : `${status} ${said}`
  if (status >= 200 && status < 300) return { outcome: 'sent', status, answer }
  if (status >= 300 && status < 400)
    return { outcome: 'later', status, answer: `${status}: redirects are not followed` }
  if (status === 410) return { outcome: 'never', status, answer, gone: true }
  if (!strict && NEVER.has(status)) return { outcome: 'never', status, answer }
  const asked = retryAfterMs(posted.headers['retry-after'], now)
  return {
    outcome: 'later',
    status,
    answer,
    ...(asked !== undefined && { retryAfterMs: asked }),
    ...(BUSY.has(status) && { throttled: true as const }),
  }
}

export const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8', accept: 'application/json' }
