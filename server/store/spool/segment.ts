/** Spool segments: files of the spool folder in the order of their numbers, and how they are made durable and read. */
import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, openSync, fsyncSync, closeSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { scan, type Scanned } from './record.ts'

/** Where a record ends: the number of its segment and the offset in it. */
export interface Position {
  segment: number
  offset: number
}

export const before = (a: Position, b: Position) =>
  a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset)

export interface Segment {
  number: number
  path: string
  /** Bytes that are surely on disk: nothing behind them was ever acknowledged. */
  durable: number
}

const nameOf = (number: number) => `${String(number).padStart(12, '0')}.spool`

export function segmentsIn(folder: string): Segment[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return readdirSync(folder)
    .filter((name) => /^\d{12}\.spool$/.test(name))
    .sort()
    .map((name) => {
      const path = join(folder, name)
      return { number: Number(name.slice(0, 12)), path, durable: statSync(path).size }
    })
}

/** A new file, which is also found after a loss of power: its entry in the folder is durable. */
export async function createSegment(folder: string, number: number): Promise<{ segment: Segment; file: FileHandle }> {
  const path = join(folder, nameOf(number))
  const file = await open(path, 'wx', 0o600)
  const entry = await open(folder, 'r')
  try {
    await entry.sync()
  } finally {
    await entry.close()
  }
  return { segment: { number, path, durable: 0 }, file }
}

/** Cuts a torn tail off: only the last segment can have one that was never acknowledged. Says how many bytes it had. */
export function mend(segment: Segment): number {
  let end = 0
  for (const found of scan(readFileSync(segment.path))) if (found.what === 'record') end = found.end
  const torn = segment.durable - end
  if (torn === 0) return 0
  truncateSync(segment.path, end)
  const file = openSync(segment.path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  segment.durable = end
  return torn
}

/** Writes all of it at `offset`, however often the system takes only a part. */
export async function writeWhole(file: FileHandle, bytes: Buffer, offset: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, offset + at)
    at += bytesWritten
  }
}

/** Bytes of the segment from `from`, at most `most`, as far as they are durable. */
export async function readPart(segment: Segment, from: number, most: number): Promise<Buffer> {
  const length = Math.max(0, Math.min(most, segment.durable - from))
  const bytes = Buffer.allocUnsafe(length)
  const file = await open(segment.path, 'r')
  try {
    for (let at = 0; at < length;) {
      const { bytesRead } = await file.read(bytes, at, length - at, from + at)
      if (bytesRead === 0) return bytes.subarray(0, at)
      at += bytesRead
    }
    return bytes
  } finally {
    await file.close()
  }
}

/** Records and damage of a whole segment from an offset on, for counting at start-up. */
export function scanFile(segment: Segment, from: number): Iterable<Scanned> {
  return scan(readFileSync(segment.path).subarray(from), from)
}
