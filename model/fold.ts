/** Folding: the comparison key of free words, so that only a difference people mean is a difference. */

const PLAIN = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/
/** Format characters (zero width, direction marks, byte order mark, soft hyphen) and variation selectors. */
const INVISIBLE = /[\p{Cf}\uFE00-\uFE0F]/gu
/** Control characters except those that are white space. */
const CONTROL = /[\0-\x08\x0e-\x1f\x7f-\x9f]/g
const PASSES_MAX = 4

/** Without case, NFKC, inner white space folded, ß = ss, invisible characters dropped. */
export function foldText(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase()
  let folded = text
  // Folding may make a sequence composable again; it settles in the second pass.
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    const before = folded
    folded = foldOnce(folded)
    if (folded === before) break
  }
  return folded
}

function foldOnce(text: string): string {
  // Upper before lower case is full case folding but for two letters: ẞ has no longer capital, and a final
  // sigma depends on its neighbours.
  const cased = visible(text).toUpperCase().toLowerCase().replaceAll('ß', 'ss').replaceAll('ς', 'σ')
  return cased.normalize('NFKC').replace(/\s+/g, ' ').trim()
}

/** For codes and ids: NFKC and trimmed, case kept. */
export function foldCode(text: string): string {
  return PLAIN.test(text) ? text : visible(text).normalize('NFKC').trim()
}

/** NFKC without what cannot be seen. */
export function visible(text: string): string {
  return text.normalize('NFKC').replace(INVISIBLE, '').replace(CONTROL, '')
}

const STROKES: Record<string, string> = { ł: 'l', ø: 'o', đ: 'd', ð: 'd', þ: 'th', æ: 'ae', œ: 'oe', ı: 'i' }

/** Letters and digits alone, without accents: for looking names up in lists, never for comparing them. */
export function bare(text: string): string {
  const folded = foldText(text)
  if (PLAIN.test(folded)) return folded.replace(/[^a-z0-9]+/g, ' ').trim()
  return folded
    .replace(/[łøđðþæœı]/g, (letter) => STROKES[letter]!)
    .normalize('NFD')
    .replace(/\p{Mn}+/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}
