/** Objects of a shop: where each is listed, which kind it is, and which of its fields mean what. */
import type { Meaning, ObjectConfig, ObjectName } from './config.ts'
import { OBJECT_NAMES } from './config.ts'
import type { Shipped } from './shipped.ts'
import { shipped } from './shipped.ts'
import type { Source } from './values.ts'

/** A list inside each object of another list. */
export interface Within {
  /** Field of the object that lists them, and how many it shows at once. */
  member: string
  most: number
  /** A list with pages, or one that is simply cut. */
  paged: boolean
  /** Name under which the object itself stands in a row. */
  as: 'order' | 'draft'
}

export interface ObjectSpec {
  name: ObjectName
  kind: string
  /** Type in the schema. */
  type: string
  /** Connection of the query root that lists them, or the objects that they are in. */
  list: string
  listType: string
  within: Within | null
  /** Lists by the time of change; null: by id, changes are only filtered. */
  sort: 'UPDATED_AT' | null
  /** Condition that every question carries. */
  only: string | null
  /** Field of the query root that counts them, with its arguments. */
  count: { field: string; filtered: boolean } | null
  /** A single one can be asked for by its id. */
  single: boolean
  /** Place of the change stamp: of the object that it is in, where it has none of its own. */
  stamp: string
  created: string
  fields: Readonly<Record<string, Source>>
  status: string | null
  state: Source | null
  refs: Readonly<Record<string, string>>
  custom: Readonly<Record<string, string>>
  key: string | null
  /** Rows that are none of the kind. */
  shown(node: unknown): boolean
  /** Rows that the platform keeps although they are over. */
  gone(node: unknown): boolean
  scopes: readonly string[]
  /** Subject of the platform's events, for deletions. */
  subject: string | null
  /** Path of the screen below /admin. */
  screen: string | null
}

/** Read only when they are named: not every shop has them. */
const OPTIONAL: readonly ObjectName[] = ['companies', 'subscription_contracts']

export function specsOf({ objects, skip, customer_is, holds }: Meaning): ObjectSpec[] {
  const read = (name: ObjectName) => !skip.includes(name) && (!OPTIONAL.includes(name) || objects[name] !== undefined)
  const all = shipped(customer_is, read('companies'), holds)
  return OBJECT_NAMES.filter(read).map((name) => specOf(name, all[name], objects[name]))
}

function specOf(name: ObjectName, plan: Shipped, own: ObjectConfig | undefined): ObjectSpec {
  const fields = Object.entries({ ...plan.fields, ...own?.fields }).filter(([field]) => !own?.without.includes(field))
  return {
    name,
    listType: plan.type,
    within: null,
    sort: null,
    only: null,
    count: null,
    single: true,
    stamp: 'updatedAt',
    created: 'createdAt',
    key: own?.key ?? null,
    subject: null,
    screen: null,
    shown: () => true,
    gone: () => false,
    ...plan,
    fields: Object.fromEntries(fields),
    status: own?.status ?? plan.status ?? null,
    // A status that the configuration names has the last word, through its reference map.
    state: own?.status !== undefined || own?.fields['state'] !== undefined ? null : (plan.state ?? null),
    refs: own?.refs ?? {},
    custom: own?.custom ?? {},
  }
}

/** Every path that a row must carry. */
export function pathsOf(spec: ObjectSpec): string[] {
  const sources = [...Object.values(spec.fields), ...(spec.state ? [spec.state] : [])]
  const { status, key, stamp, created, refs, custom } = spec
  return [
    ...new Set([
      'id',
      stamp,
      created,
      ...sources.flatMap((source) => (typeof source === 'string' ? [source] : source.from)),
      ...(status === null ? [] : [status]),
      ...(key === null ? [] : [key]),
      ...Object.values(refs),
      ...Object.values(custom),
      ...SHOWN_BY[spec.name],
    ]),
  ]
}

/** What `shown`, `gone` and writing look at. */
const SHOWN_BY: Record<ObjectName, readonly string[]> = {
  ...(Object.fromEntries(OBJECT_NAMES.map((name) => [name, []])) as unknown as Record<ObjectName, string[]>),
  companies: ['externalId'],
  variants: ['product.id'],
  transactions: ['kind'],
  fulfillments: ['status'],
}
