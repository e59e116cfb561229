/** Sentences of the server carry instants in UTC; people read them in their own zone. */
import { clock } from './times.ts'

export function readable(sentence: string, now = Date.now()): string {
  return sentence.replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z\b/g, (iso) => clock(iso, now))
}
