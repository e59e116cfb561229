/**
 * A range of files, read again. Of snapshots the newest one alone says how things are: its rows that changed in the range. Of
 * increments it is the files of the range, newest first, each record as the last file that has it says it: an older state is
 * never read over a newer one, and none is stored twice.
 */
import { instantFrom } from '../../model/types/instant.ts'
import { instantOf } from '../../model/zone.ts'
import type { ConnectorContext, Cursor, Page, Range, RangeCost, RawRow } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { ColumnReader } from './columns.ts'
import type { FilesConfig } from './config.ts'
import { readManifest } from './manifest.ts'
import type { FoundFile } from './names.ts'
import { findFiles, UNDATED } from './names.ts'
import { batchesOf, idOf, unchanged } from './read.ts'
import { PIECE } from './s3.ts'

type Ctx = ConnectorContext<FilesConfig>

/** Files that a range needs: those of the range, and the newer ones that may say better. Oldest first. */
interface Chosen {
  inside: FoundFile[]
  newer: FoundFile[]
}

/** By the date in its name, else by when it was written. */
export function timeOf(file: FoundFile, timezone: string): number {
  if (file.order === UNDATED) return file.modifiedAt
  const part = (from: number, length: number) => Number(file.order.slice(from, from + length))
  const [month, day] = [Math.max(1, part(4, 2)), Math.max(1, part(6, 2))]
  const wall = Date.UTC(part(0, 4), month - 1, day, part(8, 2), part(10, 2), part(12, 2), part(14, 3))
  return /\dZ\.\w+$/i.test(file.name) ? wall : instantOf(timezone, wall)
}

async function chosen(ctx: Ctx, kind: string, { from, to }: Range): Promise<Chosen> {
  const listed = await ctx.files.list(ctx.config.folder)
  const files = findFiles(listed, ctx.config, ctx.platform).filter((f) => f.kind === kind)
  if (ctx.config.mode === 'snapshot') return { inside: files.slice(-1), newer: [] }
  const at = (file: FoundFile) => timeOf(file, ctx.timezone)
  const first = files.findIndex((file) => at(file) >= from && at(file) < to)
  const rest = first < 0 ? [] : files.slice(first)
  return { inside: rest.filter((file) => at(file) < to), newer: rest.filter((file) => at(file) >= to) }
}

export async function* within(
  ctx: Ctx,
  kind: string,
  reader: ColumnReader,
  range: Range,
  cursor: Cursor,
): AsyncGenerator<Page> {
  const { inside, newer } = await chosen(ctx, kind, range)
  if (ctx.config.mode === 'snapshot') {
    const when = (row: RawRow) => changedIn(row, reader, range, ctx.timezone)
    for (const file of inside) yield* rowsOf(ctx, file, reader, when)
    return
  }
  const seen = new Set<string>()
  const known = inside.findIndex((file) => file.name === cursor?.['read'])
  for (const [n, file] of [...inside.entries()].reverse()) {
    const done = known >= 0 && n >= known
    if (n === inside.length - 1)
      for (const after of newer) for (const id of (await lastRows(ctx, after, reader)).keys()) seen.add(id)
    const last = await lastRows(ctx, file, reader)
    if (!done) {
      let row = 0
      yield* rowsOf(ctx, file, reader, ({ id }) => {
        const here = row++
        return id === null || (!seen.has(id) && last.get(id) === here)
      })
      yield { rows: [], cursor: { read: file.name } }
    }
    for (const id of last.keys()) seen.add(id)
  }
}

/** Where in the file the last row of each record stands. */
async function lastRows(ctx: Ctx, file: FoundFile, reader: ColumnReader): Promise<Map<string, number>> {
  const last = new Map<string, number>()
  let row = 0
  for await (const { rows } of rowsOf(ctx, file, reader, () => true))
    for (const { id } of rows) {
      if (id !== null) last.set(id, row)
      row++
    }
  return last
}

async function* rowsOf(
  ctx: Ctx,
  file: FoundFile,
  reader: ColumnReader,
  wanted: (row: RawRow) => boolean,
): AsyncGenerator<Page> {
  if (file.size === 0) return
  for await (const { rows, columns, declared } of batchesOf(ctx, file)) {
    const { id, held, unread } = reader.header(columns, file.name)
    for (const row of rows) if (row.value !== null) row.id = idOf(row, id)
    yield { rows: rows.filter(wanted), held, source: { name: file.name, columns, unread, declared } }
  }
  if (!(await unchanged(ctx, file)))
    throw new ConnectorError('upstream', `${file.name} was still being written.`, {
      retryable: true,
      remedy: 'Start the back-fill again when it is finished: it goes on where it stopped.',
    })
}

/** What does not say when it changed may have changed at any time; what cannot be read at all is told as that. */
function changedIn(row: RawRow, reader: ColumnReader, { from, to }: Range, timezone: string): boolean {
  if (row.unreadable !== undefined) return true
  try {
    const { changed_at } = reader.record(row)
    if (changed_at === undefined || changed_at === null) return true
    const read = instantFrom(String(changed_at), timezone)
    return typeof read === 'string' || (read.at >= from && read.at < to)
  } catch {
    return true
  }
}

/** Local files need no calls. Those of a bucket come in pieces and are looked at once more; increments are read twice: first for who is in them. */
export async function costOf(ctx: Ctx, kind: string, range: Range): Promise<RangeCost> {
  const { inside, newer } = await chosen(ctx, kind, range)
  const reads = (files: FoundFile[]) => files.reduce((sum, { size }) => sum + Math.ceil(size / PIECE) + 1, 0)
  const times = ctx.config.mode === 'snapshot' ? 1 : 2
  const manifest = await readManifest(ctx, await ctx.files.list(ctx.config.folder))
  const counts = inside.map((file) => manifest.rows(file.name))
  return {
    calls: ctx.config.s3 ? 1 + times * reads(inside) + reads(newer) : 0,
    rows: counts.includes(null) ? null : counts.reduce<number>((sum, n) => sum + n!, 0),
    exact: false,
    by: 'change',
  }
}
