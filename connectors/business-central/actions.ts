/** What a company can be told to do: entities by `PATCH` with the `If-Match` that was seen, new customers and items by an id of their own. */
import type { Action, Standing } from '../action.ts'
import type { RawRow } from '../contract.ts'
import type { EntityDoor, WritableSpec } from '../entity-actions.ts'
import { ANSWERS, entityActions, typeOf } from '../entity-actions.ts'
import { asEntity, entityIn, etagOf, pageOf, quoted, reasonOf } from '../odata.ts'
import type { CentralConfig } from './config.ts'
import type { EntitySpec } from './entities.ts'
import { entitiesOf } from './entities.ts'
import { BLANK, rowOf, textOf } from './rows.ts'
import { entityStream, listPath, onePath } from './stream.ts'

type Writable = WritableSpec & { spec: EntitySpec }
const specIn = (writable: WritableSpec) => (writable as Writable).spec

export function centralActions(config: CentralConfig): readonly Action<CentralConfig>[] {
  return entitiesOf(config).flatMap((spec) => {
    const writable: Writable = {
      ...spec,
      spec,
      stream: spec.name,
      // Documents need lines and payments a journal: those are made by people.
      creatable: spec.name === 'customers' || spec.name === 'items',
      hold: spec.fields['credit_hold'] === 'blocked' ? { property: 'blocked', on: 'All', off: BLANK } : undefined,
    }
    return entityActions(door, writable)
  })
}

const door: EntityDoor<CentralConfig> = {
  noun: 'entity',
  guard: 'etag',
  needs: (writable, name) => `permission set that may ${name === 'create' ? 'insert' : 'modify'} ${writable.stream}`,
  calls: (config, writable, request, body) =>
    request.recordId === null
      ? [{ method: 'POST', path: listPath(specIn(writable), config), body }]
      : [{ method: 'PATCH', path: onePath(specIn(writable), config, request.recordId), body }],
  literal(writable, field, property, text) {
    const type = typeOf(writable, field)
    if (type === 'bool' && property === 'blocked') return text === 'true' ? 'All' : BLANK
    if (type === 'bool') return text === 'true'
    if (type === 'date' || type === 'instant') return text === null ? '0001-01-01' : text.slice(0, 10)
    if (text === null) return type === 'money' || type === 'number' ? 0 : ''
    return (type === 'money' || type === 'number') && String(Number(text)) === text ? Number(text) : text
  },
  look: async (ctx, writable, id) => standingOf(await entityStream(specIn(writable)).one!(ctx, id)),
  async find(ctx, writable, property, value) {
    const query = { $filter: `${property} eq ${quoted(value)}`, $top: 1 }
    const reply = await ctx.http.request({ url: listPath(specIn(writable), ctx.config), query, priority: 'verify' })
    const [found] = pageOf(reply, 'Business Central', writable.stream).entities
    return asEntity(found)?.[property] === value ? standingOf(rowOf(found)) : null
  },
  send: (ctx, _writable, call, mark) =>
    ctx.http.request({
      method: call.method,
      url: call.path,
      json: call.body,
      ...(mark !== null && { headers: { 'if-match': mark } }),
      once: true,
      priority: 'verify',
      accept: ANSWERS,
    }),
  madeId: (reply) => textOf(entityIn(reply)?.['id']),
  reason: reasonOf,
}

const standingOf = (row: RawRow | null): Standing => ({ row, mark: etagOf(row?.value) })
