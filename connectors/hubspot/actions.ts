/**
 * What an account can be told to do. HubSpot has neither versions to write against nor idempotency keys: a record is compared
 * once more right before it is written, and what is made carries a property with unique values, which refuses a second one.
 */
import { fieldOf } from '../../model/kinds.ts'
import type { Action, ActionName, ActionOutcome, ActionRequest, PlannedCall, Standing } from '../action.ts'
import type { ConnectorContext, HttpReply, RawRow } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { cannot, markOf, movedSince, onlyKnown, wordOf } from '../mark.ts'
import type { HubspotConfig } from './config.ts'
import { reasonOf } from './dialect.ts'
import { path } from './links.ts'
import type { HubspotObject } from './mapping.ts'
import type { ObjectSpec } from './objects.ts'
import { objectsOf } from './objects.ts'
import { oneBy } from './stream.ts'

type Ctx = ConnectorContext<HubspotConfig>
type Made = Action<HubspotConfig>
type Values = Record<string, string>

export function hubspotActions(config: Pick<HubspotConfig, 'objects' | 'skip'>): readonly Made[] {
  return objectsOf(config).specs.flatMap((spec) => {
    const fields = writableFields(spec)
    const refs = Object.keys(spec.refs).length > 0
    return [
      ...(fields.length > 0 ? [actionOf(spec, 'set_fields', fields, [])] : []),
      ...(spec.key !== null || refs ? [actionOf(spec, 'create', fields, Object.keys(spec.links))] : []),
      ...(refs ? [actionOf(spec, 'attach_ref', [], [])] : []),
    ]
  })
}

/** Scope for a verb; the older ones cover reading and writing alike. */
export const scopeOf = (spec: ObjectSpec, verb: 'read' | 'write') =>
  spec.scope.startsWith('crm.') ? `${spec.scope}.${verb}` : spec.scope

/** Property that a canonical field can be written to; null: it is computed or an association. */
function propertyOf(spec: ObjectSpec, field: string): string | null {
  if (field === 'state' && spec.status !== null) return spec.readOnly.includes(spec.status) ? null : spec.status
  const source = spec.fields[field]
  return typeof source === 'string' && !spec.readOnly.includes(source) ? source : null
}

const isPersonName = (spec: ObjectSpec, field: string) => spec.object === 'contacts' && field === 'name'

function writableFields(spec: ObjectSpec): string[] {
  const named = [...(spec.status === null ? [] : ['state']), ...Object.keys(spec.fields)]
  return [...new Set(named)].filter((field) => propertyOf(spec, field) !== null || isPersonName(spec, field))
}

function actionOf(spec: ObjectSpec, name: ActionName, fields: string[], references: string[]): Made {
  const calls: Made['calls'] = (_config, request) => {
    onlyKnown(request, fields, references)
    const properties = propertiesOf(spec, request)
    if (name === 'create') return [creation(spec, request, properties)]
    if (Object.keys(properties).length === 0) throw cannot(`${name} of ${spec.kind} has nothing to write.`)
    return [{ method: 'PATCH', path: `${path(spec)}/${idIn(request)}`, body: { properties } }]
  }
  const look: Made['look'] = async (ctx, request) => {
    const row = name === 'create' ? await already(spec, ctx, request) : await oneBy(spec, ctx, idIn(request), null)
    return { row, mark: row && markOf(row.value) }
  }
  return {
    name,
    kind: spec.kind,
    stream: spec.object,
    fields,
    guard: 'compare',
    idempotency: name === 'create' ? 'upsert' : 'journal',
    needs: [scopeOf(spec, 'write')],
    undo: name === 'create' ? null : name,
    calls,
    look,
    async perform(ctx, request, standing) {
      const [planned] = calls(ctx.config, request, standing)
      const moved = movedSince(standing, await look(ctx, request), 'record')
      if (moved) return moved
      return send(ctx, planned!)
    },
  }
}

function idIn(request: ActionRequest): string {
  if (request.recordId === null || !/^\d+$/.test(request.recordId)) throw cannot('HubSpot ids are numbers.')
  return request.recordId
}

/** All values are texts; an empty text empties the property. */
function propertiesOf(spec: ObjectSpec, request: ActionRequest): Values {
  const out: Values = {}
  for (const field of Object.keys(request.fields)) {
    const text = wordOf(request, field) ?? ''
    if (isPersonName(spec, field)) {
      const parts = text.trim().split(/\s+/)
      Object.assign(out, { firstname: parts.slice(0, -1).join(' '), lastname: parts.at(-1) ?? '' })
      continue
    }
    const property = propertyOf(spec, field)
    if (property === null) throw cannot(`${spec.object} cannot be given ${field}: HubSpot computes it.`)
    out[property] = text
  }
  for (const [field, id] of Object.entries(request.references)) {
    if (spec.links[field]) continue
    const property = propertyOf(spec, field)
    if (property === null || fieldOf(spec.kind, field).type !== 'reference')
      throw cannot(`${spec.object} has no property for the reference ${field}.`)
    out[property] = id
  }
  for (const [platform, id] of Object.entries(request.refs)) {
    const property = spec.refs[platform]
    if (property === undefined)
      throw cannot(
        `No property of ${spec.object} is configured for ids of ${platform}.`,
        `Add ${platform} to config.objects.${spec.object}.refs.`,
      )
    out[property] = id
  }
  return out
}

function creation(spec: ObjectSpec, request: ActionRequest, given: Values): PlannedCall {
  const filled = Object.entries(given).filter(([, value]) => value !== '')
  const properties = { ...Object.fromEntries(filled), ...(spec.key !== null && { [spec.key]: request.key }) }
  if (handles(spec, request).length === 0)
    throw cannot(
      `A new record of ${spec.object} needs a property with unique values, and none of the configured ones is known for it.`,
      `Name one for our key under config.objects.${spec.object}.key.`,
    )
  const associations = Object.entries(request.references).flatMap(([field, id]) => {
    const link = spec.links[field]
    const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: link?.type }]
    return link ? [{ to: { id }, types }] : []
  })
  return { method: 'POST', path: path(spec), body: { properties, associations } }
}

/** Properties by which what was made is found again. */
function handles(spec: ObjectSpec, request: ActionRequest): [property: string, value: string][] {
  const refs = Object.entries(request.refs).flatMap(([platform, id]): [string, string][] =>
    spec.refs[platform] ? [[spec.refs[platform], id]] : [],
  )
  return spec.key === null ? refs : [[spec.key, request.key], ...refs]
}

async function already(spec: ObjectSpec, ctx: Ctx, request: ActionRequest): Promise<RawRow | null> {
  for (const [property, value] of handles(spec, request)) {
    const row = await oneBy(spec, ctx, value, property)
    if (row) return row
  }
  return null
}

async function send(ctx: Ctx, { method, path: url, body }: PlannedCall): Promise<ActionOutcome> {
  const accept = [400, 404, 409]
  const reply: HttpReply = await ctx.http.request({ method, url, json: body, once: true, priority: 'verify', accept })
  if (reply.status === 409) return { status: 'conflict', reason: reasonOf(reply) }
  if (reply.status >= 400) return { status: 'refused', reason: reasonOf(reply) }
  const { id } = reply.json() as Partial<HubspotObject>
  if (typeof id !== 'string') throw new ConnectorError('schema', 'HubSpot did not say the id of what it wrote.')
  return { status: 'done', recordId: id }
}
