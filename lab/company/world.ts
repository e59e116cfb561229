/** World: the company with everything its processes share. */
import type { Random } from '../random.ts'
import type { Process } from '../agenda.ts'
import { COUNTRIES } from '../countries.ts'
import { profile } from '../words.ts'
import type { Country } from '../countries.ts'
import type { Company } from './company.ts'
import type { Offer } from './products.ts'
import type { Thing, Values } from './thing.ts'

export interface World {
  company: Company
  offers: readonly Offer[]
  /** The next invented company: values of a customer that nobody has used yet. */
  newcomer(r: Random, country?: Country): Values
  countryOf(customer: Thing): Country
  /** Starts a process now or later; it draws from a stream of its own. */
  spawn(at: number, label: string, process: (r: Random) => Process): void
  /** Customers that were won and live their ordinary life: where faults look for victims. */
  settled: Thing[]
  /** Customers in the middle of a sale: nobody stops or ends their service meanwhile. */
  selling: Set<Thing>
}

export function createWorld(company: Company, offers: readonly Offer[]): World {
  let companies = 0
  return {
    company,
    offers,
    settled: [],
    selling: new Set(),
    newcomer(r, country) {
      const where = country ?? r.weighted(COUNTRIES.map((c) => [c, WEIGHTS[c.code] ?? 1] as const))
      return profile(companies++, where, r).fields
    },
    countryOf: (customer) => COUNTRIES.find((c) => c.code === customer.values['bill_to.country']) ?? COUNTRIES[0]!,
    spawn: (at, label, process) => company.agenda.spawn(at, process(company.random.fork(label))),
  }
}

const WEIGHTS: Record<string, number> = { DE: 6, US: 6, GB: 4, FR: 3, AT: 2, CH: 2, NL: 2, JP: 1, KW: 1 }
