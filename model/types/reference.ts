/** The id of another record, as the platform spells it. Which entity it means is identity's work. */
import { invalid, value, written, type Read } from '../reading.ts'

const LENGTH_MAX = 1024

export const readReference: Read = (raw) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  if (text.length > LENGTH_MAX)
    return invalid(`An id is at most ${LENGTH_MAX} characters long.`, text.slice(0, LENGTH_MAX))
  return value(text.trim(), text)
}
