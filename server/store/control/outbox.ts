/** The outbox in the control store: messages that wait, who holds which, and every attempt. */
import { createHash } from 'node:crypto'
import { ATTACHMENT_BYTES_MAX } from '../../../model/message.ts'
import type { OutboxState } from '../../../model/message.ts'
import { PlumblineError } from '../../errors.ts'
import type { Channels } from './channels.ts'
import type { Database, Value } from './database.ts'
import type { Delivery, OutboxFilter, OutboxRow, OutboxStore } from './outbox-rows.ts'

type Outbox = Omit<OutboxStore, keyof Channels>

interface Row {
  id: string
  dedupe: string
  kind: OutboxRow['kind']
  refs: string
  channel: string
  recipient: string
  address: string
  message: string
  state: OutboxState
  attempts: number
  created_at: number
  next_at: number
  fence: number
  answer: string | null
  finished_at: number | null
}

const STATE_AFTER: Record<Delivery['outcome'], OutboxState> = { sent: 'sent', retry: 'retry', dead: 'dead' }

export function outbox(db: Database): Outbox {
  const one = (sql: string, value: string): OutboxRow | null => {
    const row = db.get<Row>(sql, value)
    return row && read(row)
  }
  return {
    addOutbox: (rows) =>
      db.transaction(() =>
        rows.reduce((added, row) => {
          const values = [row.kind, JSON.stringify(row.refs), row.channel, row.recipient, row.address]
          return (
            added +
            db.run(
              `insert into outbox (id, dedupe, kind, refs, channel, recipient, address, message, created_at, next_at)
               values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (dedupe) do nothing`,
              idOf(row.dedupe),
              row.dedupe,
              ...values,
              // A name may hold a zero byte; the store may not.
              JSON.stringify(row.message),
              row.createdAt,
              row.notBefore ?? row.createdAt,
            )
          )
        }, 0),
      ),
    claimOutbox: ({ channel, holder, now, until, limit }) =>
      db
        .all<Row>(
          `update outbox set state = 'claimed', claimed_by = ?2, lease_until = ?4, fence = fence + 1
           where id in (
             select id from outbox where channel = ?1 and
               ((state in ('waiting', 'retry') and next_at <= ?3) or (state = 'claimed' and lease_until <= ?3))
             order by next_at, id limit ?5)
           returning *`,
          channel,
          holder,
          now,
          until,
          limit,
        )
        .map(read)
        .sort((a, b) => a.nextAt - b.nextAt || (a.id < b.id ? -1 : 1)),
    finishOutbox: ({ id, fence }, attempt, then) =>
      db.transaction(() => {
        const over = attempt.outcome !== 'retry'
        const changed = db.get<{ attempts: number }>(
          `update outbox set state = ?, attempts = attempts + 1, next_at = coalesce(?, next_at), answer = ?,
             finished_at = ?, claimed_by = null, lease_until = null
           where id = ? and fence = ? and state = 'claimed' returning attempts`,
          STATE_AFTER[attempt.outcome],
          attempt.nextAt,
          attempt.answer,
          over ? attempt.at : null,
          id,
          fence,
        )
        if (!changed) return false
        db.run(
          `insert into deliveries (outbox_id, at, attempt, outcome, status, answer, ms, next_at) values (?, ?, ?, ?, ?, ?, ?, ?)`,
          id,
          attempt.at,
          changed.attempts,
          attempt.outcome,
          attempt.status,
          attempt.answer,
          attempt.ms,
          attempt.nextAt,
        )
        then?.()
        return true
      }),
    cancelOutbox: (ids, now, reason) =>
      db.run(
        `update outbox set state = 'cancelled', finished_at = ?2, answer = ?3
         where state in ('waiting', 'retry') and id in (select value from json_each(?1))`,
        JSON.stringify(ids),
        now,
        reason,
      ),
    redeliver({ ids, channel, since }, now) {
      if (ids === undefined && since === undefined) return 0
      const conditions: [string, Value | undefined][] = [
        ['id in (select value from json_each(?))', ids && JSON.stringify(ids)],
        ['channel = ?', channel],
        [`created_at >= ? and state in ('dead', 'cancelled')`, since],
      ]
      const given = conditions.filter((c): c is [string, Value] => c[1] !== undefined)
      return db.run(
        `update outbox set state = 'waiting', attempts = 0, next_at = ?, finished_at = null
         where state <> 'claimed' and json_extract(message, '$.removed') is null and ${given.map(([condition]) => condition).join(' and ')}`,
        now,
        ...given.map(([, value]) => value),
      )
    },
    outboxRow: (id) => one('select * from outbox where id = ?', id),
    outboxByDedupe: (dedupe) => one('select * from outbox where dedupe = ?', dedupe),
    outbox(filter) {
      const { sql, values } = selection(filter)
      return db
        .all<Row>(`select * from outbox ${sql} order by created_at desc, id desc limit ?`, ...values, filter.limit)
        .map(read)
    },
    outboxCounts: () =>
      db.all(
        `select channel, state, count(*) as n, min(created_at) as oldest from outbox group by channel, state order by channel, state`,
      ),
    deliveriesOf: (id) =>
      db.all(
        `select outbox_id as outboxId, at, attempt, outcome, status, answer, ms, next_at as nextAt
         from deliveries where outbox_id = ? order by id`,
        id,
      ),
    keepAttachment(bytes, now) {
      if (bytes.byteLength > ATTACHMENT_BYTES_MAX)
        throw new PlumblineError(
          'full',
          `An attachment of ${Math.ceil(bytes.byteLength / 1_048_576)} MB is too large.`,
          {
            remedy: `At most ${ATTACHMENT_BYTES_MAX / 1_048_576} MB go with a message; send a link instead.`,
          },
        )
      const hash = createHash('sha256').update(bytes).digest('hex')
      db.run(
        'insert into attachments (hash, bytes, size, created_at) values (?, ?, ?, ?) on conflict (hash) do nothing',
        hash,
        bytes,
        bytes.byteLength,
        now,
      )
      return hash
    },
    attachment: (hash) =>
      db.get<{ bytes: Uint8Array }>('select bytes from attachments where hash = ?', hash)?.bytes ?? null,
  }
}

/** The same words, the same id, on every machine and after every restart. */
function idOf(dedupe: string): string {
  return `m${createHash('sha256').update(dedupe).digest('hex').slice(0, 24)}`
}

function selection(filter: OutboxFilter): { sql: string; values: Value[] } {
  const conditions: [string, Value | undefined][] = [
    ['exists (select 1 from json_each(refs) where value = ?)', filter.ref],
    ['channel = ?', filter.channel],
    ['recipient = ?', filter.recipient],
    ['kind = ?', filter.kind],
    ['state in (select value from json_each(?))', filter.states && JSON.stringify(filter.states)],
    ['created_at < ?', filter.before],
  ]
  const given = conditions.filter((c): c is [string, Value] => c[1] !== undefined)
  return {
    sql: given.length ? `where ${given.map(([condition]) => condition).join(' and ')}` : '',
    values: given.map(([, value]) => value),
  }
}

function read(row: Row): OutboxRow {
  return {
    id: row.id,
    dedupe: row.dedupe,
    kind: row.kind,
    refs: JSON.parse(row.refs) as string[],
    channel: row.channel,
    recipient: row.recipient,
    address: row.address,
    message: JSON.parse(row.message) as OutboxRow['message'],
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at,
    nextAt: row.next_at,
    fence: row.fence,
    answer: row.answer,
    finishedAt: row.finished_at,
  }
}
