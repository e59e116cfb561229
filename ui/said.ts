/** What the server says in English, in the language of this build: known sentences, found by their fixed words. */
import { language } from './language.ts'

/** Properties of answers that hold sentences of ours. What a customer or a person wrote stands under other names. */
const SAID = new Set([
  'title', 'label', 'kind_title', 'definition', 'family', 'next_step', 'says', 'disproved_by', 'pattern', 'why', 'period', 'unknown',
  'remedy', 'detail', 'because', 'pattern_says', 'correction',
]) // prettier-ignore

let opened: Promise<(says: string) => string> | undefined

/** Turns the sentences of an answer while it is read; undefined in English, which costs nothing. */
export async function inOurLanguage(): Promise<((key: string, value: unknown) => unknown) | undefined> {
  if (language === 'en') return undefined
  const say = await (opened ??= open())
  return (key, value) => {
    if (!SAID.has(key)) return value
    if (Array.isArray(value)) return value.map((one: unknown) => (typeof one === 'string' ? say(one) : one))
    return typeof value === 'string' ? say(value) : value
  }
}

async function open() {
  const [{ bookOf }, { default: book }] = await Promise.all([import('./phrases.ts'), import('virtual:said')])
  return bookOf(await book())
}
