/**
 * Flushing: groups whose time has come become messages in the outbox. The message and the end of its notices are one
 * transaction; its `dedupe` names issue, transition, recipient and channel, so that no crash makes two of it.
 */
import { createHash } from 'node:crypto'
import { crashpoint } from '../crashpoint.ts'
import type { Context } from '../context.ts'
import { durationMs } from '../config/duration.ts'
import { originOf } from '../origin.ts'
import type { AlertEvent, AlertNotice } from '../store/control/alert-rows.ts'
import type { NewOutboxRow } from '../store/control/outbox-rows.ts'
import { inTurn } from '../store/turns.ts'
import { titlesIn } from '../titles.ts'
import { gather } from './gather.ts'
import { toldOf } from './known.ts'
import { scrubbed } from './mask.ts'
import { isDecision } from './notice.ts'
import type { News, Subject } from './subject.ts'
import { penOf } from './words/words.ts'
import { write, type Item, type Letter } from './write.ts'

const MOST = 10_000

/** Kinds that keep one incident for each thread: there, issues are never told together, unless it is a storm. */
const INCIDENTS = new Set(['pagerduty', 'opsgenie', 'servicenow', 'jira', 'zendesk'])
const TICKETS = new Set(['servicenow', 'jira', 'zendesk'])

interface Member {
  notice: AlertNotice
  event: AlertEvent
}

/** How many messages went into the outbox. */
export function flush(ctx: Context): Promise<number> {
  return inTurn(ctx.control, 'alert', async () => {
    const { control, clock } = ctx
    const due = control.alertNotices({ states: ['queued'], dueBy: clock.now(), limit: MOST })
    const groups = new Map<string, Member[]>()
    for (const notice of due.reverse()) {
      const key = `${notice.recipient}\n${notice.channel}\n${notice.groupKey}`
      const group = groups.get(key) ?? groups.set(key, []).get(key)!
      group.push({ notice, event: control.alertEvent(notice.eventId)! })
    }
    let sent = 0
    for (const members of groups.values()) sent += await flushGroup(ctx, members)
    return sent
  })
}

async function flushGroup(ctx: Context, members: readonly Member[]): Promise<number> {
  const { newest, passed } = coalesced(ctx, members)
  const kind = ctx.config.channels[members[0]!.notice.channel]?.kind
  const opening = newest.filter((m) => m.event.trigger === 'new').length
  const apart = kind !== undefined && INCIDENTS.has(kind) && opening <= ctx.config.alerts.group.storm
  const letters = apart ? newest.map((m) => [m]) : newest.length ? [newest] : []
  const rows: { row: NewOutboxRow; of: Member[] }[] = []
  for (const of of letters) rows.push({ row: await rowOf(ctx, of), of })
  crashpoint('alert-written')
  ctx.control.transaction(() => {
    const now = ctx.clock.now()
    for (const { row, of } of rows) {
      ctx.control.addOutbox([row])
      const outboxId = ctx.control.outboxByDedupe(row.dedupe)!.id
      const subjects = new Set(of.map((m) => m.notice.subject))
      const ids = members.filter((m) => subjects.has(m.notice.subject)).map((m) => m.notice.id)
      ctx.control.changeAlertNotices(ids, { state: 'sent', sentAt: now, outboxId }, ['queued'])
    }
    if (passed.length)
      ctx.control.changeAlertNotices(
        passed.map((m) => m.notice.id),
        { state: 'dropped', reason: 'it was over before it was told' },
        ['queued'],
      )
    crashpoint('alert-flushing')
  })
  crashpoint('alert-flushed')
  return rows.length
}

/** Of each subject only the newest news counts; what came and went unseen is told to nobody. */
function coalesced(ctx: Context, members: readonly Member[]): { newest: Member[]; passed: Member[] } {
  const bySubject = new Map<string, Member[]>()
  for (const m of members) bySubject.set(m.notice.subject, [...(bySubject.get(m.notice.subject) ?? []), m])
  const newest: Member[] = []
  const passed: Member[] = []
  for (const [subject, all] of bySubject) {
    const last = all.reduce((a, b) => (b.event.id > a.event.id ? b : a))
    const over = last.event.trigger === 'resolved' || last.event.trigger === 'own_closed'
    const knew = () =>
      toldOf(ctx, subject, last.event.id).some((n) => n.state === 'sent' && n.recipient === last.notice.recipient)
    if (over && !knew()) passed.push(...all)
    else if (!over && gone(ctx, subject, last)) passed.push(...all)
    else newest.push(last)
  }
  return { newest, passed }
}

/** Over since, with the end told in another group. */
function gone(ctx: Context, subject: string, last: Member): boolean {
  const [latest] = ctx.control.alertEvents({ subject, limit: 1 })
  return (
    latest !== undefined &&
    latest.id > last.event.id &&
    (latest.trigger === 'resolved' || latest.trigger === 'own_closed')
  )
}

async function rowOf(ctx: Context, members: readonly Member[]): Promise<NewOutboxRow> {
  const [{ notice }] = members as [Member]
  const { config } = ctx
  const recipient = config.recipients[notice.recipient]!
  const route = config.alerts.routes.find((r) => r.name === notice.route)
  const pen = penOf(recipient.language, recipient.timezone, recipient.region)
  const origin = originOf(config)
  const titles = titlesIn(recipient.language, ctx)
  const names = route?.customer_names ?? true
  const items: Item[] = []
  for (const { event } of members) {
    const about = event.about as unknown as Subject
    const rows = members.length === 1 ? await gather(ctx, about, { pen, origin, names }) : []
    const called = titles.issue({ ...about, kind: about.recordKind })
    const title = scrubbed(called, config.alerts.masked, pen.words.hidden)
    items.push({
      news: event.trigger as News,
      transition: event.transition,
      at: event.at,
      about: { ...about, title },
      rows,
      ended: event.trigger === 'resolved' ? endedWith(ctx, event) : undefined,
    })
  }
  const step = route?.escalate[notice.step - 1]
  const letter: Letter = {
    pen,
    origin,
    now: ctx.clock.now(),
    route: notice.route,
    together: /^(digest|quiet)\|/.test(notice.groupKey) ? 'digest' : 'cause',
    storm: config.alerts.group.storm,
    thread: members.length === 1 ? threadOf(ctx, members[0]!) : null,
    unacknowledgedFor: step ? durationMs(step.after) : null,
    title: (platform) => ctx.landscape.platforms.find((p) => p.name === platform)?.title ?? platform,
    fieldTitle: titles.field,
  }
  const what = members.map((m) => `${m.notice.subject}#${m.event.transition}`).sort()
  const hash = createHash('sha256').update(what.join('\n')).digest('hex').slice(0, 24)
  const kind =
    (items[0]!.about.kind === 'own' && 'own') ||
    (TICKETS.has(config.channels[notice.channel]?.kind ?? '') && 'ticket') ||
    'alert'
  return {
    dedupe: `alert/${notice.recipient}/${notice.channel}/${notice.step}/${hash}`,
    kind,
    refs: [...new Set(members.map((m) => m.notice.subject))],
    channel: notice.channel,
    recipient: notice.recipient,
    address: recipient.address ?? '',
    message: write(items, letter),
    createdAt: ctx.clock.now(),
  }
}

/** What the issue came to before it was over. */
function endedWith({ control }: Context, { subject, id, at }: AlertEvent): Item['ended'] {
  const before = control.alertEvents({ subject, limit: 50 }).find((e) => e.id < id && e.trigger !== 'resolved')
  if (!before) return undefined
  const { amounts, since } = before.about as unknown as Subject
  const from = since === null ? 0 : Date.parse(since)
  const decided = control
    .activity(Number(subject.slice(2)), 50)
    .some((a) => a.at >= from && a.at <= at && isDecision(a))
  return { amounts, decided }
}

/** What follows goes into the thread in which the recipient first heard of it. */
function threadOf(ctx: Context, { notice, event }: Member): string | null {
  if (INCIDENTS.has(ctx.config.channels[notice.channel]?.kind ?? '')) return null
  const first = toldOf(ctx, notice.subject, event.id).find(
    (n) => n.outboxId !== null && n.recipient === notice.recipient && n.channel === notice.channel,
  )
  return first?.outboxId ? (ctx.control.outboxRow(first.outboxId)?.message.thread ?? null) : null
}
