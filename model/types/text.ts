/** Free words. Stored as written; compared without case, with white space folded, NFKC, ß = ss. */
import { foldText } from '../fold.ts'
import { keyed, written, type Read, type Reading } from '../reading.ts'
import { translated } from './enum.ts'

export const readText: Read = (raw, ctx) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  if (ctx.map) return translated(text, ctx.map, foldText)
  return words(text)
}

/** For text that no reference map may touch: names. */
export function words(text: string): Reading {
  return keyed(text, foldText(text))
}
