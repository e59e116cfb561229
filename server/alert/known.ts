/** What is known when it is decided who is told: configuration, silences, dead connectors, who was told before. */
import type { Context } from '../context.ts'
import type { AlertNotice } from '../store/control/alert-rows.ts'
import { decide, type Decision, type Known } from './decide.ts'
import type { News, Subject } from './subject.ts'

export type KnownHere = Omit<Known, 'told'>

/** Everything but who was told, which differs for each subject. */
export function knownNow(ctx: Context, now = ctx.clock.now()): KnownHere {
  const { config, control, landscape } = ctx
  const roles = new Map(landscape.platforms.map((p) => [p.name, p.role]))
  const stale = new Map<string, number>()
  for (const { subject, standing } of control.alertStandings('own/stale/'))
    if (standing['open'] === true) stale.set(subject.slice('own/stale/'.length), Number(standing['since']))
  return {
    now,
    alerts: config.alerts,
    recipients: config.recipients,
    channels: config.channels,
    silences: control.silences(now),
    stale,
    roleOf: (platform) => roles.get(platform) ?? null,
    unsubscribed: new Set(control.unsubscribed().map((u) => `${u.list}\n${u.address}`.toLowerCase())),
  }
}

const OVER = new Set(['resolved', 'own_closed'])

/** Notices of a subject since it was last over, oldest first, without that of the event `before` which this is about. */
export function toldOf(ctx: Pick<Context, 'control'>, subject: string, before = Infinity): AlertNotice[] {
  const events = ctx.control.alertEvents({ subject, limit: 200 }).filter((e) => e.id < before)
  const over = events.find((e) => OVER.has(e.trigger))?.id ?? 0
  return ctx.control
    .alertNotices({ subject, states: ['sent', 'queued'], limit: 500 })
    .filter((n) => n.eventId > over && n.eventId < before)
    .reverse()
}

export function decideFor(ctx: Context, known: KnownHere, news: News, about: Subject, before = Infinity): Decision[] {
  const told = OVER.has(news) ? toldOf(ctx, about.ref, before) : []
  return decide(news, about, { ...known, told })
}
