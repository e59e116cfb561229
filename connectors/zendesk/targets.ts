/** What can be written at Zendesk: where each kind is, under which names its fields go, and how a new one is made. */
import { fieldOf } from '../../model/kinds.ts'
import type { ActionRequest, PlannedCall, Standing } from '../action.ts'
import { cannot, wordOf } from '../mark.ts'
import type { Mapping } from './config.ts'

type Body = Record<string, unknown>
type Found = { id: string } | { url: string; query: Record<string, string> }

export interface Target {
  kind: string
  /** Path above the id, and the member of the body that holds the object. */
  path: string
  member: string
  method: 'PUT' | 'PATCH'
  guard: 'stamp' | 'compare'
  mapping: Mapping
  fields: readonly string[]
  body(request: ActionRequest, standing: Standing): Body
  create?: {
    /** Fields that only a new one can be given. */
    further: readonly string[]
    call(externalId: string, request: ActionRequest): Pick<PlannedCall, 'method' | 'path'>
    /** What stands beside the fields of a new one. */
    also(externalId: string, request: ActionRequest): Body
    find(externalId: string, request: ActionRequest): Found
  }
}

type Own = Record<string, (value: string | null) => Body>

/** @param own fields with a place of their own; all others that are mapped live in `custom` */
function bodyOf(kind: string, mapping: Mapping, own: Own, custom: (fields: Body) => Body) {
  return (request: ActionRequest): Body => {
    const body: Body = {}
    const kept: Body = {}
    for (const [field, value] of Object.entries({ ...request.fields, ...request.references })) {
      const key = field === 'state' ? (mapping.fields['state'] ?? mapping.status) : mapping.fields[field]
      const word = field in request.references ? value : wordOf(request, field)
      if (key !== undefined) kept[key] = literal(kind, field, word)
      else if (own[field]) Object.assign(body, own[field](word))
      else throw cannot(`Zendesk has no place for ${field} of a ${kind} in this configuration.`)
    }
    for (const [platform, id] of Object.entries(request.refs)) {
      if (platform === mapping.external_id) body['external_id'] = id
      else if (mapping.refs[platform]) kept[mapping.refs[platform]] = id
      else throw cannot(`No field is configured for ids of ${platform}.`, `Add ${platform} to refs of the mapping.`)
    }
    return { ...body, ...(Object.keys(kept).length > 0 && custom(kept)) }
  }
}

function literal(kind: string, field: string, value: string | null): unknown {
  if (value === null || field === 'state') return value
  const { type } = fieldOf(kind, field)
  if (type === 'bool') return value === 'true'
  return type === 'number' && String(Number(value)) === value ? Number(value) : value
}

/** Ids are numbers here; those beyond what a number holds stay text. */
const number = (id: string | null) => (id !== null && Number.isSafeInteger(Number(id)) ? Number(id) : id)
const mappedFields = (mapping: Mapping, own: Own): string[] => [
  ...new Set([...Object.keys(own), ...Object.keys(mapping.fields), ...(mapping.status ? ['state'] : [])]),
]

export function organizationTarget(mapping: Mapping): Target {
  const own: Own = { name: (name) => ({ name }), domain: (d) => ({ domain_names: d === null ? [] : [d] }) }
  const path = '/api/v2/organizations'
  return {
    kind: 'customer',
    path,
    member: 'organization',
    method: 'PUT',
    guard: 'compare',
    mapping,
    fields: mappedFields(mapping, own),
    body: bodyOf('customer', mapping, own, (organization_fields) => ({ organization_fields })),
    create: {
      further: [],
      call: () => ({ method: 'POST', path: `${path}/create_or_update` }),
      also: (external_id) => ({ external_id }),
      find: (external_id) => ({ url: `${path}/search`, query: { external_id } }),
    },
  }
}

export function userTarget(mapping: Mapping): Target {
  const own: Own = {
    name: (name) => ({ name }),
    phone: (phone) => ({ phone }),
    customer: (id) => ({ organization_id: number(id) }),
    state: (state) => ({ suspended: state !== 'active' }),
    // Only of a new user: an existing one would get a second address instead.
    email: (email) => ({ email }),
  }
  const path = '/api/v2/users'
  const fields = mappedFields(mapping, own).filter(
    (field) => field !== 'email' || mapping.fields['email'] !== undefined,
  )
  return {
    kind: 'contact',
    path,
    member: 'user',
    method: 'PUT',
    guard: 'compare',
    mapping,
    fields,
    body: bodyOf('contact', mapping, own, (user_fields) => ({ user_fields })),
    create: {
      further: fields.includes('email') ? [] : ['email'],
      call: () => ({ method: 'POST', path: `${path}/create_or_update` }),
      also: (external_id) => ({ external_id, role: 'end-user', skip_verify_email: true }),
      find: (external_id) => ({ url: `${path}/search`, query: { external_id } }),
    },
  }
}

/** Tickets are changed, never made: a new one needs a requester and words of a person. */
export function ticketTarget(mapping: Mapping): Target {
  const own: Own = {
    state: (status) => ({ status }),
    priority: (priority) => ({ priority }),
    customer: (id) => ({ organization_id: number(id) }),
  }
  return {
    kind: 'case',
    path: '/api/v2/tickets',
    member: 'ticket',
    method: 'PUT',
    guard: 'stamp',
    mapping,
    fields: mappedFields(mapping, own),
    body: bodyOf('case', mapping, own, (kept) => ({
      custom_fields: Object.entries(kept).map(([id, value]) => ({ id: number(id), value })),
    })),
  }
}

export function customObjects(key: string, mapping: Mapping): Target {
  const path = `/api/v2/custom_objects/${encodeURIComponent(key)}/records`
  return {
    kind: 'entitlement',
    path,
    member: 'custom_object_record',
    method: 'PATCH',
    guard: 'compare',
    mapping,
    fields: mappedFields(mapping, {}),
    body: bodyOf('entitlement', mapping, {}, (custom_object_fields) => ({ custom_object_fields })),
    create: {
      further: [],
      call: (externalId) => ({ method: 'PATCH', path: `${path}?external_id=${encodeURIComponent(externalId)}` }),
      also: (_externalId, request) => ({ name: request.fields['sla_tier'] ?? 'Entitlement' }),
      find: (externalId) => ({ url: path, query: { 'filter[external_ids]': externalId } }),
    },
  }
}

/** The one entitlement of an organization: it is made by giving the organization its fields. */
export function organizationFields(mapping: Mapping): Target {
  const path = '/api/v2/organizations'
  const organizationOf = (request: ActionRequest) => {
    const id = request.references['customer']
    if (id === undefined) throw cannot('An entitlement in organization fields needs its organization.')
    return id
  }
  const write = bodyOf('entitlement', mapping, {}, (organization_fields) => ({ organization_fields }))
  return {
    kind: 'entitlement',
    path,
    member: 'organization',
    method: 'PUT',
    guard: 'compare',
    mapping,
    fields: mappedFields(mapping, {}),
    body: (request) => {
      const { customer: _, ...references } = request.references
      return write({ ...request, references })
    },
    create: {
      further: ['customer'],
      call: (_externalId, request) => ({
        method: 'PUT',
        path: `${path}/${encodeURIComponent(organizationOf(request))}`,
      }),
      also: () => ({}),
      find: (_externalId, request) => ({ id: organizationOf(request) }),
    },
  }
}
