/**
 * Paths through GraphQL objects: one text is both what is asked for and where the value is found again. A capital letter
 * begins a type (`purchasingEntity.PurchasingCompany.company.id`), a number an element, brackets arguments.
 */

const METAFIELD = /^metafield\.([\w-]+)\.([\w-]+)$/

export const isMetafield = (path: string) => METAFIELD.test(path)

export interface Metafield {
  namespace: string
  key: string
}
/** @throws TypeError for a path that names none */
export function metafieldOf(path: string): Metafield {
  const [, namespace, key] = METAFIELD.exec(path) ?? []
  if (namespace === undefined || key === undefined) throw new TypeError(`${path} is no metafield`)
  return { namespace, key }
}

/** Name under which a metafield stands in a reply: letters, digits and `_` only. */
export const aliasOf = ({ namespace, key }: Metafield) =>
  `metafield_${`${namespace}.${key}`.replace(/[^A-Za-z0-9]/g, (c) => `_${c.charCodeAt(0).toString(16)}`)}`

function segmentsOf(path: string): string[] {
  if (!isMetafield(path)) return path.match(/[^.(]+(?:\([^)]*\))?/g) ?? []
  const field = metafieldOf(path)
  return [`${aliasOf(field)}: metafield(namespace: "${field.namespace}", key: "${field.key}")`, 'value']
}

interface Branch {
  [segment: string]: Branch
}

/** A selection that carries all of the paths; of a metafield also the digest against which it can be written. */
export function selectionOf(paths: readonly string[]): string {
  const root: Branch = {}
  for (const path of paths) {
    let here = root
    for (const segment of segmentsOf(path)) if (!/^\d+$/.test(segment)) here = here[segment] ??= {}
    if (isMetafield(path)) root[segmentsOf(path)[0]!]!['compareDigest'] = {}
  }
  return written(root)
}

function written(branch: Branch): string {
  return Object.entries(branch)
    .map(([segment, inner]) => {
      const name = /^[A-Z]/.test(segment) ? `... on ${segment}` : segment
      return Object.keys(inner).length > 0 ? `${name} { ${written(inner)} }` : name
    })
    .join(' ')
}

/** The member of the object itself that a path begins with, as the schema names it. */
export function memberOf(path: string): string {
  return isMetafield(path) ? 'metafield' : /^\w+/.exec(path)![0]
}

/** Follows a path. Undefined: the object does not carry it; what is empty makes everything behind it empty. */
export function valueAt(node: unknown, path: string): unknown {
  let here: unknown = node
  for (const segment of segmentsOf(path)) {
    // The members of a type stand in the object itself.
    if (/^[A-Z]/.test(segment)) continue
    if (here === null) return null
    if (typeof here !== 'object') return undefined
    const name = /^\w+/.exec(segment)![0]
    here = Array.isArray(here) ? (here[Number(name)] ?? null) : (here as Record<string, unknown>)[name]
  }
  return here
}
