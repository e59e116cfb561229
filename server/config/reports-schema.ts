/** `reports`: which report goes to whom, when, about what, and what happens when there is nothing to say. */
import { z } from 'zod'
import { CATEGORIES, SEVERITIES } from '../../model/verdict.ts'
import { duration, kindName, name, schedule } from './words.ts'

/** Who reads it: decides the order of the parts, the words, and which findings it is about unless filters say so. */
export const AUDIENCES = [
  'operations',
  'finance',
  'sales',
  'customer_success',
  'support',
  'stewards',
  'executives',
] as const
export type Audience = (typeof AUDIENCES)[number]

/** What a report looks back over. `period_close` is the calendar month before, with what keeps it from being closed. */
export const REPORT_PERIODS = ['day', 'week', 'month', 'period_close'] as const
export type ReportPeriod = (typeof REPORT_PERIODS)[number]

export const EMPTY_POLICIES = ['skip', 'send_all_clear', 'send_if_changed'] as const
export type EmptyPolicy = (typeof EMPTY_POLICIES)[number]

export const REPORT_FILES = ['csv', 'xlsx', 'parquet', 'pdf'] as const
export type ReportFile = (typeof REPORT_FILES)[number]

export const LANGUAGES = ['en', 'de'] as const
export type Language = (typeof LANGUAGES)[number]

/** Schedule and period together, for the four reports that most companies want. */
export const PRESETS = {
  daily: { schedule: '0 7 * * *', period: 'day' },
  weekly: { schedule: '0 7 * * mon', period: 'week' },
  monthly: { schedule: '0 7 1 * *', period: 'month' },
  period_close: { schedule: '0 7 1-5 * *', period: 'period_close' },
} as const satisfies Record<string, { schedule: string; period: ReportPeriod }>
export type Preset = keyof typeof PRESETS

const list = (of: z.ZodType<string>, about: string) => z.array(of).default([]).describe(about)

export const reportFiltersSchema = z.strictObject({
  severity: list(z.enum(SEVERITIES), 'Only these severities.'),
  platforms: list(z.string(), 'Only findings in which one of these platforms is the owner or at fault.'),
  kinds: list(kindName, 'Only these kinds of record; left out: those of the audience.'),
  categories: list(z.enum(CATEGORIES), 'Only these categories; left out: those of the audience.'),
  checks: list(z.string(), 'Only these checks, by id; `family/` means all of a family.'),
  teams: list(z.string(), 'Only issues of these owner teams.'),
})
export type ReportFilters = z.output<typeof reportFiltersSchema>

export const reportSchema = z
  .strictObject({
    title: z.string().min(1).max(120).optional().describe('Heading and subject; default: from audience and period.'),
    audience: z.enum(AUDIENCES).describe('Who reads it: decides content, order and words.'),
    preset: z
      .enum(Object.keys(PRESETS) as [Preset, ...Preset[]])
      .default('weekly')
      .describe('Schedule and period together; `schedule` and `period` override it.'),
    schedule: schedule.optional().describe('When it is sent: cron expression, or `manual`.'),
    timezone: z.string().optional().describe('IANA zone of schedule and dates; default: that of all schedules.'),
    period: z.enum(REPORT_PERIODS).optional().describe('What it looks back over.'),
    recipients: z
      .array(z.string().min(1))
      .default([])
      .describe('Names of recipients, or mail addresses; people may subscribe beside.'),
    channel: name
      .optional()
      .describe('Mail channel for addresses and subscribers; default: the first channel that sends mail.'),
    owner: z
      .string()
      .min(1)
      .optional()
      .describe('Recipient or mail address that hears when it fails; default: who is told of the monitor itself.'),
    empty: z
      .enum(EMPTY_POLICIES)
      .default('send_all_clear')
      .describe(
        'With nothing to tell: `skip` it, `send_all_clear`, or `send_if_changed`: only when something differs from the last one, also when there is something to tell.',
      ),
    filters: reportFiltersSchema.prefault({}).describe('Which findings it is about.'),
    attachments: z.array(z.enum(REPORT_FILES)).default([]).describe('Files that go with the mail.'),
    language: z.enum(LANGUAGES).default('en').describe('Language of the report.'),
    names: z
      .boolean()
      .default(true)
      .describe('False: customer names and values stay inside; the mail names issues only.'),
    keep: duration.optional().describe('How long what was sent is kept; default: archive.keep.'),
    enabled: z.boolean().default(true).describe('False: only by hand.'),
  })
  .describe('A report on a schedule.')
export type ReportConfig = z.output<typeof reportSchema>

export const reportsSchema = z.record(name, reportSchema)

export const archiveSchema = z.strictObject({
  keep: duration
    .optional()
    .describe(
      'How long reports that were sent are kept with their data; left out: for ever. That they were sent, their key figures and their hashes stay.',
    ),
})

/** When it is sent and over what it looks back, with the preset filled in. */
export function planned(report: Pick<ReportConfig, 'preset' | 'schedule' | 'period'>): {
  schedule: string
  period: ReportPeriod
} {
  const preset = PRESETS[report.preset]
  return { schedule: report.schedule ?? preset.schedule, period: report.period ?? preset.period }
}
