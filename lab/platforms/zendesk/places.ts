/** Places in the simulated account's lists: the order of ids, and cursors that only the account can read. */

/** Exports leave out what changed in the last minute. */
export const EXCLUDED_S = 60
export const EXPORT_PAGE = 1_000

/** Numbers by value, other ids by their characters. */
export function byId(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}

export function encode(...parts: (string | number)[]): string {
  return Buffer.from(parts.join('|')).toString('base64url')
}

/** Undefined: none was given; null: it is none of ours. */
export function decode(cursor: string | undefined, kind: string): string[] | undefined | null {
  if (cursor === undefined) return undefined
  const [found, ...parts] = Buffer.from(cursor, 'base64url').toString().split('|')
  return found === kind && parts.length > 0 ? parts : null
}
