/**
 * One run of one stream: pages are gathered, stored, and only then the cursor moves. A failure half-way keeps what is
 * stored and the cursor of the last page that was; what a crash leaves stored above the cursor is dropped as unchanged
 * when it is read again.
 */
import type { Cursor, Page, Stream, StreamContext } from '../../connectors/contract.ts'
import type { Context } from '../context.ts'
import { crashpoint } from '../crashpoint.ts'
import { nearest } from '../config/nearest.ts'
import { PlumblineError } from '../errors.ts'
import type { StreamState } from '../store/control/control.ts'
import { kindOf } from '../../model/kinds.ts'
import type { Enumeration } from './enumeration.ts'
import { createEnumeration, keepSweep, openSweep } from './enumeration.ts'
import type { Counts, Intake } from './intake.ts'
import { createIntake } from './intake.ts'
import { CURSOR_CHARS, FLUSH_CHARS, FLUSH_MS, FLUSH_ROWS, NOTES_MAX, PAGE_SIZE } from './limits.ts'
import type { Mapper } from './mapping.ts'
import { createMapper } from './mapping.ts'
import type { OpenPlatform } from './platform.ts'
import { bury, finishEnumeration } from './vanished.ts'
import type { Watched } from './watch.ts'
import { watching } from './watch.ts'

export type Mode = 'changes' | 'full'

export interface StreamRun {
  ctx: Context
  open: OpenPlatform
  stream: Stream<never>
  mode: Mode
  counts: Counts
  notes: string[]
  mapper: Mapper
  /** What is learned of the rows' shape on the way. */
  watched: Watched
}

interface Gathered {
  pages: Page[]
  rows: number
  chars: number
  since: number
}

/** Reads a stream to its end. Throws what stopped it; everything before is stored and committed. */
export async function readStream(
  ctx: Context,
  open: OpenPlatform,
  stream: Stream<never>,
  mode: Mode,
  counts: Counts,
  notes: string[],
  watched: Watched = watching(stream.kind),
  told: () => void = () => undefined,
): Promise<void> {
  const context = open.context(mode === 'full' ? 'sweep' : 'read')
  const run: StreamRun = {
    ctx,
    open,
    stream,
    mode,
    counts,
    notes,
    mapper: createMapper(ctx.config, open.name, stream, context),
    watched,
  }
  const reading = createReading(run)
  const streamContext: StreamContext<never> = { ...context, mode, pageSize: PAGE_SIZE }
  try {
    for await (const page of stream.read(streamContext, reading.cursor)) {
      await reading.take(page)
      told()
      if (ctx.signal.aborted)
        throw new PlumblineError('upstream', 'The run was stopped.', {
          remedy: 'The next run goes on where it stopped.',
        })
    }
  } catch (error) {
    // The pages before the failure are kept; if even that fails, the first failure is the one to tell.
    await reading.flush().catch(() => {})
    throw error
  }
  await reading.flush()
  reading.end()
}

interface Reading {
  cursor: Cursor
  take(page: Page): Promise<void>
  flush(): Promise<void>
  end(): void
}

function createReading(run: StreamRun): Reading {
  const { ctx, open, stream, mode, counts, notes, watched } = run
  const key = { platform: open.name, stream: stream.name, kind: stream.kind }
  const before = ctx.control.stream(open.name, stream.name)!
  let enumeration = mode === 'full' ? sweepOf(run, before) : null
  let enumerated: string | null = null
  let salt = ''
  let gathered: Gathered = { pages: [], rows: 0, chars: 0, since: ctx.clock.now() }
  const intakes = { changes: intakeOf(run, mode === 'full', false), snapshot: intakeOf(run, true, true) }

  /** Which enumeration the page's rows count for; a snapshot file begins its own. */
  function enter({ snapshot, source }: Page): void {
    if (!snapshot) return
    if (mode === 'changes' && (enumeration === null || (source && source.name !== enumerated)))
      enumeration = createEnumeration(ctx.clock.now())
    enumerated = source?.name ?? enumerated
  }

  async function flush(): Promise<void> {
    const { pages } = gathered
    gathered = { pages: [], rows: 0, chars: 0, since: ctx.clock.now() }
    if (pages.length === 0) return
    const rows = pages.flatMap((p) => p.rows)
    const snapshot = pages.some((p) => p.snapshot)
    await (snapshot ? intakes.snapshot : intakes.changes).take(rows, enumeration, salt)
    await bury(
      run,
      pages.flatMap((p) => p.deleted ?? []),
    )
    if (pages.at(-1)!.last) await finish()
    commit(pages, before)
  }

  async function finish(): Promise<void> {
    if (!enumeration) return
    await finishEnumeration(run, key, enumeration)
    if (enumeration.nameless === 0) await intakes.changes.allNamed()
    if (mode === 'full') keepSweep(ctx.control, key, null)
    enumeration = null
  }

  function commit(pages: readonly Page[], state: StreamState): void {
    const cursor = pages.findLast((p) => p.cursor !== undefined)?.cursor
    const through = Math.max(...pages.map((p) => p.completeThrough ?? Number.NEGATIVE_INFINITY))
    const last = pages.at(-1)!.last === true
    const completeThrough = Math.max(
      Math.min(through, ctx.clock.now()),
      state.completeThrough ?? Number.NEGATIVE_INFINITY,
    )
    const place =
      mode === 'changes'
        ? { ...(cursor !== undefined && { cursor: bounded(cursor, open.name, stream.name) }) }
        : {
            ...(cursor !== undefined &&
              enumeration && {
                sweepCursor: { sweep: enumeration.id, cursor: bounded(cursor, open.name, stream.name) },
              }),
            ...(last && { sweepCursor: null }),
          }
    const counted = pages.findLast((p) => p.counted)?.counted
    crashpoint('collect-before-commit')
    ctx.control.commitStream(open.name, stream.name, {
      ...place,
      ...(Number.isFinite(completeThrough) && { completeThrough }),
      ...(last && { lastFullAt: ctx.clock.now() }),
      ...(counted && { completeness: { ...counted, at: ctx.clock.now() } }),
      held: [...run.mapper.held],
      rowsRead: state.rowsRead + counts.read,
      rowsStored: state.rowsStored + counts.stored + counts.deleted,
    })
    if (Number.isFinite(completeThrough))
      ctx.control.markStream({ platform: open.name, stream: stream.name, at: ctx.clock.now(), completeThrough })
    crashpoint('collect-committed')
  }

  return {
    cursor:
      mode === 'changes'
        ? (before.cursor as Cursor)
        : ((before.sweepCursor as { cursor: Cursor } | null)?.cursor ?? null),
    async take(page) {
      const heldBefore = salt
      const nextSalt = page.source?.columns.join('\u001f') ?? salt
      const anotherFile = page.snapshot === true && page.source !== undefined && page.source.name !== enumerated
      // A batch has one header and one enumeration.
      if (nextSalt !== heldBefore || anotherFile) await flush()
      enter(page)
      if (page.rows.length > 0 || page.held) salt = nextSalt
      if (page.source?.declared) watched.observer.header(page.source.columns)
      if (page.held) run.mapper.holds(page.held, page.source?.columns ?? null)
      for (const note of [...(page.notes ?? []), ...unread(run, page)])
        if (!notes.includes(note) && notes.length < NOTES_MAX) notes.push(note)
      gathered.pages.push(page)
      gathered.rows += page.rows.length
      for (const row of page.rows) gathered.chars += row.raw.length
      // A place without rows is one that a connector wants kept before it waits: the job that it asked for.
      const placed = page.rows.length === 0 && page.cursor !== undefined
      const due =
        placed ||
        gathered.rows >= FLUSH_ROWS ||
        gathered.chars >= FLUSH_CHARS ||
        ctx.clock.now() - gathered.since >= FLUSH_MS
      // Rows after a tombstone may bring the record back: order is kept.
      if (due || page.last || page.deleted?.length) await flush()
    },
    flush,
    end() {
      // A full reading that found no end to conclude from leaves no sweep behind.
      if (mode === 'full' && enumeration) {
        keepSweep(ctx.control, key, null)
        ctx.control.commitStream(open.name, stream.name, { sweepCursor: null })
      }
    },
  }
}

function intakeOf(
  { ctx, open, stream, mapper, counts, watched }: StreamRun,
  present: boolean,
  unique: boolean,
): Intake {
  return createIntake({
    ctx,
    platform: open.name,
    stream,
    mapper,
    payloads: open.payloads(stream.name),
    present,
    unique,
    lagMs: open.connector.lagMs,
    counts,
    observe: (row, record) => watched.see(mapper, row, record),
  })
}

/** The sweep to go on with, where this process still knows what it has seen; else a new one from the beginning. */
function sweepOf({ ctx, open, stream }: StreamRun, state: StreamState): Enumeration {
  const key = { platform: open.name, stream: stream.name, kind: stream.kind }
  const unfinished = openSweep(ctx.control, key)
  const place = state.sweepCursor as { sweep?: string } | null
  if (unfinished && place?.sweep === unfinished.id) return unfinished
  if (place !== null) {
    ctx.control.commitStream(open.name, stream.name, { sweepCursor: null })
    state.sweepCursor = null
  }
  const sweep = createEnumeration(ctx.clock.now())
  keepSweep(ctx.control, key, sweep)
  return sweep
}

function bounded(cursor: Cursor, platform: string, stream: string): Cursor {
  if (cursor !== null && JSON.stringify(cursor).length > CURSOR_CHARS)
    throw new PlumblineError('schema', `The place in ${platform}/${stream} is too large to keep.`, {
      remedy: 'This is a fault of the connector: a cursor holds at most 64 kB.',
    })
  return cursor
}

/** Columns that nothing reads are never passed over in silence. */
function unread({ mapper, stream }: StreamRun, { source }: Page): string[] {
  const names = kindOf(stream.kind).fields.map((f) => f.name)
  return (source?.unread ?? [])
    .filter((column) => !mapper.reads(column))
    .map((column) => {
      const meant = nearest(column, [
        ...names,
        'record_id',
        'status',
        'created_at',
        'changed_at',
        'deleted',
        'merged_into',
        'changed_by',
      ])
      return `${source!.name} has the column “${column}”, which is not read${meant ? `; did you mean ${meant}?` : ': no field of this kind has that name.'}`
    })
}
