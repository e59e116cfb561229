/** GraphQL documents: what is asked of each object, in one text per question. */
import type { ObjectSpec, Within } from './objects.ts'
import { pathsOf } from './objects.ts'
import { selectionOf } from './paths.ts'

const PAGE_INFO = 'pageInfo { hasNextPage endCursor }'

/** Paths of a row, told apart by whether they begin in the object that it is in. */
function parted(spec: ObjectSpec): { own: string[]; outer: string[] } {
  const before = `${spec.within?.as ?? ''}.`
  const all = pathsOf(spec)
  const outer = spec.within ? all.filter((path) => path.startsWith(before)) : []
  const own = all.filter((path) => !outer.includes(path))
  return { own, outer: [...new Set(['id', 'updatedAt', ...outer.map((path) => path.slice(before.length))])] }
}

const listed = ({ member, paged }: Within, first: string, own: readonly string[]) =>
  paged
    ? `${member}(${first}) { nodes { ${selectionOf(own)} } ${PAGE_INFO} }`
    : `${member}(${first}) { ${selectionOf(own)} }`

/** A page of objects, by change or by id. */
export function listDocument(spec: ObjectSpec, order: 'change' | 'id'): string {
  const { own, outer } = parted(spec)
  const sort = spec.sort === null ? '' : `, sortKey: ${order === 'change' ? spec.sort : 'ID'}`
  const nodes = spec.within
    ? `${selectionOf(outer)} ${listed(spec.within, `first: ${spec.within.most}`, own)}`
    : selectionOf(own)
  return `query Page($first: Int!, $after: String, $query: String) { page: ${spec.list}(first: $first, after: $after, query: $query${sort}) { nodes { ${nodes} } ${PAGE_INFO} } }`
}

/** All objects of a list, as a bulk operation is asked: every list is written in edges, and none is cut. */
export function bulkDocument(spec: ObjectSpec, query: string | null): string {
  const { own, outer } = parted(spec)
  const { within } = spec
  const inner =
    within?.paged === true
      ? `${within.member} { edges { node { ${selectionOf(own)} } } }`
      : within && listed(within, 'first: 250', own)
  const node = inner === null ? selectionOf(own) : `${selectionOf(outer)} ${inner}`
  const only = query === null ? '' : `(query: ${JSON.stringify(query)})`
  return `{ ${spec.list}${only} { edges { node { ${node} } } } }`
}

export const bulkStartDocument =
  'mutation BulkStart($query: String!) { started: bulkOperationRunQuery(query: $query) { bulkOperation { id status } userErrors { field message } } }'
export const bulkStateDocument =
  'query BulkState($id: ID!) { node(id: $id) { ... on BulkOperation { status errorCode url } } }'

/** What a list inside an object did not show at once. */
export function restDocument(spec: ObjectSpec, within: Within): string {
  const arguments_ = within.paged ? 'first: 100, after: $after' : 'first: 250'
  const inner = listed(within, arguments_, parted(spec).own)
  const variables = within.paged ? '$id: ID!, $after: String' : '$id: ID!'
  return `query Rest(${variables}) { node(id: $id) { ... on ${spec.listType} { ${inner} } } }`
}

/** One object by its global id. */
export function oneDocument(spec: ObjectSpec): string {
  const { own, outer } = parted(spec)
  const around = spec.within ? ` ${spec.within.as} { ${selectionOf(outer)} }` : ''
  return `query One($id: ID!) { node(id: $id) { ... on ${spec.type} { ${selectionOf(own)}${around} } } }`
}

/** The object that carries a value which only one can have. */
export const identifiedDocument = (spec: ObjectSpec) =>
  `query Identified($namespace: String, $key: String!, $value: String!) { found: customerByIdentifier(identifier: { customId: { namespace: $namespace, key: $key, value: $value } }) { ${selectionOf(parted(spec).own)} } }`

export const countDocument = ({ field, filtered }: NonNullable<ObjectSpec['count']>) => {
  // Without a limit of null, orders are not counted beyond ten thousand.
  const limit = field === 'ordersCount' ? ', limit: null' : ''
  return filtered
    ? `query Count($query: String) { count: ${field}(query: $query${limit}) { count precision } }`
    : `query Count { count: ${field} { count precision } }`
}

/** What the schema offers today of the types that are read. */
export function offerDocument(types: readonly string[]): string {
  const each = (type: string, n: number) =>
    `t${n}: __type(name: "${type}") { fields(includeDeprecated: true) { name isDeprecated } }`
  return `query Offer { ${types.map(each).join(' ')} }`
}

export const eventsDocument = `query Events($after: String, $query: String) { page: events(first: 100, after: $after, query: $query, sortKey: CREATED_AT) { nodes { ... on BasicEvent { action createdAt subjectId subjectType } } ${PAGE_INFO} } }`
