/** Customer scope: the legal entity of a record that does not say it itself, from its customer's records. */
import type { Landscape } from '../../../model/landscape.ts'

/** As the first owner of the customer's legal entity says, else the first platform by name. */
export function customerEntity(
  said: readonly { platform: string; legal_entity: string }[],
  landscape: Landscape,
): string | null {
  if (said.length === 0) return null
  const owners = landscape.owners('customer', 'legal_entity', { state: null, scope: {} })
  const order = [...owners, ...said.map((s) => s.platform).sort()]
  for (const name of order) {
    const found = said.find((s) => s.platform === name)
    if (found) return found.legal_entity
  }
  return null
}
