/** What fields and kinds are called: from the tables of the model, so that nothing is named twice. */
import { KINDS } from '../../model/kinds.ts'
import { plain } from './words.ts'

export function fieldLabel(kind: string, field: string | null): string {
  if (field === null) return 'Record'
  return KINDS.find((k) => k.name === kind)?.fields.find((f) => f.name === field)?.label ?? plain(field)
}
export const kindLabel = (kind: string): string => KINDS.find((k) => k.name === kind)?.title ?? plain(kind)
