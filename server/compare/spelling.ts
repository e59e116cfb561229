/** Spelling: differences that no reader would call one, such as `Müller & Söhne` and `Mueller u. Soehne`. */
import { legalNameKey, legalNameWithoutForm } from '../../model/types/legal_name.ts'
import { squeezed } from './synonyms.ts'

/** Words that stand for each other in names and addresses. */
const SAME: readonly (readonly [RegExp, string])[] = [
  [/\s*(?:&|\+|\bu\.|\bund\b|\band\b)\s*/gi, ' und '],
  [/stra(?:ß|ss)e\b/gi, 'str'],
  [/\bstreet\b/gi, 'st'],
  [/\bavenue\b/gi, 'ave'],
  [/\broad\b/gi, 'rd'],
  [/platz\b/gi, 'pl'],
]

/** True if the two differ in accents, punctuation, abbreviations or a legal form only. */
export function onlySpelling(a: string, b: string): boolean {
  return folded(a) === folded(b)
}

function folded(text: string): string {
  const plain = SAME.reduce((t, [pattern, word]) => t.replace(pattern, word), text)
  return squeezed(legalNameWithoutForm(legalNameKey(plain)))
}
