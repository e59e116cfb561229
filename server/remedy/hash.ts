/** The hash of a plan: what an approval binds to. One way to write JSON, so that the same plan has one hash. Pure. */
import { createHash } from 'node:crypto'

/** JSON with keys in order and without undefined: equal values are equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((v) => canonicalJson(v === undefined ? null : v)).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined)
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`).join(',')}}`
  }
  return JSON.stringify(value)
}

/** SHA-256 of one item's body as it is stored. */
export function itemHash(body: string): Buffer {
  return createHash('sha256').update(body).digest()
}

export interface PlanHasher {
  /** In the order of `seq`. */
  add(body: string): void
  /** Hex. */
  end(): string
}

/** Takes the items one by one: a plan of 100,000 is never held at once. */
export function planHasher(header: string): PlanHasher {
  const hash = createHash('sha256').update(createHash('sha256').update(header).digest())
  return {
    add: (body) => void hash.update(itemHash(body)),
    end: () => hash.digest('hex'),
  }
}
