/** A bounded memory of a pure function: the same spellings come again and again, and reading them is dear. */

/** `read` must be pure. When `limit` entries are held all are dropped: simple, and never wrong. */
export function remember<T>(limit: number, read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const hit = known.get(text)
    if (hit !== undefined || known.has(text)) return hit as T
    const fresh = read(text)
    if (known.size >= limit) known.clear()
    known.set(text, fresh)
    return fresh
  }
}
