/** What the user may see of an object, by the org's own description of it. */
import type { ConnectorContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import type { SalesforceConfig } from './config.ts'
import { root } from './config.ts'
import type { ObjectSpec } from './objects.ts'
import { pathsOf } from './objects.ts'
import { ALWAYS, MERGE } from './soql.ts'

type Ctx = ConnectorContext<SalesforceConfig>

export interface Visible {
  fields: string[]
  held: string[]
  /** Type of each own field (`boolean`, `datetime`), as the org describes it. */
  types: ReadonlyMap<string, string>
  /** The org's clock when it was asked, before the query that follows. */
  now: number
}

/** What was visible is asked again for every read, and for single rows as often as this. */
const VISIBLE_MS = 15 * 60_000
const lately = new WeakMap<SalesforceConfig, Map<string, { at: number; visible: Visible }>>()

export async function visibleLately(spec: ObjectSpec, ctx: Ctx): Promise<Visible> {
  const known = lately.get(ctx.config)?.get(spec.object)
  return known && ctx.clock.now() - known.at < VISIBLE_MS ? known.visible : visible(spec, ctx)
}

/**
 * What the user may see of the object: field-level security hides columns without a word, and asking for a hidden
 * one fails the whole query.
 */
export async function visible(spec: ObjectSpec, ctx: Ctx): Promise<Visible> {
  const reply = await ctx.http.request({
    url: `${root(ctx.config)}/sobjects/${spec.object}/describe`,
    priority: 'read',
  })
  type Described = { name: string; type?: string; relationshipName?: string | null }
  const described = (reply.json() as { fields?: Described[] }).fields
  if (!Array.isArray(described))
    throw new ConnectorError('schema', `Salesforce does not describe the fields of ${spec.object}.`)
  const names = new Set(described.flatMap((f) => [f.name, ...(f.relationshipName ? [`${f.relationshipName}.`] : [])]))
  const seen = (path: string) => (path.includes('.') ? names.has(`${path.split('.')[0]}.`) : names.has(path))
  const wanted = [
    ...ALWAYS,
    MERGE,
    ...Object.values(spec.fields).flatMap(pathsOf),
    ...Object.values(spec.refs),
    ...spec.also,
    ...(spec.status ? [spec.status] : []),
    ...(spec.key ? [spec.key] : []),
  ]
  const held = Object.entries(spec.fields).flatMap(([name, source]) =>
    pathsOf(source).every(seen) || (name === 'currency' && ctx.config.currency) ? [name] : [],
  )
  if (spec.status && seen(spec.status) && !held.includes('state')) held.push('state')
  const found = {
    fields: [...new Set(wanted)].filter(seen),
    held,
    types: new Map(described.map(({ name, type = '' }) => [name, type])),
    now: platformClock(reply, ctx.clock.now()),
  }
  const known = lately.get(ctx.config) ?? new Map<string, { at: number; visible: Visible }>()
  lately.set(ctx.config, known.set(spec.object, { at: ctx.clock.now(), visible: found }))
  return found
}
