/** Entitlements: records of a custom object, or fields of an organization. Zendesk has no object of its own for them. */
import type { ConnectorContext, Cursor, Page, RawRow, Stream, StreamContext } from '../../contract.ts'
import { MappingError } from '../../contract.ts'
import { platformClock } from '../../cursor.ts'

import type { ZendeskConfig } from '../config.ts'
import { asObject, changedOf, customFields, heldOf, opened, record, textOf } from '../fields.ts'
import { pages } from '../lists.ts'
import { countOf, organizations, rowOf, startOf } from './organizations.ts'

/** How late a change of a custom object record may be listed, ms; unverified, so generous. */
const LATE_MS = 60_000

/** The stream that the configuration asks for; null: entitlements are kept elsewhere. */
export function entitlements(config: ZendeskConfig): Stream<ZendeskConfig> | null {
  const { entitlement } = config
  if (!entitlement) return null
  const stream = entitlement.source === 'custom_object' ? ofCustomObject(entitlement.key) : ofOrganizations
  return { ...stream, holds: heldOf(stream.holds, entitlement.mapping) }
}

function mappingOf(config: ZendeskConfig) {
  if (!config.entitlement) throw new MappingError('entitlement', 'the configuration names no entitlements')
  return config.entitlement.mapping
}

function ofCustomObject(key: string): Stream<ZendeskConfig> {
  const path = `/api/v2/custom_objects/${encodeURIComponent(key)}/records`
  return {
    name: 'entitlements',
    kind: 'entitlement',
    source: `Custom object ${key}`,
    holds: [],
    // Records are deleted for good, without a trace.
    deletes: 'sweep',
    read: (ctx, cursor) => (ctx.mode === 'full' ? everything(ctx, path, cursor) : changed(ctx, path, cursor)),
    map(row, { config }) {
      const object = opened(row, ['custom_object_fields'])
      return record(object, customFields(object, 'custom_object_fields'), mappingOf(config), {})
    },
    async one(ctx, id) {
      const reply = await ctx.http.request({ url: `${path}/${encodeURIComponent(id)}`, accept: [404] })
      const object = reply.status === 404 ? null : asObject(asObject(reply.json())?.['custom_object_record'])
      return object === null ? null : rowOf(object)
    },
    count: (ctx) => countOf(ctx, `${path}/count`),
  }
}

async function* everything(ctx: StreamContext<ZendeskConfig>, path: string, cursor: Cursor): AsyncGenerator<Page> {
  const began = startOf(cursor)
  for await (const { rows, reply, after } of pages(
    ctx,
    path,
    'custom_object_records',
    { sort: 'id' },
    textOf(cursor?.['after']),
  )) {
    const since = began ?? platformClock(reply, ctx.clock.now())
    yield {
      rows: rows.map(rowOf),
      ...(after === null
        ? { last: true, cursor: null, completeThrough: since - LATE_MS }
        : { cursor: { after, began: since } }),
    }
  }
}

/**
 * There is no filter by time, but an order: newest change first, down to what the run before has read. A record that
 * changes while we walk moves to the front, above the place where this walk began, and is the next run's.
 */
async function* changed(ctx: StreamContext<ZendeskConfig>, path: string, cursor: Cursor): AsyncGenerator<Page> {
  const through = cursor?.['through']
  const since = typeof through === 'number' ? through - LATE_MS : null
  const walked: RawRow[][] = []
  let began: number | null = null
  for await (const { rows, reply } of pages(ctx, path, 'custom_object_records', { sort: '-updated_at' })) {
    began ??= platformClock(reply, ctx.clock.now())
    const young = since === null ? rows : rows.filter((row) => (changedOf(row) ?? since) >= since)
    walked.push(young.map(rowOf).reverse())
    if (young.length < rows.length) break
  }
  const end = { cursor: { through: began ?? ctx.clock.now() }, completeThrough: (began ?? ctx.clock.now()) - LATE_MS }
  // Oldest change first, as the contract wants it; only the last page is a place to go on from.
  for (const [i, rows] of walked.reverse().entries()) yield { rows, ...(i === walked.length - 1 && end) }
}

/** One entitlement of an organization that has a status word in the configured field; its id is the organization's. */
const ofOrganizations: Stream<ZendeskConfig> = {
  name: 'entitlements',
  kind: 'entitlement',
  source: 'Organization fields',
  holds: ['customer'],
  deletes: 'tombstone',
  async *read(ctx, cursor) {
    for await (const page of organizations.read(ctx, cursor)) {
      const without =
        ctx.mode === 'full'
          ? []
          : page.rows.filter((row) => !isEntitled(row, ctx)).flatMap((row) => (row.id === null ? [] : [{ id: row.id }]))
      // A merge of organizations is none of entitlements.
      const deleted = [...(page.deleted ?? []).map(({ mergedInto: _, ...gone }) => gone), ...without]
      yield { ...page, rows: page.rows.filter((row) => isEntitled(row, ctx)), ...(deleted.length > 0 && { deleted }) }
    }
  },
  map(row, { config }) {
    const organization = opened(row, ['organization_fields'])
    return record(
      organization,
      customFields(organization, 'organization_fields'),
      { ...mappingOf(config), external_id: undefined },
      { customer: organization.id },
    )
  },
  async one(ctx, id) {
    const row = await organizations.one!(ctx, id)
    return row !== null && isEntitled(row, ctx) ? row : null
  },
}

function isEntitled(row: RawRow, ctx: ConnectorContext<ZendeskConfig>): boolean {
  const { status } = mappingOf(ctx.config)
  const object = asObject(row.value)
  return status === undefined || object === null || textOf(customFields(object, 'organization_fields')[status]) !== null
}
