/** A currency. Canonical: ISO 4217, from the code or a sign or name that means one currency only. */
import { foldText } from '../fold.ts'
import { remember } from '../memo.ts'
import { invalid, unmapped, value, written, type Read } from '../reading.ts'
import { currencies, isCurrency, SHARED_SIGNS, SIGNS } from './currencies.ts'

const SPELLINGS_MAX = 5_000

export const readCurrency: Read = (raw, ctx) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  const entry = ctx.map?.(text.trim())
  const code = currencyOf(entry ?? text)
  if (code) return value(code, text)
  if (ctx.map) return unmapped(text)
  return SHARED_SIGNS.has(foldText(text))
    ? invalid('Several currencies share this sign; write the ISO code or give the field a reference map.', text)
    : invalid('This is not a currency; write its ISO 4217 code.', text)
}

/** The code that a spelling means, or null. */
export const currencyOf = remember(SPELLINGS_MAX, (text: string): string | null => {
  const upper = text.trim().toUpperCase()
  if (isCurrency(upper)) return upper
  const word = foldText(text)
  return SIGNS.get(word) ?? names().get(word) ?? null
})

/** Can what stands beside an amount mean this currency? `$` can mean USD and CAD, but not EUR. */
export function couldMean(unit: string, code: string): boolean {
  return currencyOf(unit) === code || (SHARED_SIGNS.get(foldText(unit))?.includes(code) ?? false)
}

let byName: Map<string, string> | undefined

/** Names in English and German; a name that two currencies share means neither. */
function names(): Map<string, string> {
  if (byName) return byName
  const found = new Map<string, string>()
  const shared = new Set<string>()
  for (const locale of ['en', 'de']) {
    const display = new Intl.DisplayNames([locale], { type: 'currency', fallback: 'none' })
    for (const code of currencies()) {
      const name = foldText(display.of(code) ?? '')
      if (found.has(name) && found.get(name) !== code) shared.add(name)
      else if (name !== '') found.set(name, code)
    }
  }
  for (const name of shared) found.delete(name)
  return (byName = found)
}
