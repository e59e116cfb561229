/** Events files: what a platform or the middleware tells of changes on their way, each file read once, oldest first. */
import type { ConnectorContext, Cursor, EventPage } from '../contract.ts'
import type { FilesConfig } from './config.ts'
import { readManifest } from './manifest.ts'
import { EVENTS, findFiles } from './names.ts'
import { batchesOf, cursorOf, pending, positionOf, remember, unchanged } from './read.ts'

/** A log that grows is read again as a whole; what was told before is known by its id. */
export async function* readEvents(ctx: ConnectorContext<FilesConfig>, cursor: Cursor): AsyncGenerator<EventPage> {
  const listed = await ctx.files.list(ctx.config.folder)
  const files = findFiles(listed, ctx.config, ctx.platform).filter((f) => f.kind === EVENTS)
  if (files.length === 0) return
  const manifest = await readManifest(ctx, listed)
  const at = positionOf(cursor)
  let whole = true
  for (const file of pending(files, at, 'increment')) {
    if (file.size > 0) for await (const { rows } of batchesOf(ctx, file)) yield { rows }
    if (await unchanged(ctx, file)) remember(at, file)
    else {
      whole = false
      yield { rows: [], notes: [`${file.name} was still being written; it is read again next time.`] }
    }
    yield { rows: [], cursor: cursorOf(at) }
  }
  const through = Math.min(manifest.completeThrough(files.at(-1)!), ctx.clock.now())
  yield { rows: [], cursor: cursorOf(at), ...(whole && { completeThrough: through }) }
}
