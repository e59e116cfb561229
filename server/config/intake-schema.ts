/** `intake`: what platforms and integrations send to us by themselves, and how much of it may wait. */
import { z } from 'zod'
import { duration } from './words.ts'

export const intakeSchema = z.strictObject({
  spool_mb: z
    .number()
    .int()
    .min(1)
    .default(1024)
    .describe(
      'Megabytes that may wait on disk for the facts; from there on senders are answered 503 and keep the rest.',
    ),
  reserve_mb: z
    .number()
    .int()
    .min(0)
    .default(64)
    .describe('Megabytes of the disk that are left to the stores: with less room nothing more is accepted.'),
  body_mb: z.number().min(0.01).max(50).default(5).describe('Largest body of one delivery, in megabytes.'),
  remember: duration
    .default('35d')
    .describe('How long a delivery is known by its key, so that the same one sent again is one.'),
  origins: z
    .array(z.string())
    .default(['*'])
    .describe('`WebHook-Request-Origin` of senders that may deliver to /v1/events; `*` for all that have a token.'),
})
export type IntakeConfig = z.output<typeof intakeSchema>
