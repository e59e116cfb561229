/** The version hash: equal exactly when nothing that is compared or shown as its state has changed. */
import { hash } from 'node:crypto'
import type { CanonicalRecord } from './record.ts'

/**
 * First 64 bits of SHA-1, as decimal text. Each part goes in with its length, so that no two contents look alike.
 * Left out: stamps, `changed_by` and `correlation_id`, which may move without any change; and the platform's
 * spelling where the canonical value is the same, except of fields that could not be read.
 */
export function hashOf(record: CanonicalRecord): string {
  let content = `${record.deleted ? 1 : 0}${part(record.status)}${part(record.merged_into)}${entries(record.refs)}${entries(record.custom)}`
  content += `${record.held.join()};${record.empty.join()};${record.unmapped.join()};`
  for (const name of record.held) {
    const value = record.values[name]
    if (value !== undefined) content += part(value) + part(record.keys[name] ?? null)
    else if (record.invalid[name] !== undefined) content += part(record.invalid[name]) + part(record.raw[name] ?? null)
    else content += '-'
  }
  return (hash('sha1', content, 'buffer') as Buffer).readBigUInt64BE(0).toString()
}

function part(text: string | null): string {
  return text === null ? '-' : `${text.length}:${text}`
}

function entries(of: Record<string, string | null>): string {
  let content = ''
  for (const name of Object.keys(of).sort()) content += part(name) + part(of[name]!)
  return `${content};`
}
