/** Views of alerts: what the Alerts screen and the command line show. */
import { z } from 'zod'
import { OUTBOX_KINDS, OUTBOX_STATES } from '../../model/message.ts'
import { CATEGORIES, CAUSES, SEVERITIES } from '../../model/verdict.ts'
import type { Decision } from '../alert/decide.ts'
import { recipientWords, routeWords } from '../alert/words-of-rules.ts'
import { endOfHours } from '../alert/hours.ts'
import { TRIGGERS } from '../config/alerts-schema.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import type { AlertNotice, AlertSilence } from '../store/control/alert-rows.ts'
import type { Delivery, OutboxRow } from '../store/control/outbox-rows.ts'
import { matchWords } from '../alert/match.ts'
import type { Match } from '../config/alerts-schema.ts'

const instant = z.string().describe('ISO 8601, UTC.')

export const triggerSchema = z.enum(TRIGGERS)

export const trialBody = z.union([
  z.strictObject({ issue: z.string().describe('I-<number>'), news: triggerSchema.optional() }),
  z.strictObject({
    news: triggerSchema.optional(),
    at: z.iso.datetime({ offset: true }).optional().describe('As if it were then.'),
    about: z.strictObject({
      check: z.string().optional(),
      category: z.enum(CATEGORIES).optional(),
      cause: z.enum(CAUSES).optional(),
      kind: z.string().optional(),
      field: z.string().optional(),
      from: z.string().optional(),
      to: z.array(z.string()).optional(),
      severity: z.enum(SEVERITIES).optional(),
      money: z
        .string()
        .regex(/^\d+(\.\d+)?$/)
        .optional(),
      legal_entities: z.array(z.string()).optional(),
      team: z.string().optional(),
      environments: z.array(z.string()).optional(),
    }),
  }),
])

const decisionSchema = z.object({
  route: z.string(),
  recipient: z.string().describe('Empty where nobody is to be told.'),
  title: z.string(),
  channel: z.string(),
  state: z.enum(['queued', 'held', 'none']),
  reason: z.string(),
  not_before: instant,
})

export const trialSchema = z.object({
  decisions: z.array(decisionSchema),
  routes: z.array(z.object({ name: z.string(), takes: z.boolean(), asked: z.boolean(), why: z.string() })),
})

export const noticeSchema = z.object({
  route: z.string(),
  recipient: z.string(),
  channel: z.string(),
  state: z.enum(['queued', 'held', 'sent', 'dropped', 'none']),
  reason: z.string(),
  due_at: instant,
  sent_at: instant.nullable(),
  message: z.string().nullable().describe('Id in the delivery log.'),
})

export const toldSchema = z.object({
  events: z.array(z.object({ news: z.string(), at: instant, notices: z.array(noticeSchema) })),
  acknowledged: z.object({ by: z.string(), at: instant, note: z.string() }).nullable(),
  tickets: z.array(
    z.object({ channel: z.string(), ticket: z.string(), url: z.string(), state: z.string(), read_at: instant }),
  ),
})

export const silenceSchema = z.object({
  id: z.number().int(),
  match: z.record(z.string(), z.unknown()),
  words: z.string(),
  created_at: instant,
  ends_at: instant,
  author: z.string(),
  reason: z.string(),
  end_on_resolve: z.boolean(),
  ended_at: instant.nullable(),
  ended_by: z.string().nullable(),
  active: z.boolean(),
})

export const overviewSchema = z.object({
  routes: z.array(z.object({ name: z.string(), enabled: z.boolean(), words: z.string(), tell: z.array(z.string()) })),
  recipients: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      kind: z.enum(['team', 'person']),
      channel: z.string(),
      timezone: z.string(),
      language: z.string(),
      quiet: z.string().nullable(),
      quiet_until: instant.nullable().describe('Set while quiet hours hold.'),
      on_call: z.string().nullable(),
      digest: z.string().nullable(),
    }),
  ),
  channels: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      last_success_at: instant.nullable(),
      failing_since: instant.nullable(),
      last_answer: z.string().nullable(),
      disabled: z.string().nullable().describe('Why it was switched off.'),
      waiting: z.number().int(),
      dead: z.number().int(),
    }),
  ),
  own: z.array(z.object({ ref: z.string(), condition: z.string(), what: z.string(), since: instant })),
  held: z.number().int().describe('News that waits for a silence, a snooze or a dead connector to end.'),
  acknowledged: z.array(z.string()),
})

export const messageSchema = z.object({
  id: z.string(),
  kind: z.enum(OUTBOX_KINDS),
  refs: z.array(z.string()),
  channel: z.string(),
  recipient: z.string(),
  title: z.string(),
  state: z.enum(OUTBOX_STATES),
  attempts: z.number().int(),
  created_at: instant,
  next_at: instant.nullable(),
  finished_at: instant.nullable(),
  answer: z.string().nullable(),
})

export const attemptSchema = z.object({
  at: instant,
  attempt: z.number().int(),
  outcome: z.enum(['sent', 'retry', 'dead']),
  status: z.number().int().nullable(),
  answer: z.string(),
  ms: z.number().int(),
  next_at: instant.nullable(),
})

const at = (ms: number | null) => (ms === null ? null : iso(ms))
const titleOf = (ctx: Context, name: string) => ctx.config.recipients[name]?.title ?? name

export function decisionView(d: Decision, ctx: Context): z.output<typeof decisionSchema> {
  const { route, recipient, channel, state, reason } = d
  return { route, recipient, title: titleOf(ctx, recipient), channel, state, reason, not_before: iso(d.notBefore) }
}

export function noticeView(n: AlertNotice): z.output<typeof noticeSchema> {
  const { route, recipient, channel, state, reason } = n
  return { route, recipient, channel, state, reason, due_at: iso(n.dueAt), sent_at: at(n.sentAt), message: n.outboxId }
}

export function silenceView(s: AlertSilence, now: number): z.output<typeof silenceSchema> {
  return {
    id: s.id,
    match: s.match,
    words: matchWords(s.match as Match).join(' and ') || 'everything',
    created_at: iso(s.createdAt),
    ends_at: iso(s.endsAt),
    author: s.author,
    reason: s.reason,
    end_on_resolve: s.endOnResolve,
    ended_at: at(s.endedAt),
    ended_by: s.endedBy,
    active: s.endedAt === null && s.endsAt > now,
  }
}

export function messageView(r: OutboxRow): z.output<typeof messageSchema> {
  const { id, kind, refs, channel, recipient, state, attempts, answer } = r
  return {
    ...{ id, kind, refs, channel, recipient, state, attempts, answer },
    title: r.message.title,
    created_at: iso(r.createdAt),
    next_at: state === 'waiting' || state === 'retry' ? iso(r.nextAt) : null,
    finished_at: at(r.finishedAt),
  }
}

export function attemptView(d: Delivery): z.output<typeof attemptSchema> {
  const { attempt, outcome, status, answer, ms } = d
  return { at: iso(d.at), attempt, outcome, status, answer, ms, next_at: at(d.nextAt) }
}

export function overviewOf(ctx: Context): z.output<typeof overviewSchema> {
  const { config, control, clock } = ctx
  const states = new Map(control.channelStates().map((s) => [s.channel, s]))
  const counts = control.outboxCounts()
  const count = (channel: string, wanted: readonly string[]) =>
    counts.filter((c) => c.channel === channel && wanted.includes(c.state)).reduce((n, c) => n + c.n, 0)
  return {
    routes: config.alerts.routes.map((r) => ({ name: r.name, enabled: r.enabled, words: routeWords(r), tell: r.tell })),
    recipients: Object.entries(config.recipients).map(([name, r]) => {
      const words = recipientWords(r)
      return {
        name,
        title: r.title ?? name,
        kind: r.kind,
        channel: r.channel,
        timezone: r.timezone,
        language: r.language,
        quiet: words.quiet,
        quiet_until: at(endOfHours(r.quiet, r.timezone, clock.now())),
        on_call: words.onCall,
        digest: words.digest,
      }
    }),
    channels: Object.entries(config.channels).map(([name, c]) => {
      const s = states.get(name)
      return {
        name,
        kind: c.kind,
        last_success_at: at(s?.lastSuccessAt ?? null),
        failing_since: at(s?.failingSince ?? null),
        last_answer: s?.lastAnswer ?? null,
        disabled: s?.disabledAt == null ? null : (s.disabledReason ?? ''),
        waiting: count(name, ['waiting', 'retry', 'claimed']),
        dead: count(name, ['dead']),
      }
    }),
    own: control.alertStandings('own/').flatMap(({ subject, standing }) => {
      const condition = standing['condition'] as { condition: string; what: string } | undefined
      return standing['open'] === true && condition
        ? [
            {
              ref: subject,
              condition: condition.condition,
              what: condition.what,
              since: iso(Number(standing['since'])),
            },
          ]
        : []
    }),
    held: control.alertNotices({ states: ['held'], limit: 10_000 }).length,
    acknowledged: control.acknowledgements().map((a) => a.subject),
  }
}
