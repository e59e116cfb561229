/** Phrases: what the server says in English, found by its fixed words and said in another language, gaps and all. */

type Book = (says: string) => string

/** Begins what is said inside another sentence alone. */
const INSIDE = '…'
const GAP = /\{(\d)([@#=]?)\}/g
/** What a gap may hold: anything, an instant, a number, words without a clause of their own. */
const HOLDS: Record<string, string> = {
  '': '(.+?)',
  '@': String.raw`(\d{4}-\d\d-\d\dT[\d:.]+Z)`,
  '#': String.raw`([\d.,]+)`,
  '=': '([^;:,]+)',
}

interface Sentence {
  shape: RegExp
  /** Its longest run of fixed words: what lacks them is not this sentence. */
  fixed: string
  /** How many characters of it are fixed. */
  weight: number
  words: string
}

/**
 * @param book English sentence → sentence. `{0}` stands for what differs, `{0@}` for an instant, `{0#}` for a number,
 * `{0=}` for words without a clause of their own; a gap right behind a word may hold nothing. A key that begins with `…` holds inside the gap of
 * another sentence alone.
 */
export function bookOf(book: Readonly<Record<string, string>>): Book {
  const whole = new Map<string, string>()
  const gapped = new Map<string, Sentence[]>()
  for (const [english, words] of Object.entries(book))
    if (english.search(GAP) < 0) whole.set(english, words)
    else {
      const first = firstOf(english)
      gapped.set(first, [...(gapped.get(first) ?? []), sentenceOf(english, words)])
    }
  // The one with the most fixed words goes first: it is the one that was meant.
  for (const sentences of gapped.values()) sentences.sort((a, b) => b.weight - a.weight)

  const gappedIn = (says: string): string | undefined => {
    for (const first of [firstOf(says), says.startsWith(INSIDE) ? INSIDE : ''])
      for (const { shape, fixed, words } of gapped.get(first) ?? []) {
        const found = says.includes(fixed) ? shape.exec(says) : null
        if (found) return words.replaceAll(GAP, (_, n: string) => inGap(found[Number(n) + 1]!))
      }
    return undefined
  }
  // Names and values stand in gaps too: what has the form of a phrase of ours by chance is left as it is.
  const inGap = (says: string): string => {
    const inside = whole.get(INSIDE + says) ?? gappedIn(INSIDE + says)
    if (inside !== undefined) return inside.slice(INSIDE.length)
    return /[.?]$/.test(says) ? say(says) : (whole.get(says) ?? says)
  }
  const say: Book = (says) => {
    const known = whole.get(says) ?? gappedIn(says)
    if (known !== undefined) return known
    // A title that says more than its check's ends with the field: "…: legal name".
    const colon = says.lastIndexOf(': ')
    const check = whole.get(says.slice(0, colon))
    return colon > 0 && check !== undefined ? `${check}: ${say(says.slice(colon + 2))}` : says
  }
  return say
}

/** The first word, by which a sentence is looked up: only those that begin as it does, or with a gap, are tried. */
function firstOf(sentence: string): string {
  const word = /^…?\s?[^\s{]*/u.exec(sentence)![0]
  return /^[\s]|^$/u.test(sentence.slice(word.length)) ? word : sentence.startsWith(INSIDE) ? INSIDE : ''
}

function sentenceOf(english: string, words: string): Sentence {
  const pieces = english.split(/\{\d[@#=]?\}/)
  const fixed = pieces.reduce((longest, piece) => (piece.length > longest.length ? piece : longest))
  const plain = english.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`)
  const shape = plain.replaceAll(GAP, (_, _n, kind: string, at: number) =>
    kind === '' && /\p{L}/u.test(plain[at - 1] ?? '') ? '(.*?)' : HOLDS[kind]!,
  )
  return { shape: new RegExp(`^${shape}$`, 'su'), fixed, weight: pieces.join('').length, words }
}
