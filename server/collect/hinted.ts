/** Hinted: records that a hook said have changed are read again from their platform, which alone says what they hold. */
import type { Context } from '../context.ts'
import { asError } from '../errors.ts'
import type { Hint } from '../store/control/intake.ts'
import { inTurn } from '../store/turns.ts'
import { collect } from './collect.ts'
import { openPlatform } from './platform.ts'
import { verify } from './verify.ts'

/** Hints worked off in one go; the rest is due at once again. */
const HINTS_MAX = 500
/** After so many failures the schedule's own reads are left to find it. */
const TRIES_MAX = 10
const BASE_MS = 5_000
const CAP_MS = 3_600_000

export interface Hinted {
  read: number
  failed: number
}

/** Works off the hints that are due: one record where the platform can be asked for one, else the stream's changes, once. */
export async function readHinted(ctx: Context): Promise<Hinted> {
  const due = ctx.control.hints(ctx.clock.now(), HINTS_MAX)
  const result: Hinted = { read: 0, failed: 0 }
  for (const [platform, hints] of byPlatform(due))
    await inTurn(ctx.control, `hints ${platform}`, () => readOf(ctx, platform, hints, result))
  return result
}

function byPlatform(hints: readonly Hint[]): Map<string, Hint[]> {
  const found = new Map<string, Hint[]>()
  for (const hint of hints) found.set(hint.platform, [...(found.get(hint.platform) ?? []), hint])
  return found
}

async function readOf(ctx: Context, platform: string, hints: readonly Hint[], result: Hinted): Promise<void> {
  const wholes = new Map<string, Hint[]>()
  try {
    const streams = await openPlatform(ctx, platform).streams()
    for (const hint of hints) {
      const stream = streams.find((s) => s.name === hint.stream)
      if (!stream) {
        // Not read by configuration, or a word of the sender: nobody waits for it.
        ctx.control.hintRead(hint)
        continue
      }
      if (hint.recordId === '' || !stream.one) wholes.set(hint.stream, [...(wholes.get(hint.stream) ?? []), hint])
      else {
        const subject = { platform, kind: stream.kind, record_id: hint.recordId }
        settle(ctx, [hint], (await verify(ctx, subject)) !== 'unable', result)
      }
      ctx.signal.throwIfAborted()
    }
    for (const [stream, asked] of wholes) {
      const { streams: read } = await collect(ctx, platform, { mode: 'changes', streams: [stream] })
      settle(ctx, asked, read.length > 0 && read.every((s) => !s.error), result)
    }
  } catch (thrown) {
    const error = asError(thrown)
    ctx.log.warn('hinted records could not be read', { platform, code: error.code, error: error.message })
    settle(ctx, hints, false, result)
  }
}

function settle(ctx: Context, hints: readonly Hint[], read: boolean, result: Hinted): void {
  for (const hint of hints) {
    if (read) result.read++
    else result.failed++
    if (read || hint.tries + 1 >= TRIES_MAX) ctx.control.hintRead(hint)
    else ctx.control.hintFailed(hint, ctx.clock.now() + Math.min(CAP_MS, BASE_MS * 2 ** hint.tries))
  }
}
