/** Failing: a planned report that could not be made is made again, less and less often, and its owner hears of it. */
import type { Message } from '../../model/message.ts'
import { planned, type Language, type ReportConfig } from '../config/reports-schema.ts'
import type { Context } from '../context.ts'
import { asError, type PlumblineError } from '../errors.ts'
import { originOf } from '../origin.ts'
import type { ReportRun } from '../store/control/reports.ts'
import { told } from './compose.ts'
import { oneLine } from './escape.ts'
import { ownersOf } from './readers.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Pause before each further try: six within a day. The next planned run covers the same span anyway. */
export const AGAIN_MS = [5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR] as const

/** When a run that failed is tried again, epoch ms; null: it is not, because it did not fail or was tried often enough. */
export function againAt(run: Pick<ReportRun, 'outcome' | 'at' | 'attempts'>): number | null {
  const pause = run.outcome === 'failed' ? AGAIN_MS[run.attempts - 1] : undefined
  return pause === undefined ? null : run.at + pause
}

export type Failing = 'failed' | 'given_up' | 'mended'

const WORDS = {
  en: {
    severity: 'HIGH',
    subject: {
      failed: (title: string) => `The report “${title}” was not sent yet`,
      given_up: (title: string) => `The report “${title}” was not sent`,
      mended: (title: string) => `The report “${title}” was sent after all`,
    },
    line: (due: string, why: string) => `It was due at ${due} and could not be made: ${why}`,
    mended: (due: string) => `It was due at ${due}; its readers have it now, marked late.`,
    again: (at: string) => `It is tried again by itself, next at ${at}. You hear whether that went well.`,
    never: 'Nobody has received it. When the cause is mended, send it by hand from the page Reports.',
    open: 'Open the report',
    why: 'You get this because you answer for the report.',
  },
  de: {
    severity: 'HOCH',
    subject: {
      failed: (title: string) => `Der Bericht „${title}“ wurde noch nicht gesendet`,
      given_up: (title: string) => `Der Bericht „${title}“ wurde nicht gesendet`,
      mended: (title: string) => `Der Bericht „${title}“ wurde doch noch gesendet`,
    },
    line: (due: string, why: string) => `Er war fällig am ${due} und ließ sich nicht erstellen: ${why}`,
    mended: (due: string) => `Er war fällig am ${due}; seine Leser haben ihn jetzt, als verspätet gekennzeichnet.`,
    again: (at: string) => `Er wird von selbst erneut versucht, zuerst am ${at}. Sie hören, ob das gelang.`,
    never: 'Niemand hat ihn erhalten. Ist die Ursache behoben, lässt er sich auf der Seite Berichte von Hand senden.',
    open: 'Bericht öffnen',
    why: 'Sie erhalten dies, weil Sie für den Bericht verantwortlich sind.',
  },
} as const

/**
 * Whoever answers for it hears once of each: that it failed, that it was given up, that it went out after all. Where nobody
 * can be told, the log and the page have it. Call inside the transaction that writes the run.
 */
export function tellOwner(
  ctx: Context,
  of: { report: string; config: ReportConfig; slotAt: number; failing: Failing; error?: PlumblineError; next?: number },
): void {
  try {
    ctx.control.addOutbox(
      ownersOf(ctx, of.report, of.config).map((owner) => ({
        dedupe: `report-${of.failing}/${of.report}/${of.slotAt}/${owner.channel}/${owner.address || owner.recipient}`,
        kind: 'own' as const,
        refs: [of.report],
        channel: owner.channel,
        recipient: owner.recipient,
        address: owner.address,
        message: message(ctx, of),
        createdAt: ctx.clock.now(),
      })),
    )
  } catch (thrown) {
    ctx.log.error('nobody could be told that a report failed', { report: of.report, error: asError(thrown).message })
  }
}

function message(
  ctx: Context,
  { report, config, slotAt, failing, error, next }: Parameters<typeof tellOwner>[1],
): Message {
  const locale: Language = config.language
  const { w, f } = told(locale, config.timezone ?? ctx.config.schedules.timezone)
  const words = WORDS[locale]
  const subject = oneLine(words.subject[failing](config.title ?? w.title(config.audience, planned(config).period)))
  const due = f.time(slotAt)
  const why = error === undefined ? '' : [error.message, error.remedy].filter(Boolean).join(' ')
  const lines =
    failing === 'mended'
      ? [words.mended(due)]
      : [words.line(due, why), next === undefined ? words.never : words.again(f.time(next))]
  return {
    event: `report.${failing}`,
    state: failing === 'mended' ? 'closed' : 'open',
    severity: failing === 'mended' ? 'info' : 'high',
    severityWord: failing === 'mended' ? 'OK' : words.severity,
    subject,
    preheader: oneLine(lines[0]!),
    tags: [report],
    title: subject,
    lines,
    facts: [],
    rows: [],
    more: null,
    links: [{ label: words.open, url: `${originOf(ctx.config)}/reports/${encodeURIComponent(report)}` }],
    why: words.why,
    whyLinks: [],
    locale,
    thread: `report-failed/${report}/${slotAt}`,
    list: null,
    data: { report, due: new Date(slotAt).toISOString(), why },
  }
}
