/**
 * Webhooks by the Standard Webhooks specification 1.0.0: signed with every configured key, one id for all attempts,
 * success is 2xx alone, 410 switches the channel off. https://github.com/standard-webhooks/standard-webhooks
 */
import { createHmac } from 'node:crypto'
import type { ChannelOf } from '../../config/channels-schema.ts'
import { durationMs } from '../../config/duration.ts'
import { iso } from '../../clock.ts'
import type { OutboxRow } from '../../store/control/outbox-rows.ts'
import type { Door, DoorContext } from '../door.ts'
import { exchange, JSON_HEADERS } from './exchange.ts'

/** The specification's upper bound. */
const BODY_BYTES_MAX = 20_000

export function openWebhook(config: ChannelOf<'webhook'>, ctx: DoorContext): Door {
  return {
    async send(row) {
      const body = payload(row)
      const at = Math.floor(ctx.clock.now() / 1000)
      const { attempt } = await exchange(
        ctx,
        {
          url: config.url,
          body,
          timeoutMs: durationMs(config.timeout)!,
          headers: {
            ...JSON_HEADERS,
            'webhook-id': row.id,
            'webhook-timestamp': String(at),
            'webhook-signature': signatures(
              config.secrets.map((s) => s.reveal()),
              row.id,
              at,
              body,
            ),
          },
        },
        true,
      )
      return attempt
    },
    close: () => {},
  }
}

/** `v1,…` for each key, separated by spaces. */
export function signatures(secrets: readonly string[], id: string, at: number, body: string): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
      return `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`
    })
    .join(' ')
}

/** The message as JSON, within the size that receivers must take: rows go first, then paragraphs. */
export function payload(row: Pick<OutboxRow, 'message' | 'createdAt' | 'refs'>): string {
  const { message: m } = row
  const make = (rows: typeof m.rows, lines: string[]) =>
    JSON.stringify({
      type: m.event,
      timestamp: iso(row.createdAt),
      data: {
        ...m.data,
        refs: row.refs,
        severity: m.severity,
        state: m.state,
        thread: m.thread,
        title: m.title,
        lines,
        facts: m.facts,
        rows,
        more: m.more,
        links: m.links,
        why: m.why,
      },
    })
  for (let rows = m.rows; ; rows = rows.slice(0, -1)) {
    const body = make(rows, m.lines)
    if (Buffer.byteLength(body) <= BODY_BYTES_MAX) return body
    if (rows.length === 0) return make([], [])
  }
}
