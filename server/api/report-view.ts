/** Views of reports: schedules with their next times, the fate of the last run, and what was sent. */
import { z } from 'zod'
import { iso } from '../clock.ts'
import {
  AUDIENCES,
  EMPTY_POLICIES,
  LANGUAGES,
  planned,
  REPORT_FILES,
  REPORT_PERIODS,
  reportFiltersSchema,
} from '../config/reports-schema.ts'
import type { ReportConfig } from '../config/reports-schema.ts'
import type { Context } from '../context.ts'
import { told } from '../report/compose.ts'
import { againAt } from '../report/failing.ts'
import { factsIn } from '../report/gather.ts'
import { listOf, readersOf } from '../report/readers.ts'
import { nextSlot } from '../schedule/slots.ts'
import type { ArchivedReport } from '../store/control/reports.ts'

const instant = z.string().describe('ISO 8601, UTC.')
const NEXT = 3
const RUNS = 10

export const archivedSchema = z
  .object({
    id: z.string(),
    report: z.string(),
    subject: z.string(),
    made_at: instant,
    planned_at: instant.nullable().describe('Null: somebody asked for it.'),
    from: instant,
    to: instant.describe('Exclusive.'),
    late: z.boolean(),
    open: z.number(),
    content_sha256: z.string(),
    data_sha256: z.string(),
    removed: z
      .object({ at: instant, kept_days: z.number() })
      .nullable()
      .describe('Content and data are gone by the rule of the archive; null: they are here.'),
  })
  .meta({ id: 'ArchivedReport' })

export const runSchema = z
  .object({
    planned_at: instant,
    at: instant,
    outcome: z.enum(['sent', 'skipped', 'failed']),
    why: z.string(),
    archive: z.string().nullable(),
    attempts: z.number().int(),
    again_at: instant.nullable().describe('When a run that failed is tried again; null: it is not.'),
  })
  .meta({ id: 'ReportRun' })

export const reportViewSchema = z
  .object({
    name: z.string(),
    title: z.string(),
    audience: z.enum(AUDIENCES),
    period: z.enum(REPORT_PERIODS),
    schedule: z.string().describe('Cron expression, or manual.'),
    timezone: z.string(),
    language: z.enum(LANGUAGES),
    empty: z.enum(EMPTY_POLICIES),
    attachments: z.array(z.enum(REPORT_FILES)),
    filters: reportFiltersSchema,
    enabled: z.boolean(),
    paused: z.object({ by: z.string(), at: instant }).nullable(),
    next: z.array(instant).describe('The next three planned runs; none while it is paused or only sent by hand.'),
    readers: z.number().int(),
    subscribed: z.boolean().describe('Whether the caller is among its readers.'),
    runs: z.array(runSchema).describe('Newest first.'),
    last: archivedSchema.nullable(),
  })
  .meta({ id: 'Report' })

export function archivedView(e: ArchivedReport, { reports }: Context['control']): z.output<typeof archivedSchema> {
  const removal = reports.removal(e.id)
  return {
    id: e.id,
    report: e.report,
    subject: e.subject,
    made_at: iso(e.madeAt),
    planned_at: e.slotAt === null ? null : iso(e.slotAt),
    from: iso(e.from),
    to: iso(e.to),
    late: e.late,
    open: factsIn(e).open,
    content_sha256: e.content,
    data_sha256: e.data,
    removed: removal && { at: iso(removal.at), kept_days: removal.keptFor / 86_400_000 },
  }
}

export function reportView(
  name: string,
  report: ReportConfig,
  ctx: Context,
  me: string,
): z.output<typeof reportViewSchema> {
  const { schedule, period } = planned(report)
  const timezone = report.timezone ?? ctx.config.schedules.timezone
  const paused = ctx.control.reports.paused(name)
  const { w } = told(report.language, timezone)
  const failed = new Set(ctx.control.reports.failed().flatMap((r) => (r.report === name ? [r.slotAt] : [])))
  const left = ctx.control.unsubscribed(listOf(name)).some((u) => u.address.toLowerCase() === me.toLowerCase())
  return {
    name,
    title: report.title ?? w.title(report.audience, period),
    audience: report.audience,
    period,
    schedule,
    timezone,
    language: report.language,
    empty: report.empty,
    attachments: report.attachments,
    filters: report.filters,
    enabled: report.enabled,
    paused: paused && { by: ctx.control.user(paused.actor)?.name ?? paused.actor, at: iso(paused.at) },
    next: paused || !report.enabled ? [] : upcoming(schedule, timezone, ctx.clock.now()),
    readers: readers(ctx, name, report),
    subscribed: !left && isReader(ctx, name, report, me),
    runs: ctx.control.reports.runs(name, RUNS).map((r) => ({
      planned_at: iso(r.slotAt),
      at: iso(r.at),
      outcome: r.outcome,
      why: r.why,
      archive: r.archive,
      attempts: r.attempts,
      again_at: failed.has(r.slotAt) ? isoOrNull(againAt(r)) : null,
    })),
    last: ctx.control.reports.archived({ report: name, limit: 1 }).map((e) => archivedView(e, ctx.control))[0] ?? null,
  }
}

const isoOrNull = (at: number | null) => (at === null ? null : iso(at))

function upcoming(schedule: string, timezone: string, now: number): string[] {
  const next: string[] = []
  for (let at: number | null = schedule === 'manual' ? null : now; at !== null && next.length < NEXT;) {
    at = nextSlot(schedule, timezone, at)
    if (at !== null) next.push(iso(at))
  }
  return next
}

/** A report of which nobody could get a copy, because no channel sends mail, has no readers. */
function readers(ctx: Context, name: string, report: ReportConfig): number {
  try {
    return readersOf(ctx, name, report).length
  } catch {
    return 0
  }
}

function isReader(ctx: Context, name: string, report: ReportConfig, me: string): boolean {
  const mine = me.toLowerCase()
  const listed = report.recipients.map((r) => (ctx.config.recipients[r]?.address ?? r).toLowerCase())
  return mine !== '' && (listed.includes(mine) || ctx.control.reports.subscribers(name).includes(mine))
}
