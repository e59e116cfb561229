/** Objects as rows, with their associations: these are in no search reply and in the list without their types. */
import type { ConnectorContext, HttpReply, RawRow } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { rawText } from '../exact-json.ts'
import type { HubspotConfig } from './config.ts'
import type { HubspotObject } from './mapping.ts'
import type { ObjectSpec } from './objects.ts'

export type Priority = 'verify' | 'read' | 'sweep'

export const path = (spec: ObjectSpec) => `/crm/v3/objects/${spec.object}`

export const targets = (spec: ObjectSpec) => [...new Set(Object.values(spec.links).map((link) => link.to))]

/** Associations are read for the page as a whole. */
export async function withLinks(
  spec: ObjectSpec,
  ctx: ConnectorContext<HubspotConfig>,
  objects: HubspotObject[],
  priority: Priority,
): Promise<RawRow[]> {
  if (objects.length === 0 || targets(spec).length === 0) return objects.map(rowOf)
  const links = new Map<string, Record<string, unknown>>()
  for (const { id } of objects) links.set(id, Object.fromEntries(targets(spec).map((to) => [to, []])))
  for (const to of targets(spec)) {
    const reply = await ctx.http.request({
      method: 'POST',
      url: `/crm/v4/associations/${spec.object}/${to}/batch/read`,
      json: { inputs: objects.map(({ id }) => ({ id })) },
      priority,
    })
    for (const { from, to: list } of resultsOf<{ from: { id: unknown }; to: unknown }>(reply)) {
      const of = links.get(String(from.id))
      if (of) of[to] = list
    }
  }
  return objects.map((object) => rowOf({ ...object, associations: links.get(object.id)! }))
}

export function rowOf(value: HubspotObject): RawRow {
  return { id: typeof value?.id === 'string' ? value.id : null, value, raw: rawText(value) }
}

export function resultsOf<Row = HubspotObject>(reply: HttpReply): Row[] {
  const { results } = reply.json() as { results?: unknown }
  if (!Array.isArray(results)) throw new ConnectorError('schema', 'HubSpot answered with something that is no list.')
  return results as Row[]
}
