/**
 * One resource as a stream, in the order of its number. The server caps pages without saying so and its `hasMore` is not to be
 * relied on: an enumeration by which records are called gone ends only at a page that is empty.
 */
import type { ConnectorContext, Cursor, HttpRequest, Page, Range, RawRow, Stream, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import type { KeyPage } from '../key-order.ts'
import { allByKey, changesByKey, someByKey } from '../key-order.ts'
import { asEntity } from '../odata.ts'
import type { FusionConfig } from './config.ts'
import type { ResourceSpec } from './resources.ts'
import { attributesOf, holdsOf, wanted } from './resources.ts'
import { inForce, mapRow, rowOf, textOf } from './rows.ts'

/** A row is stamped when it is posted and seen when its transaction commits; long programs hold theirs for minutes. */
export const LAG_MS = 300_000
/** 500 is the published cap, 499 what is given in places. */
const PAGE_ROWS = 499

export type Ctx = ConnectorContext<FusionConfig>
type Reading = StreamContext<FusionConfig>
type Priority = 'verify' | 'read' | 'sweep'

export const headersOf = ({ framework_version }: FusionConfig) => ({
  'rest-framework-version': String(framework_version),
})

export function resourceStream(spec: ResourceSpec): Stream<FusionConfig> {
  const whole = spec.effective !== null
  return {
    name: spec.stream,
    kind: spec.kind,
    source: spec.path.split('/').at(-1)!,
    holds: holdsOf(spec),
    deletes: 'sweep',
    async *read(ctx, cursor) {
      const full = ctx.mode === 'full'
      if (!full && whole && (yield* isRecent(ctx, cursor))) return
      const known = await described(spec, ctx, full ? 'sweep' : 'read')
      const ask = (since: number | null, after: string | null) => {
        const changed = since === null || whole ? [] : [`LastUpdateDate >= '${instant(since)}'`]
        return list(spec, ctx, changed, after, rowsOf(ctx), full || whole ? 'sweep' : 'read', full)
      }
      yield* (full ? allByKey : changesByKey)(ctx, cursor, ask, { lagMs: LAG_MS, held: known?.held })
    },
    map: (row) => mapRow(spec, row),
    range: (ctx, range, cursor) =>
      someByKey(cursor, (after) => list(spec, ctx, between(range), after, rowsOf(ctx), 'sweep', false)),
    async cost(ctx, range) {
      const rows = await total(spec, ctx, between(range))
      return { calls: 1 + Math.max(1, Math.ceil(rows / PAGE_ROWS)), rows, exact: false, by: 'change' }
    },
    one: async (ctx, id) => oneBy(spec, ctx, `${spec.id} = ${literal(spec, spec.id, id)}`),
    count: (ctx) => total(spec, ctx, []),
  }
}

/** Was it read whole a short while ago? Then nothing is asked, and what was complete stays complete. */
function* isRecent(ctx: Reading, cursor: Cursor): Generator<Page, boolean> {
  const began = cursor?.['done'] === true && typeof cursor['began'] === 'number' ? cursor['began'] : null
  if (began === null || ctx.clock.now() - began >= ctx.config.rescan_minutes * 60_000) return false
  yield { rows: [], cursor, completeThrough: began - LAG_MS }
  return true
}

export async function oneBy(spec: ResourceSpec, ctx: Ctx, condition: string): Promise<RawRow | null> {
  const { rows } = await list(spec, ctx, [condition], null, 2, 'verify', false)
  return rows[0] ?? null
}

const rowsOf = (ctx: Reading) => Math.min(PAGE_ROWS, Math.max(1, ctx.pageSize))
const instant = (ms: number) => new Date(ms).toISOString().replace('Z', '+00:00')
const between = ({ from, to }: Range) => [`LastUpdateDate >= '${instant(from)}'`, `LastUpdateDate < '${instant(to)}'`]

/** Numbers stand as they are, texts in quotes, which they cannot hold themselves. */
export function literal(spec: ResourceSpec, attribute: string, value: string): string {
  if (attribute === spec.key && /^\d+$/.test(value)) return value
  if (/['"\\;]/.test(value))
    throw new ConnectorError(
      'config',
      `${value} cannot be asked for: Fusion takes no quotes or semicolons in a condition.`,
    )
  return `'${value}'`
}

async function list(
  spec: ResourceSpec,
  ctx: Ctx,
  conditions: string[],
  after: string | null,
  rows: number,
  priority: Priority,
  toTheEnd: boolean,
): Promise<KeyPage> {
  const known = await described(spec, ctx, priority)
  const q = [spec.only, ...conditions, after === null ? null : `${spec.key} > ${after}`].filter((c) => c !== null)
  const today = new Date(ctx.clock.now()).toISOString().slice(0, 10)
  const reply = await ctx.http.request({
    url: spec.path,
    query: {
      ...(q.length > 0 && { q: q.join(';') }),
      // Naming fields leaves out the children.
      ...(spec.expand.length > 0 ? { expand: spec.expand.join(',') } : known && { fields: known.fields.join(',') }),
      ...(spec.effective && { effectiveDate: today }),
      orderBy: `${spec.key}:asc`,
      limit: rows,
      offset: 0,
      onlyData: true,
    },
    headers: headersOf(ctx.config),
    priority,
  })
  const body = asEntity(reply.json())
  const items = body?.['items']
  if (!Array.isArray(items))
    throw new ConnectorError('schema', `Oracle Fusion’s answer for ${spec.stream} has no items.`)
  const keys = items.map((item) => textOf(asEntity(item)?.[spec.key]))
  const last = keys.findLast((key) => key !== null && /^\d+$/.test(key)) ?? null
  const more = items.length > 0 && (toTheEnd || items.length >= rows || body?.['hasMore'] === true)
  // Dated rows share a key: those of the last one may go on over the page, and come whole with the next.
  const before = spec.effective && more ? keys.findLast((key) => key !== null && key !== last) : undefined
  const whole = before === undefined || before === null ? items : items.filter((_, n) => keys[n] !== last)
  const day = new Date(platformClock(reply, ctx.clock.now())).toISOString().slice(0, 10)
  // Whether or not the server kept to the day, only what is in force is taken.
  const held = whole.filter((item) => inForce(spec, asEntity(item) ?? {}, day))
  return { reply, rows: held.map((item) => rowOf(spec, item)), last: before ?? last, more }
}

async function total(spec: ResourceSpec, ctx: Ctx, conditions: string[]): Promise<number> {
  const q = [spec.only, ...conditions].filter((c) => c !== null)
  const reply = await ctx.http.request({
    url: spec.path,
    query: {
      ...(q.length > 0 && { q: q.join(';') }),
      ...(spec.effective && { effectiveDate: new Date(ctx.clock.now()).toISOString().slice(0, 10) }),
      fields: spec.key,
      limit: 1,
      totalResults: true,
      onlyData: true,
    },
    headers: headersOf(ctx.config),
    priority: 'sweep',
  })
  const found = Number(asEntity(reply.json())?.['totalResults'] ?? Number.NaN)
  if (!Number.isInteger(found)) throw new ConnectorError('schema', `Oracle Fusion does not count ${spec.stream}.`)
  return found
}

interface Described {
  /** Attributes to ask for. */
  fields: string[]
  /** Canonical fields that these carry. */
  held: string[]
}

/** Descriptions change with a release: asked for as often as this. */
const DESCRIBED_MS = 60 * 60_000
const lately = new WeakMap<FusionConfig, Map<string, { at: number; known: Described | null }>>()

/** What of the wanted attributes the resource has; null where it does not describe itself: then it is read as it comes. */
async function described(spec: ResourceSpec, ctx: Ctx, priority: HttpRequest['priority']): Promise<Described | null> {
  const all = lately.get(ctx.config) ?? new Map<string, { at: number; known: Described | null }>()
  const had = all.get(spec.stream)
  if (had && ctx.clock.now() - had.at < DESCRIBED_MS) return had.known
  const reply = await ctx.http.request({
    url: `${spec.path}/describe`,
    headers: headersOf(ctx.config),
    accept: [400, 403, 404, 406],
    ...(priority && { priority }),
  })
  const known = reply.status === 200 ? visibleIn(spec, reply.json()) : null
  lately.set(ctx.config, all.set(spec.stream, { at: ctx.clock.now(), known }))
  return known
}

function visibleIn(spec: ResourceSpec, body: unknown): Described | null {
  const resource = asEntity(asEntity(asEntity(body)?.['Resources'])?.[spec.path.split('/').at(-1)!])
  const attributes = resource?.['attributes']
  if (!Array.isArray(attributes)) return null
  const queryable = new Map(
    attributes.map((a) => [String(asEntity(a)?.['name']), asEntity(a)?.['queryable'] !== false]),
  )
  for (const name of spec.effective ? [spec.key] : [spec.key, 'LastUpdateDate'])
    if (queryable.get(name) !== true)
      throw new ConnectorError('config', `${spec.stream} cannot be asked for by ${name}.`, {
        remedy: `Name another key, or take ${spec.stream} off by skip; with effective it is read whole.`,
      })
  const has = (name: string) => queryable.has(name) || spec.expand.includes(name)
  const held = Object.keys(spec.fields).filter((field) => attributesOf(spec.fields[field]!).some(has))
  if (spec.status !== null && attributesOf(spec.status).some(has)) held.push('state')
  return { fields: wanted(spec).filter((name) => queryable.has(name)), held }
}
