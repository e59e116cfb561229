/** What the server says in English, in the language of this build: known sentences, found by their fixed words. */
import { language } from './language.ts'

type Book = (says: string) => string
/** Properties of answers that hold sentences of ours. What a customer or a person wrote stands under other names. */
const SAID = new Set([
  'title', 'label', 'kind_title', 'definition', 'family', 'next_step', 'says', 'disproved_by', 'pattern', 'why', 'period', 'unknown',
]) // prettier-ignore

let opened: Promise<Book> | undefined

/** Turns the sentences of an answer while it is read; undefined in English, which costs nothing. */
export async function inOurLanguage(): Promise<((key: string, value: unknown) => unknown) | undefined> {
  if (language === 'en') return undefined
  const say = await (opened ??= import('virtual:said').then(({ default: book }) => bookOf(book)))
  return (key, value) => (typeof value === 'string' && SAID.has(key) ? say(value) : value)
}

/** @param book English sentence → sentence; `{0}` stands for what differs */
export function bookOf(book: Readonly<Record<string, string>>): Book {
  const gapped = Object.entries(book).flatMap(([english, words]) =>
    /\{\d\}/.test(english) ? [{ shape: shapeOf(english), words }] : [],
  )
  const say: Book = (says) => {
    if (Object.hasOwn(book, says)) return book[says]!
    for (const { shape, words } of gapped) {
      const found = shape.exec(says)
      if (found) return words.replaceAll(/\{(\d)\}/g, (_, n: string) => say(found[Number(n) + 1]!))
    }
    // A title that says more than its check's ends with the field: "…: legal name".
    const colon = says.lastIndexOf(': ')
    const [check, field] = [says.slice(0, colon), says.slice(colon + 2)]
    return colon > 0 && Object.hasOwn(book, check) ? `${book[check]!}: ${say(field)}` : says
  }
  return say
}

const shapeOf = (english: string): RegExp =>
  new RegExp(`^${english.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\d\}/g, '(.+?)')}$`, 'u')
