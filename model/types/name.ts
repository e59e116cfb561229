/** The everyday name of a person or company. Stored as written; compared like words, ß = ss. */
import { written, type Read } from '../reading.ts'
import { words } from './text.ts'

export const readName: Read = (raw) => {
  const text = written(raw)
  return typeof text === 'string' ? words(text) : text
}
