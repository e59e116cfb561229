/** The past in the browser: customers, lanes with a cursor, comparison, trace and back-test, by mouse and by keyboard. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { movedCompany, START, type MovedCompany } from '../world/moving-company.ts'
import { buildDashboard, overflow, violations } from './browser.ts'
import { visits, type Visits } from './visits.ts'

let world: MovedCompany
let dashboard: Visits
const visit: Visits['visit'] = (...where) => dashboard.visit(...where)
let wrong = ''
const minute = (n: number) => new Date(Date.parse(START) + n * 60_000).toISOString()

async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENS']
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
}

beforeAll(async () => {
  await buildDashboard()
  world = await movedCompany()
  const page = (await (await world.get('/v1/customers')).json()) as { customers: { entity_id: string; name: string }[] }
  wrong = page.customers.find((c) => c.name === 'Firma 22')!.entity_id
  dashboard = await visits(world.running.url, world.cookie(), 60_000)
})
afterAll(async () => {
  await dashboard?.end()
  await world?.end()
})

describe('customers', () => {
  it('are listed with what is unresolved and found by any id', async () => {
    const page = await visit('/customers', 'Customers')
    await page.getByText('2 customers with something unresolved').waitFor()
    expect(await violations(page)).toEqual([])
    await shot(page, 'customers-light')
    await page.getByRole('combobox', { name: 'Search customers' }).fill('N7')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Firma 7' }).click()
    await page.getByRole('heading', { level: 1, name: 'Firma 7' }).waitFor()
    await page.getByText('Nothing is unresolved').waitFor()
    await page.context().close()
  })

  it.each(['light', 'dark'] as const)(
    'over time: cursor, comparison and first disagreement, in the %s theme',
    async (colorScheme) => {
      const page = await visit(`/customers/${wrong}?from=2026-11-20`, 'Firma 22', { colorScheme })
      await page.getByText('First disagreement in this span:').waitFor()
      await page.getByText('1 field differs').waitFor()
      expect(await violations(page)).toEqual([])
      await shot(page, `customer-${colorScheme}`)
      if (colorScheme === 'light') {
        // By keyboard alone: to the change before, where they still agreed.
        await page.getByRole('button', { name: 'Change before' }).focus()
        await page.keyboard.press('Enter')
        await page.waitForURL(/at=/)
        await page.keyboard.press('Enter')
        await page.getByText('Nothing differed then.').waitFor()
        await page.getByLabel('Compare with (UTC)').fill(minute(90).slice(0, 19))
        await page.getByRole('heading', { level: 3, name: /What became different/ }).waitFor()
        await page.getByRole('cell', { name: 'net_45' }).waitFor()
        await page.getByRole('button', { name: 'Show as table' }).click()
        await page.getByRole('region', { name: 'Lanes as a table' }).waitFor()
        expect(await violations(page)).toEqual([])
      }
      await page.context().close()
    },
  )
})

describe('a trace', () => {
  it('says from the issue page where the change stopped, and stands on a page of its own', async () => {
    const page = await visit('/issues/I-1', /.+/)
    await page.getByRole('button', { name: 'Follow this change' }).click()
    await page.getByText('Where did the change originate?').waitFor()
    await page.getByText('stopped here').first().waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('link', { name: 'On a page of its own' }).click()
    await page.getByRole('heading', { level: 1, name: 'Trace' }).waitFor()
    await page.getByText('Correction:').waitFor()
    expect(await violations(page)).toEqual([])
    await shot(page, 'trace-light')
    await page.context().close()
  })
})

describe('a back-test', () => {
  it('runs from the page of the check and shows its figures', async () => {
    const page = await visit('/checks/customer-master/legal-profile', /.+/)
    await page.getByRole('combobox', { name: 'Over the last' }).selectOption('24h')
    await page.getByRole('button', { name: 'Run back-test' }).click()
    await page.getByText('Times it fired').waitFor({ timeout: 120_000 })
    await page.getByText('every change.').waitFor()
    expect(await violations(page)).toEqual([])
    await shot(page, 'backtest-light')
    await page.context().close()
  })
})

it('can be read on a telephone, without a complaint of the browser anywhere', async () => {
  const viewport = { width: 360, height: 740 }
  for (const [path, heading] of [
    ['/customers', 'Customers'],
    [`/customers/${wrong}?from=2026-11-20`, 'Firma 22'],
    [`/trace?entity=${wrong}&field=payment_terms`, 'Trace'],
  ] as const) {
    const page = await visit(path, heading, { viewport })
    await page.locator('section.card').first().waitFor()
    expect(await overflow(page), path).toBe(0)
    expect(await violations(page)).toEqual([])
    await shot(page, `phone-${path.split(/[/?]/)[1]}-${path.split('/').length}`)
    await page.context().close()
  }
  expect(dashboard.complaints).toEqual([])
})
