/** Numbered entities: what carries a business number, found by the comparison key of its kind's number. */
import { keyColumn } from '../../../model/fields.ts'
import { fieldOf, KINDS } from '../../../model/kinds.ts'
import { currentTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { ident, tableOf } from './ident.ts'

/** Entities with this number, of one kind or of any; a few at most. */
export async function entitiesNumbered(
  facts: Facts,
  number: string,
  kind: string | undefined,
): Promise<{ kind: string; entity: string }[]> {
  const kinds = KINDS.filter((k) => k.businessKey !== undefined && (kind === undefined || k.name === kind))
  if (kinds.length === 0) return []
  const selects = kinds.map(
    (k) => `select '${k.name}' as kind, any(entity_id) as entity from ${tableOf(facts, currentTable(k.name))} final
      where ${ident(keyColumn(fieldOf(k.name, k.businessKey!)))} = {number:String} group by eid limit 5`,
  )
  return await facts.query<{ kind: string; entity: string }>(selects.join('\nunion all\n'), { number })
}
