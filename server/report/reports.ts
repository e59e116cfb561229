/** Reports at work: made, decided upon, kept and handed to the outbox in one transaction; each planned run once. */
import { shownAt } from '../../model/zone.ts'
import { iso } from '../clock.ts'
import { planned, type ReportConfig } from '../config/reports-schema.ts'
import type { Context } from '../context.ts'
import { asError, PlumblineError } from '../errors.ts'
import { originOf } from '../origin.ts'
import type { ArchivedReport, ReportRun } from '../store/control/reports.ts'
import { compose, isEmpty, told } from './compose.ts'
import type { ReportContent } from './content.ts'
import type { ReportData } from './data.ts'
import { againAt, tellOwner } from './failing.ts'
import { keep, reportFiles } from './files.ts'
import { factsIn, factsOf, gather } from './gather.ts'
import { reportMessage } from './message.ts'
import { decide } from './policy.ts'
import { listOf, readerOf, readersOf, type Reader } from './readers.ts'

/** A run this long after its slot is late: the scheduler ticks every second, and a busy engine takes its time. */
export const LATE_MS = 10 * 60_000

export interface ReportOptions {
  /** Link that ends a list for an address; null where mail programs could not call it. */
  unsubscribe: (list: string, address: string) => string | null
}

export interface ReportJob {
  name: string
  cron: string
  timezone: string
  run: (slotAt: number) => Promise<void>
}

export interface Reports {
  jobs: ReportJob[]
  /** Planned runs that a stop interrupted are made good. Call once, before the schedules start. */
  recover(): Promise<void>
  /** On today's data; `change` tries other settings than the configuration's. */
  preview(name: string, change?: Partial<ReportConfig>): Promise<{ data: ReportData; content: ReportContent }>
  /** To all readers, now. */
  sendNow(name: string, actor: string): Promise<ArchivedReport>
  /** To one address, kept nowhere. */
  sendTest(name: string, to: string, change?: Partial<ReportConfig>): Promise<void>
  runSlot(name: string, slotAt: number): Promise<ReportRun>
  /** Planned runs that failed and whose time has come again. */
  tryAgain(): Promise<void>
}

/** Name of the schedule of a report. */
export const jobOf = (name: string) => `report ${name}`

export function reportOf({ config }: Pick<Context, 'config'>, name: string): ReportConfig {
  const report = Object.hasOwn(config.reports, name) ? config.reports[name] : undefined
  if (!report)
    throw new PlumblineError('not_found', `There is no report "${name}".`, {
      remedy: `Configured: ${Object.keys(config.reports).join(', ') || 'none; add one below reports'}.`,
    })
  return report
}

export function createReports(ctx: Context, options: ReportOptions): Reports {
  const { config, control, clock } = ctx
  const origin = originOf(config)

  async function made(name: string, report: ReportConfig, slotAt: number | null) {
    const late = slotAt !== null && clock.now() - slotAt > LATE_MS
    const data = await gather(ctx, { name, report, slotAt, late })
    return { data, content: compose(data) }
  }

  /** Files are made before the transaction, everything is written in it. */
  async function send(
    name: string,
    report: ReportConfig,
    { data, content }: { data: ReportData; content: ReportContent },
    how: { slotAt: number | null; actor: string; why: string; failedBefore?: boolean },
  ): Promise<ArchivedReport> {
    const day = iso(shownAt(data.timezone, clock.now())).slice(0, 10)
    const readers = readersOf(ctx, name, report)
    if (readers.length === 0)
      throw new PlumblineError('config', `Nobody is on the list of the report ${name}.`, {
        remedy: `Name recipients below reports.${name}, or subscribe on the page Reports.`,
      })
    const attached = await reportFiles(ctx, report.attachments, {
      content,
      rows: data.rows,
      name: `${day}-${name}`,
      origin,
    })
    const full = withMissing(content, attached.missing, report)
    return control.transaction(() => {
      const entry = control.reports.archive({
        report: name,
        madeAt: clock.now(),
        slotAt: how.slotAt,
        from: Date.parse(data.from),
        to: Date.parse(data.to),
        late: data.late,
        subject: full.subject,
        content: JSON.stringify(full),
        data: JSON.stringify(data),
        facts: { ...factsOf(data) },
        actor: how.actor,
        day,
      })
      const attachments = keep(ctx, attached.files)
      deliver(readers, (reader) => ({ id: entry.id, attachments, content: full, reader, report: name, data }))
      if (how.slotAt !== null)
        control.reports.ran({
          report: name,
          slotAt: how.slotAt,
          at: clock.now(),
          outcome: 'sent',
          why: how.why,
          archive: entry.id,
        })
      if (how.failedBefore && how.slotAt !== null)
        tellOwner(ctx, { report: name, config: report, slotAt: how.slotAt, failing: 'mended' })
      return entry
    })
  }

  function deliver(
    readers: readonly Reader[],
    of: (reader: Reader) => {
      id: string | null
      attachments: ReturnType<typeof keep>
      content: ReportContent
      report: string
      data: ReportData
    },
  ): void {
    const now = clock.now()
    control.addOutbox(
      readers.map((reader) => {
        const { id, attachments, content, report, data } = of(reader)
        const { fingerprint: _, ...facts } = factsOf(data)
        const links = id === null ? [] : linksOf(id, content)
        return {
          dedupe: `report/${id ?? `test/${report}/${now}`}/${reader.channel}/${reader.address || reader.recipient}`,
          kind: id === null ? ('test' as const) : ('report' as const),
          refs: [report, ...(id === null ? [] : [id])],
          channel: reader.channel,
          recipient: reader.recipient,
          address: reader.address,
          message: reportMessage(
            { report, content, origin, id, links, attachments, facts },
            reader.mail ? options.unsubscribe(listOf(report), reader.address) : null,
          ),
          createdAt: now,
        }
      }),
    )
  }

  async function runSlot(name: string, slotAt: number): Promise<ReportRun> {
    const report = reportOf(ctx, name)
    const before = control.reports.runOf(name, slotAt)
    if (before && before.outcome !== 'failed') return before
    const ran = (outcome: ReportRun['outcome'], why: string): ReportRun => {
      control.reports.ran({ report: name, slotAt, at: clock.now(), outcome, why, archive: null })
      return control.reports.runOf(name, slotAt)!
    }
    if (control.reports.paused(name)) return ran('skipped', 'paused')
    try {
      const both = await made(name, report, slotAt)
      const last = control.reports.last(name, slotAt)
      const decision = decide(report.empty, {
        empty: isEmpty(both.data),
        changed: last && factsIn(last).fingerprint !== factsOf(both.data).fingerprint,
      })
      if (!decision.send) return ran('skipped', decision.why)
      await send(name, report, both, { slotAt, actor: 'schedule', why: decision.why, failedBefore: before !== null })
      return control.reports.runOf(name, slotAt)!
    } catch (thrown) {
      const error = asError(thrown)
      control.transaction(() => {
        ran('failed', error.message)
        const next = againAt(control.reports.runOf(name, slotAt)!)
        const of = { report: name, config: report, slotAt, error }
        tellOwner(ctx, next === null ? { ...of, failing: 'given_up' } : { ...of, failing: 'failed', next })
      })
      throw error
    }
  }

  /** Planned runs that failed, as often as their time has come. */
  async function tryAgain(): Promise<void> {
    for (const run of control.reports.failed()) {
      const at = againAt(run)
      if (at === null || at > clock.now() || !config.reports[run.report]?.enabled) continue
      await runSlot(run.report, run.slotAt).catch((thrown: unknown) => {
        ctx.log.error('report failed again', { report: run.report, error: asError(thrown).message })
      })
    }
  }

  const active = Object.entries(config.reports).filter(([, r]) => r.enabled)
  return {
    jobs: [
      ...active.map(([name, report]) => ({
        name: jobOf(name),
        cron: planned(report).schedule,
        timezone: report.timezone ?? config.schedules.timezone,
        run: async (slotAt: number) => void (await runSlot(name, slotAt)),
      })),
      { name: 'reports again', cron: '* * * * *', timezone: 'UTC', run: tryAgain },
    ],
    tryAgain,
    runSlot,
    async recover() {
      for (const [name] of active) {
        const last = control.lastSlot(jobOf(name))
        // A report is planned from when it is first seen: what is missed before its first run is missed, too.
        if (!last && control.claimSlot(jobOf(name), clock.now(), clock.now()))
          control.finishSlot(jobOf(name), control.lastSlot(jobOf(name))!.slotAt, clock.now(), 'ok')
        if (last?.finishedAt !== null || control.reports.runOf(name, last.slotAt)) continue
        await runSlot(name, last.slotAt).catch((thrown: unknown) => {
          ctx.log.error('report failed', { report: name, error: asError(thrown).message })
        })
      }
    },
    preview: (name, change = {}) => made(name, { ...reportOf(ctx, name), ...change }, null),
    async sendNow(name, actor) {
      const report = reportOf(ctx, name)
      return send(name, report, await made(name, report, null), { slotAt: null, actor, why: 'asked for' })
    },
    async sendTest(name, to, change = {}) {
      const report = { ...reportOf(ctx, name), ...change }
      const { data, content } = await made(name, report, null)
      const attached = await reportFiles(ctx, report.attachments, {
        content,
        rows: data.rows,
        name: `test-${name}`,
        origin,
      })
      const full = withMissing(content, attached.missing, report)
      control.transaction(() => {
        const attachments = keep(ctx, attached.files)
        deliver([readerOf(ctx, report, to)], () => ({ id: null, attachments, content: full, report: name, data }))
      })
    },
  }
}

/** Further links of a report that is kept. */
export function linksOf(id: string, { language }: Pick<ReportContent, 'language'>): { text: string; href: string }[] {
  const { w } = told(language, 'UTC')
  return [
    { text: w.frozen, href: `/reports/archive/${id}` },
    { text: w.csv, href: `/v1/reports/archive/${id}/data.csv` },
    { text: w.manage, href: '/reports' },
  ]
}

/** Says in the last part which file is missing, and why. */
function withMissing(
  content: ReportContent,
  missing: readonly { name: string; why: string }[],
  report: ReportConfig,
): ReportContent {
  if (missing.length === 0) return content
  const { w } = told(report.language, 'UTC')
  const lines = missing.map((m) => w.unattached(m.name, m.why))
  return {
    ...content,
    blocks: content.blocks.map((b) => (b.is === 'notes' ? { ...b, lines: [...b.lines, ...lines] } : b)),
  }
}
