/** Read paths: which raw fields a mapping looks at, learned by watching it map one row. */
import type { RawRow } from '../../connectors/contract.ts'
import type { Mapper } from './mapping.ts'

/** Null where it cannot be learned: the mapping walks over all names, or refuses the row. */
export function readPaths(mapper: Mapper, row: RawRow): Set<string> | null {
  if (typeof row.value !== 'object' || row.value === null || Array.isArray(row.value)) return null
  const read = new Set<string>()
  let all = false
  const watch = (value: object, prefix: string): object =>
    new Proxy(value, {
      get(target, name, receiver) {
        const found: unknown = Reflect.get(target, name, receiver)
        if (typeof name === 'symbol') return found
        const path = prefix === '' ? name : `${prefix}.${name}`
        read.add(path)
        return typeof found === 'object' &&
          found !== null &&
          !Array.isArray(found) &&
          Object.getPrototypeOf(found) === Object.prototype
          ? watch(found, path)
          : found
      },
      ownKeys(target) {
        if (prefix === '') all = true
        return Reflect.ownKeys(target)
      },
    })
  try {
    mapper.map({ ...row, value: watch(row.value, '') })
  } catch {
    return null
  }
  return all ? null : new Set([...read].filter((path) => ![...read].some((other) => other.startsWith(`${path}.`))))
}
