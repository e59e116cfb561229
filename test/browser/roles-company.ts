/** The laboratory's company as the roles find it in the morning: what differs where, planted by hand so that each role has its own. */
import { digest, newSecret } from '../../server/api/passwords.ts'
import type { Landscape } from '../../lab/landscape.ts'
import type { Thing } from '../../lab/company/thing.ts'
import { labProduct, type LabProduct } from '../world/lab-product.ts'

const HOUR = 3_600_000

export interface Planted {
  /** Terms of payment that two of Salesforce’s accounts have wrong: NetSuite owns them. */
  terms: Thing[]
  /** An invoice that Salesforce shows as paid. */
  invoice: Thing
  /** Terms of payment in a code that is in no reference map. */
  code: { customer: Thing; word: string }
  /** Support has ended what is paid for. */
  entitlement: Thing
  /** Two accounts that Zendesk has in the wrong segment. */
  segments: Thing[]
}

export interface RolesCompany extends LabProduct {
  planted: Planted
  /** One-time link of an auditor, who only looks. */
  auditorLink(): string
}

/** Checks that see what is planted. */
const CHECKS = [
  'collecting/streams',
  'customer-master/legal-profile',
  'customer-master/profile',
  'deadlines/entitlement-active',
  'duplicates/customer',
  'invoice-payment/invoice-status',
]
const CRM = 'salesforce'
const SUPPORT = 'zendesk'
const TERMS = ['net_14', 'net_45', 'net_60']

function harm({ company, now }: Landscape): Planted {
  const at = now() - 30 * HOUR
  const tamper = (platform: string, thing: Thing, fields: Record<string, string | null>, state?: string) =>
    company.tamper(platform, thing.kind, thing.on.get(platform)!.id, {
      ...{ at, by: 'import job', fields },
      ...(state !== undefined && { state }),
    })
  const other = (thing: Thing, field: string, of: readonly string[]) =>
    of.find((v) => v !== thing.values[field]) ?? of[0]!
  const everywhere = company
    .all('customer')
    .filter((c) => c.state === 'customer' && ['salesforce', 'netsuite', 'stripe', 'zendesk'].every((p) => c.on.has(p)))
  const [first, second, third, fourth, fifth] = everywhere
  if (!fifth) throw new Error(`Only ${everywhere.length} customers are on every platform; the journeys need five.`)
  const terms = [first!, second!]
  for (const c of terms) tamper(CRM, c, { payment_terms: other(c, 'payment_terms', TERMS) })
  const word = 'SPECIAL 42-07'
  tamper(CRM, third!, { payment_terms: word })
  const segments = [fourth!, fifth]
  const known = company
    .all('customer')
    .flatMap((c) => (typeof c.values['segment'] === 'string' ? c.values['segment'] : []))
  for (const c of segments) tamper(SUPPORT, c, { segment: other(c, 'segment', known) })
  const invoice = company.all('invoice').find((i) => i.state === 'open' && i.on.has(CRM) && i.on.has('netsuite'))!
  tamper(CRM, invoice, {}, 'paid')
  const entitlement = company
    .all('entitlement')
    .find(
      (e) =>
        e.state === 'active' &&
        company.of(e.customer!, 'entitlement').length === 1 &&
        !everywhere.slice(0, 5).includes(e.customer!),
    )!
  tamper(SUPPORT, entitlement, {}, 'expired')
  return { terms, invoice, code: { customer: third!, word }, entitlement, segments }
}

export async function rolesCompany(): Promise<RolesCompany> {
  let planted: Planted | null = null
  const product = await labProduct({
    ...{ seed: 'roles', customers: 24, days: 40, faults: 0, now: '2026-11-20T12:00:00.000Z', checks: CHECKS },
    harm: (landscape) => (planted = harm(landscape)),
    more: {
      channels: {
        mail: { kind: 'folder', from: 'Plumbline <plumbline@larkmoor.example>' },
        desk: {
          kind: 'webhook',
          url: 'http://127.0.0.1:9/tickets',
          secrets: ['whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA='],
        },
      },
    },
  })
  return {
    ...product,
    planted: planted!,
    auditorLink() {
      const { control, clock } = product.running.runtime.ctx
      const vera = { id: 'vera', email: 'vera@auditors.example', name: 'Vera', role: 'viewer' as const }
      control.saveUser({ ...vera, passwordHash: null, disabled: false, createdAt: clock.now() })
      const token = newSecret()
      control.addOneTime(digest(token), 'sign-in vera', clock.now() + HOUR)
      return `${product.running.url}/sign-in#${token}`
    },
  }
}
