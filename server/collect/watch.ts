/** Watching a reading: the shape of its raw rows, and which of their fields the mapping looks at. */
import type { RawRow } from '../../connectors/contract.ts'
import type { CanonicalRecord } from '../../model/record.ts'
import type { Mapper } from './mapping.ts'
import { readPaths } from './read-paths.ts'
import { createShapeObserver, type ShapeObserver } from './shape.ts'

export interface Watched {
  observer: ShapeObserver
  /** Raw fields that the mapping reads; null: not learned. */
  read(): ReadonlySet<string> | null
  see(mapper: Mapper, row: RawRow, record: CanonicalRecord | null): void
}

/** Rows on which the mapping is watched: one may take another path than the next. */
const WATCHED_ROWS = 3

export function watching(kind: string): Watched {
  const observer = createShapeObserver(kind)
  let read: Set<string> | null = null
  let learned = 0
  return {
    observer,
    read: () => read,
    see(mapper, row, record) {
      if (row.unreadable !== undefined) return
      observer.see(row.value, record)
      if (record === null || learned >= WATCHED_ROWS) return
      learned++
      const paths = readPaths(mapper, row)
      if (paths) read = new Set([...(read ?? []), ...paths])
    },
  }
}
