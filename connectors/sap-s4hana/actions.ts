/**
 * What a system can be told to do. Each part of an entity (partner, customer, address) is changed by a `PATCH` of its own, with
 * a CSRF token, and `If-Match` where SAP gave the part a version.
 */
import type { Action, ActionRequest, PlannedCall, Standing } from '../action.ts'
import type { EntityDoor, WritableSpec } from '../entity-actions.ts'
import { ANSWERS, entityActions, typeOf } from '../entity-actions.ts'
import { cannot, markOf } from '../mark.ts'
import type { RawRow } from '../contract.ts'
import type { Entity } from '../odata.ts'
import { asEntity, entityIn, etagOf, keyPath, quoted, reasonOf } from '../odata.ts'
import type { SapConfig } from './config.ts'
import { csrf, headersOf, setPath } from './system.ts'
import type { SetSpec } from './sets.ts'
import { specsOf } from './sets.ts'
import { oneBy } from './stream.ts'
import { idOf } from './rows.ts'
import { expanded, textOf } from './values.ts'

type Writable = WritableSpec & { spec: SetSpec }

export function sapActions(config: SapConfig): readonly Action<SapConfig>[] {
  return specsOf(config).flatMap((spec) => {
    const writable: Writable = {
      spec,
      stream: spec.stream,
      kind: spec.kind,
      fields: spec.writes,
      refs: spec.service.endsWith('API_GLACCOUNTLINEITEM') || spec.set === 'A_BillingDocument' ? {} : spec.refs,
      key: spec.key,
      readOnly: [],
      // The customer comes into being with its roles, after its partner.
      madeWithout: Object.keys(spec.writes).filter((field) => spec.writes[field]!.startsWith('to_Customer/')),
      // Documents need items and pricing: those are made by people.
      creatable: spec.stream === 'customers',
      // Partners and products have no version of their own.
      guard: spec.set === 'A_BusinessPartner' || spec.set === 'A_Product' ? 'compare' : 'etag',
      hold: spec.hold,
    }
    return entityActions(door, writable)
  })
}

const specIn = (writable: WritableSpec) => (writable as Writable).spec

const door: EntityDoor<SapConfig> = {
  noun: 'entity',
  guard: 'etag',
  needs: (writable, name) =>
    `communication arrangement that may ${name === 'create' ? 'create' : 'change'} ${specIn(writable).set}`,
  calls: (config, writable, request, body, standing) => callsOf(config, specIn(writable), request, body, standing),
  literal(writable, field, property, text) {
    const type = typeOf(writable, field)
    if ((type === 'date' || type === 'instant') && text !== null) {
      const day = text.slice(0, 10)
      return specIn(writable).version === 4 ? day : `/Date(${Date.parse(`${day}T00:00:00Z`)})/`
    }
    if (type === 'date' || type === 'instant') return null
    const limit = property === 'OrganizationBPName1' ? 160 : 80
    if (text !== null && text.length > limit) throw cannot(`${field} has more than ${limit} characters.`)
    return text ?? ''
  },
  async look(ctx, writable, id) {
    const spec = specIn(writable)
    const names = spec.id ?? spec.keys[0]!
    return standingOf(await oneBy(spec, ctx, `${names} eq ${quoted(id)}`))
  },
  async find(ctx, writable, property, value) {
    const row = await oneBy(specIn(writable), ctx, `${property} eq ${quoted(value)}`)
    return textOf(asEntity(row?.value)?.[property]) === value ? standingOf(row) : null
  },
  async send(ctx, writable, call, mark, known) {
    const spec = specIn(writable)
    const etag = versionOf(spec, call, mark, known)
    return ctx.http.request({
      method: call.method,
      url: call.path,
      json: call.body,
      headers: { ...headersOf(ctx.config), ...(await csrf(spec.service, ctx)), ...(etag && { 'if-match': etag }) },
      once: true,
      priority: 'verify',
      accept: ANSWERS,
    })
  },
  madeId: (reply, writable) => {
    const made = entityIn(reply)
    return idOf(specIn(writable), made) ?? textOf(made?.[specIn(writable).keys[0]!])
  },
  reason: reasonOf,
}

/** Versions of the parts, by their navigation; without any, a digest of what was seen. */
function standingOf(row: RawRow | null): Standing {
  const entity = asEntity(row?.value)
  if (!row || !entity) return { row: null, mark: null }
  const parts = Object.entries(entity).flatMap(([name, value]) => {
    const etag = name.startsWith('to_') ? etagOf(expanded(value)) : null
    return etag === null ? [] : [[name, etag] as const]
  })
  return { row, mark: etagOf(entity) ?? markOf(entity), known: Object.fromEntries(parts) }
}

function versionOf(
  spec: SetSpec,
  { path }: PlannedCall,
  mark: string | null,
  known: Standing['known'],
): string | undefined {
  if (path.startsWith(`${setPath(spec)}(`) || path.startsWith(`${setPath(spec)}/`))
    return mark !== null && mark.includes('"') ? mark : undefined
  return path.includes('/A_Customer(') ? known?.['to_Customer'] : known?.['to_BusinessPartnerAddress']
}

function callsOf(
  config: SapConfig,
  spec: SetSpec,
  request: ActionRequest,
  body: Record<string, unknown>,
  standing: Standing,
): PlannedCall[] {
  const parts = new Map<string, Record<string, unknown>>()
  for (const [property, value] of Object.entries(body)) {
    const [first, inner] = property.split('/') as [string, string | undefined]
    const at = inner === undefined ? '' : first
    parts.set(at, { ...parts.get(at), ...named(inner ?? first, value) })
  }
  if (request.recordId === null) return [{ method: 'POST', path: setPath(spec), body: newPartner(config, parts) }]
  const entity = asEntity(standing.row?.value)
  return [...parts].map(([part, given]) => ({
    method: 'PATCH',
    path: partPath(spec, request.recordId!, entity, part),
    body: spec.version === 4 ? given : { d: given },
  }))
}

/** A name is four lines of forty characters; a street is written whole, so that its number stands in no place twice. */
function named(property: string, value: unknown): Record<string, unknown> {
  if (property === 'StreetName') return { StreetName: value, HouseNumber: '' }
  if (property !== 'OrganizationBPName1') return { [property]: value }
  const lines = ['']
  for (const word of String(value).split(/\s+/)) {
    const longer = `${lines.at(-1)!} ${word}`.trim()
    if (longer.length <= 40) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  if (lines.length > 4 || lines.some((line) => line.length > 40))
    throw cannot('A name of a business partner has four lines of forty characters, and this one does not fit.')
  return Object.fromEntries([1, 2, 3, 4].map((n) => [`OrganizationBPName${n}`, lines[n - 1] ?? '']))
}

function partPath(spec: SetSpec, id: string, entity: Entity | null, part: string): string {
  const keys = spec.keys.map((name) => textOf(entity?.[name]) ?? id)
  if (part === '')
    return spec.version === 4
      ? `${setPath(spec)}/${encodeURIComponent(keys[0]!)}`
      : `${setPath(spec)}${keyPath(spec.keys.map((name, n) => [name, quoted(keys[n]!)] as const))}`
  if (part === 'to_Customer') return `${spec.service}/A_Customer${keyPath([['Customer', quoted(id)]])}`
  const address = textOf(expanded(entity?.[part])?.['AddressID'])
  if (part === 'to_BusinessPartnerAddress' && address !== null)
    return `${spec.service}/A_BusinessPartnerAddress${keyPath([
      ['BusinessPartner', quoted(keys[0]!)],
      ['AddressID', quoted(address)],
    ])}`
  throw cannot(`${spec.set} ${id} has no ${part.replace('to_', '')} that could be written.`)
}

function newPartner(config: SapConfig, parts: ReadonlyMap<string, Record<string, unknown>>): Record<string, unknown> {
  const { grouping, roles = [] } = config.write ?? {}
  const address = parts.get('to_BusinessPartnerAddress')
  return {
    BusinessPartnerCategory: '2',
    ...(grouping !== undefined && { BusinessPartnerGrouping: grouping }),
    ...parts.get(''),
    to_BusinessPartnerRole: { results: roles.map((role) => ({ BusinessPartnerRole: role })) },
    ...(address && { to_BusinessPartnerAddress: { results: [address] } }),
  }
}
