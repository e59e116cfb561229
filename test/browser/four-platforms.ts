/** Four platforms of one company in CSV files, with differences of every sort that the dashboard shows; and the dashboard over them. */
import type { Page } from 'playwright-core'
import type { Running } from '../../server/main.ts'
import { handClock, type HandClock } from '../world/clock.ts'
import { company, onlyChecks, type Company } from '../world/company.ts'
import { buildDashboard } from './browser.ts'
import { onePage, type OnePage } from './visits.ts'

export const NOON = Date.parse('2026-11-20T12:00:00.000Z')
const FRESH = '2026-11-20T11:58:00.000Z'
/** Support delivered its last files long ago: what depends on it cannot be decided. */
const OLD = '2026-11-18T06:00:00.000Z'
const LONG_AGO = '2026-11-02T08:00:00Z'

/** The checks that look at what these platforms keep; each of the others would cost a second for nothing. */
const USED = [
  'collecting/streams',
  'customer-master/credit-hold',
  'customer-master/legal-profile',
  'duplicates/customer',
  'existence/customer',
  'existence/invoice',
  'existence/order',
  'invoice-payment/invoice-status',
  'invoice-payment/subscription-charge',
  'order-to-cash/order-amount',
  'order-to-cash/order-status',
]

export const CONFIG = `company: Kranich Systeme
platforms:
  crm: { connector: files, role: crm, title: Salesforce, config: { folder: ./crm } }
  erp: { connector: files, role: erp, title: NetSuite, config: { folder: ./erp } }
  billing: { connector: files, role: billing, title: Stripe, config: { folder: ./billing } }
  support: { connector: files, role: support, title: Zendesk, config: { folder: ./support } }
money:
  reporting_currency: EUR
  rates:
    - on: 2026-11-01
      rates: { CHF: "1.06", USD: "0.92" }
${onlyChecks(...USED)}schedules: { collect: manual, sweep: manual, check: manual, full: manual }
`
const NAMES = [
  ['Nordwind Logistik', 'GmbH', 'DE'],
  ['Talwerk', 'AG', 'CH'],
  ['Söder & Co', 'KG', 'AT'],
  ['Brückner Maschinenbau', 'GmbH', 'DE'],
  ['Lindqvist Papper', 'AB', 'SE'],
  ['Atelier Fontaine', 'SARL', 'FR'],
  ['Harborline Freight', 'Inc', 'US'],
  ['Vela Energia', 'SpA', 'IT'],
  ['Polder Zaden', 'BV', 'NL'],
  ['Kestrel Instruments', 'Ltd', 'GB'],
  ['Montagne Verte Distribution et Conditionnement Alimentaire', 'SAS', 'FR'],
  ['Quellwasser Thermen', 'GmbH', 'AT'],
] as const

type Row = Record<string, string | number>
const csv = (rows: Row[]) => {
  const columns = [...new Set(rows.flatMap((r) => Object.keys(r)))]
  const cell = (v: string | number | undefined) => (/[",\n]/.test(String(v)) ? `"${v}"` : String(v ?? ''))
  return [columns.join(','), ...rows.map((r) => columns.map((c) => cell(r[c])).join(',')), ''].join('\n')
}

/** The terms that Salesforce holds for the second customer, where NetSuite, the owner, holds net_45. */
export function crmCustomers(terms = 'net_30', at = '2026-11-20T07:12:00Z'): string {
  const rows: Row[] = NAMES.map(([name, form, country], n) => ({
    record_id: `S${n + 1}`,
    name,
    legal_name: n === 4 ? `${name} Sverige ${form}` : `${name} ${form}`,
    'bill_to.country': country,
    payment_terms: n === 1 ? terms : 'net_30',
    credit_hold: 'false',
    state: 'customer',
    'refs.erp': n < 10 ? `N${n + 1}` : '',
    changed_at: n === 1 ? at : n === 11 ? '2026-11-20T11:50:00Z' : LONG_AGO,
    changed_by: n === 1 ? 'j.meier' : 'sync',
  }))
  // Somebody made the first customer a second time.
  rows.push({ ...rows[0]!, record_id: 'S90', changed_by: 'web form', changed_at: '2026-11-19T16:40:00Z' })
  return csv(rows)
}

function erpCustomers(): string {
  return csv(
    NAMES.slice(0, 10).map(([name, form, country], n) => ({
      record_id: `N${n + 1}`,
      name,
      legal_name: n === 5 ? `${name} et Fils ${form}` : n === 4 ? `${name} Sverige ${form}` : `${name} ${form}`,
      'bill_to.country': country,
      payment_terms: n === 1 ? 'net_45' : n === 7 ? 'net_60' : 'net_30',
      credit_hold: n === 3 ? 'true' : 'false',
      state: 'customer',
      'refs.crm': `S${n + 1}`,
      changed_at:
        n === 8
          ? '2026-11-20T11:30:00Z'
          : n === 3
            ? '2026-11-20T06:00:00Z'
            : n === 4
              ? '2026-11-19T09:00:00Z'
              : LONG_AGO,
      changed_by: 'm.brandt',
    })),
  )
}

const ORDERS = [12_400, 88_150, 3_920, 45_000, 7_315.5, 19_999, 128_000, 640]
const orders = (platform: 'crm' | 'erp') =>
  csv(
    ORDERS.map((amount, n) => ({
      record_id: `${platform}-o${n + 1}`,
      number: `SO-${1001 + n}`,
      'refs.crm': platform === 'erp' ? `crm-o${n + 1}` : '',
      customer: platform === 'crm' ? `S${n + 1}` : `N${n + 1}`,
      state: n === 3 && platform === 'crm' ? 'pending_approval' : 'booked',
      amount: (platform === 'crm' && n === 1 ? amount - 9_000 : amount).toFixed(2),
      currency: n === 1 ? 'CHF' : n === 6 ? 'USD' : 'EUR',
      approved_at: LONG_AGO,
      changed_at: '2026-11-12T09:30:00Z',
    })).filter((_, n) => !(platform === 'erp' && n === 6)),
  )

const invoices = (platform: 'erp' | 'billing') =>
  csv(
    [2400, 88150, 3920, 45000, 7315.5]
      .map((total, n) => ({
        record_id: `${platform}-i${n + 1}`,
        number: `R-${501 + n}`,
        customer: platform === 'erp' ? `N${n + 1}` : `B${n + 1}`,
        state: n === 2 && platform === 'billing' ? 'paid' : 'open',
        total: (platform === 'billing' && n === 4 ? total + 0.01 : total).toFixed(2),
        currency: n === 1 ? 'CHF' : 'EUR',
        issued_on: '2026-11-10',
        due_on: '2026-12-10',
        changed_at: '2026-11-10T10:00:00Z',
      }))
      .filter((_, n) => !(platform === 'billing' && n === 3)),
  )

const subscriptions = (platform: 'crm' | 'billing') =>
  csv(
    [1200, 450, 980].map((amount, n) => ({
      record_id: `${platform}-s${n + 1}`,
      number: `SUB-${n + 1}`,
      customer: platform === 'crm' ? `S${n + 1}` : `B${n + 1}`,
      state: n === 1 && platform === 'crm' ? 'active' : n === 1 ? 'cancelled' : 'active',
      amount: (platform === 'crm' && n === 2 ? amount - 80 : amount).toFixed(2),
      currency: 'EUR',
      interval: 'month',
      started_on: '2026-01-01',
      changed_at: '2026-11-14T10:00:00Z',
    })),
  )

/** Customers as a follower keeps them, who knows those of Salesforce by their id. */
const followers = (letter: string, country: (n: number) => string, renamed: boolean) =>
  csv(
    NAMES.slice(0, 10).map(([name, form], n) => ({
      record_id: `${letter}${n + 1}`,
      name,
      legal_name: renamed && n === 4 ? `${name} Sverige ${form}` : `${name} ${form}`,
      'bill_to.country': country(n),
      'refs.crm': `S${n + 1}`,
      state: 'customer',
      changed_at: LONG_AGO,
    })),
  )

export function fill(company: Company): void {
  company.configure(CONFIG)
  company.write('crm/customers.csv', crmCustomers(), FRESH)
  company.write('erp/customers.csv', erpCustomers(), FRESH)
  company.write('crm/orders.csv', orders('crm'), FRESH)
  company.write('erp/orders.csv', orders('erp'), FRESH)
  company.write('erp/invoices.csv', invoices('erp'), FRESH)
  company.write('billing/invoices.csv', invoices('billing'), FRESH)
  company.write('crm/subscriptions.csv', subscriptions('crm'), FRESH)
  company.write('billing/subscriptions.csv', subscriptions('billing'), FRESH)
  company.write(
    'billing/customers.csv',
    followers('B', (n) => (n === 8 ? 'BE' : NAMES[n]![2]), true),
    FRESH,
  )
  company.write(
    'support/customers.csv',
    followers('Z', (n) => NAMES[n]![2], false),
    OLD,
  )
}

export interface FourPlatforms {
  clock: HandClock
  world: Company
  running: Running
  dashboard: OnePage
  page: Page
  /** Ends what was begun; fails if a page complained on the way. */
  end(): Promise<void>
}

/** The four platforms, read at noon and checked once at a minute past. Nobody has an account yet. */
export async function checkedOnce(): Promise<Company> {
  const world = company()
  fill(world)
  await world.lived('read and checked once', NOON, async ({ runtime }, clock) => {
    await runtime.collect({})
    clock.set(NOON + 60_000)
    await runtime.check({})
  })
  return world
}

/**
 * The four platforms after their first round, a minute past noon, and the first administrator at the overview.
 * @param prepare changes files or configuration after the first round, before the product starts
 */
export async function fourPlatforms(prepare: (world: Company) => void = () => undefined): Promise<FourPlatforms> {
  await buildDashboard()
  const clock = handClock(NOON + 60_000)
  const world = await checkedOnce()
  prepare(world)
  const running = await world.start({ clock })
  const dashboard = await onePage(running)
  return {
    ...{ clock, world, running, dashboard, page: dashboard.page },
    async end() {
      await dashboard.end()
      await running.stop()
      world.end()
      if (dashboard.complaints.length) throw new Error(dashboard.complaints.join('\n'))
    },
  }
}
