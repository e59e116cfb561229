/** Currencies: the codes of ISO 4217 with their minor units, and the signs that mean one or several of them. */
import { format, parse } from '../decimal.ts'
import { UnreadableRecord } from '../reading.ts'

/** Codes in use, then those retired so lately that records still carry them. Two decimals unless listed below. */
const CODES = new Set(
  (
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF ' +
    'CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL ' +
    'HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD ' +
    'MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF ' +
    'SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU ' +
    'UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ' +
    'BYR CUC DEM EEK FRF HRK ITL LTL LVL MRO SKK SLL STD VEF ZWL'
  ).split(' '),
)

/** ISO 4217 exceptions to two decimals; the cash rounding that locale data lists is another thing. */
const EXPONENTS = new Map<string, number>([
  ...'BIF BYR CLP DJF GNF ISK ITL JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'
    .split(' ')
    .map((code) => [code, 0] as const),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3] as const),
  ['CLF', 4],
  ['UYW', 4],
])

export function isCurrency(code: string): boolean {
  return CODES.has(code)
}

export function currencies(): string[] {
  return [...CODES]
}

/** Decimals of the currency's minor unit, or undefined if there is no such currency: never guess two. */
export function exponentOf(code: string): number | undefined {
  return CODES.has(code) ? (EXPONENTS.get(code) ?? 2) : undefined
}

/**
 * Minor units → decimal text in major units: (1999, EUR) → 19.99, (1999, JPY) → 1999, (1999, KWD) → 1.999.
 * Takes a code in any case, as platforms write it. `exponent` is for platforms that count otherwise than ISO 4217.
 * @throws UnreadableRecord for an unknown currency or a number that is no whole number.
 */
export function minorToMajor(amount: string | number | bigint, currency: string, exponent?: number): string {
  const scale = exponent ?? exponentOf(currency.trim().toUpperCase())
  if (scale === undefined)
    throw new UnreadableRecord(
      'currency',
      'The currency is not one of ISO 4217, so minor units cannot be converted; correct it at the platform.',
    )
  if (typeof amount === 'number' && !Number.isSafeInteger(amount))
    throw new UnreadableRecord('amount', 'The amount in minor units is no exact whole number; deliver it as text.')
  const parsed = parse(String(amount).trim())
  if (!parsed) throw new UnreadableRecord('amount', 'The amount in minor units is no number.')
  return format({ units: parsed.units, scale: parsed.scale + scale })
}

/** Signs and short names that mean exactly one currency. */
export const SIGNS = new Map<string, string>(
  Object.entries({
    '€': 'EUR',
    euro: 'EUR',
    euros: 'EUR',
    '₹': 'INR',
    '₽': 'RUB',
    '₺': 'TRY',
    '₪': 'ILS',
    '₫': 'VND',
    '₴': 'UAH',
    '₦': 'NGN',
    '₱': 'PHP',
    '฿': 'THB',
    '₲': 'PYG',
    '₡': 'CRC',
    '₸': 'KZT',
    '₼': 'AZN',
    '₾': 'GEL',
    '₵': 'GHS',
    '₮': 'MNT',
    '₭': 'LAK',
    '៛': 'KHR',
    '৳': 'BDT',
    zł: 'PLN',
    zl: 'PLN',
    kč: 'CZK',
    ft: 'HUF',
    лв: 'BGN',
    us$: 'USD',
    ca$: 'CAD',
    c$: 'CAD',
    au$: 'AUD',
    a$: 'AUD',
    hk$: 'HKD',
    nz$: 'NZD',
    s$: 'SGD',
    sg$: 'SGD',
    r$: 'BRL',
    nt$: 'TWD',
    mx$: 'MXN',
    rmb: 'CNY',
    'cn¥': 'CNY',
    'jp¥': 'JPY',
    sfr: 'CHF',
    'sfr.': 'CHF',
    'us dollar': 'USD',
    'us dollars': 'USD',
    'u.s. dollar': 'USD',
    'pound sterling': 'GBP',
    'pounds sterling': 'GBP',
    sterling: 'GBP',
    'swiss franc': 'CHF',
    'swiss francs': 'CHF',
    'schweizer franken': 'CHF',
    yen: 'JPY',
    renminbi: 'CNY',
    rm: 'MYR',
    rp: 'IDR',
  }),
)

/** Signs that several currencies share: good beside an amount whose currency is known, no currency by themselves. */
export const SHARED_SIGNS = new Map<string, readonly string[]>(
  Object.entries({
    $: 'ARS AUD BBD BMD BND BSD BZD CAD CLP COP CUP DOP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD SRD TTD TWD USD UYU XCD',
    '£': 'EGP FKP GBP GIP LBP SDG SHP SSP SYP',
    '¥': 'CNY JPY',
    '₩': 'KPW KRW',
    kr: 'DKK ISK NOK SEK',
    'kr.': 'DKK ISK NOK SEK',
    fr: 'BIF CHF DJF GNF KMF RWF XAF XOF XPF',
    'fr.': 'BIF CHF DJF GNF KMF RWF XAF XOF XPF',
    rs: 'INR LKR MUR NPR PKR SCR',
    'rs.': 'INR LKR MUR NPR PKR SCR',
    r: 'ZAR',
    '﷼': 'IRR OMR QAR SAR YER',
    lei: 'MDL RON',
    din: 'DZD RSD',
  }).map(([sign, codes]) => [sign, codes.split(' ')]),
)
