/** Working on issues together: snoozed until something changes, spoken to in a comment; key figures; a range read again. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { overflow, violations } from './browser.ts'
import { crmCustomers, fourPlatforms, NOON, type FourPlatforms } from './four-platforms.ts'
import { pictured } from './visits.ts'

const TITLE = 'Payment terms: Salesforce differs from NetSuite'
let four: FourPlatforms
let { clock, world, running, dashboard, page } = {} as FourPlatforms

beforeAll(async () => {
  four = await fourPlatforms()
  ;({ clock, world, running, dashboard, page } = four)
})
afterAll(() => four?.end())

interface Listed {
  issues: {
    id: string
    number: number
    title: string
    check: string
    wakes_on: string | null
    snoozed_until: string | null
  }[]
  total: number
}
const listed = (q: string) =>
  page.evaluate((p) => fetch(p).then((r) => r.json()), `/v1/issues?q=${encodeURIComponent(q)}`) as Promise<Listed>

describe('a snooze', () => {
  it('ends before its time when a value changes, and says so', async () => {
    const issue = (await listed('field:payment_terms platform:crm')).issues.find((i) => i.title === TITLE)!
    await dashboard.visit(`/issues/${issue.id}`, TITLE)
    await page.keyboard.press('s')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Or sooner, when').selectOption('change')
    await dialog.getByLabel('A usual reason').selectOption('Waiting for a release')
    expect(await dialog.getByLabel('Reason (optional)').inputValue()).toBe('Waiting for a release')
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: /^Snooze I-/ }).click()
    await page.getByText(/or sooner when a value changes/).waitFor()
    // A round in which nothing changed leaves it asleep.
    clock.set(NOON + 5 * 60_000)
    await running.runtime.check({ checks: [issue.check], full: true })
    expect((await listed('is:snoozed')).issues).toMatchObject([
      { id: issue.id, wakes_on: 'a value changes', reason: 'Waiting for a release' },
    ])
    clock.set(NOON + 15 * 60_000)
    world.write('crm/customers.csv', crmCustomers('net_10', '2026-11-20T12:05:00Z'), '2026-11-20T12:10:00.000Z')
    await running.runtime.collect({})
    await running.runtime.check({ checks: [issue.check] })
    expect((await listed('is:snoozed')).total).toBe(0)
    await page.locator('.story', { hasText: 'Because a value changes.' }).waitFor()
  })

  it('ends when its check has looked again, or when more is open than was said', async () => {
    const [one, two] = (await listed('is:open category:missing')).issues
    await page.evaluate(
      async ([a, b]) => {
        const headers = { 'content-type': 'application/json', 'x-requested-by': 'plumbline' }
        const until = '2026-12-20T00:00:00Z'
        const snooze = (n: number, wake: unknown) =>
          fetch(`/v1/issues/${n}/snooze`, { method: 'POST', headers, body: JSON.stringify({ until, wake }) })
        await snooze(a!, { on: 'run' })
        await snooze(b!, { on: 'grows', findings: 1000 })
      },
      [one!.number, two!.number],
    )
    expect((await listed('is:snoozed')).total).toBe(2)
    clock.set(NOON + 20 * 60_000)
    await running.runtime.check({ checks: [...new Set([one!.check, two!.check])], full: true })
    expect((await listed('is:snoozed')).issues.map((i) => i.wakes_on)).toEqual(['more than 1000 findings are open'])
  })
})

describe('a mention', () => {
  it('stands in the list of who was spoken to until it was seen', async () => {
    const issue = (await listed('is:open')).issues[0]!
    await page.goto(`${running.url}/issues/${issue.id}`)
    await page.getByRole('heading', { level: 2, name: 'Activity' }).waitFor()
    await page.keyboard.press('c')
    await page.keyboard.type('Is this yours, @ada? Not for @nobody, mail x@ada.example.')
    await page.getByRole('button', { name: 'Comment', exact: true }).click()
    await page.locator('.story', { hasText: 'Is this yours' }).waitFor()
    const rail = page.locator('#rail').getByRole('link', { name: /Mentions/ })
    await expect.poll(() => rail.textContent()).toContain('1')
    await rail.click()
    await page.getByRole('heading', { level: 1, name: 'Mentions' }).waitFor()
    const entry = page.locator('main .story li')
    await entry.waitFor()
    expect(await entry.count()).toBe(1)
    expect(await entry.textContent()).toMatch(/new[\s\S]*ada@kranich\.example[\s\S]*Is this yours/)
    await entry.getByRole('link').click()
    await page.waitForURL(`**/issues/${issue.id}`)
    await expect.poll(() => rail.textContent()).not.toContain('1')
  })
})

describe('key figures', () => {
  it('stand by family with meaning, value and why one is not known; and are searched', async () => {
    await dashboard.visit('/kpis', 'Key figures')
    const rows = page.locator('main tbody tr')
    await rows.first().waitFor()
    const all = (await page.evaluate(() => fetch('/v1/kpis?range=30d').then((r) => r.json()))) as { title: string }[]
    expect(await rows.count()).toBe(all.length)
    await page.getByLabel('Search key figures').fill('duplicate')
    await expect.poll(() => rows.count()).toBeLessThan(all.length)
    expect(await rows.count()).toBeGreaterThan(0)
    await rows.first().locator('summary').click()
    await page.getByRole('button', { name: '7d' }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('range')).toBe('7d')
  })
})

describe('a back-fill', () => {
  it('is priced first: files of a folder cost no calls', async () => {
    await dashboard.visit('/connectors/erp?tab=backfill', 'NetSuite')
    await expect.poll(() => page.getByLabel('before').inputValue(), { timeout: 10_000 }).toBe('2026-11-21')
    await page.getByRole('button', { name: 'Show the cost' }).click()
    await page.getByRole('status').filter({ hasText: 'It costs 0 calls' }).waitFor()
  })
})

describe('every screen', () => {
  it('is readable in both themes, and on a phone', async () => {
    for (const [path, heading] of [
      ['/kpis', 'Key figures'],
      ['/mentions', 'Mentions'],
      ['/connectors/erp?tab=backfill', 'NetSuite'],
    ] as const) {
      await dashboard.visit(path, heading)
      await page.locator('main .card').first().waitFor()
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect([path, colorScheme, await violations(page)]).toEqual([path, colorScheme, []])
        await pictured(page, `working${path.replaceAll(/\W+/g, '-')}-1440-${colorScheme}`)
      }
      await page.setViewportSize({ width: 360, height: 780 })
      expect([path, await overflow(page)]).toEqual([path, 0])
      await pictured(page, `working${path.replaceAll(/\W+/g, '-')}-360`)
      await page.setViewportSize({ width: 1440, height: 900 })
    }
  })
})
