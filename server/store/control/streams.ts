/** Streams in the control store: how far each has been read, and what that reading showed. */
import { PlumblineError } from '../../errors.ts'
import type { ControlStore, StreamState } from './control.ts'
import type { Database, Value } from './database.ts'

type Streams = Pick<ControlStore, 'streams' | 'stream' | 'declareStream' | 'commitStream'>

interface Row {
  platform: string
  stream: string
  kind: string
  cursor: string | null
  sweep_cursor: string | null
  complete_through: number | null
  last_success_at: number | null
  last_full_at: number | null
  last_error: string | null
  completeness: string | null
  stopped: string | null
  held: string
  rows_read: number
  rows_stored: number
  quarantined: number
}

/** What a commit may change: key of the state → column, and whether it is kept as JSON. */
const COLUMNS: Record<keyof Omit<StreamState, 'platform' | 'stream' | 'kind'>, { column: keyof Row; json: boolean }> = {
  cursor: { column: 'cursor', json: true },
  sweepCursor: { column: 'sweep_cursor', json: true },
  completeThrough: { column: 'complete_through', json: false },
  lastSuccessAt: { column: 'last_success_at', json: false },
  lastFullAt: { column: 'last_full_at', json: false },
  lastError: { column: 'last_error', json: true },
  completeness: { column: 'completeness', json: true },
  stopped: { column: 'stopped', json: true },
  held: { column: 'held', json: true },
  rowsRead: { column: 'rows_read', json: false },
  rowsStored: { column: 'rows_stored', json: false },
  quarantined: { column: 'quarantined', json: false },
}

export function streams(db: Database): Streams {
  const find = (platform: string, stream: string): StreamState | null => {
    const row = db.get<Row>('select * from streams where platform = ? and stream = ?', platform, stream)
    return row && state(row)
  }
  return {
    streams: () => db.all<Row>('select * from streams order by platform, stream').map(state),
    stream: find,
    declareStream: (platform, stream, kind) =>
      db.transaction(() => {
        db.run(
          `insert into streams (platform, stream, kind) values (?, ?, ?)
           on conflict (platform, stream) do update set kind = excluded.kind where kind <> excluded.kind`,
          platform,
          stream,
          kind,
        )
        return find(platform, stream)!
      }),
    commitStream(platform, stream, change) {
      const given = (Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]).filter((key) => change[key] !== undefined)
      if (!given.length) return
      const values = given.map((key) => stored(change[key], COLUMNS[key].json))
      const changed = db.run(
        `update streams set ${given.map((key) => `${COLUMNS[key].column} = ?`).join(', ')} where platform = ? and stream = ?`,
        ...values,
        platform,
        stream,
      )
      if (!changed)
        throw new PlumblineError('not_found', `There is no stream ${platform}/${stream}.`, {
          remedy: 'It is declared before it is read.',
        })
    },
  }
}

function stored(value: unknown, json: boolean): Value {
  if (value === null) return null
  return json ? JSON.stringify(value) : (value as number)
}

function parsed<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T)
}

function state(row: Row): StreamState {
  return {
    platform: row.platform,
    stream: row.stream,
    kind: row.kind,
    cursor: parsed(row.cursor),
    sweepCursor: parsed(row.sweep_cursor),
    completeThrough: row.complete_through,
    lastSuccessAt: row.last_success_at,
    lastFullAt: row.last_full_at,
    lastError: parsed(row.last_error),
    completeness: parsed(row.completeness),
    stopped: parsed(row.stopped),
    held: parsed<string[]>(row.held) ?? [],
    rowsRead: row.rows_read,
    rowsStored: row.rows_stored,
    quarantined: row.quarantined,
  }
}
