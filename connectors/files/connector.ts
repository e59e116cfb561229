/** Files: CSV, NDJSON and Parquet from a folder or a bucket, one file or a dated series per kind, in canonical column names. */
import { kindOf } from '../../model/kinds.ts'
import type { ConnectorContext, Stream } from '../contract.ts'
import { ConnectorError, defineConnector } from '../contract.ts'
import { columnReader } from './columns.ts'
import { config } from './config.ts'
import type { FilesConfig } from './config.ts'
import { readEvents } from './events.ts'
import { EVENTS, findFiles, pluralOf } from './names.ts'
import { costOf, within } from './range.ts'
import { readKind } from './read.ts'
import { addressOf, errors, filesOf } from './s3.ts'
import { s3Headers } from './s3-signature.ts'

export default defineConnector<FilesConfig>({
  title: 'Files',
  config,
  base: (settings) => addressOf(settings) ?? '',
  authorise: ({ config: { s3 }, clock }, request) => Promise.resolve(s3 ? s3Headers(request, s3, clock.now()) : {}),
  errors,
  async ping(ctx) {
    const kinds = await kindsIn(ctx)
    if (kinds.length === 0) kinds.push(EVENTS)
    return { account: `${ctx.config.folder}: ${kinds.map(pluralOf).join(', ')}` }
  },
  streams: [],
  async discover(ctx) {
    return (await kindsIn(ctx)).map((kind) => streamOf(kind, ctx.config))
  },
  events: (ctx, cursor) => readEvents(filesOf(ctx), cursor),
  // Local files need no calls, and a bucket bears thousands a second: the limits only bound how many files are open.
  limits: { calls: 1_000_000, windowMs: 60_000, concurrency: 4, reserve: 0 },
  lagMs: 0,
  replayDays: null,
})

/** Kinds of records; none where there are only recorded events. @throws ConnectorError `config` if the folder holds no file of any kind, with what it holds instead */
async function kindsIn(ctx: ConnectorContext<FilesConfig>): Promise<string[]> {
  const listed = await filesOf(ctx).files.list(ctx.config.folder)
  const kinds = [...new Set(findFiles(listed, ctx.config, ctx.platform).map((f) => f.kind))]
  if (kinds.length > 0) return kinds.filter((kind) => kind !== EVENTS)
  const seen = listed
    .slice(0, 10)
    .map((f) => f.name)
    .join(', ')
  throw new ConnectorError(
    'config',
    `${ctx.config.folder} has no file of any kind${seen ? `; it holds ${seen}` : '; it is empty'}.`,
    {
      remedy:
        'Name files after their kind (customers.csv, invoice-2026-11-01.ndjson), or set prefix or pattern in the platform’s config.',
    },
  )
}

function streamOf(kind: string, settings: FilesConfig): Stream<FilesConfig> {
  const columns = columnReader(kind, settings.columns[kind] ?? {})
  return {
    name: pluralOf(kind),
    kind,
    source: settings.pattern?.replace('{kind}', kind) ?? `${pluralOf(kind)} file`,
    // The header of each file says which of these it has.
    holds: kindOf(kind).fields.map((f) => f.name),
    deletes: settings.mode === 'snapshot' ? 'sweep' : 'flag',
    read: (ctx, cursor) => readKind(filesOf(ctx), kind, columns, cursor),
    range: (ctx, range, cursor) => within(filesOf(ctx), kind, columns, range, cursor),
    cost: (ctx, range) => costOf(filesOf(ctx), kind, range),
    map: (row) => columns.record(row),
  }
}
