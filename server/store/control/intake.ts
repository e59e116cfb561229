/** Intake in the control store: how far the spool is drained, which deliveries are known, and what must be read again. */
import type { Database } from './database.ts'

/** A delivery by what it says: the same key with another content is another one. */
export interface Delivered {
  platform: string
  key: string
  /** Hash of what was read out of it. */
  content: string
}

/** A record, or with an empty id a stream, that something said has changed. */
export interface Hint {
  platform: string
  stream: string
  recordId: string
  /** When it was last asked for, epoch ms. */
  askedAt: number
  tries: number
}

/**
 * What came of a request to a hook: `signed`, `token` and `unsigned` were kept, `handshake` was answered, `refused` was not let in,
 * `again` was known, `differs` came with a known key and other content, `unread` went to quarantine.
 */
export type HookOutcome = 'signed' | 'token' | 'unsigned' | 'refused' | 'handshake' | 'again' | 'differs' | 'unread'

export interface HookCount {
  platform: string
  outcome: HookOutcome
  /** Why, for refusals; empty else. */
  reason: string
  n: number
  lastAt: number
}

export interface IntakeStore {
  /** Up to where the spool's deliveries are stored; null: from its beginning. */
  drainedThrough(): { segment: number; offset: number } | null
  /** Which of these are known: `platform key content` of those seen, `platform key` of all their keys, joined by line feeds. */
  knownDeliveries(asked: readonly Delivered[]): Set<string>
  /** In one transaction: the position, what was seen, what must be read, and the counts. Seen deliveries older than `forget` go. */
  commitDrained(drained: {
    through: { segment: number; offset: number }
    deliveries: readonly Delivered[]
    hints: readonly Omit<Hint, 'askedAt' | 'tries'>[]
    now: number
    forget: number
  }): void
  /** Hints that are due, oldest first. */
  hints(now: number, limit: number): Hint[]
  hintsWaiting(): number
  /** It was read; one that was asked for again meanwhile stays. */
  hintRead(hint: Hint): void
  hintFailed(hint: Hint, dueAt: number): void
  addHookCounts(counts: readonly HookCount[]): void
  hookCounts(): HookCount[]
}

const POSITION = 'intake drained'

/** Reasons that are told apart for one platform: a sender must not fill the table with words of its own. */
const REASONS_MAX = 50

export function intake(db: Database): IntakeStore {
  return {
    drainedThrough() {
      const kept = db.get<{ value: string }>('select value from kept where key = ?', POSITION)
      return kept === null ? null : (JSON.parse(kept.value) as { segment: number; offset: number })
    },
    knownDeliveries(asked) {
      const known = new Set<string>()
      for (const { platform, key } of asked) {
        if (known.has(`${platform}\n${key}`)) continue
        const rows = db.all<{ content: string }>(
          'select content from received where platform = ? and key = ?',
          platform,
          key,
        )
        if (rows.length > 0) known.add(`${platform}\n${key}`)
        for (const { content } of rows) known.add(`${platform}\n${key}\n${content}`)
      }
      return known
    },
    commitDrained: ({ through, deliveries, hints, now, forget }) =>
      db.transaction(() => {
        db.run(
          'insert into kept (key, value) values (?1, ?2) on conflict (key) do update set value = ?2',
          POSITION,
          JSON.stringify(through),
        )
        for (const { platform, key, content } of deliveries)
          db.run(
            `insert into received (platform, key, content, first_at, last_at) values (?, ?, ?, ?, ?)
             on conflict (platform, key, content) do update set last_at = excluded.last_at, times = times + 1`,
            platform,
            key,
            content,
            now,
            now,
          )
        for (const { platform, stream, recordId } of hints)
          db.run(
            `insert into hints (platform, stream, record_id, asked_at, due_at) values (?, ?, ?, ?, ?)
             on conflict (platform, stream, record_id) do update set asked_at = excluded.asked_at`,
            platform,
            stream,
            recordId,
            now,
            now,
          )
        db.run('delete from received where last_at < ?', forget)
      }),
    hints: (now, limit) =>
      db
        .all<{ platform: string; stream: string; record_id: string; asked_at: number; tries: number }>(
          'select platform, stream, record_id, asked_at, tries from hints where due_at <= ? order by due_at limit ?',
          now,
          limit,
        )
        .map(({ record_id, asked_at, ...hint }) => ({ ...hint, recordId: record_id, askedAt: asked_at })),
    hintsWaiting: () => db.get<{ n: number }>('select count(*) as n from hints')!.n,
    hintRead({ platform, stream, recordId, askedAt }) {
      db.run(
        'delete from hints where platform = ? and stream = ? and record_id = ? and asked_at = ?',
        platform,
        stream,
        recordId,
        askedAt,
      )
    },
    hintFailed({ platform, stream, recordId }, dueAt) {
      db.run(
        'update hints set tries = tries + 1, due_at = ? where platform = ? and stream = ? and record_id = ?',
        dueAt,
        platform,
        stream,
        recordId,
      )
    },
    addHookCounts: (counts) =>
      db.transaction(() => {
        for (const { platform, outcome, reason, n, lastAt } of counts) {
          const { n: reasons } = db.get<{ n: number }>(
            'select count(*) as n from hooks where platform = ? and reason <> ?',
            platform,
            reason,
          )!
          db.run(
            `insert into hooks (platform, outcome, reason, n, last_at) values (?, ?, ?, ?, ?)
             on conflict (platform, outcome, reason) do update set n = n + excluded.n, last_at = max(last_at, excluded.last_at)`,
            platform,
            outcome,
            reasons < REASONS_MAX ? reason : 'another reason',
            n,
            lastAt,
          )
        }
      }),
    hookCounts: () =>
      db
        .all<HookCount & { last_at: number }>(
          'select platform, outcome, reason, n, last_at from hooks order by 1, 2, 3',
        )
        .map(({ last_at, ...count }) => ({ ...count, lastAt: last_at })),
  }
}
