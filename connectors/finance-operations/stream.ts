/**
 * One data entity as a stream, over all companies at once and in the order of its whole key. Most entities tell no change time:
 * those are read whole every so often, and what did not change is the same version again.
 */
import type { ConnectorContext, Cursor, Page, RawRow, Stream, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { KeyPage } from '../key-order.ts'
import { allByKey, changesByKey, someByKey } from '../key-order.ts'
import { afterPlace, allOf, anyOf, asEntity, pageOf } from '../odata.ts'
import type { OperationsConfig } from './config.ts'
import type { EntitySpec } from './entities.ts'
import { COMPANY, holdsOf } from './entities.ts'
import { literalOf, mapRow, partsOf, rowOf } from './rows.ts'

/** A row is stamped inside its transaction and seen when that ends. */
export const LAG_MS = 120_000
const PAGE_ROWS = 2_000

export type Ctx = ConnectorContext<OperationsConfig>
type Reading = StreamContext<OperationsConfig>
type Priority = 'verify' | 'read' | 'sweep'

export const setPath = (spec: EntitySpec) => `/data/${spec.set}`

export function entityStream(spec: EntitySpec): Stream<OperationsConfig> {
  const { modified } = spec
  return {
    name: spec.stream,
    kind: spec.kind,
    source: spec.set,
    holds: holdsOf(spec),
    deletes: 'sweep',
    async *read(ctx, cursor) {
      const full = ctx.mode === 'full'
      if (!full && modified === null && (yield* isRecent(ctx, cursor))) return
      const known = await described(spec, ctx, full ? 'sweep' : 'read')
      const ask = (since: number | null, after: string | null) =>
        list(spec, ctx, since === null ? null : changedSince(spec, since), after, rowsOf(ctx), full ? 'sweep' : 'read')
      yield* (full ? allByKey : changesByKey)(ctx, cursor, ask, { lagMs: LAG_MS, held: known?.held })
    },
    map: (row, { config }) => mapRow(spec, row, config),
    one: async (ctx, id) => oneBy(spec, ctx, identified(spec, id)),
    count: (ctx) => total(spec, ctx, null),
    // A range goes by change time: an entity without one has none.
    ...(modified !== null && {
      range: (ctx: Reading, { from, to }: { from: number; to: number }, cursor: Cursor) =>
        someByKey(cursor, (after) => list(spec, ctx, between(modified, from, to), after, rowsOf(ctx), 'sweep')),
      async cost(ctx: Ctx, { from, to }: { from: number; to: number }) {
        const rows = await total(spec, ctx, between(modified, from, to))
        return { calls: Math.max(1, Math.ceil(rows / PAGE_ROWS)), rows, exact: true, by: 'change' as const }
      },
    }),
  }
}

/** Was it read whole a short while ago? Then nothing is asked, and what was complete stays complete. */
function* isRecent(ctx: Reading, cursor: Cursor): Generator<Page, boolean> {
  const began = cursor?.['done'] === true && typeof cursor['began'] === 'number' ? cursor['began'] : null
  if (began === null || ctx.clock.now() - began >= ctx.config.rescan_minutes * 60_000) return false
  yield { rows: [], cursor, completeThrough: began - LAG_MS }
  return true
}

const rowsOf = (ctx: Reading) => Math.min(PAGE_ROWS, Math.max(1, ctx.pageSize))
const changedSince = (spec: EntitySpec, since: number) =>
  spec.modified === null ? null : `${spec.modified} ge ${new Date(since).toISOString()}`
const between = (modified: string, from: number, to: number) =>
  `${modified} ge ${new Date(from).toISOString()} and ${modified} lt ${new Date(to).toISOString()}`

/** @throws ConnectorError `schema` for an id that is none of this entity */
export function identified(spec: EntitySpec, id: string): string {
  const parts = partsOf(spec, id)
  if (parts === null) throw new ConnectorError('schema', `${id} is no id of ${spec.set}.`)
  return [COMPANY, ...spec.id]
    .map((name, n) => `${name} eq ${name === 'LineNumber' ? parts[n]! : exact(parts[n]!)}`)
    .join(' and ')
}

/** `eq` takes an asterisk for any text. */
export const exact = (text: string) => literalOf(text.replaceAll('*', String.raw`\*`))

export async function oneBy(spec: EntitySpec, ctx: Ctx, condition: string): Promise<RawRow | null> {
  const { rows } = await list(spec, ctx, condition, null, 1, 'verify')
  return rows[0] ?? null
}

const scopeOf = (spec: EntitySpec, ctx: Ctx, condition: string | null) =>
  allOf(anyOf(COMPANY, ctx.config.companies), spec.only, condition)

async function list(
  spec: EntitySpec,
  ctx: Ctx,
  condition: string | null,
  after: string | null,
  rows: number,
  priority: Priority,
): Promise<KeyPage> {
  const known = await described(spec, ctx, priority)
  const place = after === null ? [] : (JSON.parse(after) as unknown[])
  const behind = afterPlace(place.map((value, n) => [spec.keys[n]!, literalOf(value)] as const))
  const filter = allOf(scopeOf(spec, ctx, condition), behind)
  const reply = await ctx.http.request({
    url: setPath(spec),
    query: {
      // Without it only the company of the application’s user would be read, and nobody would be told.
      'cross-company': true,
      ...(filter !== undefined && { $filter: filter }),
      $orderby: spec.keys.join(','),
      $top: rows,
      // A customer has three hundred properties.
      ...(known && { $select: known.select.join(',') }),
    },
    priority,
  })
  const { entities, next } = pageOf(reply, 'Finance & Operations', spec.set)
  const keys = entities.map((entity) => spec.keys.map((name) => asEntity(entity)?.[name]))
  const key = keys.findLast((parts) => parts.every((part) => part !== undefined && part !== null && part !== ''))
  return {
    reply,
    rows: entities.map((entity) => rowOf(spec, entity)),
    last: key ? JSON.stringify(key) : null,
    more: entities.length > 0 && (entities.length >= rows || next !== null),
  }
}

async function total(spec: EntitySpec, ctx: Ctx, condition: string | null): Promise<number> {
  const filter = scopeOf(spec, ctx, condition)
  const reply = await ctx.http.request({
    url: setPath(spec),
    query: { 'cross-company': true, ...(filter !== undefined && { $filter: filter }), $top: 1, $count: true },
    priority: 'sweep',
  })
  const { count } = pageOf(reply, 'Finance & Operations', spec.set)
  if (count === null) throw new ConnectorError('schema', `Finance & Operations does not count ${spec.set}.`)
  return count
}

interface Described {
  /** Properties to ask for. */
  select: string[]
  /** Canonical fields that these carry. */
  held: string[]
}

/** Descriptions change with a release: asked for as often as this. */
const DESCRIBED_MS = 60 * 60_000
const lately = new WeakMap<OperationsConfig, Map<string, { at: number; names: ReadonlySet<string> | null }>>()

/** What of the wanted properties the entity has; null where the environment does not describe itself: then it is read as it comes. */
async function described(spec: EntitySpec, ctx: Ctx, priority: Priority): Promise<Described | null> {
  const all = lately.get(ctx.config) ?? new Map<string, { at: number; names: ReadonlySet<string> | null }>()
  let had = all.get(spec.set)
  if (!had || ctx.clock.now() - had.at >= DESCRIBED_MS) {
    const reply = await ctx.http.request({
      url: '/metadata/PublicEntities',
      query: { $filter: `EntitySetName eq ${literalOf(spec.set)}` },
      accept: [400, 403, 404, 501],
      priority,
    })
    had = { at: ctx.clock.now(), names: reply.status === 200 ? namesIn(reply.json()) : null }
    lately.set(ctx.config, all.set(spec.set, had))
  }
  return had.names && visibleIn(spec, had.names, ctx.config)
}

function visibleIn(spec: EntitySpec, names: ReadonlySet<string>, config: OperationsConfig): Described {
  const has = (property: string | null): property is string => property !== null && names.has(property)
  if (spec.modified !== null && !has(spec.modified))
    throw new ConnectorError('config', `${spec.set} has no property ${spec.modified}.`, {
      remedy: `Take config.entities.${spec.stream}.modified away, or name one of its properties.`,
    })
  const held = Object.keys(spec.fields).filter((field) => has(spec.fields[field]!))
  if (has(spec.status)) held.push('state')
  if (spec.kind === 'line' && held.includes('document')) held.push('document_kind')
  if (spec.kind === 'product' && Object.keys(config.currencies).length > 0) held.push('currency')
  const named = [spec.fields, spec.refs, spec.custom].flatMap((from) => Object.values(from))
  const select = [...spec.keys, ...named, spec.status, spec.key, spec.modified].filter(has)
  return { select: [...new Set([...spec.keys, ...select])], held }
}

function namesIn(body: unknown): ReadonlySet<string> | null {
  const [entity] = (asEntity(body)?.['value'] as unknown[] | undefined) ?? []
  const properties = asEntity(entity)?.['Properties']
  if (!Array.isArray(properties)) return null
  return new Set(properties.flatMap((property) => String(asEntity(property)?.['Name'] ?? '')))
}
