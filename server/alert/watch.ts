/** The watch over ourselves: what we do not see, and why. Conditions are worked out anew each time; only their beginnings and ends are told. */
import { statfsSync } from 'node:fs'
import { durationMs } from '../config/duration.ts'
import type { Context } from '../context.ts'
import { nextSlot } from '../schedule/slots.ts'
import type { Severity } from '../../model/verdict.ts'
import { inTurn } from '../store/turns.ts'
import { knownNow } from './known.ts'
import { subjectWith, type Subject } from './subject.ts'
import { tell } from './tell.ts'

export interface Condition {
  /** `own/stale/crm`. */
  ref: string
  condition: 'stale' | 'run' | 'disk' | 'queue' | 'schedule' | 'gap'
  /** Platform, check, channel or schedule. */
  what: string
  platform: string | null
  severity: Severity
  detail: string
  at: number | null
  until?: number
}

export interface Scheduled {
  name: string
  cron: string
  timezone: string
}

/** A schedule that is late by more than this is not merely busy. */
const LATE_MS = 10 * 60_000

/** The monitor writes that it is alive this often; a longer pause is a gap. */
const GAP_MS = 15 * 60_000
const ALIVE = 'alert.alive'

export function conditions(ctx: Context, schedules: readonly Scheduled[]): Condition[] {
  return [...stale(ctx), ...runs(ctx), ...disk(ctx), ...queue(ctx), ...late(ctx, schedules)]
}

function stale({ control, clock, config }: Context): Condition[] {
  const now = clock.now()
  const most = durationMs(config.alerts.own.stale)!
  return Object.keys(config.platforms).flatMap((platform): Condition[] => {
    const streams = control.streams().filter((s) => s.platform === platform)
    const ails = (s: (typeof streams)[number]) => s.lastError !== null || s.stopped !== null
    // One that fails and was never read is blind from the beginning; one that was not tried yet is not.
    const never = streams.find((s) => s.lastSuccessAt === null && ails(s))
    const oldest = Math.min(...streams.map((s) => s.lastSuccessAt ?? Infinity))
    if (!never && (!Number.isFinite(oldest) || now - oldest <= most)) return []
    const failing = never ?? streams.find(ails)
    const detail = failing?.stopped?.reason ?? failing?.lastError?.message ?? ''
    return [condition({ condition: 'stale', what: platform, platform, detail, at: never ? null : oldest })]
  })
}

function runs({ control }: Context): Condition[] {
  return control
    .checkStates()
    .flatMap(({ check, lastError }) =>
      lastError === null ? [] : [condition({ condition: 'run', what: check, detail: lastError.message })],
    )
}

function disk({ data, config }: Context): Condition[] {
  if (data === undefined) return []
  const { bavail, blocks, bsize } = statfsSync(data)
  const share = Number(bavail) / Number(blocks)
  if (share >= config.alerts.own.disk) return []
  const free = `${Math.round((Number(bavail) * Number(bsize)) / 1_048_576)} MB (${Math.round(share * 100)} %)`
  return [condition({ ref: 'own/disk', condition: 'disk', what: data, severity: 'critical', detail: free })]
}

function queue({ control, clock, config }: Context): Condition[] {
  const most = durationMs(config.alerts.own.queue)!
  return Object.keys(config.channels).flatMap((channel): Condition[] => {
    const waiting = control
      .outboxCounts()
      .filter((c) => c.channel === channel && ['waiting', 'retry', 'claimed'].includes(c.state))
    const oldest = Math.min(...waiting.map((c) => c.oldest))
    return clock.now() - oldest > most ? [condition({ condition: 'queue', what: channel, at: oldest })] : []
  })
}

function late({ control, clock }: Context, schedules: readonly Scheduled[]): Condition[] {
  const now = clock.now()
  return schedules.flatMap(({ name, cron, timezone }): Condition[] => {
    const last = control.lastSlot(name)
    if (cron === 'manual' || !last) return []
    const due = nextSlot(cron, timezone, last.slotAt)
    return due !== null && now - due > LATE_MS ? [condition({ condition: 'schedule', what: name, at: due })] : []
  })
}

/** Tells beginnings and ends of conditions. `schedules`: those that must have run. */
export function watchOurselves(ctx: Context, schedules: readonly Scheduled[]): Promise<number> {
  return inTurn(ctx.control, 'alert', () =>
    Promise.resolve(
      ctx.control.transaction(() => {
        const now = ctx.clock.now()
        const known = knownNow(ctx)
        const here = conditions(ctx, schedules)
        let told = 0
        const gap = silentFor(ctx, now)
        if (gap) {
          tell(ctx, known, 'own_opened', subjectOf(gap))
          told++
        }
        const open = new Map(here.map((c) => [c.ref, c]))
        for (const holding of here) {
          const before = ctx.control.alertStanding(holding.ref)
          if (before?.['open'] === true) continue
          ctx.control.setAlertStanding(holding.ref, { open: true, since: now, condition: { ...holding } })
          tell(ctx, known, 'own_opened', subjectOf(holding))
          told++
        }
        for (const { subject, standing } of ctx.control.alertStandings('own/')) {
          if (standing['open'] !== true || open.has(subject)) continue
          ctx.control.setAlertStanding(subject, { ...standing, open: false, ended: now })
          tell(ctx, known, 'own_closed', subjectOf(standing['condition'] as Condition))
          told++
        }
        return told
      }),
    ),
  )
}

/** Whether nothing was looked at for longer than any schedule explains. */
function silentFor({ control }: Context, now: number): Condition | null {
  const last = Number(control.get(ALIVE) ?? now)
  // Once a minute is enough to know it.
  if (now - last >= 60_000 || control.get(ALIVE) === null) control.set(ALIVE, String(now))
  if (now - last <= GAP_MS) return null
  return condition({ ref: `own/gap/${last}`, condition: 'gap', what: '', at: last, until: now })
}

function subjectOf(c: Condition): Subject {
  return subjectWith({
    kind: 'own',
    ref: c.ref,
    title: c.what,
    severity: c.severity,
    from: c.platform,
    more: { condition: c.condition, what: c.what, detail: c.detail, at: c.at, until: c.until ?? null },
  })
}

const condition = (of: Pick<Condition, 'condition' | 'what'> & Partial<Condition>): Condition => ({
  ref: of.what === '' ? `own/${of.condition}` : `own/${of.condition}/${of.what}`,
  platform: null,
  severity: 'high',
  detail: '',
  at: null,
  ...of,
})
