/** Exceptions as the API shows them. */
import { z } from 'zod'
import { iso } from '../clock.ts'
import { EXCEPTION_CLASSES } from '../config/remedy-schema.ts'
import { masked } from '../remedy/exceptions/payload.ts'
import { recoverable } from '../remedy/exceptions/recoverable.ts'
import type { Reach } from '../remedy/reach.ts'
import type { ExceptionGroup, ExceptionRow } from '../store/control/exceptions.ts'

const instant = z.string().describe('ISO 8601, UTC.')
export const STATES = ['open', 'retrying', 'replaying', 'resolved'] as const
export const SOURCES = ['quarantine', 'delivery', 'dead_letter', 'transformation', 'flow', 'probe'] as const
export const PRIORITIES = ['low', 'medium', 'high', 'critical'] as const

export const exceptionSchema = z
  .object({
    id: z.number().int(),
    source: z.enum(SOURCES),
    class: z.enum(EXCEPTION_CLASSES),
    business: z.boolean().describe('Needs somebody who knows the business, rather than the wires.'),
    fingerprint: z.string().describe('The same trouble has the same.'),
    state: z.enum(STATES),
    priority: z.enum(PRIORITIES),
    platform: z.string().nullable(),
    target: z.string().nullable().describe('Where it did not arrive.'),
    kind: z.string().nullable(),
    record_id: z.string().nullable(),
    entity_id: z.string().nullable(),
    event_id: z.string().nullable(),
    correlation_id: z.string().nullable(),
    event_at: instant.nullable(),
    reason: z.string(),
    payload: z.unknown().describe('Without secrets and personal values.'),
    exchange: z.unknown().describe('Request and answer, without secrets.'),
    money: z.string().nullable(),
    currency: z.string().nullable(),
    owner_team: z.string().nullable(),
    owner_person: z.string().nullable(),
    attempts: z.number().int(),
    next_at: instant.nullable().describe('When it is tried again by itself; null: a person’s turn.'),
    first_at: instant,
    last_at: instant,
    replay_until: instant
      .nullable()
      .describe('Until then its source can send the event again; null: not at all, or not known.'),
    way: z.enum(['replay', 'repair']).describe('Send the event again, or write what the owner holds.'),
    closing: z.boolean().describe('The source forgets the event soon.'),
    resolved_at: instant.nullable(),
    resolved_by: z.string().nullable(),
    evidence: z.string().nullable(),
    via: z.string().nullable().describe('Platform that reported it, often the middleware.'),
    can_run_again: z.boolean().describe('The middleware can be asked to run the same again.'),
  })
  .meta({ id: 'Exception' })

export const groupSchema = z
  .object({
    fingerprint: z.string(),
    class: z.enum(EXCEPTION_CLASSES),
    business: z.boolean(),
    platform: z.string().nullable(),
    target: z.string().nullable(),
    kind: z.string().nullable(),
    reason: z.string(),
    waiting: z.number().int(),
    retrying: z.number().int(),
    first_at: instant,
    last_at: instant,
    next_at: instant.nullable(),
    replay_until: instant.nullable(),
    owner_team: z.string().nullable(),
  })
  .meta({ id: 'ExceptionGroup' })

const at = (ms: number | null) => (ms === null ? null : iso(ms))
/** Values of personal fields are nobody's business in a queue. */
const parsed = (text: string | null): unknown => (text === null ? null : masked(JSON.parse(text)))

export function exceptionView(e: ExceptionRow, reach: Reach, now: number): z.output<typeof exceptionSchema> {
  const { way, closing } = recoverable(e.eventAt, e.platform === null ? null : reach.replayDays(e.platform), now)
  return {
    ...{
      id: e.id,
      source: e.source,
      class: e.class as z.output<typeof exceptionSchema>['class'],
      business: e.business,
    },
    ...{
      fingerprint: e.fingerprint,
      state: e.state,
      priority: e.priority,
      platform: e.platform,
      target: e.target,
      kind: e.kind,
    },
    ...{ record_id: e.recordId, entity_id: e.entityId, event_id: e.eventId, correlation_id: e.correlationId },
    ...{ event_at: at(e.eventAt), reason: e.reason, payload: parsed(e.payload), exchange: parsed(e.exchange) },
    ...{
      money: e.money,
      currency: e.currency,
      owner_team: e.ownerTeam,
      owner_person: e.ownerPerson,
      attempts: e.attempts,
    },
    ...{
      next_at: at(e.nextAt),
      first_at: iso(e.firstAt),
      last_at: iso(e.lastAt),
      replay_until: at(e.replayUntil),
      way,
      closing,
    },
    ...{ resolved_at: at(e.resolvedAt), resolved_by: e.resolvedBy, evidence: e.evidence },
    ...{
      via: e.via,
      can_run_again:
        e.via !== null && e.run !== null && e.kind !== null && reach.action(e.via, 'redeliver', e.kind) !== null,
    },
  }
}

export function groupView(g: ExceptionGroup): z.output<typeof groupSchema> {
  return {
    ...{ fingerprint: g.fingerprint, class: g.class as z.output<typeof groupSchema>['class'], business: g.business },
    ...{ platform: g.platform, target: g.target, kind: g.kind, reason: g.reason, waiting: g.n, retrying: g.retrying },
    ...{ first_at: iso(g.firstAt), last_at: iso(g.lastAt), next_at: at(g.nextAt), replay_until: at(g.replayUntil) },
    owner_team: g.ownerTeam,
  }
}
