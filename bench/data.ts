/**
 * The data: customers over three platforms, made inside the engine from their number alone, with exactly known mismatches.
 *
 * Entity i is on every platform, but one in 5,000 is missing at billing. One entity in 1,000 differs in one of the eight
 * fields, at a platform that does not own it. Comparison keys are those that the product's own reading would make;
 * `loadWorld` proves that on a sample.
 */
import { fieldOf, kindOf } from '../model/kinds.ts'
import { column } from '../model/fields.ts'
import { maskOf } from '../server/store/facts/current.ts'
import { FIELDS, type Platform } from './world.ts'

export const ONE_IN = 1000
export const MISSING_ONE_IN = 5_000

/** All platforms hold the same fields, as they would after mapping. */
export const HELD = ['state', ...FIELDS, 'domain', 'bill_to.postal_code', 'bill_to.country', 'currency', 'credit_hold']
const MASK = maskOf(HELD.map((f) => fieldOf('customer', f)))

const words = (list: readonly string[]) => `[${list.map((w) => `'${w}'`).join(', ')}]`
const STEMS = words(['Varn', 'Quill', 'Tarro', 'Ost', 'Bel', 'Keld', 'Lum', 'Dro'])
const CITIES = words(['Berlin', 'Hamburg', 'Bremen', 'Kassel', 'Jena', 'Ulm', 'Trier', 'Bonn'])
const STREETS = words(['Lindenweg', 'Werkgasse', 'Speicherhof', 'Am Anger'])
const TERMS = words(['net_14', 'net_30', 'net_45', 'net_60'])

/** What goes wrong at an entity: `wrong` is the place of the field in FIELDS (from 1, 0 for nothing), `fault` the platform. */
const FAULT = `cityHash64(number, 'bench') as h,
  if(h % ${ONE_IN} = 0, intDiv(h, ${ONE_IN}) % ${FIELDS.length} + 1, 0) as wrong,
  multiIf(wrong > 5, 'erp', intDiv(h, 16000) % 2 = 0, 'billing', 'crm') as fault,
  cityHash64(number, 'missing') % ${MISSING_ONE_IN} = 0 as missing`

/** Field → entities in which it differs, worked out from the rules alone. */
export function truthSql(entities: number): string {
  return `select ${words(FIELDS)}[wrong] as field, count() as n
    from (select number, ${FAULT} from numbers(${entities})) where wrong > 0 and not (missing and fault = 'billing') group by field`
}

const value = (field: string, right: string, other: string) =>
  `if(bad = ${FIELDS.indexOf(field as never) + 1}, ${other}, ${right})`

/** Check digit of a German VAT number over eight digits (ISO 7064, MOD 11,10). */
const VAT_DIGIT = `toString((11 - arrayFold((acc, d) -> toUInt64(if((acc + d) % 10 = 0, 10, (acc + d) % 10) * 2 % 11), arrayMap(c -> toUInt64(c), ngrams(toString(body), 1)), toUInt64(10))) % 10)`

/** Column → expression, over `i`, `h`, `bad` and `body`. */
function expressions(platform: Platform): Record<string, string> {
  const stem = `${STEMS}[h % 8 + 1]`
  const street = `${STREETS}[intDiv(h, 512) % 4 + 1]`
  const city = (n: string) => `${CITIES}[${n} % 8 + 1]`
  const phone = (n: string) => `concat('+4930', toString(2000000 + (h + ${n}) % 7000000))`
  const vat = (other: string) =>
    `concat('DE', toString(${other}), ${VAT_DIGIT.replaceAll('toString(body)', `toString(${other})`)})`
  const plain: Record<string, string> = {
    state: `'customer'`,
    name: value('name', `concat(${stem}, 'wick ', toString(i))`, `concat(${stem}, 'wyck ', toString(i))`),
    legal_name: value(
      'legal_name',
      `concat(${stem}, 'wick ', toString(i), ' GmbH')`,
      `concat(${stem}, 'wyck ', toString(i), ' GmbH')`,
    ),
    tax_id: value('tax_id', vat('body'), vat('(body + 40000000)')),
    domain: `concat('bench-', toString(i), '.example')`,
    email: value(
      'email',
      `concat('billing@bench-', toString(i), '.example')`,
      `concat('office@bench-', toString(i), '.example')`,
    ),
    phone: value('phone', phone('0'), phone('5')),
    bill_to_line1: `concat(${value('bill_to.line1', street, `'Neue Allee'`)}, ' ', toString(intDiv(h, 2048) % 200))`,
    bill_to_city: value('bill_to.city', city('intDiv(h, 32)'), city('(intDiv(h, 32) + 3)')),
    bill_to_postal_code: `toString(10000 + intDiv(h, 16) % 80000)`,
    bill_to_country: `'DE'`,
    currency: `'EUR'`,
    payment_terms: value('payment_terms', `${TERMS}[intDiv(h, 8) % 4 + 1]`, `${TERMS}[(intDiv(h, 8) + 1) % 4 + 1]`),
    credit_hold: `'false'`,
  }
  return {
    platform: `'${platform}'`,
    record_id: `concat('${platform}-', toString(i))`,
    refs: platform === 'crm' ? `map()` : `map('crm', concat('crm-', toString(i)))`,
    ...plain,
    name_key: `lower(name)`,
    // Every legal form has one spelling in the key.
    legal_name_key: `replaceOne(lower(legal_name), ' gmbh', ' gmbh')`,
    tax_id_key: 'tax_id',
    domain_key: 'domain',
    email_key: 'email',
    phone_key: 'phone',
    bill_to_line1_key: 'lower(bill_to_line1)',
    bill_to_city_key: 'lower(bill_to_city)',
    bill_to_postal_code_key: 'bill_to_postal_code',
    version_hash: `cityHash64(h, bad, '${platform}')`,
  }
}

/** Versions of one platform for the entities [from, to), numbered from `seq`. */
export function versionsSql(db: string, platform: Platform, from: number, to: number, seq: number): string {
  const given = expressions(platform)
  const instant = (text: string) => `toDateTime64('${text}', 3, 'UTC')`
  const all: [string, string][] = [
    ...Object.entries(given),
    ['stream', `'customers'`],
    ['seq', `toUInt64(${seq} + i - ${from})`],
    ['observed_at', instant('2026-06-02 08:00:00.000')],
    ['changed_at', instant('2026-06-01 08:00:00.000')],
    ['stamp', `'ms'`],
    ['held', `toUInt64(${MASK})`],
  ]
  return `insert into ${db}.versions_customer (${all.map(([name]) => name).join(', ')})
    select ${all.map(([name, sql]) => `${sql} as ${name}`).join(', ')}
    from (select number as i, ${FAULT}, if(fault = '${platform}', wrong, 0) as bad, 10000000 + number % 40000000 as body
      from numbers(${from}, ${to - from})) ${platform === 'billing' ? 'where not missing' : ''}`
}

/** The record of a stored version as its platform would have written it: input for the product's own reading. */
export function asWritten(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    kindOf('customer')
      .fields.filter((f) => HELD.includes(f.name))
      .map((f) => [f.name, row[column(f)]]),
  )
}
