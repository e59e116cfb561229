/** One question to the Admin API: everything, reading and writing alike, is a POST to one address. */
import type { ConnectorContext, HttpReply } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { ShopifyConfig } from './config.ts'

export type Ctx = ConnectorContext<ShopifyConfig>
export type Priority = 'verify' | 'read' | 'sweep'
export type Variables = Record<string, unknown>

export const endpoint = ({ api_version }: Pick<ShopifyConfig, 'api_version'>) =>
  `/admin/api/${api_version}/graphql.json`

export async function ask(
  ctx: Ctx,
  query: string,
  variables: Variables,
  priority: Priority,
): Promise<{ data: Record<string, unknown>; reply: HttpReply }> {
  const reply = await ctx.http.request({
    method: 'POST',
    url: endpoint(ctx.config),
    json: { query, variables },
    priority,
  })
  return { data: dataOf(reply), reply }
}

/** @throws ConnectorError `schema` for what is no result of a query */
export function dataOf(reply: HttpReply): Record<string, unknown> {
  const { data } = (reply.json() ?? {}) as { data?: unknown }
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as Record<string, unknown>
  throw new ConnectorError('schema', 'Shopify answered with something that is no result of a query.')
}

export interface Connection {
  nodes: Record<string, unknown>[]
  /** Place after the last of them; null: there is no more. */
  after: string | null
}

/** @throws ConnectorError `schema` for what is no connection */
export function connectionOf(value: unknown, name: string): Connection {
  const { nodes, pageInfo } = (value ?? {}) as {
    nodes?: unknown
    pageInfo?: { hasNextPage?: unknown; endCursor?: unknown }
  }
  if (!Array.isArray(nodes))
    throw new ConnectorError('schema', `Shopify answered ${name} with something that is no list.`)
  const more = pageInfo?.hasNextPage === true && typeof pageInfo.endCursor === 'string'
  return { nodes: nodes as Connection['nodes'], after: more ? (pageInfo.endCursor as string) : null }
}
