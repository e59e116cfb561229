/** A world for reports: two platforms that disagree about customers and orders, with names that try to do harm. */
import { loadText } from '../../server/config/load.ts'
import { formatProblems } from '../../server/config/problem.ts'
import { createReports, type Reports } from '../../server/report/reports.ts'
import type { ControlStore } from '../../server/store/control/control.ts'
import type { Facts } from '../../server/store/facts/facts.ts'
import { checkFile } from './check-files.ts'
import { checkWorld, type CheckWorld, type WishedRecord } from './check-world.ts'

/** Names as somebody types them who wants to see what breaks: markup, formula, header, direction, bytes. */
export const HOSTILE = [
  `<img src=x onerror=alert(1)>"'&`,
  '=HYPERLINK("http://evil.example";"pay")',
  'Acme\r\nBcc: thief@evil.example',
  '\u202egnp.eciovni\u202c Ltd',
  '+cmd|"/C calc"!A0',
  'Null\u0001 & Sons ]]> --%> ${7*7}',
] as const

const CHECKS = [
  checkFile('customer-master/terms', 'kind: agree\nof: customer\nfields: [payment_terms, legal_name, email, segment]'),
  checkFile('order-to-cash/amount', 'kind: agree\nof: order\nfields: [amount]'),
]

export interface ReportWorld extends CheckWorld {
  reports: Reports
  /** Everything has been read through now, and is looked at. */
  look(): Promise<void>
}

/** Monday, 16 November 2026, 13:00 in Zurich. */
export const BEGIN = '2026-11-16T12:00:00.000Z'

export const reportsYaml = (mail: string) => `
server: { public_url: https://p.example }
money: { reporting_currency: EUR, rates: [{ on: 2026-11-01, rates: { CHF: "1.06" } }] }
channels:
  mail: ${mail}
recipients:
  keeper: { channel: mail, address: keeper@kranich.example }
reports:
  weekly: { audience: operations, timezone: Europe/Zurich, recipients: [ops@kranich.example], owner: keeper, attachments: [csv, xlsx, parquet] }
  wochenbericht: { audience: finance, timezone: Europe/Zurich, recipients: [cfo@kranich.example], language: de }
  orders: { audience: operations, recipients: [ops@kranich.example], filters: { kinds: [order] }, empty: skip }
  nothing: { audience: support, preset: daily, recipients: [ops@kranich.example], filters: { kinds: [tenant] }, empty: skip }
  clear: { audience: support, preset: daily, recipients: [ops@kranich.example], filters: { kinds: [tenant] } }
  moved: { audience: operations, preset: daily, recipients: [ops@kranich.example], empty: send_if_changed }
  close: { audience: finance, preset: period_close, recipients: [cfo@kranich.example] }
  inside: { audience: sales, recipients: [ops@kranich.example], names: false }
  board: { audience: executives, preset: monthly, recipients: [ops@kranich.example] }
`

export function reportWorld(facts: Facts, control: ControlStore, mail = '{ kind: folder }'): ReportWorld {
  const loaded = loadText('plumbline.yaml', reportsYaml(mail), { env: {}, connectors: new Map() })
  if (!loaded.config) throw new Error(formatProblems(loaded.problems))
  const { server, money, channels, recipients, reports: wanted } = loaded.config
  const world = checkWorld({
    facts,
    control,
    platforms: { crm: { role: 'crm', title: 'Salesforce' }, erp: { role: 'erp', title: 'NetSuite' } },
    checks: CHECKS,
    at: BEGIN,
    config: { company: 'Kranich Systeme', server, money, recipients, reports: wanted },
  })
  // Parsed above: a schema that was read once does not read its own outcome again.
  Object.assign(world.ctx.config, { channels })
  const reports = createReports(world.ctx, {
    unsubscribe: (list, address) => `https://p.example/out/${list}/${address}`,
  })
  return {
    ...world,
    reports,
    async look() {
      world.read()
      await world.check()
    },
  }
}

/** Customers on both platforms; those of `wrong` have other terms in the CRM than the ERP, their owner, says. */
export function customers(wrong: readonly number[], at: string): WishedRecord[] {
  return HOSTILE.flatMap((name, n): WishedRecord[] => [
    {
      platform: 'erp',
      kind: 'customer',
      record_id: `N${n}`,
      name,
      legal_name: n === 0 ? name : `Firma ${n} GmbH`,
      email: `erp${n}@kunde.example`,
      payment_terms: 'net_30',
      state: 'customer',
      refs: { crm: `S${n}` },
      changed_at: '2026-11-01T08:00:00Z',
    },
    {
      platform: 'crm',
      kind: 'customer',
      record_id: `S${n}`,
      name,
      legal_name: n === 0 ? 'Anders AG' : `Firma ${n} GmbH`,
      email: `${n === 5 ? 'other' : 'erp'}${n}@kunde.example`,
      payment_terms: wrong.includes(n) ? 'net_60' : 'net_30',
      segment: 'public',
      state: 'customer',
      refs: { erp: `N${n}` },
      changed_at: at,
    },
  ])
}

const CURRENCIES = ['EUR', 'CHF', 'USD', 'EUR']

/** Orders whose amounts differ by 100.10, 200.20, …; the dollar has no rate. */
export function orders(at = '2026-11-01T09:00:00Z'): WishedRecord[] {
  return CURRENCIES.flatMap((currency, n): WishedRecord[] => {
    const order = { kind: 'order', state: 'booked', number: `SO-${n}`, currency, changed_at: at }
    return [
      { ...order, platform: 'erp', record_id: `eo${n}`, customer: `N${n}`, amount: '1000.00', refs: { crm: `co${n}` } },
      {
        ...order,
        platform: 'crm',
        record_id: `co${n}`,
        customer: `S${n}`,
        amount: (1000 + (n + 1) * 100.1).toFixed(2),
        refs: { erp: `eo${n}` },
      },
    ]
  })
}

/** Monday 23 November, 07:00 in Zurich: the slot of the weekly reports. */
export const SLOT = Date.parse('2026-11-23T06:00:00Z')

/** A week in which differences appeared and one was put right; the clock stands two seconds after the slot. */
export async function reportWeek(facts: Facts, control: ControlStore, mail?: string): Promise<ReportWorld> {
  const world = reportWorld(facts, control, mail)
  await world.put(...customers([1, 2, 3], '2026-11-02T08:00:00Z'), ...orders())
  await world.look()
  world.clock.set(Date.parse('2026-11-18T12:00:00Z'))
  await world.put(...customers([1, 2], '2026-11-18T11:00:00Z'))
  await world.look()
  world.clock.set(SLOT + 2_000)
  world.read()
  return world
}
