/** Stream marks in the control store: how far each stream had been read, as known at each instant. */
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'

/** One step of a stream's progress. Instants are epoch ms. */
export interface StreamMark {
  platform: string
  stream: string
  /** When this became known. */
  at: number
  completeThrough: number | null
}

/** Marks are kept this long: a little more than a year, the longest back-test. */
const KEPT_MS = 400 * 24 * 3_600_000

function mark(db: Database, { platform, stream, at, completeThrough }: StreamMark): void {
  db.run(
    `insert into stream_marks (platform, stream, at, complete_through) values (?, ?, ?, ?)
     on conflict (platform, stream, at) do update set complete_through = excluded.complete_through`,
    platform,
    stream,
    at,
    completeThrough,
  )
  db.run('delete from stream_marks where platform = ? and stream = ? and at < ?', platform, stream, at - KEPT_MS)
}

export function marks(db: Database): Pick<ControlStore, 'markStream' | 'streamMarks'> {
  return {
    markStream: (given) => db.transaction(() => mark(db, given)),
    streamMarks: (through) =>
      db
        .all<{ platform: string; stream: string; at: number; complete_through: number | null }>(
          'select * from stream_marks where at <= ? order by at, platform, stream',
          through,
        )
        .map(({ complete_through, ...m }) => ({ ...m, completeThrough: complete_through })),
  }
}
