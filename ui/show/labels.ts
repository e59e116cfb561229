/** What fields and kinds are called: from the tables of the model, so that nothing is named twice. */
import { GERMAN_FIELDS, GERMAN_KINDS } from '../../model/german.ts'
import { KINDS } from '../../model/kinds.ts'
import { language } from '../language.ts'
import { plain } from './words.ts'

export function fieldLabel(kind: string, field: string | null): string {
  if (field === null) return 'Record'
  const label = KINDS.find((k) => k.name === kind)?.fields.find((f) => f.name === field)?.label ?? plain(field)
  return (language === 'de' && GERMAN_FIELDS[label]) || label
}
export const kindLabel = (kind: string): string =>
  (language === 'de' && GERMAN_KINDS[kind]?.[0]) || (KINDS.find((k) => k.name === kind)?.title ?? plain(kind))
