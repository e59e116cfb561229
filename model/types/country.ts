/** A country. Canonical: ISO 3166-1 alpha-2, from any usual spelling. */
import { bare } from '../fold.ts'
import { remember } from '../memo.ts'
import { invalid, unmapped, value, written, type Read } from '../reading.ts'
import { ALIASES, COUNTRIES, NAME_LANGUAGES } from './countries.ts'

const SPELLINGS_MAX = 10_000

const byCode = new Map(
  COUNTRIES.flatMap((c) => [c.alpha2, c.alpha3, c.numeric].map((code) => [code, c.alpha2] as const)),
)

export const readCountry: Read = (raw, ctx) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  const code = countryOf(ctx.map?.(text.trim()) ?? text)
  if (code) return value(code, text)
  return ctx.map ? unmapped(text) : invalid('This is not a country; write its ISO 3166 code.', text)
}

/** The alpha-2 code that a spelling means, or null. */
export const countryOf = remember(SPELLINGS_MAX, (text: string): string | null => {
  const upper = text.trim().toUpperCase()
  const code = byCode.get(/^\d{1,2}$/.test(upper) ? upper.padStart(3, '0') : upper)
  if (code) return code
  const name = bare(text)
  return ALIASES.get(name) ?? names().get(name) ?? names().get(name.replace(/^the /, '')) ?? null
})

let byName: Map<string, string> | undefined

/** Names in the usual languages and in each country's own; read once, on the first name that is no code. */
function names(): Map<string, string> {
  if (byName) return byName
  const all = COUNTRIES.map((c) => c.alpha2)
  const english = learn(new Map(), 'en', all)
  const others = new Map<string, string>()
  for (const locale of NAME_LANGUAGES) learn(others, locale, all)
  for (const code of all) learn(others, new Intl.Locale(`und-${code}`).maximize().language, [code])
  return (byName = new Map([...[...others].filter(([, code]) => code !== DOUBTFUL), ...english]))
}

/** A name that means different countries in different languages means none, unless it is English. */
const DOUBTFUL = ''

function learn(found: Map<string, string>, locale: string, codes: readonly string[]): Map<string, string> {
  const display = new Intl.DisplayNames([locale], { type: 'region', fallback: 'none' })
  for (const code of codes) {
    const full = display.of(code) ?? ''
    for (const name of new Set([bare(full), bare(full.replace(/\(.*\)/, ''))])) {
      if (name.length < 2) continue
      const known = found.get(name)
      found.set(name, known === undefined || known === code ? code : DOUBTFUL)
    }
  }
  return found
}
