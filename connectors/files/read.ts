/** Reading a kind's files: which are to be read, in which order, and when a file counts as complete. */
import { hash } from 'node:crypto'
import type { Cursor, Page, RawRow, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { ColumnReader, Columns, Row } from './columns.ts'
import type { FilesConfig } from './config.ts'
import { readCsv } from './csv.ts'
import type { Batch } from './csv.ts'
import { readManifest } from './manifest.ts'
import { EVENTS, findFiles } from './names.ts'
import type { FoundFile } from './names.ts'
import { readNdjson } from './ndjson.ts'
import { readParquet } from './parquet.ts'

type Ctx = StreamContext<FilesConfig>

/** Files remembered as read; of a longer series the oldest are known by their date alone. */
const REMEMBERED = 3_000

interface Position {
  /** Signatures of the files that were read. */
  done: string[]
  /** Files dated before this are read, whatever `done` says. */
  before: string
}

/**
 * A snapshot series is read from the beginning once, to build history; later only what is newer than the last file
 * read. Increments are each read once. The cursor moves from file to file: a file that was read in part is read again.
 */
export async function* readKind(ctx: Ctx, kind: string, columns: ColumnReader, cursor: Cursor): AsyncGenerator<Page> {
  const listed = await ctx.files.list(ctx.config.folder)
  const files = findFiles(listed, ctx.config, ctx.platform).filter((f) => f.kind === kind)
  if (files.length === 0)
    throw new ConnectorError('config', `${ctx.config.folder} no longer has a file of ${kind}.`, {
      remedy: 'Put it back, or remove the stream from the configuration.',
    })
  const manifest = await readManifest(ctx, listed)
  const at = positionOf(cursor)
  const todo =
    ctx.mode === 'full' ? (ctx.config.mode === 'snapshot' ? files.slice(-1) : []) : pending(files, at, ctx.config.mode)
  let complete = true
  for (const file of todo) {
    const newest = file === files.at(-1)
    const { state, rows } = yield* readFile(ctx, file, columns, newest)
    if (state === 'whole') {
      remember(at, file)
      yield endOf(ctx, file, rows, manifest.rows(file.name), cursorOf(at))
    } else if (newest || ctx.config.mode === 'increment') complete = false
    // An increment that is not whole holds up those after it: their order is their meaning.
    if (state !== 'whole' && ctx.config.mode === 'increment') break
  }
  const through = Math.min(manifest.completeThrough(files.at(-1)!), ctx.clock.now())
  yield { rows: [], cursor: cursorOf(at), ...(complete && { completeThrough: through }) }
}

/** The page after a file's last row: a snapshot with all the rows it should have is a complete enumeration. */
function endOf(ctx: Ctx, file: FoundFile, rows: number, wanted: number | null, cursor: Cursor): Page {
  const snapshot = ctx.config.mode === 'snapshot'
  const short = wanted !== null && wanted !== rows
  return {
    rows: [],
    cursor,
    source: { name: file.name, columns: [], unread: [] },
    ...(snapshot && { snapshot, last: !short }),
    ...(wanted !== null && { counted: { theirs: wanted, ours: rows } }),
    ...(short && {
      notes: [`${file.name} has ${rows} rows where the manifest says ${wanted}; nothing is taken as deleted from it.`],
    }),
  }
}

interface ReadFile {
  state: 'whole' | 'changing' | 'damaged'
  rows: number
}

/** Yields the rows of one file. Only a file that was the same before and after is whole. */
async function* readFile(
  ctx: Ctx,
  file: FoundFile,
  reader: ColumnReader,
  newest: boolean,
): AsyncGenerator<Page, ReadFile> {
  const note = (text: string): Page => ({ rows: [], notes: [text] })
  if (file.size === 0) {
    yield note(`${file.name} is empty (0 bytes); it is read when something has been written to it.`)
    return { state: 'changing', rows: 0 }
  }
  let header: { of: string[]; columns: Columns } | null = null
  let rows = 0
  try {
    for await (const batch of batchesOf(ctx, file)) {
      if (header === null || !same(header.of, batch.columns))
        header = { of: batch.columns, columns: reader.header(batch.columns, file.name) }
      const { id, held, unread } = header.columns
      for (const row of batch.rows) if (row.value !== null) row.id = idOf(row, id)
      rows += batch.rows.length
      yield {
        rows: batch.rows,
        held,
        source: { name: file.name, columns: batch.columns, unread, declared: batch.declared },
        ...(ctx.config.mode === 'snapshot' && { snapshot: true }),
      }
    }
  } catch (error) {
    if (!(await unchanged(ctx, file))) return yield* changing(file)
    if (newest || ctx.config.mode === 'increment' || !(error instanceof ConnectorError)) throw error
    yield note(`${error.message} It is left out of the history.`)
    return { state: 'damaged', rows }
  }
  if (!(await unchanged(ctx, file))) return yield* changing(file)
  if (header === null)
    throw new ConnectorError('schema', `${file.name} has no header line.`, {
      file: file.name,
      line: 1,
      remedy: 'The first line names the columns.',
    })
  return { state: 'whole', rows }
}

async function* changing(file: FoundFile): AsyncGenerator<Page, ReadFile> {
  yield { rows: [], notes: [`${file.name} was still being written; it is read again next time.`] }
  return { state: 'changing', rows: 0 }
}

/** What reading files takes: streams bring more. */
export type FilesContext = Pick<Ctx, 'config' | 'files' | 'platform' | 'clock'>

export async function* batchesOf(ctx: FilesContext, file: FoundFile): AsyncGenerator<Batch> {
  const { delimiter } = ctx.config
  const encoding = file.encoding ?? ctx.config.encoding
  const kind = file.kind === EVENTS ? null : file.kind
  if (file.format === 'csv') yield* readCsv(ctx.files.stream(file.path), { file: file.name, encoding, delimiter })
  else if (file.format === 'ndjson') yield* readNdjson(ctx.files.stream(file.path), { file: file.name, encoding, kind })
  else yield* readParquet(await ctx.files.read(file.path), { file: file.name, kind })
}

export function idOf(row: RawRow, column: string): string | null {
  const cell = (row.value as Row)[column]
  const text = cell === null || cell === undefined || typeof cell === 'object' ? '' : String(cell)
  return text.trim() === '' ? null : text
}

export async function unchanged(ctx: FilesContext, file: FoundFile): Promise<boolean> {
  const now = (await ctx.files.list(ctx.config.folder)).find((f) => f.name === file.name)
  return now !== undefined && now.size === file.size && now.modifiedAt === file.modifiedAt && now.etag === file.etag
}

export function pending(files: FoundFile[], { done, before }: Position, mode: FilesConfig['mode']): FoundFile[] {
  const read = new Set(done)
  const last = mode === 'snapshot' ? files.findLastIndex((f) => read.has(signature(f))) : -1
  return files.filter((f, i) => i > last && !read.has(signature(f)) && (f.order >= before || i === files.length - 1))
}

export function remember(at: Position, file: FoundFile): void {
  at.done.push(signature(file))
  if (at.done.length <= REMEMBERED) return
  at.done.splice(0, at.done.length - REMEMBERED)
  if (file.order > at.before) at.before = file.order
}

function signature(file: FoundFile): string {
  return hash('sha1', `${file.name}|${file.size}|${file.etag ?? file.modifiedAt}`, 'base64').slice(0, 12)
}

export function positionOf(cursor: Cursor): Position {
  const done = cursor?.['done']
  const before = cursor?.['before']
  return {
    done: Array.isArray(done) ? done.filter((d) => typeof d === 'string') : [],
    before: typeof before === 'string' ? before : '',
  }
}

export function cursorOf({ done, before }: Position): Cursor {
  return { done: [...done], before }
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((column, i) => column === b[i])
}
