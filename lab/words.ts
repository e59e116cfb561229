/** Words: names of companies, people, streets and cities of the laboratory. All invented; web domains end in `.example`. */
import type { Random } from './random.ts'
import type { Country } from './countries.ts'
import { taxId } from './tax-ids.ts'

const FIRST = [
  'Varn',
  'Quill',
  'Tarro',
  'Ost',
  'Bel',
  'Mar',
  'Keld',
  'Hax',
  'Lum',
  'Dro',
  'Fenn',
  'Sil',
  'Ulm',
  'Pry',
  'Jor',
  'Wex',
  'Nim',
  'Cad',
  'Ryl',
  'Zor',
  'Eld',
  'Grav',
  'Thal',
  'Ivo',
]
const SECOND = [
  'holt',
  'mere',
  'vik',
  'dale',
  'ano',
  'rix',
  'stead',
  'wick',
  'ora',
  'und',
  'grund',
  'ley',
  'tam',
  'este',
  'bury',
  'quist',
  'fjell',
  'enna',
  'moor',
  'straß',
]
const TRADE = [
  'Logistics',
  'Optics',
  'Foods',
  'Robotics',
  'Textiles',
  'Analytics',
  'Marine',
  'Energy',
  'Pharma',
  'Tools',
  'Print',
  'Mobility',
  'Ceramics',
  'Media',
  'Insurance',
  'Grain',
]
const GIVEN = [
  'Mira',
  'Jonas',
  'Aiko',
  'Layla',
  'Pieter',
  'Chloé',
  'Owen',
  'Greta',
  'Sami',
  'Nora',
  'Elif',
  'Tobias',
  'Hugo',
  'Yuna',
  'Ruth',
  'Amin',
]
const FAMILY = [
  'Keller',
  'Brandt',
  'Tanaka',
  'Al Sabir',
  'de Wit',
  'Moreau',
  'Hughes',
  'Lindt',
  'Farouk',
  'Sørby',
  'Demir',
  'Weiß',
  'Petit',
  'Mori',
  'Clark',
  'Haas',
]
export const SEGMENTS = ['Enterprise', 'Mid-market', 'Small business'] as const
export const TYPES = ['direct', 'partner', 'reseller'] as const

export const person = (r: Random): string => `${r.pick(GIVEN)} ${r.pick(FAMILY)}`

/** A login as people write them: `m.keller`. */
export function login(r: Random): string {
  return `${r.pick(GIVEN).charAt(0)}.${r.pick(FAMILY)}`
    .toLowerCase()
    .normalize('NFD')
    .replace(/[^a-z.]/g, '')
}

/** The n-th company name; no two of the first seven thousand are alike. */
export function companyName(n: number): string {
  const total = FIRST.length * SECOND.length
  const stem = (n * 7919 + 131) % total
  const trade = TRADE[(n * 5 + Math.floor(n / total)) % TRADE.length]!
  return `${FIRST[stem % FIRST.length]}${SECOND[Math.floor(stem / FIRST.length)]} ${trade}`
}

/** Web domain made from the name and its number, so that no two companies share one. */
export function domainOf(name: string, n: number): string {
  return `${name
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^a-z0-9]+/g, '-')}-${n}.example`
}

export function address(country: Country, r: Random): Record<string, string | null> {
  const [city, region, postal] = r.pick(country.cities)
  const line2 = r.chance(0.2) ? `Floor ${r.int(1, 9)}` : null
  return {
    line1: country.street(r.pick(country.streets), r.int(1, 180)),
    line2,
    city,
    region,
    postal_code: postal,
    country: country.code,
  }
}

/** Puts an address under its group: `bill_to.city`. */
export function grouped(group: string, of: Record<string, string | null>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(of).map(([key, value]) => [`${group}.${key}`, value]))
}

export interface Profile {
  country: Country
  fields: Record<string, string | null>
}

/** Everything that is known of the n-th company from its first day. */
export function profile(n: number, country: Country, r: Random): Profile {
  const name = companyName(n)
  const domain = domainOf(name, n)
  const place = address(country, r)
  const fields: Record<string, string | null> = {
    name,
    legal_name: `${name} ${r.pick(country.forms)}`,
    domain,
    email: `billing@${domain}`,
    phone: country.phone(r),
    tax_id: taxId(country.code, r),
    registration_number: country.registration(r),
    legal_entity: country.legalEntity,
    role: 'sold_to',
    type: r.weighted([
      ['direct', 8],
      ['partner', 1],
      ['reseller', 1],
    ]),
    owner: person(r),
    segment: r.pick(SEGMENTS),
    ...grouped('bill_to', place),
    ...grouped('ship_to', r.chance(0.7) ? place : address(country, r)),
    currency: country.currency,
    tax_exempt: 'false',
    language: country.language,
  }
  return { country, fields }
}
