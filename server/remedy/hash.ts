/** The hash of a plan: what an approval binds to. One way to write JSON, so that the same plan has one hash. Pure. */
import { createHash } from 'node:crypto'

/** JSON with keys in order and without undefined: equal values are equal text. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  let text = ''
  if (Array.isArray(value)) {
    for (const v of value as unknown[]) text += `${text && ','}${canonicalJson(v === undefined ? null : v)}`
    return `[${text}]`
  }
  for (const key of Object.keys(value).sort()) {
    const v = (value as Record<string, unknown>)[key]
    if (v !== undefined) text += `${text && ','}${JSON.stringify(key)}:${canonicalJson(v)}`
  }
  return `{${text}}`
}

/** SHA-256 of one item's body as it is stored. */
export function itemHash(body: string): Buffer {
  return createHash('sha256').update(body).digest()
}

export interface PlanHasher {
  /** In the order of `seq`. @returns the hash of the item alone */
  add(body: string): Buffer
  /** Hex. */
  end(): string
}

/** Takes the items one by one: a plan of 100,000 is never held at once. */
export function planHasher(header: string): PlanHasher {
  const hash = createHash('sha256').update(createHash('sha256').update(header).digest())
  return {
    add(body) {
      const own = itemHash(body)
      hash.update(own)
      return own
    },
    end: () => hash.digest('hex'),
  }
}
