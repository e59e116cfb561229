/** OData as several platforms speak it, version 2 and 4: texts in filters, pages, counts, errors, and what a service says it has. */
import type { HttpReply } from './contract.ts'
import { ConnectorError } from './contract.ts'

export type Entity = Record<string, unknown>

export function asEntity(value: unknown): Entity | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Entity) : null
}

/** A text in a filter or a key: quotes are doubled. */
export const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

/** A key in an address: `('4711')`, or `(A='x',B='y')`. */
export function keyPath(parts: readonly (readonly [name: string, literal: string])[]): string {
  const written = parts.map(([name, literal]) => {
    const safe = encodeURIComponent(literal).replaceAll('(', '%28').replaceAll(')', '%29')
    return parts.length === 1 ? safe : `${name}=${safe}`
  })
  return `(${written.join(',')})`
}

export interface ODataPage {
  entities: unknown[]
  /** Address of the next page, where the service cuts pages itself. */
  next: string | null
  /** Rows of the whole answer, where they were asked for. */
  count: number | null
}

/**
 * One page: `value` of version 4, `d.results` of version 2.
 * @param who the platform, for the message
 * @throws ConnectorError `schema`
 */
export function pageOf(reply: HttpReply, who: string, what: string): ODataPage {
  const body = asEntity(reply.json()) ?? {}
  const old = asEntity(body['d'])
  const entities = old ? old['results'] : body['value']
  if (!Array.isArray(entities)) throw new ConnectorError('schema', `${who}’s answer for ${what} is no list.`)
  const next = old ? old['__next'] : body['@odata.nextLink']
  const count = Number((old ? old['__count'] : body['@odata.count']) ?? Number.NaN)
  return { entities, next: typeof next === 'string' ? next : null, count: Number.isInteger(count) ? count : null }
}

/** One entity: version 2 wraps it in `d`. */
export function entityIn(reply: HttpReply): Entity | null {
  const body = asEntity(reply.json())
  return asEntity(body?.['d']) ?? body
}

/** The version that a write is held against. */
export function etagOf(entity: unknown): string | null {
  const held = asEntity(entity)
  const etag = held?.['@odata.etag'] ?? asEntity(held?.['__metadata'])?.['etag']
  return typeof etag === 'string' && etag !== '' ? etag : null
}

/** What a refusal says: the message of version 2 is an object with its language. */
export function problemOf(reply: HttpReply): { code: string; message: string } {
  try {
    const error = asEntity(asEntity(reply.json())?.['error'])
    const said = asEntity(error?.['message'])?.['value'] ?? error?.['message']
    const message = typeof said === 'string' ? said.replace(/\s+/g, ' ').trim().slice(0, 300) : ''
    return { code: String(error?.['code'] ?? '').slice(0, 60), message }
  } catch {
    return { code: '', message: '' }
  }
}

/** The refusal in the platform's own words. */
export function reasonOf(reply: HttpReply): string {
  const { code, message } = problemOf(reply)
  return message === '' ? `status ${reply.status}` : `${message}${code && ` [${code}]`}`
}

/** Properties and navigations of every entity set that a `$metadata` document describes. */
export function describedSets(xml: string): ReadonlyMap<string, ReadonlySet<string>> {
  const types = new Map<string, Set<string>>()
  for (const [, attributes, inside] of xml.matchAll(/<EntityType\b([^>]*)>([\s\S]*?)<\/EntityType>/g)) {
    const names = [...inside!.matchAll(/<(?:Navigation)?Property\b[^>]*?\bName="([^"]+)"/g)].map(([, name]) => name!)
    types.set(attribute(attributes!, 'Name'), new Set(names))
  }
  const sets = new Map<string, ReadonlySet<string>>()
  for (const [, attributes] of xml.matchAll(/<EntitySet\b([^>]*)>/g)) {
    const names = types.get(attribute(attributes!, 'EntityType').split('.').at(-1)!)
    if (names) sets.set(attribute(attributes!, 'Name'), names)
  }
  return sets
}

const attribute = (text: string, name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1] ?? ''

/**
 * The condition that a row comes after a place in the order of several properties.
 * @param place property → literal, in the order of the list
 */
export function afterPlace(place: readonly (readonly [name: string, literal: string])[]): string {
  const [first, ...rest] = place
  if (!first) return ''
  const [name, literal] = first
  const here = `${name} gt ${literal}`
  return rest.length === 0 ? here : `(${here} or (${name} eq ${literal} and ${afterPlace(rest)}))`
}

export const allOf = (...conditions: (string | null | undefined | false)[]) => {
  const given = conditions.filter((c): c is string => typeof c === 'string' && c !== '')
  return given.length === 0 ? undefined : given.join(' and ')
}

export function anyOf(property: string, values: readonly string[]): string | null {
  const tests = values.map((value) => `${property} eq ${quoted(value)}`)
  return tests.length === 0 ? null : tests.length === 1 ? tests[0]! : `(${tests.join(' or ')})`
}
