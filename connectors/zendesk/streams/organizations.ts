/** Zendesk organizations → canonical customers. */
import type { ConnectorContext, Page, RawRow, Stream } from '../../contract.ts'
import { platformClock } from '../../cursor.ts'
import { rawText } from '../../exact-json.ts'
import type { ZendeskConfig } from '../config.ts'
import { exported } from '../export.ts'
import type { Fields } from '../fields.ts'
import { asObject, changedOf, customFields, idOf, listOf, opened, record, textOf } from '../fields.ts'
import { pages } from '../lists.ts'

const HOLDS = ['name', 'domain'] as const
const PATH = '/api/v2/organizations'

export const organizations: Stream<ZendeskConfig> = {
  name: 'organizations',
  kind: 'customer',
  source: 'Organization',
  holds: HOLDS,
  deletes: 'tombstone',
  async *read(ctx, cursor) {
    if (ctx.mode === 'full') {
      const began = startOf(cursor)
      for await (const { rows, reply, after } of pages(ctx, PATH, 'organizations', {}, textOf(cursor?.['after']))) {
        const since = began ?? platformClock(reply, ctx.clock.now())
        yield {
          rows: rows.map(rowOf),
          ...(after === null
            ? { last: true, cursor: null, completeThrough: since }
            : { cursor: { after, began: since } }),
        }
      }
      return
    }
    for await (const { rows, body: _, ...place } of exported(
      ctx,
      { path: '/api/v2/incremental/organizations', member: 'organizations', style: 'time' },
      cursor,
    )) {
      const deleted = await tombstones(ctx, rows)
      yield { rows: rows.filter((row) => !isDeleted(row)).map(rowOf), deleted, ...place }
    }
  },
  map(row, { config }) {
    const organization = opened(row, ['name'])
    const fields: Fields = { name: textOf(organization['name']) }
    // The first domain is the one that Zendesk shows; the others only sort mail.
    if (organization['domain_names'] !== undefined) fields['domain'] = textOf(listOf(organization['domain_names'])[0])
    return record(organization, customFields(organization, 'organization_fields'), config.organization, fields)
  },
  async one(ctx, id) {
    const reply = await ctx.http.request({ url: `${PATH}/${encodeURIComponent(id)}`, accept: [404] })
    const organization = reply.status === 404 ? null : asObject(asObject(reply.json())?.['organization'])
    return organization === null || isDeleted(organization) ? null : rowOf(organization)
  },
  // Above 100,000 an estimate that is up to a day old.
  count: (ctx) => countOf(ctx, `${PATH}/count`),
}

export function rowOf(value: unknown): RawRow {
  return { id: idOf(asObject(value)?.['id']), value, raw: rawText(value) }
}

/** Epoch ms at which a sweep began, kept through its pages. */
export function startOf(cursor: Record<string, unknown> | null): number | null {
  const began = cursor?.['began']
  return typeof began === 'number' ? began : null
}

export async function countOf(
  ctx: ConnectorContext<ZendeskConfig>,
  url: string,
  query: Record<string, string> = {},
): Promise<number> {
  const reply = await ctx.http.request({ url, query })
  const count = asObject(asObject(reply.json())?.['count'])
  if (count?.['refreshed_at'] === null)
    ctx.log.info('the count is being refreshed and may be cut off at 100,000', { url })
  return Number(count?.['value'])
}

function isDeleted(row: unknown): boolean {
  return textOf(asObject(row)?.['deleted_at']) !== null
}

async function tombstones(
  ctx: ConnectorContext<ZendeskConfig>,
  rows: readonly unknown[],
): Promise<NonNullable<Page['deleted']>> {
  const found: NonNullable<Page['deleted']> = []
  for (const row of rows) {
    const id = idOf(asObject(row)?.['id'])
    if (id === null || !isDeleted(row)) continue
    const at = Date.parse(String(asObject(row)!['deleted_at']))
    const survivor = ctx.config.organization_merges ? await mergedInto(ctx, id) : null
    found.push({
      id,
      at: Number.isNaN(at) ? (changedOf(row) ?? ctx.clock.now()) : at,
      ...(survivor !== null && { mergedInto: survivor }),
    })
  }
  return found
}

/** The organization that a deleted one was merged into; null: it was only deleted. */
async function mergedInto(ctx: ConnectorContext<ZendeskConfig>, id: string): Promise<string | null> {
  const reply = await ctx.http.request({ url: `${PATH}/${encodeURIComponent(id)}/merges`, accept: [404] })
  if (reply.status === 404) return null
  const merge = listOf(asObject(reply.json())?.['organization_merges'])
    .map(asObject)
    .find((m) => idOf(m?.['loser_id']) === id && m?.['status'] === 'complete')
  return idOf(merge?.['winner_id'])
}
