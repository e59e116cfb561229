/** Reference SQL: which platform's record an id in a reference column means, as expressions over a row of versions. */
import { column, type Field } from '../../../model/fields.ts'
import { kindOf, references } from '../../../model/kinds.ts'

/** Names as a list of SQL words. They are validated names of platforms and kinds. */
export const words = (names: readonly string[]): string => (names.length ? names.map((n) => `'${n}'`).join(', ') : `''`)

/** References through which a record finds its customer when it does not name one, nearest first. */
const PARENTS = ['invoice', 'subscription', 'order', 'contract', 'quote', 'opportunity', 'document', 'entitlement']

/** References through which records of this kind may find their customer. */
export function throughDocuments(kind: string): Field[] {
  if (kind === 'customer') return []
  return references(kindOf(kind))
    .filter((f) => PARENTS.includes(f.name))
    .sort((a, b) => PARENTS.indexOf(a.name) - PARENTS.indexOf(b.name))
}

/** Kind that a reference points to, as SQL: a document's kind stands in another field. */
export function referenceKind(field: Field): string {
  return field.to!.length === 1 ? `'${field.to![0]}'` : `ifNull(document_kind, '')`
}

/**
 * Platform and id that a reference of a row means; an empty platform means any.
 * @param keepers kind → platforms that have at least one record of it
 */
export function referenceTarget(
  field: Field,
  keepers: ReadonlyMap<string, readonly string[]>,
): { platform: string; id: string } {
  const value = `ifNull(${column(field)}, '')`
  const keeps = `platform in (${words([...new Set((field.to ?? []).flatMap((k) => keepers.get(k) ?? []))])})`
  const explicit = `extract(${value}, '^([a-z][a-z0-9-]*):')`
  return {
    platform: `if(${keeps}, toString(platform), ${explicit})`,
    id: `if(${keeps} or ${explicit} = '', ${value}, substring(${value}, length(${explicit}) + 2))`,
  }
}
