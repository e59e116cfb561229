import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Running } from '../../server/main.ts'
import { handClock } from '../world/clock.ts'
import type { Company } from '../world/company.ts'
import { buildDashboard, launch, open, overflow, violations, type Watched } from './browser.ts'
import { checkedOnce, crmCustomers, NOON } from './four-platforms.ts'

const TITLE = 'Payment terms: Salesforce differs from NetSuite'
const PASSWORD = 'a lantern over quiet water'
const clock = handClock(NOON + 60_000)
let world: Company
let running: Running
let browser: Browser
let watched: Watched
let page: Page

interface Listed {
  issues: { id: string; number: number; title: string; check: string; next_step: string }[]
  total: number
}
const ask = <T>(path: string): Promise<T> =>
  page.evaluate((p) => fetch(p).then((r) => r.json()), path) as unknown as Promise<T>
const listed = (q: string) => ask<Listed>(`/v1/issues?q=${encodeURIComponent(q)}`)
const visit = async (path: string, heading: string | RegExp) => {
  await page.goto(running.url + path)
  await page.getByRole('heading', { level: 1, name: heading }).waitFor()
}
const rows = () => page.locator('table.issues tbody tr')
const shown = () => page.locator('.pages [aria-live]').textContent()
const search = async (q: string) => {
  await page.getByRole('combobox', { name: 'Search issues' }).fill(q)
  await page.keyboard.press('Enter')
  await page.waitForFunction((wanted) => new URL(location.href).searchParams.get('q') === wanted, q)
}
const terms = async () => (await listed('field:payment_terms platform:crm')).issues.find((i) => i.title === TITLE)!

beforeAll(async () => {
  await buildDashboard()
  world = await checkedOnce()
  running = await world.start({ clock, ready: false })
  browser = await launch()
  watched = await open(browser)
  page = watched.page
})

afterAll(async () => {
  await browser?.close()
  await running?.stop()
  world?.end()
})

describe('the first administrator', () => {
  it('makes the first account by the printed link and sees the numbers that the API gives', async () => {
    await page.goto(running.signInLink!)
    await page.getByRole('heading', { name: 'Make the first account' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByLabel('Your name').fill('Ada Kranich')
    await page.getByLabel('Mail address').fill('ada@kranich.example')
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Make the account and sign in' }).click()
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    const overview = await ask<{ drift: { open: number; in_flight: number; undecided: number } }>('/v1/overview')
    const drift = page.locator('section[aria-labelledby=f-drift]')
    await drift.waitFor()
    expect(await drift.locator('.key a').textContent()).toBe(String(overview.drift.open))
    expect(await drift.textContent()).toContain(`${overview.drift.in_flight} in flight`)
    expect(overview.drift.open).toBeGreaterThan(8)
    expect(overview.drift.in_flight).toBeGreaterThan(0)
    expect(overview.drift.undecided).toBeGreaterThan(0)
    expect(page.url()).not.toContain('#')
  })
})

describe('issues', () => {
  it('searches by the grammar, shows what it cannot read as a chip, and narrows by a facet', async () => {
    await visit('/issues', /Issues/)
    await rows().first().waitFor()
    const heights = await rows().evaluateAll((all) => all.map((r) => Math.round(r.getBoundingClientRect().height)))
    expect(new Set(heights)).toEqual(new Set([40]))
    await search('is:open category:missing')
    const missing = await listed('is:open category:missing')
    await expect.poll(shown).toContain(`of ${missing.total}`)
    await search('is:open colour:red')
    const chip = page.locator('.chip.bad')
    expect(await chip.textContent()).toContain('colour:red')
    await chip.click()
    await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('is:open')
    await page.locator('.facets label', { hasText: 'Critical' }).getByRole('checkbox').check()
    await expect.poll(() => rows().count()).toBe((await listed('is:open sev:critical')).issues.length)
  })

  it('is walked, peeked into and opened by keyboard alone', async () => {
    await visit('/issues', /Issues/)
    await rows().first().waitFor()
    const first = await rows().nth(0).locator('[data-row]').getAttribute('data-row')
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    const focused = () => page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['row'])
    expect(await focused()).toBe(first)
    await page.keyboard.press('Space')
    await page.getByRole('complementary', { name: /Peek/ }).getByRole('heading', { level: 2 }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('complementary', { name: /Peek/ }).waitFor({ state: 'detached' })
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/issues/I-${first}`)
  })

  it('snoozes one and takes it back, and assigns several at once', async () => {
    await visit('/issues', /Issues/)
    await rows().first().waitFor()
    const { total } = await listed('is:unresolved')
    await page.keyboard.press('j')
    await page.keyboard.press('s')
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Snooze I-/ })
      .click()
    await expect.poll(async () => (await listed('is:snoozed')).total).toBe(1)
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(async () => (await listed('is:unresolved')).total).toBe(total)
    await expect.poll(() => rows().count()).toBe(total)
    await rows().nth(0).getByRole('checkbox').check()
    await rows().nth(1).getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Assign 2 shown' }).click()
    await page.getByRole('button', { name: 'To me' }).click()
    await expect.poll(async () => (await listed('is:mine')).total).toBe(2)
  })
})

describe('one issue', () => {
  it('says who is right and who differs, how it travelled, why, and what to do; and is checked again', async () => {
    const issue = await terms()
    await visit(`/issues/${issue.id}`, TITLE)
    const values = page.locator('table.values')
    await values.waitFor()
    expect(await values.locator('thead th', { hasText: 'NetSuite' }).textContent()).toContain('★ owner')
    expect(await values.locator('td.owner').textContent()).toContain('net_45')
    const wrong = (await values.locator('td.deviates').textContent()) ?? ''
    expect(wrong).toContain('net_30')
    expect(wrong).toContain('differs from the owner')
    expect(wrong).toContain('by j.meier')
    expect(await values.textContent()).toContain('not held')
    const hops = (await page.locator('table.hops').textContent()) ?? ''
    expect(hops).toContain('never arrived')
    expect(hops).not.toContain('Stripe followed')
    expect(await page.locator('ol.evidence li').count()).toBeGreaterThan(0)
    expect(await page.locator('section[aria-labelledby=runbook] [type=checkbox]').count()).toBeGreaterThan(0)
    await page.keyboard.press('c')
    await page.keyboard.type('Asked the ERP team.')
    await page.getByRole('button', { name: 'Comment', exact: true }).click()
    await page.locator('.story', { hasText: 'Asked the ERP team.' }).waitFor()
    await page.getByRole('button', { name: /Check again/ }).click()
    await page.getByText('was checked again and is still there').waitFor({ timeout: 30_000 })
  })
})

describe('connectors', () => {
  it('shows three marks a platform, asks it who we are and reads it now', async () => {
    await visit('/connectors', 'Connectors')
    const card = page.locator('section.card', { hasText: 'NetSuite' })
    await card.waitFor()
    expect(await card.locator('.mark').count()).toBe(3)
    await card.getByRole('button', { name: 'Test' }).click()
    await card.locator('[aria-live] p').waitFor()
    await card.getByRole('button', { name: 'Read now' }).click()
    await page.getByText('NetSuite was read.').waitFor()
  })
})

describe('every screen', () => {
  it('has no accessibility fault in either theme, and no width to spare on a phone', async () => {
    const issue = await terms()
    const screens: [string, string | RegExp][] = [
      ['/overview', 'Overview'],
      ['/issues', /Issues/],
      [`/issues/${issue.id}`, TITLE],
      ['/connectors', 'Connectors'],
      ['/connectors/erp', 'NetSuite'],
      ['/checks', 'Checks'],
      [`/checks/${issue.check}`, /./],
    ]
    for (const [path, heading] of screens) {
      await visit(path, heading)
      await page.locator('.card, table').first().waitFor()
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect([path, colorScheme, await violations(page)]).toEqual([path, colorScheme, []])
      }
      await page.setViewportSize({ width: 360, height: 780 })
      expect([path, await overflow(page)]).toEqual([path, 0])
      await page.setViewportSize({ width: 1440, height: 900 })
    }
    await page.emulateMedia({ colorScheme: 'light' })
  })
})

describe('live', () => {
  it('shows what a job found without being loaded again, and is not held up by events every second', async () => {
    await visit('/overview', 'Overview')
    const picture = process.env['PLUMBLINE_PICTURE']
    if (picture) {
      await page.locator('.figure').first().waitFor()
      await page.screenshot({ path: picture })
    }
    const issue = await terms()
    await page.evaluate(() => void Object.assign(window, { same: true }))
    await page.getByRole('link', { name: 'Issues', exact: false }).first().click()
    await rows().first().waitFor()
    clock.set(NOON + 15 * 60_000)
    world.write('crm/customers.csv', crmCustomers('net_45', '2026-11-20T12:05:00Z'), '2026-11-20T12:10:00.000Z')
    await page.getByRole('link', { name: 'Overview' }).first().click()
    const open = page.locator('section[aria-labelledby=f-drift] .key a')
    const before = Number(await open.textContent())
    const at = new Date(clock.now()).toISOString()
    const often = setInterval(
      () => running.runtime.live.publish({ type: 'collected', at, platform: 'billing', stored: 0, failed: false }),
      1_000,
    )
    await page.evaluate(async () => {
      const headers = { 'content-type': 'application/json', 'x-requested-by': 'plumbline' }
      for (const job of ['collect', 'check'])
        await fetch('/v1/jobs', { method: 'POST', headers, body: JSON.stringify({ do: job }) })
    })
    await expect.poll(async () => Number(await open.textContent()), { timeout: 20_000 }).not.toBe(before)
    clearInterval(often)
    expect(await page.evaluate(() => (window as unknown as { same?: boolean }).same)).toBe(true)
    expect((await listed('is:resolved')).issues.map((i) => i.number)).toContain(issue.number)
    await visit(`/issues/${issue.id}`, TITLE)
    await page.getByText('Resolved: these are the values of the last look').waitFor()
  })

  it('signs out, and no screen has complained on the way', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
    expect(await violations(page)).toEqual([])
    expect(await page.evaluate(() => fetch('/v1/issues').then((r) => r.status))).toBe(401)
    expect(watched.complaints).toEqual([])
  })
})
