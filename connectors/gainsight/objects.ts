/** Objects of a tenant: which kind each is, and which of its fields mean what. */
import type { Meaning, ObjectConfig } from './config.ts'

export interface ObjectSpec {
  name: string
  kind: string
  fields: Readonly<Record<string, string>>
  status: string | null
  refs: Readonly<Record<string, string>>
  custom: Readonly<Record<string, string>>
  key: string | null
  readOnly: readonly string[]
  id: string
  stamp: string
  created: string
  writer: string | null
}

type Shipped = Pick<ObjectSpec, 'kind' | 'fields' | 'refs'>

/** What every tenant has; names of fields are taken from the documentation's examples. */
const SHIPPED: Record<string, Shipped> = {
  Company: {
    kind: 'customer',
    fields: { name: 'Name', parent: 'ParentCompany', segment: 'Industry' },
    refs: { crm: 'SfdcAccountId' },
  },
  Company_Person: {
    kind: 'contact',
    fields: { customer: 'Company_ID', name: 'Person_ID__gr.Name', email: 'Person_ID__gr.Email' },
    refs: {},
  },
}

/** @returns the objects that are read, and those that no kind is named for */
export function objectsOf(meaning: Meaning): { specs: ObjectSpec[]; missing: string[] } {
  const { objects, skip } = meaning
  const names = [...new Set([...Object.keys(SHIPPED), ...Object.keys(objects)])].filter((name) => !skip.includes(name))
  const known = (name: string) => objects[name]?.kind ?? SHIPPED[name]?.kind
  return {
    specs: names.filter((name) => known(name) !== undefined).map((name) => specOf(name, objects[name], meaning)),
    missing: names.filter((name) => known(name) === undefined),
  }
}

function specOf(name: string, own: ObjectConfig | undefined, meaning: Meaning): ObjectSpec {
  const shipped = SHIPPED[name]
  const fields = Object.entries({ ...shipped?.fields, ...own?.fields })
  return {
    name,
    kind: own?.kind ?? shipped!.kind,
    fields: Object.fromEntries(fields.filter(([field]) => !own?.without.includes(field))),
    status: own?.status ?? null,
    // The same field twice would be two ids of one thing.
    refs: own && Object.keys(own.refs).length > 0 ? own.refs : (shipped?.refs ?? {}),
    custom: own?.custom ?? {},
    key: own?.key ?? null,
    readOnly: own?.read_only ?? [],
    id: meaning.id_field,
    stamp: meaning.stamp_field,
    created: meaning.created_field,
    writer: meaning.writer_field ?? null,
  }
}

export const holdsOf = (spec: ObjectSpec) => [
  ...new Set([...(spec.status === null ? [] : ['state']), ...Object.keys(spec.fields)]),
]

/** Every field that a row must carry. */
export function selectOf(spec: ObjectSpec): string[] {
  const { id, stamp, created, writer, status, key, fields, refs, custom } = spec
  const named = [...Object.values(fields), ...Object.values(refs), ...Object.values(custom)]
  const own = [id, stamp, created, writer, status, key].filter((name): name is string => name !== null)
  return [...new Set([...own, ...named])]
}
