/** The heartbeat: a watcher elsewhere is called while all is well, and tells people when the calls stop. Never queued: a late heartbeat would be a lie. */
import { durationMs } from '../config/duration.ts'
import type { Context } from '../context.ts'
import { asError } from '../errors.ts'
import { createPoster } from '../http/post.ts'

const LAST = 'alert.heartbeat'
const TIMEOUT_MS = 10_000

/** Calls if it is time and the last look of the checks is recent enough to speak of being well. */
export async function heartbeat(ctx: Context): Promise<boolean> {
  const wanted = ctx.config.alerts.own.heartbeat
  if (!wanted) return false
  const now = ctx.clock.now()
  if (now - Number(ctx.control.get(LAST) ?? 0) < durationMs(wanted.every)!) return false
  const poster = createPoster(ctx.clock, wanted.allow_private_network)
  try {
    const { status } = await poster.post({
      method: 'GET',
      url: wanted.url,
      headers: {},
      timeoutMs: TIMEOUT_MS,
      signal: ctx.signal,
    })
    if (status < 200 || status >= 300) throw new Error(`the watcher answered ${status}`)
    ctx.control.set(LAST, String(now))
    return true
  } catch (thrown) {
    ctx.log.warn('heartbeat failed', { error: asError(thrown).message })
    return false
  } finally {
    poster.close()
  }
}
