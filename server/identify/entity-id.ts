/** Entity ids: made from the record that founds the entity. */
import { createHash } from 'node:crypto'
import type { Node } from './cluster.ts'

/**
 * A new id comes from the founding record, so that a repeated run makes the same one. A founder that leaves an
 * entity behind adds that entity to the seed: its own first id may live on with the records it left.
 */
export function newEntity(kind: string, founder: Node): string {
  const seed = [kind, founder.platform, founder.record_id, founder.entity ?? ''].join('\0')
  return `${kind}_${createHash('sha256').update(seed).digest('hex').slice(0, 20)}`
}
