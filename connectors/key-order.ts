/**
 * Reading in the order of a key that never changes: the next page is what comes after the last key. No row can slip from one
 * page to another while its stamp moves, ties need no care, and no page address can expire. What is changed behind the place
 * meanwhile carries a later stamp, and the next run begins where this one began, minus the lag.
 */
import type { Cursor, HttpReply, Page, RawRow, StreamContext } from './contract.ts'
import { ConnectorError } from './contract.ts'
import { completeThrough, openWindow, platformClock } from './cursor.ts'
import { MAX_PAGES } from './paging.ts'

export interface KeyPage {
  reply: HttpReply
  rows: RawRow[]
  /** Key of the last row, as `ask` understands it; null: the page had none. */
  last: string | null
  /** There may be more. A page that is cut short by the platform is not the end. */
  more: boolean
}

/** One page of what changed at or after `since` (null: everything), after the key. */
export type AskByKey = (since: number | null, after: string | null) => Promise<KeyPage>

type Reading = Pick<StreamContext<unknown>, 'clock'>

export interface KeyOrder {
  lagMs: number
  /** Fields that the read can carry at all, where the platform describes itself. */
  held?: string[] | undefined
}

export async function* changesByKey(ctx: Reading, cursor: Cursor, ask: AskByKey, how: KeyOrder): AsyncGenerator<Page> {
  let window = openWindow(cursor, ctx.clock.now(), how.lagMs)
  const { since } = window
  let first = true
  for await (const { reply, rows, last, more } of pages((after) => ask(since, after), placeIn(cursor))) {
    if (first) window = openWindow(cursor, platformClock(reply, ctx.clock.now()), how.lagMs)
    first = false
    const place = { began: window.began, done: false, ...(since !== null && { since }), key: last }
    yield {
      rows,
      ...(how.held && { held: how.held }),
      ...(more
        ? { cursor: place }
        : { cursor: { began: window.began, done: true }, completeThrough: completeThrough(window) }),
    }
  }
}

/** Everything that is there: what is not in it is gone. */
export async function* allByKey(ctx: Reading, cursor: Cursor, ask: AskByKey, how: KeyOrder): AsyncGenerator<Page> {
  let began = typeof cursor?.['began'] === 'number' ? cursor['began'] : null
  for await (const { reply, rows, last, more } of pages((after) => ask(null, after), placeIn(cursor))) {
    began ??= platformClock(reply, ctx.clock.now())
    yield {
      rows,
      ...(how.held && { held: how.held }),
      ...(more ? { cursor: { began, key: last } } : { last: true, cursor: null, completeThrough: began - how.lagMs }),
    }
  }
}

/** What `ask` gives, from a place on: a range read again. */
export async function* someByKey(
  cursor: Cursor,
  ask: (after: string | null) => Promise<KeyPage>,
): AsyncGenerator<Page> {
  for await (const { rows, last } of pages(ask, placeIn(cursor)))
    yield { rows, ...(last !== null && { cursor: { key: last } }) }
}

async function* pages(ask: (after: string | null) => Promise<KeyPage>, from: string | null): AsyncGenerator<KeyPage> {
  let after = from
  for (let page = 0; page < MAX_PAGES; page++) {
    const found = await ask(after)
    if (found.more && (found.last === null || found.last === after))
      throw new ConnectorError('schema', 'Paging does not advance: the platform gives the same key twice.')
    yield found
    if (!found.more) return
    after = found.last
  }
  throw new ConnectorError('schema', `The list has more than ${MAX_PAGES} pages in one read.`)
}

function placeIn(cursor: Cursor): string | null {
  return cursor?.['done'] !== true && typeof cursor?.['key'] === 'string' ? cursor['key'] : null
}
