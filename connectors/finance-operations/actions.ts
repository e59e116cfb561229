/** What an environment can be told to do: entities by `PATCH` under their whole key with the `If-Match` that was seen, new customers by an id of their own. */
import type { Action, Standing } from '../action.ts'
import type { RawRow } from '../contract.ts'
import type { Body, EntityDoor, WritableSpec } from '../entity-actions.ts'
import { ANSWERS, entityActions, numberOf, typeOf } from '../entity-actions.ts'
import { cannot } from '../mark.ts'
import { asEntity, entityIn, etagOf, keyPath, reasonOf } from '../odata.ts'
import type { OperationsConfig } from './config.ts'
import type { EntitySpec } from './entities.ts'
import { COMPANY, entitiesOf } from './entities.ts'
import { idOf, literalOf, partsOf } from './rows.ts'
import { exact, identified, oneBy, setPath } from './stream.ts'

/** Without it a row of another company than the user’s own is not found. */
const ACROSS = '?cross-company=true'

type Writable = WritableSpec & { spec: EntitySpec }
const specIn = (writable: WritableSpec) => (writable as Writable).spec

export function operationsActions(config: OperationsConfig): readonly Action<OperationsConfig>[] {
  // With one company there is nothing to choose.
  const single = config.companies.length === 1
  return entitiesOf(config).specs.flatMap((spec) => {
    const writable: Writable = {
      ...spec,
      spec,
      readOnly: single ? [...spec.readOnly, ...spec.madeWith] : spec.readOnly,
      hold: spec.hold ?? undefined,
    }
    return entityActions(door, writable)
  })
}

const door: EntityDoor<OperationsConfig> = {
  noun: 'row',
  guard: 'etag',
  needs: (writable, name) =>
    `security role whose privileges may ${name === 'create' ? 'create' : 'change'} ${specIn(writable).set}`,
  calls(config, writable, request, body, standing) {
    const spec = specIn(writable)
    if (request.recordId === null)
      return [{ method: 'POST', path: setPath(spec) + ACROSS, body: companyOf(config, spec, body) }]
    return [{ method: 'PATCH', path: rowPath(spec, request.recordId, standing), body }]
  },
  literal(writable, field, _property, text) {
    const type = typeOf(writable, field)
    if (type === 'bool') return text === 'true' ? 'Yes' : 'No'
    if (type === 'date' || type === 'instant')
      return text === null ? '1900-01-01T12:00:00Z' : `${text.slice(0, 10)}T12:00:00Z`
    if (type === 'money' || type === 'number') return text === null ? 0 : numberOf(text)
    if (type !== 'reference' || text === null) return text ?? ''
    return text.split('/').slice(1).join('/')
  },
  async look(ctx, writable, id) {
    return standingOf(await oneBy(specIn(writable), ctx, identified(specIn(writable), id)))
  },
  async find(ctx, writable, property, value) {
    const row = await oneBy(specIn(writable), ctx, `${property} eq ${exact(value)}`)
    return asEntity(row?.value)?.[property] === value ? standingOf(row) : null
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
  madeId: (reply, writable) => (reply.text === '' ? null : idOf(specIn(writable), entityIn(reply))),
  reason: reasonOf,
}

const standingOf = (row: RawRow | null): Standing => ({ row, mark: etagOf(row?.value) })

/** All key properties stand in the address, also those that its id leaves out. */
function rowPath(spec: EntitySpec, id: string, standing: Standing): string {
  const entity = asEntity(standing.row?.value)
  const parts = partsOf(spec, id)
  const names = [COMPANY, ...spec.id]
  const key = spec.keys.map((name) => {
    const value = entity?.[name] ?? parts?.[names.indexOf(name)]
    if (value === undefined || value === null) throw cannot(`${id} is no id of ${spec.set}.`)
    return [name, literalOf(value)] as const
  })
  return `${setPath(spec)}${keyPath(key)}${ACROSS}`
}

function companyOf(config: OperationsConfig, spec: EntitySpec, body: Body): Body {
  const company = body[COMPANY] ?? (config.companies.length === 1 ? config.companies[0] : undefined)
  if (typeof company === 'string' && company !== '') return { ...body, [COMPANY]: company }
  throw cannot(`A new row of ${spec.set} needs a company.`, 'Give its legal_entity, or configure one company.')
}
