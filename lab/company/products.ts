/** Products: what the company sells, with the price of one seat a month per currency. */
import type { Company } from './company.ts'
import type { Thing } from './thing.ts'

const PLANS = [
  ['LM-CORE', 'Larkmoor Core', 'platform', 1900n, 'standard'],
  ['LM-TEAM', 'Larkmoor Team', 'platform', 3200n, 'standard'],
  ['LM-SCALE', 'Larkmoor Scale', 'platform', 5400n, 'premium'],
  ['LM-INSIGHT', 'Larkmoor Insight', 'analytics', 2700n, 'standard'],
  ['LM-VAULT', 'Larkmoor Vault', 'storage', 1100n, 'basic'],
  ['LM-RELAY', 'Larkmoor Relay', 'integration', 4100n, 'premium'],
] as const

/** Minor units of the currency for a hundred euro cents, in per mille: round figures, no market rates. */
const FACTOR: Record<string, bigint> = { EUR: 1000n, CHF: 1000n, GBP: 900n, USD: 1100n, JPY: 1600n, KWD: 3300n }

export interface Offer {
  product: Thing
  tier: string
  /** Price of one seat a month in minor units of the currency. */
  seat(currency: string): bigint
}

export function stock(company: Company): Offer[] {
  return PLANS.map(([code, name, category, cents, tier]) => {
    const product = company.create(
      'product',
      {
        code,
        sku: `${code}-S`,
        plan_code: `${code.toLowerCase()}-v2`,
        name,
        category,
        price: `${cents / 100n}.00`,
        currency: 'EUR',
      },
      { state: 'active', by: 'catalogue' },
    )
    return { product, tier, seat: (currency) => (cents * (FACTOR[currency] ?? 1000n)) / 1000n }
  })
}
