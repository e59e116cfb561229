/**
 * The courier: takes what is due from the outbox, channel by channel, and brings it. claim with fence → send under an
 * id that never changes → mark. A crash in between costs at most one repetition with the same id, never a message.
 */
import { randomUUID } from 'node:crypto'
import { crashpoint } from '../crashpoint.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import { createPoster } from '../http/post.ts'
import { originOf } from '../origin.ts'
import type { Delivery, OutboxRow } from '../store/control/outbox-rows.ts'
import type { Attempt, Door } from './door.ts'
import { openDoor } from './kinds.ts'
import { failed, gone, succeeded } from './health.ts'
import { pauseAfter } from './schedule.ts'
import { unsubscribeLink } from './unsubscribe.ts'

/** What one channel claims at a time. They are sent one after the other: a crash can repeat what is under way, so that is one. */
const CLAIM = 20

/** Longer than the slowest exchange: what is not marked by then belongs to a process that is gone. */
export const LEASE_MS = 5 * 60_000

export interface Drained {
  sent: number
  retry: number
  dead: number
}

export interface Courier {
  /** Brings everything that is due on one channel. */
  drain(channel: string): Promise<Drained>
  drainAll(): Promise<Drained>
  /** Reads back the tickets of a channel that are still open in its own words. */
  readTickets(channel: string): Promise<number>
  close(): void
}

export interface CourierOptions {
  /** Address of the dashboard; default: the configured public one, else the local one. */
  origin?: string
  /** 0 ≤ x < 1: jitter. Seeded in tests. */
  random?: () => number
}

export function createCourier(ctx: Context, options: CourierOptions = {}): Courier {
  const { control, clock, config } = ctx
  const random = options.random ?? Math.random
  const origin = options.origin ?? originOf(config)
  const holder = randomUUID()
  const doors = new Map<string, Door>()
  const closing: (() => void)[] = []

  const doorOf = (name: string): Door => {
    const known = doors.get(name)
    if (known) return known
    const channel = config.channels[name]
    if (!channel)
      throw new PlumblineError('not_found', `There is no channel "${name}".`, {
        remedy: `Configured: ${Object.keys(config.channels).join(', ') || 'none'}.`,
      })
    const poster = createPoster(clock, 'allow_private_network' in channel && channel.allow_private_network)
    const door = openDoor(channel, {
      channel: name,
      clock,
      control,
      poster,
      origin,
      data: ctx.data ?? null,
      signal: ctx.signal,
      unsubscribeLink: (list, address) => unsubscribeLink(control, config.server.public_url, list, address),
    })
    closing.push(() => (door.close(), poster.close()))
    doors.set(name, door)
    return door
  }

  async function attempt(row: OutboxRow): Promise<Attempt & { ms: number }> {
    const began = clock.now()
    crashpoint('deliver-claimed')
    const off = control.channelStates().find((s) => s.channel === row.channel && s.disabledAt !== null)
    const result: Attempt = off
      ? { outcome: 'never', status: null, answer: `the channel is switched off: ${off.disabledReason ?? ''}` }
      : await doorOf(row.channel)
          .send(row)
          .catch((thrown: Error): Attempt => ({ outcome: 'later', status: null, answer: thrown.message.slice(0, 300) }))
    crashpoint('deliver-sent')
    return { ...result, ms: clock.now() - began }
  }

  function mark(row: OutboxRow, a: Attempt & { ms: number }): Delivery['outcome'] {
    const now = clock.now()
    const pause = a.outcome === 'later' ? pauseAfter(row.attempts + 1, a, random()) : null
    const outcome = a.outcome === 'sent' ? 'sent' : pause === null ? 'dead' : 'retry'
    const nextAt = pause === null ? null : now + pause
    control.finishOutbox(row, { at: now, outcome, status: a.status, answer: a.answer, ms: a.ms, nextAt }, () => {
      if (outcome === 'sent') succeeded(ctx, row.channel, a.answer)
      else if (a.gone) gone(ctx, row.channel, a.answer)
      else failed(ctx, row.channel, a.answer)
      if (outcome === 'dead') passOn(row, now)
      crashpoint('deliver-marking')
    })
    crashpoint('deliver-marked')
    return outcome
  }

  /** What a channel refuses for good goes over the one that stands in for it. */
  function passOn(row: OutboxRow, now: number): void {
    const other = config.channels[row.channel]?.fallback
    if (other === undefined || !config.channels[other] || row.dedupe.includes('>instead>')) return
    control.addOutbox([
      {
        dedupe: `${row.dedupe}>instead>${other}`,
        kind: row.kind,
        refs: row.refs,
        channel: other,
        recipient: row.recipient,
        address: row.address,
        message: row.message,
        createdAt: now,
      },
    ])
  }

  async function drain(channel: string): Promise<Drained> {
    const total: Drained = { sent: 0, retry: 0, dead: 0 }
    for (;;) {
      ctx.signal.throwIfAborted()
      const now = clock.now()
      const rows = control.claimOutbox({ channel, holder, now, until: now + LEASE_MS, limit: CLAIM })
      if (rows.length === 0) return total
      for (const row of rows) total[mark(row, await attempt(row))]++
    }
  }

  return {
    drain,
    async drainAll() {
      const each = await Promise.all(Object.keys(config.channels).map(drain))
      return each.reduce((a, b) => ({ sent: a.sent + b.sent, retry: a.retry + b.retry, dead: a.dead + b.dead }), {
        sent: 0,
        retry: 0,
        dead: 0,
      })
    },
    async readTickets(channel) {
      const door = doorOf(channel)
      if (!door.readBack) return 0
      const tickets = control.tickets().filter((t) => t.channel === channel)
      for (const ticket of tickets) await door.readBack(ticket)
      return tickets.length
    },
    close() {
      for (const close of closing) close()
    },
  }
}
