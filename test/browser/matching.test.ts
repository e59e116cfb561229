/** Matching in the browser: what stands alone, suggestions that are confirmed with a reason, and what blocks a period. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Running } from '../../server/main.ts'
import { handClock } from '../world/clock.ts'
import { company, signIn, type Company } from '../world/company.ts'
import { CREDITS, INVOICES, PAYMENTS } from '../world/money-files.ts'
import { buildDashboard, overflow, violations } from './browser.ts'
import { visits, type Visits } from './visits.ts'

const READ = '2026-11-20T11:50:00.000Z'
const DETAIL = '/matching/matching/paid-invoice'
let world: Company
let running: Running
let dashboard: Visits
const visit: Visits['visit'] = (...where) => dashboard.visit(...where)

beforeAll(async () => {
  await buildDashboard()
  world = company()
  running = await world.start({ clock: handClock('2026-11-20T12:00:00.000Z') })
  dashboard = await visits(running.url, await signIn(running))
})
afterAll(async () => {
  await dashboard?.end()
  await running?.stop()
  world?.end()
})

describe('matching', () => {
  it('says before the first document that there is nothing to match, and no period', async () => {
    const page = await visit('/matching', 'Matching')
    await page.getByText('Nothing to match yet.').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('link', { name: 'Period close' }).click()
    await page.getByText('No period yet.').waitFor()
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  it.each(['light', 'dark'] as const)(
    'lists sums by currency and leads to what stands alone, in the %s theme',
    async (colorScheme) => {
      if (colorScheme === 'light') {
        world.write('erp/invoices.csv', INVOICES, READ)
        world.write('erp/payments.csv', PAYMENTS, READ)
        world.write('erp/credits.csv', CREDITS, READ)
        await running.runtime.collect({})
        await running.runtime.check({ checks: ['matching/paid-invoice'] })
      }
      const page = await visit('/matching', 'Matching', { colorScheme })
      await page.getByRole('link', { name: 'An invoice is paid and the money does not cover it' }).click()
      await page.getByRole('heading', { level: 2, name: 'Unmatched invoice' }).waitFor()
      await page.getByText('INV-1001').first().waitFor()
      expect(await violations(page)).toEqual([])
      await page.context().close()
    },
  )

  it('shows what blocks a month', async () => {
    const page = await visit('/matching?tab=periods&period=2026-09', 'Matching')
    await page.getByText('1 invoice not posted to the ledger').waitFor()
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  it('can be read on a telephone', async () => {
    const viewport = { width: 360, height: 740 }
    for (const [path, heading] of [
      ['/matching', 'Matching'],
      [DETAIL, /An invoice is paid/],
      ['/matching?tab=periods', 'Matching'],
    ] as const) {
      const page = await visit(path, heading, { viewport })
      await page.locator('section.card').first().waitFor()
      expect(await overflow(page)).toBe(0)
      expect(await violations(page)).toEqual([])
      await page.context().close()
    }
  })

  it('confirms picked records with a reason, and tells why it refuses what does not meet', async () => {
    const page = await visit(DETAIL, /An invoice is paid/)
    for (const name of ['Pick INV-1001', 'Pick INV-1002', 'Pick P1']) await page.getByRole('checkbox', { name }).check()
    await page.getByRole('button', { name: 'Confirm as one match…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Why').fill('one transfer, less the bank fee')
    await dialog.getByRole('button', { name: 'Confirm' }).click()
    await dialog.getByText('The two sides differ by 10 EUR.').waitFor()
    expect(await violations(page)).toEqual([])
    await dialog.getByLabel(/Let the difference pass/).check()
    await dialog.getByRole('button', { name: 'Confirm' }).click()
    await page.getByText('one transfer, less the bank fee').waitFor()
    await page.getByText('€10.00 let pass').or(page.getByText('€10 let pass')).waitFor()
    await page.context().close()
  })

  it('is silent on the console', () => {
    expect(dashboard.complaints).toEqual([])
  })
})
