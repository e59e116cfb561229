/** Signatures of vendors over raw bytes: every secret is tried against every signature that was sent, whatever matched before. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { HookVerdict } from './receiver.ts'
import { secret, type Secret } from './secret.ts'

/** More signatures or secrets than this prove nothing and cost time. */
const OFFERED_MAX = 10

/** Settings of a hook that the vendor signs. */
export function hookSchema(about: string) {
  return z.strictObject({
    secrets: z.array(secret(about)).min(1).max(OFFERED_MAX).describe('Signing secrets; several while they are rolled.'),
    tolerance: z
      .number()
      .int()
      .min(1)
      .max(86_400)
      .default(300)
      .describe('How far the stamp of a delivery may lie before or after now, in seconds.'),
  })
}

export interface Signed {
  secrets: readonly Secret[]
  /** What the sender signed. */
  message: Uint8Array
  /** Signatures as they came, decoded. */
  offered: readonly Buffer[]
  /** Epoch ms of the stamp; null: it cannot be read. */
  at: number | null
  /** Seconds, on both sides of now. */
  tolerance: number
}

/** HMAC-SHA256. The stamp is judged last, so that a wrong signature learns nothing of our clock. */
export function verdictOf({ secrets, message, offered, at, tolerance }: Signed, now: number): HookVerdict {
  let good = false
  for (const key of secrets) {
    const due = createHmac('sha256', key.reveal()).update(message).digest()
    for (const one of offered.slice(0, OFFERED_MAX)) {
      // Another length is compared with itself: the time says nothing.
      const same = timingSafeEqual(due, one.length === due.length ? one : due)
      if (same && one.length === due.length) good = true
    }
  }
  if (!good)
    return {
      trust: 'refused',
      reason: 'the signature is wrong',
      remedy: 'Set the signing secret of this very endpoint.',
    }
  if (at === null) return { trust: 'refused', reason: 'the stamp cannot be read' }
  if (at < now - tolerance * 1000) return { trust: 'refused', reason: 'the stamp is too old' }
  if (at > now + tolerance * 1000) return { trust: 'refused', reason: 'the stamp lies ahead' }
  return { trust: 'signed' }
}

/** The verdict while no secret is configured: nothing is let in. */
export const unconfigured = (key: string): HookVerdict => ({
  trust: 'refused',
  reason: 'no signing secret is configured',
  remedy: `Set ${key} of this platform.`,
})
