/** Data quality in the dashboard: waiting codes, missing facts, changed sources; narrow, in both themes, by keyboard and reader. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Running } from '../../server/main.ts'
import { handClock } from '../world/clock.ts'
import { company, onlyChecks, type Company } from '../world/company.ts'
import { buildDashboard } from './browser.ts'
import { onePage, unreadable, type OnePage } from './visits.ts'

const CHECKS = ['data-quality/country-rules', 'customer-master/legal-profile', 'collecting/schema']
const CONFIG = `company: Kranich Systeme
platforms:
  crm: { connector: files, role: crm, title: Salesforce, config: { folder: ./crm } }
  erp: { connector: files, role: erp, title: NetSuite, config: { folder: ./erp } }
schedules: { collect: manual, sweep: manual, check: manual, full: manual }
${onlyChecks(...CHECKS)}`
const clock = handClock('2026-11-20T12:00:00.000Z')
let world: Company
let running: Running
let dashboard: OnePage
let page: Page

const customers = (platform: 'crm' | 'erp', last: string, cell: (n: number) => string) =>
  `record_id,name,legal_name,tax_id,bill_to.country,payment_terms,state,refs.${platform === 'crm' ? 'erp' : 'crm'},changed_at,${last}
${Array.from({ length: 220 }, (_, n) => {
  const [own, other] = platform === 'crm' ? ['S', 'N'] : ['N', 'S']
  const tax = n === 7 ? '' : `DE${String(100000000 + n)}`
  const terms = platform === 'crm' && n < 30 ? 'Z030' : 'net_30'
  return `${own}${n},Kunde ${n},Kunde ${n} GmbH,${tax},DE,${terms},customer,${other}${n},2026-11-01T08:00:00Z,${cell(n)}`
}).join('\n')}
`

const visit = (path: string, heading: string | RegExp) => dashboard.visit(path, heading)

beforeAll(async () => {
  await buildDashboard()
  world = company()
  world.configure(CONFIG)
  world.write(
    'crm/customers.csv',
    customers('crm', 'segment', () => 'public'),
    '2026-11-20T11:50:00Z',
  )
  world.write(
    'erp/customers.csv',
    customers('erp', 'segment', () => 'public'),
    '2026-11-20T11:50:00Z',
  )
  running = await world.start({ clock })
  await running.runtime.collect({})
  clock.set(Date.parse('2026-11-20T12:10:00Z'))
  world.write(
    'crm/customers.csv',
    customers('crm', 'Region__c', (n) => `Nord ${n}`),
    '2026-11-20T12:08:00Z',
  )
  await running.runtime.collect({})
  await running.runtime.check({ checks: CHECKS })
  dashboard = await onePage(running)
  page = dashboard.page
})

afterAll(async () => {
  await dashboard.end()
  await running.stop()
  world.end()
  expect(dashboard.complaints).toEqual([])
})

describe('the page Data quality', () => {
  it('is reached from the rail and says what waits, what it means and what its entry does', async () => {
    await page.getByRole('link', { name: 'Data quality' }).click()
    await page.getByRole('heading', { level: 1, name: 'Data quality' }).waitFor()
    const code = page.locator('details.code')
    await code.first().waitFor()
    expect(await code.count()).toBe(1)
    expect(await code.locator('summary').innerText()).toMatch(
      /Z030[\s\S]*Salesforce[\s\S]*30 records[\s\S]*net_30[\s\S]*well supported/,
    )
    await code.locator('summary').click()
    expect(await code.innerText()).toContain('30 records would be understood and agree, 0 would differ')
    expect(await code.locator('pre').innerText()).toContain('"Z030": net_30')
    await page.getByText('No code means two things.').waitFor()
  })

  it('shows missing facts by country with the way to their findings, and changed sources with what hangs on them', async () => {
    await visit('/quality?tab=missing', 'Data quality')
    const row = page.locator('table tbody tr', { hasText: 'Germany' })
    await row.waitFor()
    expect(await row.innerText()).toMatch(/Tax id[\s\S]*NetSuite[\s\S]*Germany/)
    await page.getByRole('link', { name: /Changed sources/ }).click()
    await page.locator('table tbody tr', { hasText: 'segment' }).waitFor()
    const text = await page.locator('table tbody').innerText()
    expect(text).toMatch(/segment[\s\S]*field is gone/)
    expect(text).toMatch(/Region__c[\s\S]*new field/)
  })

  it('shows the schema of a platform in a tab of its own', async () => {
    await visit('/connectors/crm?tab=schema', 'Salesforce')
    await page.getByText('Fields as observed').click()
    await page.locator('table tbody tr', { hasText: 'legal_name' }).waitFor()
  })

  it.each([1440, 360])('is readable in both themes at a width of %s, for everybody', async (width) => {
    for (const path of ['/quality', '/quality?tab=missing', '/quality?tab=schema', '/connectors/crm?tab=schema']) {
      const found = await unreadable(page, `quality${path.replaceAll(/\W+/g, '-')}`, width, async () => {
        await visit(path, /Data quality|Salesforce/)
        await page.locator('main table, main details.code').first().waitFor()
        for (const closed of await page.locator('main details:not([open]) > summary').all()) await closed.click()
      })
      expect(found).toEqual([])
    }
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  it('says what failed and offers to try again', async () => {
    await page.route('**/v1/quality', (route) =>
      route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        body: '{"title":"The store is busy.","code":"upstream"}',
      }),
    )
    await visit('/quality?tab=missing', 'Data quality')
    await page.getByRole('alert').getByText('The store is busy.').waitFor()
    await page.unroute('**/v1/quality')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.locator('table tbody tr', { hasText: 'Germany' }).waitFor()
    const { complaints } = dashboard
    complaints.splice(0, complaints.length, ...complaints.filter((c) => !c.includes('503')))
  })
})
