/** Mentions in the control store: who was spoken to in a comment about an issue. */
import type { Database } from './database.ts'

export interface Mention {
  id: number
  /** Who was spoken to. */
  userId: string
  issue: number
  at: number
  /** Mail address of who spoke. */
  by: string
  says: string
  readAt: number | null
}

export interface MentionStore {
  addMention(mention: Omit<Mention, 'id' | 'readAt'>): void
  /** Newest first. */
  mentions(userId: string, limit: number): Mention[]
  unreadMentions(userId: string): number
  /** Marks those given as seen; left out: all of that person. */
  readMentions(userId: string, at: number, ids?: readonly number[]): void
}

const MENTION = 'id, user_id as userId, issue, at, by, says, read_at as readAt'

export function mentions(db: Database): MentionStore {
  return {
    addMention: ({ userId, issue, at, by, says }) =>
      void db.run(
        'insert into mentions (user_id, issue, at, by, says) values (?, ?, ?, ?, ?)',
        ...[userId, issue, at, by, says],
      ),
    mentions: (userId, limit) =>
      db.all<Mention>(`select ${MENTION} from mentions where user_id = ? order by id desc limit ?`, userId, limit),
    unreadMentions: (userId) =>
      db.get<{ n: number }>('select count(*) as n from mentions where user_id = ? and read_at is null', userId)!.n,
    readMentions: (userId, at, ids) =>
      void db.run(
        `update mentions set read_at = ?1 where user_id = ?2 and read_at is null
           and (?3 is null or id in (select value from json_each(?3)))`,
        ...[at, userId, ids ? JSON.stringify(ids) : null],
      ),
  }
}
