/** The services of a system: requests with its client and key, what `$metadata` says it has, and the token that a change needs. */
import type { ConnectorContext, HttpRequest } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { describedSets } from '../odata.ts'
import type { SapConfig } from './config.ts'
import { AREAS, propertiesOf } from './letters.ts'
import type { SetSpec } from './sets.ts'
import { wanted } from './sets.ts'

export type Ctx = ConnectorContext<SapConfig>

export const setPath = (spec: SetSpec) => `${spec.service}/${spec.set}`

/** Headers that every request carries beside those that sign it. */
export function headersOf({ client }: Pick<SapConfig, 'client'>): Record<string, string> {
  return client === undefined ? {} : { 'sap-client': client }
}

export interface Visible {
  /** Properties to ask for, those of navigations with their path. */
  select: string[]
  expand: string[]
  /** Properties of sales areas that are read beside. */
  areas: string[]
  /** Canonical fields that these carry. */
  held: string[]
}

/** Descriptions are large and change with the system’s release: asked for as often as this. */
const VISIBLE_MS = 15 * 60_000
const lately = new WeakMap<SapConfig, Map<string, { at: number; visible: Visible }>>()

/** What of the wanted properties the service has: asking for another one fails the whole request. */
export async function visible(spec: SetSpec, ctx: Ctx, priority: HttpRequest['priority']): Promise<Visible> {
  const known = lately.get(ctx.config) ?? new Map<string, { at: number; visible: Visible }>()
  const had = known.get(spec.stream)
  if (had && ctx.clock.now() - had.at < VISIBLE_MS) return had.visible
  const reply = await ctx.http.request({
    url: `${spec.service}/$metadata`,
    headers: { ...headersOf(ctx.config), accept: 'application/xml' },
    ...(priority && { priority }),
  })
  const sets = describedSets(reply.text)
  const names = sets.get(spec.set)
  if (!names)
    throw new ConnectorError('schema', `${spec.service} does not describe ${spec.set}.`, {
      remedy: `Check that the service is part of a communication arrangement, or add ${spec.stream} to skip.`,
    })
  const inner = new Set([...sets.values()].flatMap((own) => [...own]))
  const beside = sets.get(AREAS) ?? new Set<string>()
  const has = (path: string) => {
    const [first, second] = path.split('/') as [string, string | undefined]
    if (first === AREAS) return beside.has(second!)
    return names.has(first) && (second === undefined || inner.has(second))
  }
  const held = Object.entries(spec.fields).flatMap(([field, source]) => (propertiesOf(source).some(has) ? [field] : []))
  if (spec.status !== null && propertiesOf(spec.status).some(has)) held.push('state')
  const all = wanted(spec).filter(has)
  const found = {
    select: all.filter((path) => !path.startsWith(`${AREAS}/`)),
    expand: spec.expand.filter((name) => names.has(name)),
    areas: all.flatMap((path) => (path.startsWith(`${AREAS}/`) ? [path.slice(AREAS.length + 1)] : [])),
    held,
  }
  lately.set(ctx.config, known.set(spec.stream, { at: ctx.clock.now(), visible: found }))
  return found
}

/**
 * The token that a change must carry, with the session that it belongs to. Fetched right before each change: an old one is
 * refused with a 403 that looks like a missing authorisation.
 */
export async function csrf(service: string, ctx: Ctx): Promise<Record<string, string>> {
  const reply = await ctx.http.request({
    url: `${service}/`,
    headers: { ...headersOf(ctx.config), 'x-csrf-token': 'Fetch' },
    priority: 'verify',
  })
  const token = reply.headers['x-csrf-token']
  if (token === undefined || token === '')
    throw new ConnectorError('schema', `${service} gives no CSRF token: nothing can be changed there.`)
  const cookie = cookiesIn(reply.headers['set-cookie'] ?? '')
  return { 'x-csrf-token': token, ...(cookie !== '' && { cookie }) }
}

/** Names and values of cookies that came in one line; commas also stand in their dates. */
function cookiesIn(header: string): string {
  return header
    .split(/,(?=\s*[^\s=;,]+=)/)
    .map((part) => part.split(';')[0]!.trim())
    .filter((pair) => pair.includes('='))
    .join('; ')
}
