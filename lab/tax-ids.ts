/** Tax ids of invented companies: right shape, right check digits, belonging to nobody. */
import type { Random } from './random.ts'

const digitsOf = (text: string) => [...text].map(Number)
const weighted = (text: string, weights: readonly number[]) =>
  digitsOf(text).reduce((sum, digit, i) => sum + digit * weights[i]!, 0)

/** ISO 7064 mod 11,10 check digit. */
export function mod11of10(digits: string): number {
  let check = 5
  for (const digit of digitsOf(digits)) check = ((((check || 10) * 2) % 11) + digit) % 10
  return (11 - (((check || 10) * 2) % 11)) % 10
}

/** Luhn check digit to be put behind `digits`. */
export function luhn(digits: string): number {
  const sum = digitsOf(digits)
    .reverse()
    .reduce((total, digit, i) => total + (i % 2 === 0 ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit]! : digit), 0)
  return (10 - (sum % 10)) % 10
}

const startsAboveZero = (random: Random, count: number) => `${random.int(1, 9)}${random.digits(count - 1)}`

/** Draws until the rule of the country leaves a usable check digit: some bodies have none. */
function until(random: Random, count: number, check: (body: string) => string | null): string {
  for (;;) {
    const body = startsAboveZero(random, count)
    const tail = check(body)
    if (tail !== null) return body + tail
  }
}

const MAKERS: Record<string, (random: Random) => string> = {
  DE: (r) => `DE${until(r, 8, (body) => String(mod11of10(body)))}`,
  AT: (r) =>
    `ATU${until(r, 7, (body) => {
      const sum = digitsOf(body).reduce((s, d, i) => s + (i % 2 === 0 ? d : Math.floor(d / 5) + ((d * 2) % 10)), 0)
      return String((10 - ((sum + 4) % 10)) % 10)
    })}`,
  CH: (r) =>
    `CHE${until(r, 8, (body) => {
      const check = (11 - (weighted(body, [5, 4, 3, 2, 7, 6, 5, 4]) % 11)) % 11
      return check === 10 ? null : String(check)
    })}MWST`,
  FR: (r) => {
    const siren = until(r, 8, (body) => String(luhn(body)))
    return `FR${String((12 + 3 * (Number(siren) % 97)) % 97).padStart(2, '0')}${siren}`
  },
  GB: (r) => `GB${until(r, 7, (body) => String(97 - (weighted(body, [8, 7, 6, 5, 4, 3, 2]) % 97)).padStart(2, '0'))}`,
  NL: (r) =>
    `NL${until(r, 8, (body) => {
      const check = weighted(body, [9, 8, 7, 6, 5, 4, 3, 2]) % 11
      return check === 10 ? null : String(check)
    })}B01`,
  JP: (r) => {
    const body = startsAboveZero(r, 12)
    const sum = digitsOf(body)
      .reverse()
      .reduce((s, d, i) => s + d * (i % 2 === 0 ? 1 : 2), 0)
    return `${9 - (sum % 9)}${body}`
  },
  US: (r) => `${r.pick(['12', '27', '35', '41', '52', '61', '77', '84', '95'])}-${r.digits(7)}`,
}

/** A tax id of the country, or null where companies have none (Kuwait). */
export function taxId(country: string, random: Random): string | null {
  return MAKERS[country]?.(random) ?? null
}
