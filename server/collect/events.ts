/** Recorded events of a platform, read and stored: what cannot be read is refused by name and never stops the others. */
import { randomUUID } from 'node:crypto'
import type { Cursor, EventPage } from '../../connectors/contract.ts'
import { readEvent, type EventWorld, type RecordedEvent } from '../../model/event.ts'
import { KINDS } from '../../model/kinds.ts'
import type { Context } from '../context.ts'
import { asError, type PlumblineError } from '../errors.ts'
import { appendEvents } from '../store/facts/events.ts'
import { NOTES_MAX } from './limits.ts'
import type { OpenPlatform } from './platform.ts'

export interface EventsResult {
  read: number
  stored: number
  refused: number
  notes: string[]
  error: { code: string; message: string; remedy?: string } | null
}

/** What events may name, as the configuration stands. */
export function eventWorld(ctx: Pick<Context, 'config' | 'clock'>, reporter: string | null): EventWorld {
  return {
    platforms: Object.keys(ctx.config.platforms),
    kinds: KINDS.map((k) => k.name),
    reporter,
    now: ctx.clock.now(),
  }
}

/** Null where the platform reports no events. */
export async function collectEvents(ctx: Context, open: OpenPlatform): Promise<EventsResult | null> {
  const { connector, name } = open
  if (!connector.events) return null
  const key = `events ${name} cursor`
  const cursor = JSON.parse(ctx.control.get(key) ?? 'null') as Cursor
  const result: EventsResult = { read: 0, stored: 0, refused: 0, notes: [], error: null }
  const run = { id: randomUUID(), begun: false }
  const begin = () => {
    if (!run.begun)
      ctx.control.startRun({ id: run.id, stage: 'collect', subject: `${name}/events`, startedAt: ctx.clock.now() })
    run.begun = true
  }
  let error: PlumblineError | null = null
  try {
    for await (const page of connector.events(open.context('read'), cursor)) {
      begin()
      await take(ctx, name, page, result)
      if (page.cursor !== undefined) ctx.control.set(key, JSON.stringify(page.cursor))
      if (page.completeThrough !== undefined) ctx.control.set(`events ${name} through`, String(page.completeThrough))
      ctx.signal.throwIfAborted()
    }
  } catch (thrown) {
    begin()
    error = asError(thrown)
    result.error = { code: error.code, message: error.message, ...(error.remedy && { remedy: error.remedy }) }
  }
  if (!run.begun) return null
  const { read, stored, refused, notes } = result
  const stats = { read, stored, refused, ...(notes.length > 0 && { notes: notes.join('\n') }) }
  ctx.control.finishRun(run.id, error ? 'failed' : 'ok', ctx.clock.now(), stats, result.error)
  return result
}

async function take(ctx: Context, name: string, page: EventPage, result: EventsResult): Promise<void> {
  const note = (text: string) => {
    if (!result.notes.includes(text) && result.notes.length < NOTES_MAX) result.notes.push(text)
  }
  for (const text of page.notes ?? []) note(text)
  const world = eventWorld(ctx, name)
  const good: RecordedEvent[] = []
  for (const row of page.rows) {
    result.read++
    const event = row.unreadable === undefined ? readEvent(row.value, world) : { wrong: row.unreadable }
    if (!('wrong' in event)) good.push(event)
    else {
      result.refused++
      note(`${row.at ?? 'An event'} is no event: ${event.wrong}.`)
    }
  }
  if (good.length > 0) result.stored += (await appendEvents(ctx.facts, ctx.control, good)).stored
}
