/** Homes by role in the dashboard: each answers on its first screen, in both themes, narrow and wide; one may be made one's own. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Running } from '../../server/main.ts'
import { HOMES } from '../../ui/show/homes.ts'
import { handClock } from '../world/clock.ts'
import { company, CONFIG, onlyChecks, type Company } from '../world/company.ts'
import { buildDashboard, overflow, violations } from './browser.ts'
import { onePage, pictured, type OnePage } from './visits.ts'

const CHECKS = ['duplicates/customer', 'customer-master/legal-profile', 'data-quality/country-rules']
let world: Company
let running: Running
let dashboard: OnePage
let page: Page

beforeAll(async () => {
  await buildDashboard()
  world = company()
  world.configure(`${CONFIG}
${onlyChecks(...CHECKS)}`)
  running = await world.start({ clock: handClock('2026-11-20T12:00:00.000Z') })
  await running.runtime.collect({})
  await running.runtime.check({ checks: CHECKS.slice(1) })
  dashboard = await onePage(running)
  page = dashboard.page
})
afterAll(async () => {
  await dashboard.end()
  await running.stop()
  world.end()
  expect(dashboard.complaints).toEqual([])
})

describe('homes', () => {
  it('answers each role first, and says what it means when there is nothing', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('h')
    await page.getByRole('heading', { level: 1, name: 'Integration operations' }).waitFor()
    await page.getByLabel('View as').selectOption('sales')
    await page.getByRole('heading', { level: 1, name: 'Sales and RevOps' }).waitFor()
    // Good news only when the check that would know has looked; the page hears of it by itself.
    await page.getByText('Nothing found so far: 2 of 3 checks have looked.').first().waitFor()
    expect(await page.getByText('No account exists twice.').count()).toBe(0)
    await running.runtime.check({ checks: CHECKS.slice(0, 1) })
    await page.getByText('No account exists twice.').waitFor()
    await page.getByLabel('View as').selectOption('stewards')
    await page.getByRole('heading', { level: 1, name: 'Data stewards' }).waitFor()
    await page.goto(`${running.url}/home?as=nobody`)
    await page.getByText('as=nobody is no role').waitFor()
  })

  it('opens the chosen home at the bare address, and takes the choice back', async () => {
    await page.goto(`${running.url}/home?as=finance`)
    await page.getByRole('button', { name: 'Make it my first screen' }).click()
    await page.goto(running.url)
    await page.getByRole('heading', { level: 1, name: 'Finance' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/home')
    await page.evaluate(() => localStorage.removeItem('plumbline.home'))
    await page.goto(running.url)
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  })

  it('shows each person the cards they chose, in their order, by keyboard alone; as an address; and the role’s own again', async () => {
    const titles = () => page.locator('main .card h2').allInnerTexts()
    const own = HOMES.find((h) => h.as === 'executive')!.cards.length
    await page.goto(`${running.url}/home?as=executive`)
    await page.getByRole('heading', { level: 2, name: 'In short' }).waitFor()
    await page.getByRole('button', { name: 'Arrange' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Later In short' }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await titles())[1]).toContain('Money')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('later-summary-1')
    await dialog.getByLabel('Outcomes').focus()
    await page.keyboard.press('Space')
    await expect.poll(titles).toHaveLength(own - 1)
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.goto(`${running.url}/home?as=executive`)
    await expect.poll(titles).toHaveLength(own - 1)
    // Looking as somebody else is not changed by it, and an address shows what it says.
    await page.getByLabel('View as').selectOption('support')
    await page.getByRole('heading', { level: 2, name: 'Find a customer' }).waitFor()
    await page.goto(`${running.url}/home?as=executive&cards=figures-3`)
    await expect.poll(titles).toHaveLength(1)
    await page.goto(`${running.url}/overview?cards=strip,figures`)
    await page.getByRole('heading', { level: 2, name: 'Connectors' }).waitFor()
    expect(await page.locator('#needs').count()).toBe(0)
    await page.goto(`${running.url}/home?as=executive`)
    await page.getByRole('button', { name: 'Arrange' }).click()
    await dialog.getByRole('button', { name: 'As the role has it' }).click()
    await expect.poll(titles).toHaveLength(own)
    await page.keyboard.press('Escape')
  })

  // Each is loaded once a width, by day on the wide screen and by night on the narrow one, and then changes its theme.
  it.each([1440, 360])('are readable in both themes at a width of %s, for everybody', async (width) => {
    await page.setViewportSize({ width, height: 900 })
    const themes = width === 1440 ? (['light', 'dark'] as const) : (['dark', 'light'] as const)
    for (const { as, title } of HOMES) {
      await page.emulateMedia({ colorScheme: themes[0] })
      await page.goto(`${running.url}/home?as=${as}`)
      await page.getByRole('heading', { level: 1, name: title }).waitFor()
      await page.waitForFunction(() => document.querySelectorAll('main [aria-busy=true], main .skeleton').length === 0)
      for (const colorScheme of themes) {
        const seen = `${as} at ${width}, ${colorScheme}`
        await page.emulateMedia({ colorScheme })
        expect(await overflow(page), seen).toBeLessThanOrEqual(0)
        if (width === 1440 || as === 'finance') expect(await violations(page), seen).toEqual([])
        // The region for toasts is an alert that is empty while nothing failed.
        const alarms = await page.getByRole('alert').allInnerTexts()
        expect(
          alarms.filter((text) => text.trim() !== ''),
          seen,
        ).toEqual([])
        await pictured(page, `home-${as}-${width}-${colorScheme}`)
      }
    }
  })
})
