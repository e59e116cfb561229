/**
 * Notices: messages in which a platform names what changed there. What it ships tells of is known; a configuration adds rules
 * for messages of its own (with events that carry correlation ids). No notice is a value: it only says what to read again.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { signatureSchema } from './declared-signature.ts'
import { applyRules, rulesSchema, type Message } from './event-rules.ts'
import type { HookReading } from './receiver.ts'
import type { Secret } from './secret.ts'

/** Rules of the configuration beside what the connector knows. */
export const noticeRules = rulesSchema
  .default([])
  .describe('What further messages mean: events with their correlation ids, and what is read again.')

/** Settings of a hook whose way of proving itself is the sender’s to choose. */
export const noticeSchema = z.strictObject({ signature: signatureSchema, rules: noticeRules })

/** One message: what the platform's own words hint at, and what the rules of the configuration add. Unknown ones say nothing. */
export function noticed(
  message: Message,
  own: HookReading['hints'],
  rules: z.output<typeof noticeRules> | undefined,
): HookReading {
  const added = applyRules(rules ?? [], message)
  return { key: message.key, events: added?.events ?? [], hints: [...own, ...(added?.hints ?? [])] }
}

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Does the sender name one of our secrets? Digests are of one length: the time says nothing of the secret. */
export function presents(given: string | undefined, secrets: readonly Secret[]): boolean {
  let good = false
  for (const secret of secrets) if (timingSafeEqual(digest(given ?? ''), digest(secret.reveal()))) good = true
  return good
}
