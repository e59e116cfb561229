/** A language. Stored as written; compared by its primary subtag (`de_CH` and `German` are `de`). */
import { bare } from '../fold.ts'
import { remember } from '../memo.ts'
import { invalid, keyed, unmapped, written, type Read } from '../reading.ts'

const SPELLINGS_MAX = 5_000

/** Languages whose names are known; a well-formed tag of any other is taken too. */
const NAMED =
  'ar bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gsw he hi hr hu hy id is it ja ka kk ko lb lt lv mk ms mt nb nl nn no pl pt rm ro ru sk sl sq sr sv sw ta te th tr uk ur uz vi zh'.split(
    ' ',
  )

/** Bibliographic codes of ISO 639-2 and words that locale data does not know. */
const ALIASES = new Map(
  Object.entries({
    ger: 'de',
    fre: 'fr',
    dut: 'nl',
    gre: 'el',
    cze: 'cs',
    chi: 'zh',
    rum: 'ro',
    slo: 'sk',
    per: 'fa',
    ice: 'is',
    alb: 'sq',
    arm: 'hy',
    baq: 'eu',
    geo: 'ka',
    mac: 'mk',
    may: 'ms',
    wel: 'cy',
    mandarin: 'zh',
    flemish: 'nl',
    castilian: 'es',
    norwegian: 'no',
    'brazilian portuguese': 'pt',
  }),
)

export const readLanguage: Read = (raw, ctx) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  const entry = ctx.map?.(text.trim())
  const key = languageOf(entry ?? text)
  if (key)
    return entry == null ? keyed(text, key) : { is: 'value', value: entry, key, ...(entry !== text && { raw: text }) }
  return ctx.map ? unmapped(text) : invalid('This is not a language; write its tag (de, en-GB).', text)
}

/** The primary subtag that a spelling means, or null. Norwegian is one language, however it is written. */
export const languageOf = remember(SPELLINGS_MAX, (text: string): string | null => {
  const tag = text
    .trim()
    .replace(/[.@].*$/, '')
    .replaceAll('_', '-')
    .toLowerCase()
  const word = bare(text.replace(/\(.*\)/, ''))
  const found = ALIASES.get(word) ?? names().get(word) ?? primary(tag)
  return found === 'nb' || found === 'nn' ? 'no' : found
})

function primary(tag: string): string | null {
  if (!/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/.test(tag)) return null
  try {
    const { language } = new Intl.Locale(tag)
    return new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' }).of(language) === undefined
      ? null
      : language
  } catch {
    return null
  }
}

let byName: Map<string, string> | undefined

/** Names in a few languages, and each language's name for itself. */
function names(): Map<string, string> {
  if (byName) return byName
  const found = new Map<string, string>()
  const learn = (locale: string, codes: readonly string[]): void => {
    const display = new Intl.DisplayNames([locale], { type: 'language', fallback: 'none' })
    for (const code of codes) {
      const name = bare(display.of(code) ?? '')
      if (name.length > 1 && !found.has(name)) found.set(name, code)
    }
  }
  for (const locale of ['en', 'de', 'fr', 'es', 'it']) learn(locale, NAMED)
  for (const code of NAMED) learn(code, [code])
  return (byName = found)
}
