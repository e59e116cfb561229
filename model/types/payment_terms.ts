/** Payment terms. Canonical: `net_<days>`, `due_on_receipt`, `prepaid`, `eom_<days>`. */
import { foldText } from '../fold.ts'
import { unmapped, value, written, type Read } from '../reading.ts'

export const readPaymentTerms: Read = (raw, ctx) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  const terms = termsOf(ctx.map?.(text.trim()) ?? text)
  return terms ? value(terms, text) : unmapped(text)
}

const AT_ONCE =
  /^(?:(?:due|payable) ?(?:on|upon) ?receipt|(?:on|upon) receipt|(?:due |payable )?immediate(?:ly)?(?: payment)?|sofort(?: zahlbar| fallig)?|(?:zahlbar )?sofort(?: netto)?|a reception|net 0)$/
const BEFORE =
  /^(?:pre ?paid|pre ?payment|(?:cash |payment |paid |payable )?in advance|advance payment|cia|vorkasse|vorauskasse|vorauszahlung)$/
const DAYS = '(\\d{1,3}) ?(?:d|days?|calendar days|tage|jours|giorni|dias)?'
const NET = [
  new RegExp(`^(?:net(?:to)?|nt|n) ?(?:in |within |t )?${DAYS}(?: net(?:to)?)?$`),
  /^(\d{1,3}) ?(?:d|days?|calendar days|tage|jours|giorni|dias)(?: net(?:to)?| after invoice(?: date)?)?$/,
  /^(\d{1,3}) net(?:to)?$/,
]
const END = 'eom|end of (?:the )?month|month end|monatsende'
const END_ALONE = new RegExp(`^(?:${END})$`)
const EOM = [new RegExp(`^(?:${END}) ?(?:plus )?${DAYS}$`), new RegExp(`^(?:net )?${DAYS} ?(?:${END})$`)]

/** The canonical terms that words mean, or null. A bare number is not read: it may be days or the id of a term. */
export function termsOf(text: string): string | null {
  const words = foldText(text)
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()
  if (AT_ONCE.test(words)) return 'due_on_receipt'
  if (BEFORE.test(words)) return 'prepaid'
  if (END_ALONE.test(words)) return 'eom_0'
  for (const rule of EOM) {
    const days = rule.exec(words)?.[1]
    if (days) return `eom_${Number(days)}`
  }
  for (const rule of NET) {
    const days = rule.exec(words)?.[1]
    if (days) return Number(days) === 0 ? 'due_on_receipt' : `net_${Number(days)}`
  }
  return null
}
