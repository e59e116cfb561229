/** An id or code. Stored as written; compared by NFKC, trimmed, with its case. */
import { foldCode } from '../fold.ts'
import { keyed, written, type Read } from '../reading.ts'
import { translated } from './enum.ts'

export const readCode: Read = (raw, ctx) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  return ctx.map ? translated(text, ctx.map, foldCode) : keyed(text, foldCode(text))
}
