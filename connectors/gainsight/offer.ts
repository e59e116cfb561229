/** Schema watch: which of the fields that the mapping uses the objects have today. */
import type { HttpReply } from '../contract.ts'
import type { ObjectSpec } from './objects.ts'
import { holdsOf } from './objects.ts'
import type { Ctx } from './query.ts'

export interface Offer {
  /** The object without what it does not have: a field that is not there would refuse the whole query. */
  spec: ObjectSpec
  held: string[]
  notes: string[]
  reply: HttpReply | null
}

export async function offered(spec: ObjectSpec, ctx: Ctx): Promise<Offer> {
  const asked = ctx.config.describe ? await describe(spec, ctx) : { names: null, reply: null }
  const { names, reply } = asked
  const lacking = new Set<string>()
  // Fields of objects that are looked up are described elsewhere.
  const has = (field: string) => {
    if (names === null || names.has(field) || field.includes('.')) return true
    lacking.add(field)
    return false
  }
  const kept = (all: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(all).filter(([, field]) => has(field)))
  const narrowed: ObjectSpec = {
    ...spec,
    fields: kept(spec.fields),
    refs: kept(spec.refs),
    custom: kept(spec.custom),
    status: spec.status !== null && has(spec.status) ? spec.status : null,
    key: spec.key !== null && has(spec.key) ? spec.key : null,
  }
  const notes = [...lacking].map(
    (field) => `${spec.name} has no ${field} in this tenant: what it would say is not read.`,
  )
  return { spec: narrowed, held: holdsOf(narrowed), notes, reply }
}

/** Null where the answer cannot be read: then every field is believed. */
async function describe(spec: ObjectSpec, ctx: Ctx): Promise<{ names: Set<string> | null; reply: HttpReply }> {
  const reply = await ctx.http.request({
    method: 'POST',
    url: '/v1/meta/services/objects/describe',
    json: { objectNames: [spec.name] },
    accept: [400, 404],
  })
  if (reply.status >= 400) return { names: null, reply }
  const { data } = (reply.json() ?? {}) as { data?: unknown }
  const list = (Array.isArray(data) ? data : [data]) as ({ fields?: unknown } | null)[]
  const fields = list.flatMap((one) => (Array.isArray(one?.fields) ? (one.fields as Record<string, unknown>[]) : []))
  const names = fields.flatMap(({ fieldName, name }) => {
    const found = fieldName ?? name
    return typeof found === 'string' ? [found] : []
  })
  return { names: names.includes(spec.id) ? new Set(names) : null, reply }
}
