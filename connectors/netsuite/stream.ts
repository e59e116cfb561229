/** One NetSuite record type as a stream: changes by (last modified, id), deletions from the log, enumeration by id, one row, count. */
import type { ConnectorContext, Cursor, HttpRequest, Page, RawRow, Stream, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { Position, Window } from '../cursor.ts'
import { completeThrough, doneCursor, openWindow, pageCursor, platformClock } from '../cursor.ts'
import { rawText } from '../exact-json.ts'
import { MAX_PAGES } from '../paging.ts'
import { instantAt, STAMP_FORMAT, wallClock, wallClockSince } from './account-time.ts'
import { accompany } from './companions.ts'
import type { NetSuiteConfig } from './config.ts'
import { mapRow } from './mapping.ts'
import type { Answer, Lacking } from './query.ts'
import { ask, keyOf, listed, PATH, suiteql } from './query.ts'
import type { Row } from './sources.ts'
import type { RecordSpec } from './spec.ts'
import { columnsOf } from './sources.ts'
import type { Asked } from './suiteql.ts'
import { after, asked, CHANGED, CHANGED_UTC, isId, moment, number, select } from './suiteql.ts'

/** Rows are seen seconds after they are written; a minute covers long saves. */
export const LAG_MS = 60_000
/** How long a column that the account lacks is not asked for again. */
const LACKING_MS = 86_400_000

export type NetSuiteStream = Stream<NetSuiteConfig>
type Ctx = StreamContext<NetSuiteConfig>
type Priority = 'verify' | 'read' | 'sweep'

export function recordStream(spec: RecordSpec): NetSuiteStream {
  return {
    name: spec.name,
    kind: spec.kind,
    source: spec.name,
    holds: [...new Set([...(spec.status ? ['state'] : []), ...Object.keys(spec.fields)])],
    deletes: spec.tombstones ? 'tombstone' : 'sweep',
    read: (ctx, cursor) => (ctx.mode === 'full' ? everything(spec, ctx, cursor) : changes(spec, ctx, cursor)),
    map: (row, ctx) => mapRow(spec, row, ctx.timezone),
    async one(ctx, id) {
      if (!isId(id)) return null
      const answer = await ask(
        ctx,
        spec,
        new Set(),
        (a) => select(a, [...(spec.where ?? []), `${spec.id} = ${number(id)}`]),
        1,
        'verify',
      )
      return (await rowsOf(ctx, spec, answer, 'verify'))[0] ?? null
    },
    async count(ctx) {
      const { from } = asked(spec, new Set((spec.joins ?? []).flatMap((j) => (j.required ? [] : [j.table]))))
      const { rows } = await suiteql(ctx, select({ columns: { n: 'COUNT(*)' }, from }, spec.where ?? []), 1, 'sweep')
      return Number(rows[0]?.['n'])
    },
  }
}

/** The first record that meets a condition, read anew. */
export async function rowWhere(
  spec: RecordSpec,
  ctx: ConnectorContext<NetSuiteConfig>,
  condition: string,
): Promise<RawRow | null> {
  const write = (a: Asked) => select(a, [...(spec.where ?? []), `(${condition})`])
  const answer = await ask(ctx, spec, new Set(), write, 1, 'verify')
  return (await rowsOf(ctx, spec, answer, 'verify'))[0] ?? null
}

async function* changes(spec: RecordSpec, ctx: Ctx, cursor: Cursor): AsyncGenerator<Page> {
  const lacking = lackingOf(cursor, ctx.clock.now())
  const window = openWindow(cursor, ctx.clock.now(), LAG_MS, 1000)
  const clock = accountClock(ctx, window, cursor?.['done'] === false)
  const place = (c: Cursor): Cursor => ({
    ...c,
    ...(lacking.names.size && { lacking: [...lacking.names], lackingSince: lacking.since }),
  })
  let last: Position | null = window.after
  if (spec.tombstones && window.since !== null && last === null) yield await tombstones(spec, ctx, window.since, clock)
  for (let page = 0; page < MAX_PAGES; page++) {
    const at = last
    const where = changedSince(spec, ctx, window, at)
    const write = (a: Asked) => select(a, [...(spec.where ?? []), where && `(${where})`], [spec.changed, spec.id])
    const answer = await clock(() => ask(ctx, spec, lacking.names, write, limitOf(ctx), 'read'))
    const rows = await rowsOf(ctx, spec, answer, 'read')
    last = placeOfLast(answer.rows, ctx.timezone) ?? last
    const end = !answer.more
    if (!end && samePlace(last, at))
      throw new ConnectorError('schema', `No row of a page of ${spec.name} has an id and a time that can be read.`)
    yield {
      rows,
      held: heldBy(spec, answer.asked.columns),
      ...(lacking.names.size &&
        page === 0 && {
          notes: [
            `This account does not show ${[...lacking.names].join(', ')} of ${spec.name}; they are not compared.`,
          ],
        }),
      ...(end
        ? { cursor: place(doneCursor(window, last)), completeThrough: completeThrough(window) }
        : { cursor: place(pageCursor(window, last!)) }),
    }
    if (end) return
  }
  throw new ConnectorError('schema', `${spec.name} has more than ${MAX_PAGES} pages in one read.`)
}

/** Everything that is there, by id. `began` stays that of the first page, however often it is resumed. */
async function* everything(spec: RecordSpec, ctx: Ctx, cursor: Cursor): AsyncGenerator<Page> {
  const lacking: Lacking = new Set()
  const window: Window = {
    since: null,
    after: null,
    began: Number(cursor?.['began'] ?? ctx.clock.now()),
    lagMs: LAG_MS,
  }
  const clock = accountClock(ctx, window, cursor !== null)
  let last: string | null = isId(cursor?.['id']) ? cursor['id'] : null
  for (let page = 0; page < MAX_PAGES; page++) {
    const from: string | null = last
    const write = (a: Asked): string =>
      select(a, [...(spec.where ?? []), from && `${spec.id} > ${number(from)}`], [spec.id])
    const answer: Answer & { asked: Asked } = await clock(() => ask(ctx, spec, lacking, write, limitOf(ctx), 'sweep'))
    const rows = await rowsOf(ctx, spec, answer, 'sweep')
    last = answer.rows.map((row) => keyOf(row).id).findLast(isId) ?? last
    const end = !answer.more
    if (!end && last === from)
      throw new ConnectorError('schema', `No row of a page of ${spec.name} has an id that can be read.`)
    yield {
      rows,
      held: heldBy(spec, answer.asked.columns),
      ...(end
        ? { last: true, completeThrough: completeThrough(window) }
        : { cursor: { began: window.began, id: last } }),
    }
    if (end) return
  }
  throw new ConnectorError('schema', `${spec.name} has more than ${MAX_PAGES} pages in one read.`)
}

function changedSince(spec: RecordSpec, ctx: Ctx, window: Window, at: Position | null): string | null {
  if (at) return after(spec, wallClock(at.stamp, ctx.timezone), at.id)
  return window.since === null
    ? null
    : `${spec.changed} >= ${moment(wallClockSince(window.since, ctx.clock.now(), ctx.timezone))}`
}

/** Log of deletions since the last run. Where the role may not see it, only the sweep finds what is gone, and people are told. */
async function tombstones(
  spec: RecordSpec,
  ctx: Ctx,
  since: number,
  clock: <T extends Pick<Answer, 'reply'>>(work: () => Promise<T>) => Promise<T>,
): Promise<Page> {
  const types = spec.tombstones!.map((type) => `'${type}'`).join(', ')
  const from = moment(wallClockSince(since, ctx.clock.now(), ctx.timezone))
  const q = `SELECT d.recordid AS id, TO_CHAR(d.deleteddate, '${STAMP_FORMAT}') AS deleted FROM deletedrecord d WHERE LOWER(d.type) IN (${types}) AND d.deleteddate >= ${from} ORDER BY d.deleteddate, d.recordid`
  const request: HttpRequest = {
    method: 'POST',
    url: PATH,
    query: { limit: 1, offset: 0 },
    headers: { prefer: 'transient' },
    json: { q },
    accept: [400, 403],
  }
  const probe = await clock(async () => ({ reply: await ctx.http.request(request) }))
  if (probe.reply.status >= 400)
    return {
      rows: [],
      notes: [`The log of deletions is not visible; deleted ${spec.name} records are found by the sweep only.`],
    }
  const rows = (probe.reply.json() as { hasMore?: boolean }).hasMore
    ? await listed(ctx, q, 'read')
    : (probe.reply.json() as { items: Row[] }).items
  const deleted = rows.flatMap((row) => {
    const at = instantAt(row['deleted'], ctx.timezone)
    const id = typeof row['id'] === 'number' ? String(row['id']) : row['id']
    return isId(id) ? [{ id, ...(at !== null && { at }) }] : []
  })
  return { rows: [], deleted }
}

/**
 * Runs the queries of one read. The first reply tells the account's clock; minus the time that it took, that is a
 * moment at which the run had surely not begun to look.
 */
function accountClock(ctx: Ctx, window: Window, resumed: boolean) {
  let told = resumed
  return async <T extends Pick<Answer, 'reply'>>(work: () => Promise<T>): Promise<T> => {
    const began = ctx.clock.now()
    const done = await work()
    if (!told) {
      const ended = ctx.clock.now()
      window.began = platformClock(done.reply, ended) - Math.max(0, ended - began)
      told = true
    }
    return done
  }
}

async function rowsOf(
  ctx: ConnectorContext<NetSuiteConfig>,
  spec: RecordSpec,
  answer: Answer,
  priority: Priority,
): Promise<RawRow[]> {
  await accompany(ctx, spec, answer.rows, priority)
  const read = platformClock(answer.reply, ctx.clock.now())
  for (const row of answer.rows) {
    const at = instantAt(row[CHANGED], ctx.timezone, read)
    if (at !== null) row[CHANGED_UTC] = new Date(at).toISOString().replace('.000Z', 'Z')
  }
  return answer.rows.map((value) => ({ id: keyOf(value).id, value, raw: rawText(value) }))
}

function limitOf(ctx: Ctx): number {
  return Math.max(10, Math.min(ctx.config.page_size, ctx.pageSize))
}

/** The place of the last row that has one: a row with an unreadable stamp goes to quarantine and must not stop paging. */
function placeOfLast(rows: readonly Row[], timezone: string): Position | null {
  for (const row of rows.toReversed()) {
    const { id, stamp } = keyOf(row)
    const at = instantAt(stamp, timezone)
    if (at !== null && isId(id)) return { stamp: at, id }
  }
  return null
}

function samePlace(a: Position | null, b: Position | null): boolean {
  return a === b || (a !== null && b !== null && a.stamp === b.stamp && a.id === b.id)
}

/** Canonical fields whose columns the account has. */
function heldBy(spec: RecordSpec, columns: Record<string, string>): string[] {
  const has = (column: string) => column in columns || spec.companions?.includes(column as never) === true
  const held = Object.entries(spec.fields).flatMap(([name, source]) => (columnsOf(source).every(has) ? [name] : []))
  return spec.status && has(spec.status.from) && !held.includes('state') ? ['state', ...held] : held
}

function lackingOf(cursor: Cursor, now: number): { names: Lacking; since: number } {
  const since = Number(cursor?.['lackingSince'] ?? now)
  const names =
    now - since < LACKING_MS && Array.isArray(cursor?.['lacking'])
      ? (cursor['lacking'] as unknown[]).filter((n) => typeof n === 'string')
      : []
  return { names: new Set(names), since: names.length ? since : now }
}
