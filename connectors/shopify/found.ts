/** What a creation made, found again: by a metafield of which only one object can have the value, or by the company's own external id. */
import type { ActionRequest } from '../action.ts'
import type { RawRow } from '../contract.ts'
import { cannot } from '../mark.ts'
import type { Ctx } from './ask.ts'
import { ask, connectionOf } from './ask.ts'
import { identifiedDocument, listDocument } from './documents.ts'
import { rowOf } from './mapping.ts'
import type { ObjectSpec } from './objects.ts'
import { isMetafield, metafieldOf } from './paths.ts'

export interface Handle {
  /** The metafield; null: the external id of a company. */
  path: string | null
  value: string
}

/** @throws ConnectorError `config` where nothing would lead back to the new object */
export function handleOf(spec: ObjectSpec, request: ActionRequest): Handle {
  if (spec.name === 'companies') {
    const known = Object.keys(spec.refs).find((platform) => spec.refs[platform] === 'externalId')
    return { path: null, value: request.refs[known ?? ''] ?? `plumbline-${request.key}` }
  }
  if (spec.key !== null) return { path: spec.key, value: request.key }
  for (const [platform, value] of Object.entries(request.refs)) {
    const path = spec.refs[platform]
    if (path !== undefined && isMetafield(path)) return { path, value }
  }
  throw cannot(
    'A new customer needs a metafield by which it is found again, and none of the configured ones is known for it.',
    `Name one of type ID for our key under config.objects.${spec.name}.key.`,
  )
}

export async function alreadyMade(spec: ObjectSpec, ctx: Ctx, request: ActionRequest): Promise<RawRow | null> {
  const { path, value } = handleOf(spec, request)
  if (path === null) {
    const query = `external_id:'${value.replace(/['\\]/g, '\\$&')}'`
    const { data } = await ask(ctx, listDocument(spec, 'id'), { first: 10, after: null, query }, 'verify')
    // A condition that is not known would bring every company.
    const found = connectionOf(data['page'], spec.list).nodes.find((node) => externalIdIn(node) === value)
    return found ? rowOf(found) : null
  }
  const { data } = await ask(ctx, identifiedDocument(spec), { ...metafieldOf(path), value }, 'verify')
  const found = data['found'] as Record<string, unknown> | null
  return found ? rowOf(found) : null
}

const externalIdIn = (node: Record<string, unknown>) => node['externalId']
