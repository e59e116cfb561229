/** Schema watch: what the shop's version of the API offers of the fields that the mapping uses. */
import type { HttpReply } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import type { Ctx } from './ask.ts'
import { ask } from './ask.ts'
import { offerDocument } from './documents.ts'
import type { ObjectSpec } from './objects.ts'
import { memberOf } from './paths.ts'
import type { Source } from './values.ts'

export interface Offer {
  /** The object without what is not offered. */
  spec: ObjectSpec
  /** Canonical fields that this read can carry. */
  held: string[]
  notes: string[]
  /** The platform's clock, before anything is read. */
  now: number
}

interface Described {
  fields?: { name: string; isDeprecated: boolean }[]
}

export async function offered(spec: ObjectSpec, ctx: Ctx): Promise<Offer> {
  const types = [...new Set([spec.type, spec.listType])]
  const { data, reply } = await ask(ctx, offerDocument(types), {}, 'read')
  const known = new Map(types.map((type, n) => [type, (data[`t${n}`] as Described | null)?.fields]))
  const lacking = new Set<string>()
  const passing = new Set<string>()
  const has = (path: string): boolean => {
    const before = `${spec.within?.as ?? ''}.`
    const outer = spec.within !== null && path.startsWith(before)
    const type = outer ? spec.listType : spec.type
    const member = memberOf(outer ? path.slice(before.length) : path)
    const fields = known.get(type)
    // A schema that may not be looked into is believed.
    const found = fields?.find(({ name }) => name === member)
    if (fields && !found) lacking.add(`${type}.${member}`)
    if (found?.isDeprecated) passing.add(`${type}.${member}`)
    return !fields || found !== undefined
  }
  const carried = (source: Source) => (typeof source === 'string' ? has(source) : source.from.map(has).every(Boolean))
  const kept = <Of>(all: Readonly<Record<string, Of>>, by: (of: Of) => boolean) =>
    Object.fromEntries(Object.entries(all).filter(([, of]) => by(of)))
  const narrowed: ObjectSpec = {
    ...spec,
    fields: kept(spec.fields, carried),
    refs: kept(spec.refs, has),
    custom: kept(spec.custom, has),
    status: spec.status !== null && has(spec.status) ? spec.status : null,
    state: spec.state !== null && carried(spec.state) ? spec.state : null,
    key: spec.key !== null && has(spec.key) ? spec.key : null,
  }
  if (passing.size > 0)
    ctx.log.info('Shopify will take away fields that are read.', { fields: [...passing].join(', ') })
  const gone = [...lacking].map((field) => `This version of the API has no ${field}: what it would say is not read.`)
  return {
    spec: narrowed,
    held: heldBy(narrowed),
    notes: [...gone, ...versionNote(ctx, reply)],
    now: platformClock(reply, ctx.clock.now()),
  }
}

export const heldBy = ({ fields, state, status }: Pick<ObjectSpec, 'fields' | 'state' | 'status'>) => [
  ...new Set([...Object.keys(fields), ...(state !== null || status !== null ? ['state'] : [])]),
]

/** A version that is too old is answered with the oldest that is kept, without being refused. */
function versionNote(ctx: Ctx, reply: HttpReply): string[] {
  const served = reply.headers['x-shopify-api-version']
  const { api_version } = ctx.config
  if (served === undefined || served === api_version) return []
  return [`Shopify answers with version ${served} of the API instead of ${api_version}: set config.api_version.`]
}
