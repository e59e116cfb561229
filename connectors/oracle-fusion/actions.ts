/** What an environment can be told to do: resources by `PATCH` at the address that they name themselves, with the `If-Match` of their ETag. */
import type { Action, Standing } from '../action.ts'
import type { RawRow } from '../contract.ts'
import type { EntityDoor, WritableSpec } from '../entity-actions.ts'
import { ANSWERS, entityActions, numberOf, typeOf } from '../entity-actions.ts'
import { markOf } from '../mark.ts'
import { asEntity } from '../odata.ts'
import type { FusionConfig } from './config.ts'
import { reasonOf } from './dialect.ts'
import type { ResourceSpec } from './resources.ts'
import { resourcesOf } from './resources.ts'
import { rowOf, textOf } from './rows.ts'
import type { Ctx } from './stream.ts'
import { headersOf, literal } from './stream.ts'

type Writable = WritableSpec & { spec: ResourceSpec }
const specIn = (writable: WritableSpec) => (writable as Writable).spec

export function fusionActions(config: FusionConfig): readonly Action<FusionConfig>[] {
  return resourcesOf(config).specs.flatMap((spec) => {
    const plain = Object.entries(spec.fields).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && spec.writable.includes(entry[1]),
    )
    const writable: Writable = {
      spec,
      stream: spec.stream,
      kind: spec.kind,
      fields: Object.fromEntries(plain),
      refs: spec.refs,
      key: spec.ownKey,
      readOnly: [],
      // Orders, invoices and receipts need lines and accounting: those are made by people.
      creatable: spec.creatable,
    }
    return entityActions(door, writable)
  })
}

const door: EntityDoor<FusionConfig> = {
  noun: 'item',
  guard: 'etag',
  needs: (writable, name) => `privilege that may ${name === 'create' ? 'create' : 'update'} ${writable.stream}`,
  calls: (_config, writable, request, body, standing) =>
    request.recordId === null
      ? [{ method: 'POST', path: specIn(writable).path, body }]
      : [
          {
            method: 'PATCH',
            path: selfIn(standing.row) ?? `${specIn(writable).path}/${encodeURIComponent(request.recordId)}`,
            body,
          },
        ],
  literal(writable, field, _property, text) {
    const type = typeOf(writable, field)
    if (text === null) return null
    if (type === 'money' || type === 'number') return numberOf(text)
    if (type === 'bool') return text === 'true'
    return type === 'date' ? text.slice(0, 10) : text
  },
  look: async (ctx, writable, id) =>
    (await found(ctx, specIn(writable), specIn(writable).id, id)) ?? { row: null, mark: null },
  find: (ctx, writable, property, value) => found(ctx, specIn(writable), property, value),
  send: (ctx, _writable, call, _mark, known) =>
    ctx.http.request({
      method: call.method,
      url: call.path,
      json: call.body,
      headers: { ...headersOf(ctx.config), ...(known?.['etag'] !== undefined && { 'if-match': known['etag'] }) },
      once: true,
      priority: 'verify',
      accept: ANSWERS,
    }),
  madeId: (reply, writable) => textOf(asEntity(reply.json())?.[specIn(writable).id]),
  reason: reasonOf,
}

/** The item with its links, and its version: a collection names the address, only the item itself has the ETag. */
async function found(ctx: Ctx, spec: ResourceSpec, attribute: string, value: string): Promise<Standing | null> {
  const { path } = spec
  const options = { headers: headersOf(ctx.config), priority: 'verify' as const }
  const query = { q: `${attribute} = ${literal(spec, attribute, value)}`, limit: 1 }
  const listed = await ctx.http.request({ url: path, query, ...options })
  const [item] = (asEntity(listed.json())?.['items'] as unknown[] | undefined) ?? []
  if (textOf(asEntity(item)?.[attribute]) !== value) return null
  const self = selfIn(rowOf(spec, item))
  if (self === null) return { row: rowOf(spec, item), mark: markOf(item, ['links', '@context']) }
  const reply = await ctx.http.request({ url: self, ...options, accept: [404] })
  if (reply.status === 404) return null
  const row = rowOf(spec, reply.json())
  const etag = reply.headers['etag']
  return { row, mark: etag ?? markOf(row.value, ['links', '@context']), ...(etag !== undefined && { known: { etag } }) }
}

/** Keys in addresses may be digests: an item says itself where it is. */
function selfIn(row: RawRow | null): string | null {
  const item = asEntity(row?.value)
  const links = item?.['links'] ?? asEntity(item?.['@context'])?.['links']
  const self = Array.isArray(links) ? links.map(asEntity).find((link) => link?.['rel'] === 'self') : undefined
  const href = textOf(self?.['href'])
  return href !== null && URL.canParse(href) ? new URL(href).pathname : null
}
