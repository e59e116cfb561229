/** A tax identifier. Stored as written; compared without punctuation, with the country prefix where its country is known. */
import { entityValidators, euVat, personValidators, stdnum, type Validator } from 'stdnum'
import { visible } from '../fold.ts'
import { remember } from '../memo.ts'
import { invalid, keyed, written, type Read } from '../reading.ts'

const IDS_MAX = 50_000
const LENGTH_MAX = 100

export const readTaxId: Read = (raw, ctx) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  const key = taxIdKey(text, ctx.country)
  return key === '' ? invalid('The tax id has neither letters nor digits.', text) : keyed(text, key)
}

/** A wrong check digit does not make the field unreadable: people must see that both platforms hold the same wrong id. */
export function taxIdKey(text: string, country: string | null): string {
  return judged(text, country).key
}

/** Why the id cannot be right, or null: it is, or no rule for its country is known. */
export function taxIdProblem(text: string, country: string | null): string | null {
  const { valid, checkedBy } = judged(text, country)
  return valid || checkedBy === null
    ? null
    : `The tax id breaks the rules of ${checkedBy}: its length or check digit is wrong.`
}

/** Does one key only lack the country prefix of the other? */
export function sameTaxId(a: string, b: string): boolean {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a]
  return (
    long === short ||
    (short.length >= 6 && /^[A-Z]{2,3}$/.test(long.slice(0, long.length - short.length)) && long.endsWith(short))
  )
}

interface Judged {
  key: string
  valid: boolean
  checkedBy: string | null
}

function judged(text: string, country: string | null): Judged {
  const stripped = visible(text.slice(0, LENGTH_MAX))
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
  return known(`${country ?? ''}|${stripped}`)
}

const known = remember(IDS_MAX, (countryAndId): Judged => {
  const bar = countryAndId.indexOf('|')
  const id = countryAndId.slice(bar + 1)
  const written = prefixOf(id)
  const country = countryAndId.slice(0, bar)
  const key = (written.country && validKey(written.country, written.number)) || (country && validKey(country, id))
  if (key) return { key, valid: true, checkedBy: country }
  const checkedBy = [written.country, country].find((code) => code !== '' && rulesOf(code).length > 0) ?? null
  return { key: id, valid: false, checkedBy }
})

/** A country that the id itself names: Greece writes EL, Northern Ireland XI, Switzerland CHE. */
function prefixOf(id: string): { country: string; number: string } {
  const letters = /^(CHE|[A-Z]{2})(?=.*\d{4})/.exec(id)?.[1]
  if (!letters) return { country: '', number: id }
  const country = { EL: 'GR', XI: 'GB', CHE: 'CH' }[letters] ?? letters
  return rulesOf(country).length === 0 ? { country: '', number: id } : { country, number: id.slice(letters.length) }
}

/** Letters that go before a VAT number, for the countries where people write or leave them at will. */
function vatPrefix(country: string): string {
  if (country === 'GR') return 'EL'
  if (country === 'CH') return 'CHE'
  return country === 'GB' || country in euVat ? country : ''
}

function vatRules(country: string): readonly Validator[] {
  if (country === 'CH') return [stdnum['CH']!['uid']!]
  return country === 'GB' ? [stdnum['GB']!['vat']!] : (euVat[country] ?? [])
}

const rules = new Map<string, readonly Validator[]>()

/** Every rule that an id of the country may follow, those of companies first. */
function rulesOf(country: string): readonly Validator[] {
  let found = rules.get(country)
  if (!found) {
    const further =
      { IN: [stdnum['IN']!['gstin']!], CA: [stdnum['CA']!['gst']!], HR: [stdnum['HR']!['oib']!] }[country] ?? []
    found = [
      ...new Set([
        ...vatRules(country),
        ...(entityValidators[country] ?? []),
        ...(personValidators[country] ?? []),
        ...further,
      ]),
    ]
    rules.set(country, found)
  }
  return found
}

function validKey(country: string, id: string): string | null {
  // Swiss and Norwegian ids carry the word for value-added tax behind the number, or not.
  const number = id.replace(country === 'CH' ? /(?:MWST|TVA|IVA|TPV|VAT)$/ : country === 'NO' ? /MVA$/ : /$^/, '')
  const prefix = vatPrefix(country)
  const vat = vatRules(country)
  for (const rule of rulesOf(country)) {
    const swiss = country === 'CH' && vat.includes(rule) && /^\d/.test(number)
    const compact = compactIf(rule, swiss ? `CHE${number}` : number)
    if (compact) return vat.includes(rule) && !compact.startsWith(prefix) ? prefix + compact : compact
  }
  return null
}

function compactIf(rule: Validator, id: string): string | null {
  // A validator makes an error for each id that it refuses; its stack trace costs more than everything else here.
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    const result = rule.validate(id)
    return result.isValid ? result.compact.toUpperCase().replace(/[^\p{L}\p{N}]/gu, '') : null
  } catch {
    // A validator that stumbles over odd letters has not found the id valid.
    return null
  } finally {
    Error.stackTraceLimit = limit
  }
}
