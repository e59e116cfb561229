/** A range of an incremental export: it begins at an instant, and is left when nothing of a page lies in the range any more. */
import type { ConnectorContext, Cursor, Page, Range, RangeCost, Stream, StreamContext } from '../contract.ts'
import type { ZendeskConfig } from './config.ts'
import { changedOf } from './fields.ts'

/** Rows of a page of an export. */
const EXPORT_ROWS = 1_000

type Export = Stream<ZendeskConfig>

/** The same stream, able to read a range again. */
export function ranged(stream: Export): Export {
  return {
    ...stream,
    async *range(ctx: StreamContext<ZendeskConfig>, { from, to }: Range, cursor: Cursor): AsyncGenerator<Page> {
      const start = cursor ?? { start: Math.floor(from / 1000) }
      for await (const page of stream.read({ ...ctx, mode: 'changes' }, start)) {
        const inside = page.rows.filter((row) => (changedOf(row.value) ?? from) < to)
        yield {
          rows: inside,
          ...(page.deleted && { deleted: page.deleted }),
          ...(page.cursor && { cursor: page.cursor }),
        }
        if (page.rows.length > 0 && inside.length === 0) return
      }
    },
    /** Zendesk counts what there is, not what changed: everything is the most that it can be. */
    async cost(ctx: ConnectorContext<ZendeskConfig>): Promise<RangeCost> {
      const all = await stream.count?.(ctx)
      const calls = all === undefined || Number.isNaN(all) ? null : Math.max(1, Math.ceil(all / EXPORT_ROWS))
      return { calls, rows: null, exact: false, by: 'change' }
    },
  }
}
