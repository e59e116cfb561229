/** `retention`: how long each class of data is kept, and when what has had its time is removed. */
import { z } from 'zod'
import { durationMs } from './duration.ts'
import { duration, schedule } from './words.ts'

/** Classes of data that a rule may be given for. Current values of records belong to none: age never removes them. */
export const RETAINED = ['versions', 'findings', 'events', 'payloads', 'messages', 'reports', 'audit'] as const
export type RetainedClass = (typeof RETAINED)[number]

/**
 * Shortest terms. Lag, flows, key figures and checks look back up to half a year; an audit trail that is shorter than a
 * year answers no auditor.
 */
export const LEAST_TERM: Record<RetainedClass, string> = {
  versions: '180d',
  findings: '180d',
  events: '180d',
  payloads: '7d',
  messages: '7d',
  reports: '1d',
  audit: '365d',
}

const term = (of: RetainedClass, about: string) =>
  duration
    .refine((text) => isLongEnough(of, text), `is too short: at least ${LEAST_TERM[of]}`)
    .optional()
    .describe(`${about} Left out: for ever. At least ${LEAST_TERM[of]}.`)

export const isLongEnough = (of: RetainedClass, text: string): boolean =>
  (durationMs(text) ?? 0) >= durationMs(LEAST_TERM[of])!

export const retentionSchema = z.strictObject({
  schedule: schedule.default('47 2 * * *').describe('When what has had its time is removed.'),
  versions: term(
    'versions',
    'How long earlier values of records are kept after they were replaced; the time machine looks back as far.',
  ),
  findings: term('findings', 'How long findings and their transitions are kept after their whole issue was resolved.'),
  events: term('events', 'How long deliveries, deploys and other recorded events, and traces, are kept.'),
  payloads: term(
    'payloads',
    'How long payloads and exchanges are kept after their exception was closed, and unreadable rows after they were read.',
  ),
  messages: term(
    'messages',
    'How long mails, chats, webhooks and tickets keep what they said; that they were sent, to whom and when, stays.',
  ),
  audit: term('audit', 'How long entries of the audit trail are kept; what is left can still be verified.'),
})
export type RetentionConfig = z.output<typeof retentionSchema>

interface Configured {
  retention: RetentionConfig
  archive: { keep?: string | undefined }
}

/** Key of the configuration that holds the term of a class. */
export const termKey = (of: RetainedClass): string => (of === 'reports' ? 'archive.keep' : `retention.${of}`)

/** The term of a class; null: it is kept for ever. Single reports may have their own. */
export const termOf = ({ retention, archive }: Configured, of: RetainedClass): string | null =>
  (of === 'reports' ? archive.keep : retention[of]) ?? null
