/** Deciding: one way for every route to write down what a person decided about an issue, with its end and its reason. */
import { z } from 'zod'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { WAKE_WORDS } from '../wake.ts'
import type { ControlStore, IssueRow } from '../store/control/control.ts'
import type { Caller } from './guard.ts'

/** Nobody snoozes or accepts for ever. */
const SNOOZE_DAYS_MAX = 90
const ACCEPT_DAYS_MAX = 365
const DAY = 86_400_000

const reason = z.string().trim().min(3).max(1000)

export const assignBody = z.strictObject({
  team: z.string().max(100).nullable().optional(),
  person: z.email().nullable().optional(),
})
export const snoozeBody = z.strictObject({
  until: z.string().nullable().describe('Instant; null wakes it.'),
  reason: reason.optional(),
  wake: z
    .strictObject({
      on: z.enum(WAKE_WORDS).describe('change: a value; run: its check; grows: more findings.'),
      findings: z.number().int().min(0).max(1_000_000).optional().describe('With grows: more open than this.'),
    })
    .optional()
    .describe('What ends it before its time.'),
})
export const acceptBody = z.strictObject({ until: z.string().nullable(), reason: reason.optional() })

type Asked = { get(name: 'caller'): Caller }
type What = 'assigned' | 'snoozed' | 'accepted' | 'reopened' | 'commented'
type Change = Parameters<ControlStore['workIssue']>[1]

/** What is to be written for one issue. */
export interface Decision {
  what: What
  change: Change
  /** Further words of the activity. */
  more: Record<string, unknown>
}

export const actorOf = (c: Asked) => c.get('caller').user.email || 'command line'

export function createDecider({ ctx: { control, clock }, live }: Pick<Runtime, 'ctx' | 'live'>) {
  const until = (text: string, daysMax: number): number => {
    const at = Date.parse(text)
    if (Number.isNaN(at) || at <= clock.now() || at > clock.now() + daysMax * DAY)
      throw new PlumblineError('schema', `"${text}" is not an instant within the next ${daysMax} days.`, {
        remedy: 'Every snooze and every acceptance ends; choose an earlier day.',
      })
    return at
  }

  return {
    assigned: ({ team, person }: z.output<typeof assignBody>): Decision => ({
      what: 'assigned',
      change: {
        ...(team !== undefined && { assigneeTeam: team }),
        ...(person !== undefined && { assigneePerson: person }),
      },
      more: {},
    }),
    /** @throws PlumblineError('schema') for an end that is none */
    snoozed: (body: z.output<typeof snoozeBody>): Decision =>
      body.until === null
        ? {
            what: 'reopened',
            change: { snoozedUntil: null, snoozeReason: null, snoozeWakes: null },
            more: { of: 'snooze' },
          }
        : {
            what: 'snoozed',
            change: {
              snoozedUntil: until(body.until, SNOOZE_DAYS_MAX),
              snoozeReason: body.reason ?? null,
              snoozeWakes: null,
            },
            more: {},
          },
    /** @throws PlumblineError('schema') for an end that is none, or without a reason */
    accepted(body: z.output<typeof acceptBody>): Decision {
      if (body.until === null)
        return { what: 'reopened', change: { acceptedUntil: null, acceptReason: null }, more: { of: 'acceptance' } }
      if (!body.reason)
        throw new PlumblineError('schema', 'An acceptance needs a reason.', {
          remedy: 'Say in a sentence why this difference is right.',
        })
      const end = until(body.until, ACCEPT_DAYS_MAX)
      // The end is part of what is remembered: what was written off, and until when, is asked years later.
      return { what: 'accepted', change: { acceptedUntil: end, acceptReason: body.reason }, more: { until: iso(end) } }
    },
    write(c: Asked, number: number, { what, change, more }: Decision): IssueRow {
      const row = control.workIssue(number, change, { at: clock.now(), actor: actorOf(c), what, detail: more })
      live.publish({ type: 'issue', at: iso(clock.now()), number })
      return row
    },
  }
}
